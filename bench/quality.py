"""Score a model on folders of clean and noisy pairs, beside peers, and try that clean speech is left alone.

    python bench/quality.py --bench DIR [--set 16k --set 48k] [--model NAME|PATH] [--jobs N] [--opinions] [--json OUT]

DIR/SET holds `clean/` and `noisy/` with files of the same names and, if it likes, list.csv (columns name, snr_db);
DIR/peers.json holds the means of other systems. The figures are those of `unnoise evaluate`. Needs
`pip install 'unnoise[measure]'`.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from unnoise import Denoiser
from unnoise.evaluate.pairs import Pair, find_pairs, load
from unnoise.evaluate.run import Measuring
from unnoise.evaluate.statistics import bootstrap
from unnoise.evaluate.systems import Model
from unnoise.files.side_by_side import Failed, side_by_side
from unnoise.metrics.frames import short_frames
from unnoise.metrics.si_sdr import si_sdr
from unnoise.signal.level import active_level_dbfs, dbfs, frame_levels_db

MEASURES = ("pesq_wb", "stoi", "si_sdr", "speech_loss_db")
OPINIONS = {"dnsmos_sig": "SIG", "dnsmos_bak": "BAK", "dnsmos_ovrl": "OVRL"}  # and what peers.json calls them
LEVEL = "speech_level_db"
BIN_HZ = 50  # of short_frames
MUTE_DB = 25.0
DIGITS = dict(zip(MEASURES, (2, 3, 1, 1), strict=True))


def print_row(name: str, row: dict[str, Any]) -> None:
    cells = " / ".join(f"{row[m]:.{DIGITS[m]}f}" for m in MEASURES)
    opinions = [row.get(ours, row.get(theirs)) for ours, theirs in OPINIONS.items()]
    told = "" if None in opinions else "   " + " / ".join(f"{opinion:.2f}" for opinion in opinions)
    print(f"{name:46} {cells}{told}")


def score_set(
    pairs: list[Pair], denoiser: Denoiser, measures: tuple[str, ...], jobs: int
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Means with intervals, and the scores clip by clip."""
    work = Measuring((Model("model", denoiser),), measures)
    found: dict[str, dict[str, Any]] = {}
    for pair, result in side_by_side(work, pairs, jobs):
        if isinstance(result, Failed) or not result[0]:
            raise SystemExit(f"{pair.file}: {result.error if isinstance(result, Failed) else result[1]}")
        snr = "?" if pair.listed_snr_db is None else str(pair.listed_snr_db)
        found[pair.file] = {"name": pair.file, "snr_db": snr, **result[0][0].scores}
    rows = [found[pair.file] for pair in pairs]
    means: dict[str, Any] = {}
    for name in measures:
        means[name], *means[f"{name}_interval"] = bootstrap([row[name] for row in rows])
    return means, rows


def by_snr(rows: list[dict[str, Any]]) -> None:
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["snr_db"]].append(row)
    for snr in sorted(groups, key=lambda s: float(s) if s != "?" else 0):
        measured = groups[snr][0].keys() - {"name", "snr_db"}
        mean = {m: float(np.nanmean([row[m] for row in groups[snr]])) for m in measured}
        print_row(f"  at {snr} dB ({len(groups[snr])})", mean)


def clean_speech(pairs: list[Pair], denoiser: Denoiser) -> dict[str, float]:
    """What happens to speech that needs no cleaning, to noise at high SNR, and to quiet recordings."""
    kept, levels, rises, scaled = [], [], [], []
    for k, pair in enumerate(pairs):
        sounds = load(pair)
        rate, noisy, clean = sounds.rate, sounds.noisy, sounds.clean
        assert clean is not None
        out = denoiser(clean, rate)
        kept.append(si_sdr(clean, out, rate))
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


def above_8_khz(pairs: list[Pair], denoiser: Denoiser, snr_db: float = 10.0) -> dict[str, float]:
    """Of full-band clips, mixed again at this SNR: how far the sibilants' level at 6-12 kHz is from clean, and what is
    left above 8 kHz in pauses, both in dB. Sibilants are active frames with more at 6-12 than at 0.5-4 kHz; pauses
    count where the clean sound itself is MUTE_DB under the noisy one."""
    sibilants, pauses = [], []
    for pair in pairs:
        sounds = load(pair)
        assert sounds.clean is not None
        clean, noise, rate = sounds.clean, sounds.noisy - sounds.clean, sounds.rate
        noise = noise * np.float32(10 ** ((active_level_dbfs(clean, rate) - snr_db - dbfs(noise)) / 20))
        noisy = clean + noise
        powers = [_frame_powers(sound, rate) for sound in (clean, noisy, denoiser(noisy, rate))]
        low, middle, high = (
            [power[:, int(begin / BIN_HZ) : int(end / BIN_HZ)].sum(1) for power in powers]
            for begin, end in ((500, 4000), (6000, 12000), (8000, rate / 2))
        )
        level = powers[0].sum(1)
        hissing = (middle[0] > low[0]) & (level > np.percentile(level, 95) * 1e-3)
        pause = level <= np.percentile(level, 15)
        if hissing.any():
            sibilants.append(_apart_db(middle[2][hissing], middle[0][hissing]))
        if _apart_db(high[0][pause], high[1][pause]) <= -MUTE_DB:
            pauses.append(_apart_db(high[2][pause], high[1][pause]))
    return {
        "sibilants_clips": len(sibilants),
        "sibilants_db_mean": float(np.mean(sibilants)),
        "sibilants_db_worst": max(sibilants, key=abs),
        "pauses_clips": len(pauses),
        "pauses_db_mean": float(np.mean(pauses)),
        "pauses_db_worst": max(pauses),
    }


def _apart_db(power: np.ndarray, reference: np.ndarray) -> float:
    return float(10 * np.log10((power.sum() + 1e-12) / (reference.sum() + 1e-12)))


def _frame_powers(sound: np.ndarray, rate: int) -> np.ndarray:
    """(frames, bins of BIN_HZ) of Hann-windowed frames."""
    return np.abs(np.fft.rfft(short_frames(sound, rate) * np.hanning(round(rate / BIN_HZ)))) ** 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, required=True)
    parser.add_argument("--set", action="append", dest="sets")
    parser.add_argument("--model", default="default")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--opinions", action="store_true", help="DNSMOS, too, which takes minutes")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    denoiser = Denoiser(options.model)
    peers = json.loads((options.bench / "peers.json").read_text()) if (options.bench / "peers.json").exists() else {}
    measures = (*MEASURES, LEVEL, *(OPINIONS if options.opinions else ()))
    report = {}
    for name in options.sets or ["16k", "48k"]:
        pairs, notes = find_pairs(options.bench / name / "noisy", options.bench / name / "clean")
        means, rows = score_set(pairs, denoiser, measures, options.jobs)
        print(f"\n{name}: PESQ-WB / STOI / SI-SDR / speech loss   DNSMOS SIG / BAK / OVRL", *notes)
        for peer in peers.get(name, {}).values():
            print_row(peer["name"], peer)
        print_row(f"unnoise {options.model}", means)
        spread = ", ".join(
            f"{m} {means[f'{m}_interval'][0]:.{DIGITS[m]}f}..{means[f'{m}_interval'][1]:.{DIGITS[m]}f}"
            for m in MEASURES
        )
        print(f"  95 % intervals: {spread}; level over all speech {means[LEVEL]:+.2f} dB")
        by_snr(rows)
        clean = clean_speech(pairs, denoiser)
        if load(pairs[0]).rate >= 24000:
            clean |= above_8_khz(pairs, denoiser)
        for key, value in clean.items():
            print(f"  {key} {value:.2f}")
        report[name] = {**means, **clean, "clips": rows}
    if options.json:
        options.json.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
