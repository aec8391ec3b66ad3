"""Measure what `inspect` says: SNR, 'not worth it' on clean speech, and the kind of noise.

    python bench/inspection.py [--bench DIR] [--corpus DIR]

--bench: DIR/16k and DIR/48k hold clean/, noisy/ and list.csv (columns name, snr_db, level_dbfs).
--corpus: speech and noise for seeded mixtures (see inspect_mixtures.py), speakers that the fit did not hear.
(Not called inspect.py: scripts beside it would import it in place of Python's own module.)
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from pathlib import Path

import numpy as np
from inspect_mixtures import Corpus

from unnoise.apply.inspect import Inspection, Inspector, inspect_file

MIXTURES_A_KIND = 60
SNR_RANGE_DB = (-5.0, 20.0)


def of_array(sound: np.ndarray, rate: int) -> Inspection:
    inspector = Inspector(rate)
    inspector.add(sound)
    return inspector.result()


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's, ties given their mean rank."""

    def ranks(values: np.ndarray) -> np.ndarray:
        return np.array([(np.sum(values < v) + np.sum(values <= v)) / 2 for v in values])

    return float(np.corrcoef(ranks(a), ranks(b))[0, 1])


def measure_bench(folder: Path) -> None:
    snr, level, kept = [], [], []
    for name in ("16k", "48k"):
        with (folder / name / "list.csv").open() as text:
            for row in csv.DictReader(text):
                found = inspect_file(folder / name / "noisy" / f"{row['name']}.flac")
                snr.append((found.snr_db, float(row["snr_db"])))
                level.append(found.speech_level_dbfs - float(row["level_dbfs"]))
        clean = [inspect_file(path) for path in sorted((folder / name / "clean").iterdir())]
        kept += ["not worth it" in found.advice for found in clean]
    estimated, true = np.array(snr).T
    error = estimated - true
    print(f"SNR of {len(snr)} noisy clips: median error {np.median(np.abs(error)):.2f} dB,", end=" ")
    print(f"mean {error.mean():+.2f} dB, rank correlation {rank_correlation(estimated, true):.3f}")
    print(f"speech level: median error {np.median(np.abs(level)):.2f} dB")
    print(f"clean references 'not worth it': {np.mean(kept):.3f} of {len(kept)}")


def measure_kinds(folder: Path) -> None:
    corpus = Corpus(folder, "check")
    for k, kind in enumerate(("steady", "hum", "hiss", "babble", "wind", "mixed")):
        said, error = Counter(), []
        for i in range(MIXTURES_A_KIND):
            rng = np.random.default_rng([99, k, i])
            mixture = corpus.mixture(rng, kinds=(kind,), snr_range_db=SNR_RANGE_DB, rates=(16000, 48000))
            found = of_array(mixture.clean + mixture.noise, mixture.rate)
            said[found.noise_kind] += 1
            error.append(abs(found.snr_db - mixture.snr_db))
        share = said[kind] / MIXTURES_A_KIND
        print(f"{kind}: named right {share:.2f}, SNR error {np.median(error):.2f} dB, said {dict(said)}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what inspect says.")
    parser.add_argument("--bench", type=Path)
    parser.add_argument("--corpus", type=Path)
    options = parser.parse_args()
    if options.bench:
        measure_bench(options.bench)
    if options.corpus:
        measure_kinds(options.corpus)


if __name__ == "__main__":
    main()
