#!/usr/bin/env python3
"""Make clean.flac and noisy.flac: two sentences, and the same two sentences in heavy rain at an SNR of 5 dB.

    python examples/make_noisy.py --corpus DIR

DIR is the corpus of recordings that the bundled network is trained on. Speech and rain are CC0; README.md
beside this file credits them. The same corpus gives the same samples.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from unnoise.signal.level import active_level_dbfs, dbfs
from unnoise.signal.resample import resample

HERE = Path(__file__).resolve().parent
RATE = 48000
SENTENCES = (
    "speech/kathleen/kathleen/data_arctic_b0533_1592524880_0000.ogg",
    "speech/kathleen/kathleen/data_arctic_b0527_1592525279_0000.ogg",
)
NOISE = "noise/rain/ccsounds__heavyrain.ogg"
LEVEL_DBFS = -24.0
SNR_DB = 5.0
LEAD_S, PAUSE_S, TAIL_S = 0.7, 0.4, 0.4
SEED = 1


def read(path: Path) -> NDArray[np.float32]:
    """One channel of the file at 48 kHz, (samples,) float32."""
    audio, rate = sf.read(path, dtype="float32", always_2d=True)
    return resample(audio[:, 0], rate, RATE)


def silence(seconds: float) -> NDArray[np.float32]:
    return np.zeros(round(seconds * RATE), np.float32)


def sentences(corpus: Path) -> NDArray[np.float32]:
    """The sentences with pauses around them, at the same active level each."""
    parts = [silence(LEAD_S)]
    for name in SENTENCES:
        speech = read(corpus / name)
        gain = 10 ** ((LEVEL_DBFS - active_level_dbfs(speech, RATE)) / 20)
        parts += [speech * np.float32(gain), silence(PAUSE_S)]
    parts[-1] = silence(TAIL_S)
    return np.concatenate(parts)


def rain(corpus: Path, samples: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """A stretch of the rain from a drawn place, SNR_DB below the active level of the speech."""
    noise = read(corpus / NOISE)
    start = int(rng.integers(len(noise) - samples))
    noise = noise[start : start + samples]
    return noise * np.float32(10 ** ((LEVEL_DBFS - SNR_DB - dbfs(noise)) / 20))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="folder of the corpus")
    corpus = parser.parse_args().corpus
    clean = sentences(corpus)
    noisy = clean + rain(corpus, len(clean), np.random.default_rng(SEED))
    for name, audio in (("clean", clean), ("noisy", noisy)):
        sf.write(HERE / f"{name}.flac", audio, RATE, subtype="PCM_16")
        print(f"{name}.flac: {len(audio) / RATE:.1f} s, peak {np.abs(audio).max():.2f}")


if __name__ == "__main__":
    main()
