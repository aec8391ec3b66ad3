r"""Write a model card: card.json for `unnoise export --card`, and a page of docs/ for people.

    python bench/card.py --facts bench/default-card.json --quality quality.json --generality general.json \
        --card card.json

`--facts` is NAME-card.json, what only people know (data, licences, time, weak spots); `--quality` comes from
bench/quality.py --opinions, `--generality` from bench/generality.py.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
MEASURES = (
    ("pesq_wb", "PESQ-WB", 2),
    ("stoi", "STOI", 3),
    ("si_sdr", "SI-SDR, dB", 1),
    ("speech_loss_db", "speech loss, dB", 1),
    ("dnsmos_sig", "DNSMOS SIG", 2),
    ("dnsmos_bak", "BAK", 2),
    ("dnsmos_ovrl", "OVRL", 2),
)


def facts_of(path: Path) -> dict[str, Any]:
    """What a file says, and for what it leaves out the card that it is `like`; null takes a fact away."""
    facts: dict[str, Any] = json.loads(path.read_text())
    if "like" in facts:
        facts = {**facts_of(path.with_name(f"{facts.pop('like')}-card.json")), **facts}
    return {key: fact for key, fact in facts.items() if fact is not None}


def figures(quality: dict[str, Any]) -> dict[str, Any]:
    """Means with intervals and the means at each SNR, of every set."""
    told: dict[str, Any] = {}
    for name, report in quality.items():
        at: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for clip in report["clips"]:
            at[clip["snr_db"]].append(clip)
        told[name] = {
            "clips": len(report["clips"]),
            **{m: [round(v, 3) for v in (report[m], *report[f"{m}_interval"])] for m, _, _ in MEASURES},
            "by_snr_db": {
                snr: {m: round(float(np.nanmean([c[m] for c in clips])), 3) for m, _, _ in MEASURES}
                for snr, clips in sorted(at.items(), key=lambda item: float(item[0]))
            },
            "clean_speech": {
                k: round(v, 2) for k, v in report.items() if k.startswith(("clean_", "noise_", "scaled_"))
            },
            "above_8_khz": {k: round(v, 2) for k, v in report.items() if k.startswith(("sibilants_", "pauses_"))},
        }
    return told


def generality(found: dict[str, Any]) -> list[str]:
    """What bench/generality.py found, as a table."""
    lines = ["| condition | clips | SI-SDR noisy | cleaned | STOI noisy | cleaned |", "|---" * 6 + "|"]
    for row in found["conditions"]:
        (si_sdr, stoi), (cleaned_si_sdr, cleaned_stoi) = row["noisy"], row["cleaned"]
        lines.append(
            f"| {row['condition']} | {row['clips']} | {si_sdr:.1f} | {cleaned_si_sdr:.1f} | {stoi:.3f} | "
            f"{cleaned_stoi:.3f} |"
        )
    long = found["ten_minutes"]
    drift = f"SI-SDR is {long['first_si_sdr']:.1f} dB in the first pass and {long['last_si_sdr']:.1f} in the last"
    begun = found["onsets"]
    return [
        *lines,
        "",
        f"The same clips over and over for ten minutes, as one recording: {drift}.",
        "",
        f"Clean speech at -25 dBFS that begins after 4 s of a floor at -90 dBFS: its first 170 ms come out "
        f"{begun['mean_db']:+.1f} dB from what they were in the mean of {begun['clips']} clips, "
        f"{begun['worst_db']:+.1f} at worst, and more than 6 dB lower in {begun['under_6_db']}.",
    ]


def page(name: str, facts: dict[str, Any], told: dict[str, Any], general: dict[str, Any]) -> str:
    """The card of the bundled network `name` in Markdown."""
    lines = [f"# Model card: {name}", "", facts["summary"], "", "## Data", ""]
    lines += [f"- {line}" for line in facts["data"]]
    lines += ["", "## Training", ""] + [f"- {line}" for line in facts["training"]]
    lines += ["", f"![Learning curves](images/{name}-curves.png)", "", facts["curves"]]
    for bench, report in told.items():
        lines += ["", f"## Figures: {bench}, {report['clips']} clips", "", facts["bench"], ""]
        lines += ["| SNR | " + " | ".join(title for _, title, _ in MEASURES) + " |", "|---" * (1 + len(MEASURES)) + "|"]
        for snr, row in report["by_snr_db"].items():
            lines.append(f"| {float(snr):g} dB | " + " | ".join(f"{row[m]:.{d}f}" for m, _, d in MEASURES) + " |")
        cells = [f"**{report[m][0]:.{d}f}** ({report[m][1]:.{d}f} to {report[m][2]:.{d}f})" for m, _, d in MEASURES]
        lines += ["| all, with 95 % interval | " + " | ".join(cells) + " |", ""]
        clean = report["clean_speech"]
        lines += [
            f"Clean speech in: SI-SDR {clean['clean_si_sdr_mean']:.1f} dB in the mean, "
            f"{clean['clean_si_sdr_min']:.1f} dB at worst; level within {clean['clean_level_change_db_worst']:.2f} dB. "
            f"The same clip 30 dB quieter comes out the same to {clean['scaled_difference_db_worst']:.0f} dB.",
        ]
        if high := report["above_8_khz"]:
            lines += [
                "",
                f"Mixed again at 10 dB SNR, the sibilants at 6 to 12 kHz are {high['sibilants_db_mean']:+.1f} dB from "
                f"clean in the mean of {high['sibilants_clips']} clips ({high['sibilants_db_worst']:+.1f} at worst); "
                f"in pauses, what is above 8 kHz lies {-high['pauses_db_mean']:.0f} dB under noisy in the mean of the "
                f"{high['pauses_clips']} clips whose clean sound lies 25 dB under it "
                f"({-high['pauses_db_worst']:.0f} at worst).",
            ]
    lines += ["", "## Where recordings differ from the usual", "", facts["generality"], "", *generality(general)]
    lines += ["", "## Weak spots", ""] + [f"- {line}" for line in facts["weak_spots"]]
    lines += ["", "## Getting at it", "", f"`unnoise models {name}` prints what is written here from the bundle,"]
    lines += [f'with `--json` the figures, too; `unnoise.load_bundle("{name}").info.card` holds it in Python.', ""]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--facts", type=Path, required=True)
    parser.add_argument("--quality", type=Path, required=True)
    parser.add_argument("--generality", type=Path, required=True)
    parser.add_argument("--card", type=Path, required=True)
    options = parser.parse_args()
    facts = facts_of(options.facts)
    told = figures(json.loads(options.quality.read_text()))
    general = json.loads(options.generality.read_text())
    card = {**facts, "figures": told, "generality_figures": general}
    options.card.write_text(json.dumps(card, indent=1, ensure_ascii=False))
    name = options.facts.stem.removesuffix("-card")
    (ROOT / f"docs/model-card-{name}.md").write_text(page(name, facts, told, general))


if __name__ == "__main__":
    main()
