"""A test split through a network, the ways without one and the bundled network: files, scores, pictures."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from unnoise.apply.file import denoise_file
from unnoise.bundle import load_bundle
from unnoise.errors import MissingExtraError
from unnoise.evaluate.pairs import Pair, Sound, read_mono
from unnoise.evaluate.plot import plot_files
from unnoise.evaluate.results import Evaluation
from unnoise.evaluate.run import choose_metrics, evaluate
from unnoise.evaluate.systems import Gate, Noisy, Processed, Runner
from unnoise.evaluate.table import Scores, scores_of, write_text
from unnoise.gate import ThresholdGate
from unnoise.metrics import METRICS
from unnoise.signal.level import active_level_dbfs
from unnoise.train.curves import draw_curves
from unnoise.train.losses import make_loss
from unnoise.workflows.results import BUNDLED
from unnoise.workflows.systems import System

MEASURES = ("si_sdr", "pesq_wb", "stoi")
"""Of all systems; their own come after."""
IMAGES = "images/systems"
CLEANED = "denoised"


@dataclass(frozen=True)
class Threshold:
    """The gate that sets small coefficients of the transform to zero."""

    name: str = "threshold gate"
    kind: str = "gate"
    note: str = "method threshold"

    def __call__(self, noisy: Sound, rate: int, file: str) -> Processed:
        """In one pass."""
        gate = ThresholdGate(rate, 1)
        out = np.concatenate([gate.process(noisy), gate.flush()])[gate.latency :]
        return Processed(out.astype(np.float32))

    def latency_ms(self, rate: int) -> float | None:
        """Of its stream."""
        return 1000 * ThresholdGate(rate, 1).latency / rate


@dataclass(frozen=True)
class Cleaned:
    """A network's files, cleaned before: a slow one runs once."""

    name: str
    folder: Path
    kind: str = "folder"
    note: str = "finished files"

    def __call__(self, noisy: Sound, rate: int, file: str) -> Processed:
        """As they are."""
        return Processed(read_mono(str(self.folder / file))[0])

    def latency_ms(self, rate: int) -> float | None:
        """Of no stream."""
        return None


GATES: dict[str, tuple[Runner, ...]] = {
    "": (),
    "profile": (Gate(name="profile gate"),),
    "threshold": (Threshold(),),
}


def score_once(system: System, name: str, bundle: Path, pairs: Sequence[Pair], folder: Path, *, jobs: int) -> Scores:
    """As `score`, from FOLDER/scores.json where the same networks were scored on the same files before."""
    kept = folder / "scores.json"
    of = [*(load_bundle(model).info.sha256 for model in (bundle, BUNDLED)), *(pair.file for pair in pairs)]
    with contextlib.suppress(OSError, ValueError, LookupError, TypeError):
        stored = json.loads(kept.read_text())
        if stored["of"] == of:
            scores: Scores = stored["scores"]
            return scores
    scores = score(system, name, bundle, pairs, folder, jobs=jobs)
    write_text(kept, json.dumps({"of": of, "scores": scores}), force=True)
    return scores


def score(system: System, name: str, bundle: Path, pairs: Sequence[Pair], folder: Path, *, jobs: int) -> Scores:
    """Scores of noisy, the network `name`, the system's gate and the bundled network; cleaned files in `folder`."""
    cleaned = {name: folder / CLEANED, BUNDLED: folder / BUNDLED}
    for pair in pairs:
        denoise_file(pair.noisy, cleaned[name] / pair.file, model=bundle, threads=jobs, force=True)
        denoise_file(pair.noisy, cleaned[BUNDLED] / pair.file, model=BUNDLED, threads=jobs, force=True)
    runners: tuple[Runner, ...] = (
        Noisy(),
        Cleaned(name, cleaned[name]),
        *GATES[system.gate],
        Cleaned(BUNDLED, cleaned[BUNDLED]),
    )
    measures = (*MEASURES, *(measure for measure in system.measures if measure in METRICS))
    found = evaluate(pairs, runners, choose_metrics(measures, with_reference=True)[0], jobs=jobs)
    place = {file: k for k, file in enumerate(dict.fromkeys(row.file for row in found.rows))}
    scores = {
        runner: {
            measure: [v[place[p.file]] if p.file in place else math.nan for p in pairs] for measure, v in of.items()
        }
        for runner, of in scores_of(found).items()
    }  # in the order of `pairs`, also where one could not be scored
    if "picture" in system.measures:
        for runner in runners:
            values = [_picture(found, runner.name, p.file) if p.file in place else math.nan for p in pairs]
            scores[runner.name]["picture"] = values
    return scores


def of_middle_gain(name: str, scores: Scores, pairs: Sequence[Pair], folder: Path) -> list[str]:
    """The noisy, the cleaned and the clean file of the middle gain: neither the best nor the worst is shown."""
    gains = np.nan_to_num(np.subtract(scores[name]["si_sdr"], scores["noisy"]["si_sdr"]))
    shown = pairs[int(np.argsort(gains)[len(gains) // 2])]
    return [shown.noisy, str(folder / CLEANED / shown.file), str(shown.clean)]


def _picture(found: Evaluation, name: str, file: str) -> float:
    """The mean square between spectrograms in units of 80 dB, as the loss of that name has it."""
    clean, rate = found.sounds("clean", file)
    scale = np.float32(10 ** (active_level_dbfs(clean, rate) / 20))  # losses compare at unit speech level
    heard, wanted = (torch.from_numpy(sound / scale)[None] for sound in (found.sounds(name, file)[0], clean))
    return float(make_loss("picture", rate)(heard, wanted, wanted))


def draw(
    name: str, shown: Sequence[str], run: Path, out: Path, say: Callable[[str], None]
) -> tuple[tuple[str, str], ...]:
    """Spectrograms of noisy, cleaned and clean, and the curves of the training, below `out`: of what, and where.

    None where the package for pictures is not installed; `say` hears of that.
    """
    pictures = {
        f"noisy, {name} and clean": f"{IMAGES}/{name}.png",
        f"training of {name}": f"{IMAGES}/{name}-curves.png",
    }
    compared, curves = (out / path for path in pictures.values())
    try:
        plot_files([Path(file) for file in shown], compared, titles=("noisy", name, "clean"), force=True)
        draw_curves(run / "log.jsonl", curves)
    except MissingExtraError as error:
        say(f"no pictures: {error}")
        return ()
    return tuple(pictures.items())
