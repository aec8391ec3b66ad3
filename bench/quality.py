"""Score a model on folders of clean and noisy pairs, beside peers, and try that clean speech is left alone.

    python bench/quality.py --bench DIR [--set 16k --set 48k] [--model NAME|PATH] [--json OUT]

DIR/SET holds `clean/` and `noisy/` with files of the same names and, if it likes, list.csv (columns name, snr_db);
DIR/peers.json holds the means of other systems. Needs `pip install 'unnoise[train]'`.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf

from unnoise import Denoiser
from unnoise.metrics import measure
from unnoise.metrics.si_sdr import si_sdr
from unnoise.metrics.speech_loss import speech_loss_db
from unnoise.signal.level import active_level_dbfs, dbfs, frame_levels_db

MEASURES = ("pesq_wb", "stoi", "si_sdr", "speech_loss_db")
DIGITS = dict(zip(MEASURES, (2, 3, 1, 1), strict=True))


def pairs(folder: Path) -> list[tuple[str, int, np.ndarray, np.ndarray]]:
    """Name, rate, clean and noisy of every pair, mono float32."""
    found = []
    for path in sorted((folder / "noisy").iterdir()):
        noisy, rate = sf.read(path, dtype="float32")
        clean = sf.read(folder / "clean" / path.name, dtype="float32")[0]
        found.append((path.name, rate, clean, noisy))
    return found


def scores(clean: np.ndarray, found: np.ndarray, rate: int) -> dict[str, float]:
    """All measures of one clip."""
    return {
        **{name: measure(name, clean, found, rate) for name in MEASURES},
        "speech_level_db": speech_loss_db(clean, found, rate, quietest=1.0),
    }


def interval(values: list[float]) -> tuple[float, float]:
    """95 % bootstrap interval of the mean, seeded."""
    rng = np.random.default_rng(0)
    array = np.array(values)
    means = np.nanmean(array[rng.integers(0, len(array), (2000, len(array)))], axis=1)
    return float(np.percentile(means, 2.5)), float(np.percentile(means, 97.5))


def print_row(name: str, row: dict[str, Any]) -> None:
    cells = " / ".join(f"{row[m]:.{DIGITS[m]}f}" for m in MEASURES)
    print(f"{name:46} {cells}")


def score_set(folder: Path, denoiser: Denoiser) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Means with intervals, and the scores clip by clip."""
    snr_of: dict[str, str] = {}
    if (folder / "list.csv").exists():
        with (folder / "list.csv").open() as text:
            snr_of = {row["name"]: row["snr_db"] for row in csv.DictReader(text)}
    rows = []
    for name, rate, clean, noisy in pairs(folder):
        row = {"name": name, "snr_db": snr_of.get(Path(name).stem, snr_of.get(name, "?"))}
        rows.append({**row, **scores(clean, denoiser(noisy, rate), rate)})
    means: dict[str, Any] = {}
    for name in (*MEASURES, "speech_level_db"):
        values = [row[name] for row in rows]
        means[name] = float(np.nanmean(values))
        means[f"{name}_interval"] = interval(values)
    return means, rows


def by_snr(rows: list[dict[str, Any]]) -> None:
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["snr_db"]].append(row)
    for snr in sorted(groups, key=lambda s: float(s) if s != "?" else 0):
        mean = {m: float(np.nanmean([row[m] for row in groups[snr]])) for m in MEASURES}
        print_row(f"  at {snr} dB ({len(groups[snr])})", mean)


def clean_speech(folder: Path, denoiser: Denoiser) -> dict[str, float]:
    """What happens to speech that needs no cleaning, to noise at high SNR, and to quiet recordings."""
    kept, levels, rises, scaled = [], [], [], []
    for k, (_, rate, clean, noisy) in enumerate(pairs(folder)):
        out = denoiser(clean, rate)
        kept.append(si_sdr(clean, out))
        levels.append(active_level_dbfs(out, rate) - active_level_dbfs(clean, rate))
        quiet = denoiser(noisy * np.float32(10**-1.5), rate) * 10**1.5
        loud = denoiser(noisy, rate)
        scaled.append(dbfs(quiet - loud) - dbfs(loud))
        if k < 12:
            rises.append(_noise_rise(clean, rate, denoiser, k))
    return {
        "clean_si_sdr_mean": float(np.mean(kept)),
        "clean_si_sdr_min": float(np.min(kept)),
        "clean_level_change_db_worst": float(np.max(np.abs(levels))),
        "noise_rise_db_worst": float(np.max(rises)),
        "scaled_difference_db_worst": float(np.max(scaled)),
    }


def _noise_rise(clean: np.ndarray, rate: int, denoiser: Denoiser, seed: int) -> float:
    """Largest rise of the noise left in pauses when the input gets 5 dB less noisy, from 20 to 35 dB SNR.

    A bypass that switches at some SNR shows as a jump upwards.
    """
    noise = np.random.default_rng(seed).standard_normal(len(clean)).astype(np.float32)
    noise *= 10 ** ((active_level_dbfs(clean, rate) - dbfs(noise)) / 20)
    reference = frame_levels_db(clean, rate)
    pauses = reference <= np.percentile(reference, 15)
    left = []
    for snr in (20, 25, 30, 35):
        out = denoiser(clean + noise * np.float32(10 ** (-snr / 20)), rate)
        left.append(10 * np.log10(np.mean(10 ** (frame_levels_db(out, rate)[pauses] / 10))))
    return float(np.max(np.diff(left)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, required=True)
    parser.add_argument("--set", action="append", dest="sets")
    parser.add_argument("--model", default="default")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    denoiser = Denoiser(options.model)
    peers = json.loads((options.bench / "peers.json").read_text()) if (options.bench / "peers.json").exists() else {}
    report = {}
    for name in options.sets or ["16k", "48k"]:
        means, rows = score_set(options.bench / name, denoiser)
        print(f"\n{name}: PESQ-WB / STOI / SI-SDR / speech loss")
        for peer in peers.get(name, {}).values():
            print_row(peer["name"], peer)
        print_row(f"unnoise {options.model}", means)
        spread = ", ".join(
            f"{m} {means[f'{m}_interval'][0]:.{DIGITS[m]}f}..{means[f'{m}_interval'][1]:.{DIGITS[m]}f}"
            for m in MEASURES
        )
        print(f"  95 % intervals: {spread}; level over all speech {means['speech_level_db']:+.2f} dB")
        by_snr(rows)
        clean = clean_speech(options.bench / name, denoiser)
        for key, value in clean.items():
            print(f"  {key} {value:.2f}")
        report[name] = {**means, **clean, "clips": rows}
    if options.json:
        options.json.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
