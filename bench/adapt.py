"""How much `unnoise adapt` gains on one's own noises, how long it takes, and what the new models lose elsewhere.

    python bench/adapt.py --noise FILE|NAME [...] --clean DIR --bench DIR [--model NAME|PATH] [--minutes M]

A NAME such as fan or hum is a minute of a made noise, with a seed that no training has. DIR of --bench holds `clean/`
and `noisy/`; the models are not adapted to its noises, so what changes there is what was forgotten.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import soundfile as sf

from unnoise import Denoiser
from unnoise.evaluate.pairs import find_pairs, load
from unnoise.metrics.si_sdr import si_sdr
from unnoise.mix.noises import make_noise
from unnoise.workflows.adapt import adapt

RATE, SECONDS, SEED = 48000, 60.0, 977


def made(name: str, folder: Path) -> Path:
    """A recording of a made noise."""
    path = folder / f"{name}.wav"
    sf.write(path, 0.1 * make_noise(name, round(RATE * SECONDS), RATE, np.random.default_rng(SEED)), RATE)
    return path


def scores_db(bench: Path, model: str | Path) -> np.ndarray:
    """SI-SDR of each clip of the bench."""
    denoiser, found = Denoiser(model), []
    for pair in find_pairs(bench / "noisy", bench / "clean")[0]:
        sounds = load(pair)
        found.append(si_sdr(sounds.clean, denoiser(sounds.noisy, sounds.rate)))
    return np.array(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--noise", nargs="+", required=True)
    parser.add_argument("--clean", type=Path, required=True)
    parser.add_argument("--bench", type=Path, required=True)
    parser.add_argument("--model", default="default")
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--threads", type=int)
    args = parser.parse_args()
    before, gains = scores_db(args.bench, args.model), []
    with tempfile.TemporaryDirectory() as folder:
        for name in args.noise:
            noise = Path(name) if Path(name).exists() else made(name, Path(folder))
            target = Path(folder) / f"{noise.stem}.onnx"
            done = adapt(args.model, target, noise=noise, clean=args.clean, minutes=args.minutes, threads=args.threads)
            gains.append(done.own.gain_db)
            change = scores_db(args.bench, target) - before
            print(
                f"{noise.stem}: {done.own.noisy_db:.1f} noisy, {done.own.before_db:.1f} before, "
                f"{done.own.after_db:.1f} dB after: {done.own.gain_db:+.2f} dB in {done.seconds / 60:.1f} min, "
                f"{done.steps} steps, {done.share:.0%} of the way; bench {change.mean():+.2f} dB, "
                f"worst clip {change.min():+.1f} dB",
                flush=True,
            )
    print(f"median gain {np.median(gains):+.2f} dB")


if __name__ == "__main__":
    main()
