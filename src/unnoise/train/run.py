"""One training from folders to checkpoints, resumable at any step."""

from __future__ import annotations

import contextlib
import logging
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lightning
import msgspec
import torch
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.fabric.utilities.warnings import PossibleUserWarning
from lightning.pytorch.utilities.exceptions import SIGTERMException

from unnoise.errors import OutputError, RecipeError, TrainingError, UnnoiseError
from unnoise.files.beside import written
from unnoise.networks import make_network
from unnoise.networks.base import Network
from unnoise.train.callbacks import LOG_EVERY, Keep, Log, NotANumber, WholeEnd
from unnoise.train.checkpoint import WholeFiles, check_fits, check_goes_on, load_checkpoint
from unnoise.train.checks import chosen_device
from unnoise.train.config import Recipe
from unnoise.train.data import AnySide, Staged, loader, prepare
from unnoise.train.features import learn_feature_range
from unnoise.train.folders import Folders
from unnoise.train.module import DenoiserModule
from unnoise.train.record import add_record

__all__ = ["load_checkpoint", "train"]

PRECISIONS: dict[str, Any] = {"32": "32-true", "bf16": "bf16-mixed"}
Say = Callable[[str], None]


def train(
    recipe: Recipe,
    folders: Folders,
    run: Path,
    *,
    resume: bool = True,
    start_from: Path | None = None,
    device: str = "auto",
    devices: int = 1,
    nodes: int = 1,
    precision: str = "32",
    threads: int | None = None,
    workers: int = 0,
    tensorboard: bool = False,
    progress: bool = True,
    say: Say = print,
) -> Path:
    """Train `recipe` into the folder `run`; returns the best checkpoint, RUN/best.ckpt.

    Goes on from RUN/last.ckpt where there is one and `resume` is true. `start_from` gives the first weights.
    `precision` is "32" or "bf16". Raises TrainingError where the loss stops being a number, the device or the memory
    is lacking; the last good checkpoint stays.
    """
    if device != "auto":
        chosen_device(device)  # before hours of decoding
    _check_processes(recipe, devices * nodes)
    _ready(run, threads)
    torch.manual_seed(recipe.seed)
    network = make_network(recipe.network.name, recipe.network.arguments)
    if start_from is not None:
        _load_weights(network, start_from)
    last = run / "last.ckpt"
    restart, resume = not resume, resume and last.exists()
    if not resume:
        _check_clear(run, start_from, restart=restart)
    step = 0
    if resume:
        stored = load_checkpoint(last)
        check_goes_on(stored, recipe, network, last)
        step = stored["step"]
    training, validation = prepare(recipe, folders, say)
    if not resume and start_from is None:
        learn_feature_range(network, training, recipe.feature_items, recipe.batch)
    module = DenoiserModule(recipe, network, training, validation)
    with _explained(recipe, module, run):
        trainer = _trainer(
            recipe,
            run,
            say,
            accelerator=device,
            devices=devices,
            num_nodes=nodes,
            precision=PRECISIONS[precision],
            strategy=_strategy(devices * nodes),
            logger=_tensorboard(run) if tensorboard else False,
            enable_progress_bar=progress,
        )
        if trainer.is_global_zero:
            told = {"device": device, "devices": devices, "nodes": nodes, "precision": precision, "threads": threads}
            _record(run, recipe, network, training, told | {"step": step}, say)
            if not resume:
                _clear(run)
        if resume and _over(module, stored, say):
            return run / "best.ckpt"
        batches = Staged(module.schedule, training.drawer, trainer.global_rank, trainer.world_size)
        trainer.fit(
            module,
            loader(batches, lambda: trainer.global_step, workers),
            torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.zeros(1)), batch_size=None),
            ckpt_path=str(last) if resume else None,
            weights_only=False,
        )
    return run / "best.ckpt"


def _check_processes(recipe: Recipe, processes: int) -> None:
    """Each has its part of every batch and of the validation set."""
    if recipe.adversary.weight and processes > 1:
        raise RecipeError("A recipe with an adversary trains in one process; leave --devices and --nodes out")
    batches = [stage.batch or recipe.batch for stage in recipe.stages] or [recipe.batch]
    for key, items in (("batch", min(batches)), ("data.valid_items", recipe.data.valid_items)):
        if items < processes:
            raise RecipeError(
                f"{processes} processes share {key} = {items}, and one would have nothing to do; give "
                f"--set {key}={processes} or more, or fewer --devices"
            )


def _ready(run: Path, threads: int | None) -> None:
    try:
        run.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{run}: cannot be written ({error.strerror}); give another folder with -o") from None
    if threads is not None:
        torch.set_num_threads(threads)
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)  # its hints are not about this run
    torch.set_float32_matmul_precision("high")  # TF32 where the accelerator has it; no change on a CPU


def _check_clear(run: Path, start_from: Path | None, *, restart: bool) -> None:
    """OutputError where a run that begins anew would take away weights that nobody said may go."""
    if start_from is not None and start_from.resolve().parent == run.resolve():
        raise OutputError(
            f"{run}: this run begins anew and would take away {start_from}, which it starts from; give another -o"
        )
    if not restart and (run / "best.ckpt").exists():
        raise OutputError(
            f"{run}: expected last.ckpt to go on from, found best.ckpt alone; give another -o, with --start-from "
            f"{run / 'best.ckpt'} to begin with its weights, or --restart to lose it"
        )


def _clear(run: Path) -> None:
    """Take away what another run left: this one is not to be taken for it, should it end early."""
    for name in ("log.jsonl", "last.ckpt", "best.ckpt"):
        (run / name).unlink(missing_ok=True)


def _trainer(recipe: Recipe, run: Path, say: Say, **options: Any) -> lightning.Trainer:
    """Lightning's, driven by steps; Keep writes the checkpoints."""
    last = run / "last.ckpt"
    return lightning.Trainer(
        max_steps=recipe.steps,
        max_epochs=-1,  # steps alone decide
        val_check_interval=min(recipe.valid_every, recipe.steps),
        check_val_every_n_epoch=None,
        num_sanity_val_steps=0,
        gradient_clip_val=recipe.optimiser.gradient_norm,
        log_every_n_steps=LOG_EVERY,
        enable_model_summary=False,
        enable_checkpointing=False,
        use_distributed_sampler=False,
        plugins=[WholeFiles()],
        callbacks=[NotANumber(last), Keep(run, say), Log(run / "log.jsonl", LOG_EVERY, say), WholeEnd(last)],
        **options,
    )


def _record(run: Path, recipe: Recipe, network: Network, training: AnySide, told: dict[str, Any], say: Say) -> None:
    """The recipe beside the run, and an entry in run.json; a line where a run goes on with other recordings."""
    with written(run / "recipe.json", force=True) as path:
        path.write_bytes(msgspec.json.format(msgspec.json.encode(recipe)))
    entry = {
        "recipe": recipe.name,
        "seed": recipe.seed,
        "steps": recipe.steps,
        **told,
        "parameters": sum(p.numel() for p in network.parameters()),
        "recordings": training.recordings,
    }
    for name in add_record(run / "run.json", entry, anew=not told["step"]):
        say(f"the recordings of {name} are others than when the run was started: it does not go on as it would have")


def _over(module: DenoiserModule, stored: dict[str, Any], say: Say) -> bool:
    """Whether the run that is to go on was stopped for good."""
    module.patience.load(stored["patience"])
    if module.patience.spent:
        say(f"stopped at step {stored['step']} already; a larger stop_after lets it go on, --restart begins anew")
    return module.patience.spent


@contextlib.contextmanager
def _explained(recipe: Recipe, module: DenoiserModule, run: Path) -> Iterator[None]:
    """What Lightning, torch and the system raise, as one line that says what to do."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PossibleUserWarning)  # such as that batches by step could not be resumed
            warnings.filterwarnings("ignore", message=".*LeafSpec")  # between Lightning and torch
            yield
    except UnnoiseError:
        raise
    except MisconfigurationException as error:
        raise TrainingError(f"Training cannot start: {error}") from None
    except (MemoryError, RuntimeError) as error:
        if not _out_of_memory(error):
            raise
        batch = module.schedule.at(module.global_step).batch
        try_this = f"try a batch of {batch // 2} (--set batch={batch // 2})"
        if recipe.stages:
            try_this = f"try a batch of {batch // 2} in that stage of the recipe"
        if batch == 1:
            try_this = "shorter items (data.mix.seconds) or a smaller network may fit"
        raise TrainingError(
            f"Out of memory at step {module.global_step + 1} with a batch of {batch}; {try_this}"
        ) from None
    except OSError as error:
        raise OutputError(f"{run}: training stopped ({error}); what last.ckpt holds stays") from error
    except SIGTERMException:
        raise TrainingError("Training was told to end (SIGTERM); the same command goes on from last.ckpt") from None
    except SystemExit:
        if module._trainer is not None and module.trainer.interrupted:  # Lightning makes an exit of Ctrl-C
            raise KeyboardInterrupt from None
        raise


def _out_of_memory(error: Exception) -> bool:
    words = ("out of memory", "allocate memory", "not enough memory")
    told = isinstance(error, MemoryError | torch.OutOfMemoryError)
    return told or any(word in str(error).lower() for word in words)


def _load_weights(network: Network, path: Path) -> None:
    stored = load_checkpoint(path)
    check_fits(stored, network, path, "Give a checkpoint of this network, with the same arguments")
    network.load_state_dict(stored["averaged"])


def _strategy(processes: int) -> Any:
    """Several processes average their gradients; the high head has none where mixtures end at 8 kHz."""
    if processes == 1:
        return "auto"
    from lightning.pytorch.strategies import DDPStrategy

    return DDPStrategy(find_unused_parameters=True)


def _tensorboard(run: Path) -> Any:
    from lightning.pytorch.loggers import TensorBoardLogger

    try:
        return TensorBoardLogger(run, name="", version="tensorboard")
    except ModuleNotFoundError:
        raise TrainingError("--tensorboard needs another package; install it with: pip install tensorboard") from None
