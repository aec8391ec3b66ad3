"""What holds at which step of a run: its stages, the learning rate, and the patience with it. No torch."""

from __future__ import annotations

import bisect
import itertools
import math
from dataclasses import dataclass
from typing import Any

from unnoise.train.config import Recipe, Stage


@dataclass(frozen=True)
class Stretch:
    """A stage of a run with everything filled in."""

    start: int
    """Its first step."""
    steps: int
    first_item: int
    """Number of its first mixture."""
    batch: int
    learning_rate: float
    """That of its batch, at the top of the schedule."""
    losses: dict[str, float]
    snr_db: tuple[float, float] | None
    rate_start: int
    """Step at which the schedule of its learning rate began ..."""
    rate_steps: int
    """... and how long that is."""


class Schedule:
    """The stretches of a recipe, and the learning rate at each step."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.stretches = _stretches(recipe)
        self._starts = [stretch.start for stretch in self.stretches]

    def at(self, step: int) -> Stretch:
        """The stretch that `step`, from 0, lies in; beyond the end the last."""
        return self.stretches[bisect.bisect_right(self._starts, step) - 1]

    def epochs(self, steps: int) -> int:
        """Whole epochs in so many steps."""
        return steps // min(self.recipe.valid_every, self.recipe.steps)

    def rate_share(self, step: int, falls: int = 0) -> float:
        """The learning rate at `step` as a part of the recipe's; `falls` are those of "plateau" so far."""
        wanted, now = self.recipe.optimiser, self.at(step)
        into = step - now.rate_start
        warm = min(1.0, (step + 1) / max(1, wanted.warm_up_steps))
        share = 1.0
        if wanted.schedule == "cosine":
            level = 1 - wanted.decay_share
            fallen = min(1.0, max(0.0, (into / now.rate_steps - level) / wanted.decay_share))
            share = wanted.final_share + (1 - wanted.final_share) * 0.5 * (1 + math.cos(math.pi * fallen))
        elif wanted.schedule == "from_epoch":
            late = self.epochs(into) + 1 - wanted.fall_from
            falls = 0 if late < 0 else 1 + late // wanted.fall_every
            share = max(wanted.final_share, wanted.fall_factor**falls)
        elif wanted.schedule == "plateau":
            share = max(wanted.final_share, wanted.fall_factor**falls)
        return warm * share * now.learning_rate / wanted.learning_rate


def _stretches(recipe: Recipe) -> list[Stretch]:
    """The stages with steps dealt out; those that a short run leaves no step are left out."""
    stages = recipe.stages or (Stage(steps=recipe.steps),)
    parts = list(itertools.accumulate(stage.steps for stage in stages))
    ends = [round(recipe.steps * part / parts[-1]) for part in parts]
    starts = [0, *ends[:-1]]
    anew = [0, *(start for start, stage in zip(starts, stages, strict=True) if stage.learning_rate), recipe.steps]
    made, item, rate = [], 0, recipe.optimiser.learning_rate
    for stage, start, end in zip(stages, starts, ends, strict=True):
        batch, rate = stage.batch or recipe.batch, stage.learning_rate or rate
        began = max(step for step in anew if step <= start)
        made.append(
            Stretch(
                start=start,
                steps=end - start,
                first_item=item,
                batch=batch,
                learning_rate=rate * batch / 256 if recipe.optimiser.rate_per_256 else rate,
                losses=recipe.losses if stage.losses is None else stage.losses,
                snr_db=stage.snr_db,
                rate_start=began,
                rate_steps=min(step for step in anew if step > began) - began if began < recipe.steps else 1,
            )
        )
        item += batch * (end - start)
    return [stretch for stretch in made if stretch.steps]


class Patience:
    """The best value so far, and for how long there was no better one; what "plateau" and `stop_after` count."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.lower_is_better = recipe.best_by == "loss"
        self.best: float | None = None
        self.waited, self.falls, self._since_fall = 0, 0, 0

    def saw(self, value: float) -> bool:
        """Count a validation; whether its value is the best so far. NaN never is, unless it is the first."""
        before = self.best
        better = before is None
        if before is not None and not math.isnan(value):
            better = math.isnan(before) or (value < before if self.lower_is_better else value > before)
        if better:
            self.best, self.waited, self._since_fall = value, 0, 0
        else:
            self.waited, self._since_fall = self.waited + 1, self._since_fall + 1
            if self._since_fall >= self.recipe.optimiser.patience:
                self.falls, self._since_fall = self.falls + 1, 0
        return better

    @property
    def spent(self) -> bool:
        """Whether the run should end."""
        return 0 < self.recipe.stop_after <= self.waited

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps of it."""
        return {"best": self.best, "waited": self.waited, "falls": self.falls, "since_fall": self._since_fall}

    def load(self, state: dict[str, Any]) -> None:
        """Go on from `state`; checkpoints of old have none."""
        self.best, self.waited = state.get("best"), state.get("waited", 0)
        self.falls, self._since_fall = state.get("falls", 0), state.get("since_fall", 0)
