"""curves.png: the losses of training and validation after each epoch, drawn from a run's log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from unnoise.errors import MissingExtraError
from unnoise.files.beside import written

SCORES = (("valid_si_sdr", "SI-SDR [dB]"), ("valid_pesq_wb", "PESQ [MOS]"), ("valid_stoi", "STOI"))


def epochs_of(log: Path) -> list[dict[str, Any]]:
    """The lines of validations, one a step, in order: where a run was resumed, the later line counts."""
    by_step: dict[int, dict[str, Any]] = {}
    for text in log.read_text().splitlines():
        try:
            line = json.loads(text)
        except ValueError:  # half a line, of a run that was killed
            continue
        if any(name.startswith("valid_") for name in line):
            by_step[line["step"]] = line
    return [by_step[step] for step in sorted(by_step)]


def draw_curves(log: Path, target: Path) -> None:
    """Losses above, scores below, over the steps. Raises MissingExtraError without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise MissingExtraError("matplotlib", "plot") from None
    epochs = epochs_of(log)
    figure = Figure(figsize=(7, 7), layout="constrained")
    loss, *others = figure.subplots(1 + len(SCORES), 1, sharex=True, height_ratios=(3, *(1 for _ in SCORES)))
    for name, label in (("train_loss", "training"), ("valid_loss", "validation")):
        _line(loss, epochs, name, label)
    loss.set_ylabel("loss")
    if loss.lines:
        loss.legend()
    for axis, (name, label) in zip(others, SCORES, strict=True):
        _line(axis, epochs, name, "")
        axis.set_ylabel(label)
    others[-1].set_xlabel("step")
    with written(target, force=True) as path:
        figure.savefig(path, dpi=110, format="png")


def _line(axis: Any, epochs: list[dict[str, Any]], name: str, label: str) -> None:
    points = [(line["step"], line[name]) for line in epochs if line.get(name) is not None]
    if points:
        axis.plot(*zip(*points, strict=True), marker=".", label=label)
    axis.grid(alpha=0.3)
