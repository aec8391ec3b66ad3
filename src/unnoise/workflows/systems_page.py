"""The page of a reproduction: own figures beside those of each system's report, and what differs."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from importlib.metadata import version

from unnoise.bundle import load_bundle
from unnoise.evaluate.statistics import bootstrap
from unnoise.evaluate.table import digits_of
from unnoise.metrics import METRICS
from unnoise.mix.recordings import Recording
from unnoise.train.schedule import Schedule
from unnoise.workflows.held_out import Split
from unnoise.workflows.results import BUNDLED, Result
from unnoise.workflows.systems import System

PACKAGES = ("unnoise", "torch", "lightning", "onnxruntime", "numpy", "pesq", "pystoi")
NAMES = {
    "si_sdr": "SI-SDR, dB",
    "pesq_wb": "PESQ-WB",
    "stoi": "STOI",
    "snr": "SNR, dB",
    "wsdr": "wSDR (−1 is best)",
    "mse": "MSE",
    "picture": "MSE of pictures",
}
Found = Sequence[tuple[System, Sequence[Result]]]


def page(found: Found, split: Split, command: str) -> str:
    """Markdown; pictures lie beside it."""
    parts = [_head(found, split, command), *(_system(system, results) for system, results in found)]
    return "\n\n".join(parts) + "\n"


def _head(found: Found, split: Split, command: str) -> str:
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    heard = [f"{_amount(split['speech-train'])} of speech by {_groups(split['speech-train'])} speakers"]
    if "noise-train" in split:
        heard.append(f"{_amount(split['noise-train'])} of noise in {_groups(split['noise-train'])} recordings")
    tested = [f"other speakers ({_groups(split['speech-test'])})"]
    if "noise-test" in split:
        tested.append(f"other recordings of noise ({_groups(split['noise-test'])})")
    rows = [_summary(system, result) for system, results in found for result in results]
    titles = ("system", "network", "SI-SDR noisy", "result", "gain [95 %]", "better on", BUNDLED, "steps", "mixtures")
    return "\n\n".join(
        [
            "# Systems",
            "Small projects of one author each, run end to end on one corpus by one command: noisy data made their "
            "way, their networks trained at a small budget, test files cleaned and scored. Their own figures come from "
            "other data, other measures and other lengths of training: they stand beside ours to be seen, and not to "
            "be ranked.",
            f"```bash\n# made on {today} with\n{command}\n```",
            f"Trained and validated on {' and '.join(heard)}; tested on {' and '.join(tested)}. Versions: {versions}.",
            _table(titles, rows),
            "SI-SDR in dB, means over the test files; *better on*: the share of them that the network improves; "
            f"*{BUNDLED}*: the bundled network {load_bundle(BUNDLED).info.version}, on the same files; "
            "*mixtures*: how much was heard in training, counted with repetition. Each network has the noise of its "
            "own system, so only figures of one row compare.",
        ]
    )


def _summary(system: System, result: Result) -> list[str]:
    name, gain = result.method.recipe, result.gain
    stretches = Schedule(result.recipe).stretches
    items = sum(s.batch * min(s.steps, max(0, result.steps - s.start)) for s in stretches)
    hours = items * result.recipe.data.item_s / 3600
    span = "" if math.isnan(gain.low) else f" [{gain.low:+.1f}, {gain.high:+.1f}]"
    means = [_mean(result.scores[row]["si_sdr"], 1) for row in ("noisy", name, BUNDLED)]
    return [
        f"[{system.letter.upper()}](#{_anchor(system)})", f"`{name}`", means[0], means[1],
        f"{gain.difference:+.1f}{span}", f"{gain.share:.0%}", means[2], f"{result.steps}", f"{hours:.1f} h",
    ]  # fmt: skip


def _system(system: System, results: Sequence[Result]) -> str:
    parts = [
        f"## {_title(system)}",
        f"{system.was} Source: <{system.repository}>.",
        f"There: {system.data_there}. Here: {system.data_here}.",
    ]
    if system.women:
        women = all(result.women for result in results)
        parts.append("Here, too, women alone." if women else "Here all voices: the corpus does not say whose they are.")
    for result in results:
        parts += _network(system, result)
    return "\n\n".join(parts)


def _network(system: System, result: Result) -> list[str]:
    name = result.method.recipe
    measures = list(next(iter(result.scores.values())))
    files = len(result.scores["noisy"]["si_sdr"])
    reports = {"noisy": result.method.report_noisy, name: result.method.report_result}
    rows = []
    for row, scores in result.scores.items():
        report = reports.get(row, "" if row == BUNDLED else system.report_gate)
        rows.append([f"`{row}`", *(_cell(measure, scores[measure]) for measure in measures), report])
    titles = [f"{files} files, mean [95 %]", *(NAMES[measure] for measure in measures), "its report"]
    parts = [f"### {name}", _table(titles, rows), _verdict(result)]
    if result.identity:
        parts.append(f"Asked to pass clean speech on (`unnoise train {name} --check identity`): {result.identity}.")
    if result.optimisers:
        steps = result.optimisers[0][1]["step"]
        lines = [[f"`{optimiser}`", *(_logged(line, key) for key in _LOGGED)] for optimiser, line in result.optimisers]
        parts.append(f"Optimisers, {steps} steps each from the same weights and at the same rate:")
        parts.append(_table(["optimiser", *_LOGGED.values()], lines))
    return parts + [f"![{what}]({path})" for what, path in result.pictures]


_LOGGED = {"train_loss": "training loss", "valid_loss": "validation loss", "valid_si_sdr": "validation SI-SDR, dB"}


def _verdict(result: Result) -> str:
    name, gain = result.method.recipe, result.gain
    if gain.difference > 0:
        return f"`{name}` improves SI-SDR by {gain.difference:.1f} dB, on {gain.share:.0%} of the files."
    why = result.method.why or "At this budget it has not learnt enough."
    return f"`{name}` does not improve SI-SDR here ({gain.difference:+.1f} dB). {why}"


def _title(system: System) -> str:
    return f"{system.letter.upper()}: {system.title}"


def _anchor(system: System) -> str:
    """As Markdown makes it of a heading."""
    kept = "".join(c for c in _title(system).lower() if c.isalnum() or c in " -")
    return kept.replace(" ", "-")


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(measure: str, values: Sequence[float]) -> str:
    mean, low, high = bootstrap(values)
    if math.isnan(mean):
        return "–"
    shown = [_number(measure, value) for value in ((mean,) if math.isnan(low) else (mean, low, high))]
    return shown[0] if len(shown) == 1 else f"{shown[0]} [{shown[1]}, {shown[2]}]"


def _number(measure: str, value: float) -> str:
    if measure == "mse":  # a power, which may be tiny
        return f"{value:.2g}"
    return f"{value:.{digits_of(measure) if measure in METRICS else 4}f}"


def _mean(values: Sequence[float], digits: int) -> str:
    return f"{bootstrap(values)[0]:.{digits}f}"


def _logged(line: dict[str, float], key: str) -> str:
    return f"{line[key]:.4g}" if line.get(key) is not None else "–"


def _amount(recordings: Sequence[Recording]) -> str:
    seconds = sum(recording.seconds for recording in recordings)
    return f"{seconds / 3600:.1f} h" if seconds > 3600 else f"{seconds / 60:.1f} min"


def _groups(recordings: Sequence[Recording]) -> int:
    return len({recording.group for recording in recordings})
