"""What an evaluation found as text, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from unnoise.errors import OutputError
from unnoise.evaluate.results import Evaluation
from unnoise.evaluate.statistics import Wins, bootstrap, wins
from unnoise.files.beside import check_target, written
from unnoise.metrics import METRICS

CSV_NAME, JSON_NAME = "scores.csv", "scores.json"
_PACKAGES = (
    "unnoise", "numpy", "soxr", "onnxruntime", "pesq", "pystoi", "speechmos", "visqol-python", "jiwer", "pocketsphinx",
    "noisereduce", "pyrnnoise",
)  # fmt: skip
_DIGITS = {"MOS": 2, "dB": 2, "%": 1}

Scores = dict[str, dict[str, list[float]]]
"""System, then measure, to a value a file in the order of all files; NaN where there is none."""


def higher_is_better(metric: str) -> bool:
    """The direction of a measure; what the table of measures does not list counts errors."""
    return metric in METRICS and METRICS[metric].higher_is_better


def scores_of(evaluation: Evaluation) -> Scores:
    """All scores, file by file, so that two systems can be paired."""
    files = {row.file: k for k, row in enumerate({row.file: row for row in evaluation.rows}.values())}
    found: Scores = {
        system.name: {metric: [math.nan] * len(files) for metric in evaluation.metrics} for system in evaluation.systems
    }
    for row in evaluation.rows:
        for metric, value in row.scores.items():
            found[row.system][metric][files[row.file]] = value
    return found


def rivals(evaluation: Evaluation) -> list[str]:
    """Whom the others are compared with: noisy, and the first model."""
    models = [system.name for system in evaluation.systems if system.kind == "model"]
    noisy = [system.name for system in evaluation.systems if system.kind == "noisy"]
    return [*noisy[:1], *models[:1]]


def means(scores: Scores) -> dict[str, dict[str, tuple[float, float, float]]]:
    """Mean and the ends of its 95 % interval of every measure of every system."""
    return {system: {metric: bootstrap(v) for metric, v in of.items()} for system, of in scores.items()}


def counted(scores: Scores) -> dict[str, dict[str, int]]:
    """Files with a figure, of every measure of every system."""
    return {system: {metric: sum(map(math.isfinite, v)) for metric, v in of.items()} for system, of in scores.items()}


def duels(evaluation: Evaluation, scores: Scores) -> dict[str, dict[str, dict[str, Wins]]]:
    """Rival, then system, then measure: wins on the files that both have; no two systems meet twice."""
    found: dict[str, dict[str, dict[str, Wins]]] = {}
    for rival in rivals(evaluation):
        others = {name: of for name, of in scores.items() if name not in found}
        if won := _wins_against(others, rival):
            found[rival] = won
    return found


def _wins_against(scores: Scores, rival: str) -> dict[str, dict[str, Wins]]:
    return {
        system: {
            metric: wins(values, scores[rival][metric], higher_is_better=higher_is_better(metric))
            for metric, values in of.items()
        }
        for system, of in scores.items()
        if system != rival
    }


def table(evaluation: Evaluation) -> str:
    """A row a measure, a column a system: means with intervals, then paired wins."""
    scores = scores_of(evaluation)
    names = list(scores)
    files = len({row.file for row in evaluation.rows})
    head = [f"{files} files, mean [95 % interval]", *names]
    told = means(scores)
    counts = counted(scores)
    rows = [
        [labelled(m), *(_mean(m, told[n][m]) + _fewer(counts[n][m], files) for n in names)] for m in evaluation.metrics
    ]
    rows.append(["times real time", *(_number(s.times_real_time, 0) for s in evaluation.systems)])
    rows.append(["latency, ms", *(_number(s.latency_ms, 0) for s in evaluation.systems)])
    parts = [_columns([head, *rows])]
    for rival, won in duels(evaluation, scores).items():
        head = [f"better than {rival}: files, mean difference", *won]
        rows = [[labelled(m), *(_won(m, won[n][m]) for n in won)] for m in evaluation.metrics]
        parts.append(_columns([head, *rows]))
    return "\n\n".join(parts)


def labelled(metric: str) -> str:
    """The name of a measure, its unit, and a mark where lower is better."""
    unit = METRICS[metric].unit if metric in METRICS else ""
    shown = f"{metric}, {unit}" if unit and not metric.endswith(f"_{unit.lower()}") else metric
    return shown if higher_is_better(metric) else f"{shown} (lower is better)"


def _text(metric: str, value: float, sign: str = "") -> str:
    known = METRICS.get(metric)
    if known and not known.unit and math.isinf(known.highest):  # a power, which may be tiny
        return f"{value:{sign}.2e}"
    return f"{value:{sign}.{digits_of(metric)}f}"


def digits_of(metric: str) -> int:
    """Digits after the point that a figure of the metric is worth."""
    return _DIGITS.get(METRICS[metric].unit if metric in METRICS else "", 3)


def _mean(metric: str, found: tuple[float, float, float]) -> str:
    mean, low, high = found
    if math.isnan(mean):
        return "-"
    if math.isnan(low):
        return _text(metric, mean)
    return f"{_text(metric, mean)} [{_text(metric, low)}, {_text(metric, high)}]"


def _fewer(count: int, files: int) -> str:
    """Of how many files a mean is, where some have no figure."""
    return f" of {count}" if 0 < count < files else ""


def _won(metric: str, found: Wins) -> str:
    if not found.files:
        return "-"
    share = f"{100 * found.share:3.0f} % {_text(metric, found.difference, '+')}"
    if math.isnan(found.low):
        return share
    return f"{share} [{_text(metric, found.low)}, {_text(metric, found.high)}]"


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _columns(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join(lines)


def check_folder(folder: Path, names: Sequence[str], *, force: bool) -> None:
    """OutputError where `folder` is a file, or holds one of `names` and `force` is not set."""
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder}: expected a folder for the report, this is a file; choose another name")
    for name in names:
        check_target(folder / name, None, force=force)


def write_scores(evaluation: Evaluation, folder: Path, *, command: str = "", force: bool = False) -> None:
    """scores.csv, a row a system and file, and scores.json: means, wins, systems, notes, versions."""
    write_text(folder / CSV_NAME, as_csv(evaluation), force=force)
    write_text(folder / JSON_NAME, json.dumps(as_json(evaluation, command), indent=1, ensure_ascii=False), force=force)


def as_csv(evaluation: Evaluation) -> str:
    """The rows; an empty cell where a measure is undefined."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["system", "file", *evaluation.metrics, "seconds", "rate", "snr_db", "noise"])
    for row in evaluation.rows:
        scores = [_cell(row.scores.get(metric, math.nan)) for metric in evaluation.metrics]
        snr = "" if row.snr_db is None else f"{row.snr_db:.2f}"
        writer.writerow([row.system, row.file, *scores, f"{row.seconds:.3f}", row.rate, snr, row.noise])
    return out.getvalue()


def _cell(value: float) -> str:
    return f"{value:.6g}" if math.isfinite(value) else ""


def as_json(evaluation: Evaluation, command: str = "") -> dict[str, Any]:
    """All that the table says, and how it came about; null where a figure is undefined."""
    scores = scores_of(evaluation)
    told = means(scores)
    counts = counted(scores)
    return {
        "command": command,
        "versions": versions(),
        "files": len({row.file for row in evaluation.rows}),
        "systems": [asdict(system) for system in evaluation.systems],
        "metrics": {m: _described(m) for m in evaluation.metrics},
        "means": {
            name: {
                m: {**_finite(zip(("mean", "low", "high"), found, strict=True)), "files": counts[name][m]}
                for m, found in of.items()
            }
            for name, of in told.items()
        },
        "wins": {
            rival: {name: {m: _finite(asdict(won).items()) for m, won in of.items()} for name, of in against.items()}
            for rival, against in duels(evaluation, scores).items()
        },
        "notes": list(evaluation.notes),
    }


def _described(metric: str) -> dict[str, Any]:
    known = METRICS.get(metric)
    return {
        "unit": known.unit if known else "",
        "higher_is_better": higher_is_better(metric),
        "note": known.note if known else "",
    }


def _finite(items: Any) -> dict[str, Any]:
    return {key: value if value is not None and math.isfinite(value) else None for key, value in items}


def versions() -> dict[str, str]:
    """Of the packages that figures depend on, those that are installed."""
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def write_text(target: Path, text: str, *, force: bool) -> None:
    """Write beside and rename; raises OutputError where the target exists without `force` or cannot be written."""
    with written(target, force=force) as path:
        path.write_text(text, encoding="utf-8")
