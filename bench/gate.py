"""Score the gates, which need no network, on folders of clean and noisy pairs.

    python bench/gate.py --bench DIR [--set 16k --set 48k]

DIR/SET holds `clean/` and `noisy/` with files of the same names. Prints the means of PESQ-WB, STOI and
SI-SDR of the noisy clips and of each method, and the seconds of work a second of sound. The method `profile`
finds the pauses of each clip by itself. Needs `pip install 'unnoise[train]'`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile as sf

from unnoise.gate import ProfileGate, ThresholdGate, find_pauses
from unnoise.gate.frames import GateStream
from unnoise.metrics.pesq import pesq_wb
from unnoise.metrics.si_sdr import si_sdr
from unnoise.metrics.stoi import stoi

Clean = Callable[[np.ndarray, int], np.ndarray]


def whole(gate: GateStream, sound: np.ndarray) -> np.ndarray:
    """The output of a gate for (samples,), the latency cut off."""
    return np.concatenate([gate.process(sound), gate.flush()])[gate.latency :]


def profile(sound: np.ndarray, rate: int) -> np.ndarray:
    return whole(ProfileGate(rate, 1, find_pauses([sound], rate).profile), sound)


def threshold(sound: np.ndarray, rate: int) -> np.ndarray:
    return whole(ThresholdGate(rate, 1), sound)


METHODS: dict[str, Clean] = {"noisy": lambda sound, rate: sound, "profile": profile, "threshold": threshold}


def score(folder: Path) -> None:
    rows: dict[str, list[tuple[float, float, float]]] = {name: [] for name in METHODS}
    worked, heard = dict.fromkeys(METHODS, 0.0), 0.0
    for path in sorted((folder / "noisy").iterdir()):
        noisy, rate = sf.read(path, dtype="float32")
        clean = sf.read(folder / "clean" / path.name, dtype="float32")[0]
        heard += len(noisy) / rate
        for name, method in METHODS.items():
            start = time.perf_counter()
            out = method(noisy, rate)
            worked[name] += time.perf_counter() - start
            rows[name].append((pesq_wb(clean, out, rate), stoi(clean, out, rate), si_sdr(clean, out)))
    for name, values in rows.items():
        pesq, intelligible, sdr = np.nanmean(values, axis=0)
        print(
            f"{folder.name} {name:10} PESQ-WB {pesq:.4f}  STOI {intelligible:.4f}  SI-SDR {sdr:.3f} dB",
            end="",
        )
        print(f"  {worked[name] / heard:.4f} of real time")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, required=True)
    parser.add_argument("--set", action="append", dest="sets")
    options = parser.parse_args()
    for name in options.sets or ["16k", "48k"]:
        score(options.bench / name)


if __name__ == "__main__":
    main()
