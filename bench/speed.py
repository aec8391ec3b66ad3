"""Time of the bundled models beside noisereduce's stationary mode, in one interleaved run on one thread; start and
memory of the default.

    OMP_NUM_THREADS=1 python bench/speed.py [--rounds 7] [--hours 3]

Needs noisereduce==3.0.3 beside unnoise. Prints medians and ratios; --hours 0 leaves out the long file.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402
import soundfile as sf  # noqa: E402

SECONDS = 60


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def speechlike(rate: int) -> np.ndarray:
    """A minute of noise with the envelope of talk: what is timed does not depend on content."""
    rng = np.random.default_rng(0)
    t = np.arange(SECONDS * rate) / rate
    return (0.1 * rng.standard_normal(len(t)) * (0.2 + np.abs(np.sin(2 * np.pi * 1.3 * t)))).astype(np.float32)


def ten_ms_blocks(denoiser: object, audio: np.ndarray, rate: int) -> None:
    stream = denoiser.stream(rate)  # type: ignore[attr-defined]
    n = rate // 100
    for at in range(0, len(audio), n):
        stream.process(audio[at : at + n])
    stream.flush()


def ratios(rounds: int) -> None:
    import noisereduce

    from unnoise import Denoiser
    from unnoise.bundle import list_bundles

    for rate, streamed in ((16000, False), (48000, False), (16000, True)):
        audio = speechlike(rate)
        runs: dict[str, Callable[[], object]] = {
            "noisereduce": partial(noisereduce.reduce_noise, y=audio, sr=rate, stationary=True, n_jobs=1)
        }
        for name in list_bundles():
            denoiser = Denoiser(name)
            if streamed and not denoiser.info.causal:
                continue
            ours = partial(ten_ms_blocks, denoiser, audio, rate) if streamed else partial(denoiser, audio, rate)
            runs[name] = ours
        for work in runs.values():
            work()
        times = {name: np.zeros(rounds) for name in runs}
        for k in range(rounds):
            for name, work in runs.items():
                times[name][k] = timed(work)
        print(f"{rate} Hz, {'stream of 10 ms blocks' if streamed else 'whole'}, medians of {rounds}:")
        for name, found in times.items():
            ratio = np.median(found / times["noisereduce"])
            print(f"  {name}: {np.median(found) / SECONDS:.4f} of real time, ratio {ratio:.2f}")


def starts(folder: Path, rounds: int) -> None:
    command = shutil.which("unnoise", path=str(Path(sys.executable).parent)) or "unnoise"
    sf.write(folder / "ten.wav", speechlike(16000)[:160000], 16000)
    runs = {
        "unnoise --help": [command, "--help"],
        "10 s clip": [
            command,
            "denoise",
            str(folder / "ten.wav"),
            "-o",
            str(folder / "o.wav"),
            "--force",
            "-q",
        ],
    }
    for name, arguments in runs.items():
        times = [timed(lambda a=arguments: subprocess.run(a, capture_output=True, check=True)) for _ in range(rounds)]
        print(f"{name}: {np.median(times):.2f} s (median of {rounds})")


def memory(folder: Path, hours: float) -> None:
    audio = speechlike(48000)
    stereo = np.stack([audio, audio[::-1]], axis=1)
    with sf.SoundFile(folder / "long.wav", "w", 48000, 2) as out:
        for _ in range(round(60 * hours)):
            out.write(stereo)
    launcher = (
        "import resource, subprocess, sys; c = subprocess.run(sys.argv[1:], capture_output=True).returncode; "
        "print(c, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    command = shutil.which("unnoise", path=str(Path(sys.executable).parent)) or "unnoise"
    begun = time.perf_counter()
    arguments = [command, "denoise", str(folder / "long.wav"), "-o", str(folder / "cleaned.wav"), "-q"]
    out = subprocess.run([sys.executable, "-c", launcher, *arguments], capture_output=True, text=True, check=True)
    status, kilobytes = map(int, out.stdout.split())
    elapsed = time.perf_counter() - begun
    print(
        f"{hours:g} h of 48 kHz stereo: exit {status}, {kilobytes / 1024:.0f} MiB resident, "
        f"{3600 * hours / elapsed:.0f} × real time"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--hours", type=float, default=3.0)
    options = parser.parse_args()
    ratios(options.rounds)
    with tempfile.TemporaryDirectory() as folder:
        starts(Path(folder), options.rounds)
        if options.hours:
            memory(Path(folder), options.hours)


if __name__ == "__main__":
    main()
