"""One training from folders to checkpoints, resumable at any step."""

from __future__ import annotations

import json
import logging
import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning
import msgspec
import torch
from lightning.pytorch.callbacks import Callback, ModelCheckpoint

from unnoise.errors import TrainingError
from unnoise.networks import make_network
from unnoise.train.config import Recipe
from unnoise.train.data import Draws, Folders, loader, prepare
from unnoise.train.module import DenoiserModule


class Log(Callback):
    """Appends a line to log.jsonl every `every` steps and after each validation; what plots are made from."""

    def __init__(self, path: Path, every: int, say: Callable[[str], None]) -> None:
        self.path, self.every, self.say = path, every, say
        self._sums: dict[str, float] = {}
        self._since = (0, time.perf_counter())

    def _write(self, trainer: Any, line: dict[str, Any]) -> None:
        if trainer.is_global_zero:
            short = {k: round(v, 5) if isinstance(v, float) else v for k, v in line.items()}
            with self.path.open("a") as out:
                out.write(json.dumps(short) + "\n")

    def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Means of the losses since the last line, and the speed."""
        names = [*module.recipe.losses, "loss", "gradient_norm"]
        for name in names:
            self._sums[name] = self._sums.get(name, 0.0) + float(trainer.callback_metrics[name])
        step, now = trainer.global_step, time.perf_counter()
        done = step - self._since[0]
        if step % self.every == 0 and done > 0:
            line = {name: self._sums[name] / max(1, done) for name in names}
            seconds = done * module.recipe.batch * module.recipe.data.seconds
            self._write(trainer, {"step": step, **line, "audio_s_per_s": seconds / (now - self._since[1])})
            self._sums, self._since = {}, (step, now)

    def on_train_start(self, trainer: Any, module: Any) -> None:
        """Count from where the run stands."""
        self._since = (trainer.global_step, time.perf_counter())

    def on_validation_end(self, trainer: Any, module: Any) -> None:
        """The scores, to the file and to whoever watches."""
        scores = {k: float(v) for k, v in trainer.callback_metrics.items() if k.startswith("valid_")}
        self._write(trainer, {"step": trainer.global_step, **scores})
        text = ", ".join(f"{k.removeprefix('valid_')} {v:.3f}" for k, v in scores.items())
        if trainer.is_global_zero:
            self.say(f"step {trainer.global_step} of {module.recipe.steps}: {text}")


def train(
    recipe: Recipe,
    folders: Folders,
    run: Path,
    *,
    resume: bool = True,
    start_from: Path | None = None,
    device: str = "auto",
    devices: int = 1,
    threads: int | None = None,
    workers: int = 0,
    progress: bool = True,
    say: Callable[[str], None] = print,
) -> Path:
    """Train `recipe` into the folder `run`; returns the best checkpoint, RUN/best.ckpt.

    Goes on from RUN/last.ckpt where there is one and `resume` is true. `start_from` gives the first weights.
    Raises TrainingError where the loss stops being a number; the last good checkpoint stays.
    """
    run.mkdir(parents=True, exist_ok=True)
    if threads is not None:
        torch.set_num_threads(threads)
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)  # its hints are not about this run
    torch.set_float32_matmul_precision("high")  # TF32 where the accelerator has it; no change on a CPU
    torch.manual_seed(recipe.seed)
    training, validation = prepare(recipe, folders, say)
    network = make_network(recipe.network.name, recipe.network.arguments)
    if start_from is not None:
        network.load_state_dict(load_checkpoint(start_from)["averaged"])
    module = DenoiserModule(recipe, network, training, validation)
    last = run / "last.ckpt"
    (run / "recipe.json").write_bytes(msgspec.json.format(msgspec.json.encode(recipe)))
    trainer = lightning.Trainer(
        accelerator=device,
        devices=devices,
        strategy=_strategy(devices),
        max_steps=recipe.steps,
        max_epochs=-1,  # steps alone decide
        val_check_interval=min(recipe.valid_every, recipe.steps),
        num_sanity_val_steps=0,
        gradient_clip_val=recipe.optimiser.gradient_norm,
        logger=False,
        enable_model_summary=False,
        enable_progress_bar=progress,
        use_distributed_sampler=False,
        callbacks=[
            Log(run / "log.jsonl", 50, say),
            NotANumber(),
            _keep(run, "last", every_n_train_steps=min(recipe.valid_every, recipe.steps)),
            _keep(run, "best", monitor="valid_score", mode="max"),
        ],
    )
    draws = Draws(training.drawer, recipe.batch, recipe.steps, trainer.global_rank, trainer.world_size)
    trainer.fit(
        module,
        loader(draws, lambda: trainer.global_step, workers),
        torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.zeros(1)), batch_size=None),
        ckpt_path=str(last) if resume and last.exists() else None,
        weights_only=False,
    )
    return run / "best.ckpt"


def _strategy(devices: int) -> Any:
    """Several processes average their gradients; the high head has none where mixtures end at 8 kHz."""
    if devices == 1:
        return "auto"
    from lightning.pytorch.strategies import DDPStrategy

    return DDPStrategy(find_unused_parameters=True)


def _keep(run: Path, name: str, **options: Any) -> ModelCheckpoint:
    return ModelCheckpoint(dirpath=run, filename=name, save_top_k=1, enable_version_counter=False, **options)


class NotANumber(Callback):
    """Stops a run whose loss is no number any more, before the weights are written."""

    def on_train_batch_end(self, trainer: Any, module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Look at the loss of the step just made."""
        if not torch.isfinite(outputs["loss"]):
            raise TrainingError(
                f"The loss at step {trainer.global_step} is not a number. The last good checkpoint stays in "
                "last.ckpt; lower optimiser.learning_rate or look at the recordings, then start again."
            )


def load_checkpoint(path: Path) -> dict[str, Any]:
    """The recipe and the weights, trained and averaged, of a checkpoint: keys recipe, network, averaged, step."""
    try:
        stored = torch.load(path, map_location="cpu", weights_only=False)
        state = stored["state_dict"]
    except (OSError, KeyError, RuntimeError, pickle.UnpicklingError) as error:
        raise TrainingError(f"{path}: not a checkpoint of unnoise train ({error})") from None
    parts = {
        part: {k.removeprefix(f"{part}."): v for k, v in state.items() if k.startswith(f"{part}.")}
        for part in ("network", "averaged")
    }
    recipe = msgspec.convert(stored["recipe"], Recipe)
    return {"recipe": recipe, "step": stored["global_step"], **parts}
