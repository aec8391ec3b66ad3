"""What happens beside the steps of a run: its log, its curves, its checkpoints, and when it stops."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch.callbacks import Callback

from unnoise.errors import MissingExtraError, TrainingError, UnnoiseError
from unnoise.train.curves import draw_curves

LOG_EVERY = 50
"""Steps."""


class Log(Callback):
    """Appends a line to log.jsonl every `every` steps and after each validation, and draws curves.png of them."""

    def __init__(self, path: Path, every: int, say: Callable[[str], None]) -> None:
        self.path, self.every, self.say = path, every, say
        self._sums: dict[str, torch.Tensor] = {}
        self._counts: dict[str, int] = {}
        self._steps, self._audio_s = 0, 0.0
        self._epoch: list[torch.Tensor] = []
        self._draws = True

    def _restart(self, module: Any) -> None:
        self._sums, self._counts, self._steps, self._audio_s = {}, {}, 0, 0.0
        self._begun, module.mixing_s = time.perf_counter(), 0.0

    def _write(self, trainer: Any, line: dict[str, Any]) -> None:
        if trainer.is_global_zero:
            short = {k: float(f"{v:.6g}") if isinstance(v, float) else v for k, v in line.items()}
            with self.path.open("a") as out:
                out.write(json.dumps(short) + "\n")

    def on_train_start(self, trainer: Any, module: Any) -> None:
        """Count from where the run stands."""
        self._epoch = []
        self._restart(module)

    def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Means of the losses since the last line, the speed, and the share of the time that mixing took."""
        now = module.schedule.at(trainer.global_step - 1)
        for name in (*now.losses, "rival", "loss", "gradient_norm"):
            if name in trainer.callback_metrics:
                value = trainer.callback_metrics[name].detach()
                self._sums[name] = self._sums.get(name, 0.0) + value
                self._counts[name] = self._counts.get(name, 0) + 1
        self._epoch.append(trainer.callback_metrics["loss"].detach())
        self._steps += 1
        self._audio_s += now.batch * module.item_s
        if trainer.global_step % self.every == 0:
            elapsed_s = time.perf_counter() - self._begun
            means = {name: float(value) / self._counts[name] for name, value in self._sums.items()}
            rate = {"learning_rate": float(trainer.optimizers[0].param_groups[0]["lr"])}
            speed = {"audio_s_per_s": self._audio_s / elapsed_s, "mixing_share": module.mixing_s / elapsed_s}
            self._write(trainer, {"step": trainer.global_step, **means, **rate, **speed})
            self._restart(module)

    def on_validation_start(self, trainer: Any, module: Any) -> None:
        """Validation is no training time."""
        self._paused = time.perf_counter()

    def on_validation_end(self, trainer: Any, module: Any) -> None:
        """The scores, to the file and to whoever watches."""
        self._begun += time.perf_counter() - self._paused
        scores = {k: float(v) for k, v in trainer.callback_metrics.items() if k.startswith("valid_")}
        trained = {"train_loss": float(torch.stack(self._epoch).mean())} if self._epoch else {}
        self._epoch = []
        self._write(trainer, {"step": trainer.global_step, **trained, **scores})
        text = ", ".join(f"{k.removeprefix('valid_')} {v:.3f}" for k, v in scores.items())
        if trainer.is_global_zero:
            self.say(f"step {trainer.global_step} of {module.recipe.steps}: {text}")
            self._draw()

    def _draw(self) -> None:
        """A picture that cannot be drawn stops no training."""
        if not self._draws:
            return
        try:
            draw_curves(self.path, self.path.with_name("curves.png"))
        except MissingExtraError as error:
            self._draws = False
            self.say(f"no curves.png: {error}")
        except (OSError, UnnoiseError) as error:
            self.say(f"no curves.png this time: {error}")


class Keep(Callback):
    """After each validation last.ckpt, best.ckpt where none is better, and the end where patience is spent.

    Not before it: what a validation decides belongs to the state that a run goes on from.
    """

    def __init__(self, run: Path, say: Callable[[str], None]) -> None:
        self.last, self.best, self.say = run / "last.ckpt", run / "best.ckpt", say

    def on_validation_end(self, trainer: Any, module: Any) -> None:
        """Judge, then save."""
        patience, name = module.patience, module.recipe.best_by
        better = patience.saw(float(trainer.callback_metrics[f"valid_{name}"]))
        if better or not self.best.exists():  # a run may go on from a state whose best lies elsewhere
            trainer.save_checkpoint(self.best)
        trainer.save_checkpoint(self.last)
        if patience.spent:
            trainer.should_stop = True
            if trainer.is_global_zero:
                self.say(f"stopped: {patience.waited} validations without a better {name} than {patience.best:.3f}")


class WholeEnd(Callback):
    """Validates and saves at the very end, too, where the learning rate is at its lowest."""

    def __init__(self, last: Path) -> None:
        self.last = last

    def on_train_batch_start(self, trainer: Any, module: Any, batch: Any, batch_idx: int) -> None:
        """The last step is followed by a validation, whatever its number."""
        if trainer.global_step + 1 == module.recipe.steps:
            trainer.val_check_batch = 1

    def on_train_end(self, trainer: Any, module: Any) -> None:
        """The last checkpoint is that of the last step."""
        trainer.save_checkpoint(self.last)


class NotANumber(Callback):
    """Stops a run whose loss is no number any more, before the weights are written."""

    def __init__(self, last: Path) -> None:
        self.last = last

    def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Look at the step just made."""
        if not (torch.isfinite(outputs["loss"]) and torch.isfinite(trainer.callback_metrics["gradient_norm"])):
            kept = "The last good checkpoint stays in last.ckpt" if self.last.exists() else "No checkpoint was written"
            raise TrainingError(
                f"The loss or its gradient at step {trainer.global_step} is not a number. {kept}; lower "
                "optimiser.learning_rate (with --restart, or -o and --start-from), or look at the recordings."
            )
