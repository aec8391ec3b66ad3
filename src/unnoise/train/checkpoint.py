"""Checkpoints: written whole or not at all, read with what is wrong in one line."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import msgspec
import torch
from lightning.fabric.plugins.io.torch_io import TorchCheckpointIO
from torch import nn

from unnoise.errors import OutputError, TrainingError
from unnoise.files.beside import written
from unnoise.train.config import Recipe
from unnoise.train.module import FORMAT


class WholeFiles(TorchCheckpointIO):
    """Writes beside and renames, so that the last checkpoint stays whole when the disk is full."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        """`checkpoint` as the file `path`; OutputError where it cannot be written, and what was there stays."""
        try:
            with written(Path(path), force=True) as beside:
                torch.save(checkpoint, beside)
        except RuntimeError as error:  # what torch makes of a full disk
            raise OutputError(
                f"{path}: cannot be written whole; is the disk full? The checkpoint before stays. Make room, then "
                f"start again ({str(error).splitlines()[0]})"
            ) from None
        except OutputError as error:
            raise OutputError(f"{error}; the checkpoint before stays. Make room, then start again") from None


def load_checkpoint(path: Path) -> dict[str, Any]:
    """The recipe and the weights of a checkpoint, trained and averaged: keys recipe, network, averaged, step, patience.

    Raises TrainingError for a file that is missing, broken or no checkpoint of this version.
    """
    try:
        stored = torch.load(path, map_location="cpu", weights_only=False)
        if stored.get("format", 1) > FORMAT:
            raise TrainingError(
                f"{path}: its format is {stored['format']} and this version reads up to {FORMAT}; upgrade with: "
                "pip install --upgrade unnoise"
            )
        state = stored["state_dict"]
        parts = {
            part: {k.removeprefix(f"{part}."): v for k, v in state.items() if k.startswith(f"{part}.")}
            for part in ("network", "averaged")
        }
        recipe = msgspec.convert(stored["recipe"], Recipe)
        return {"recipe": recipe, "step": stored["global_step"], "patience": stored.get("patience", {}), **parts}
    except TrainingError:
        raise
    except (OSError, EOFError, LookupError, TypeError, AttributeError, RuntimeError, pickle.UnpicklingError) as error:
        raise TrainingError(f"{path}: not a checkpoint of unnoise train ({error})") from None
    except msgspec.ValidationError as error:
        raise TrainingError(
            f"{path}: not a checkpoint of this version of unnoise train ({error}); use the version that wrote it, or "
            "train anew"
        ) from None


def check_fits(stored: dict[str, Any], network: nn.Module, path: Path, remedy: str) -> None:
    """TrainingError where a loaded checkpoint is of another network than this."""
    mine = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    theirs = {name: tuple(value.shape) for name, value in stored["network"].items()}
    if mine != theirs:
        other = sorted(name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name))
        raise TrainingError(
            f"{path}: its weights are those of another network ({stored['recipe'].network.name}; {other[0]} and "
            f"{len(other) - 1} more differ). {remedy}"
        )


def check_goes_on(stored: dict[str, Any], recipe: Recipe, network: nn.Module, path: Path) -> None:
    """TrainingError where a run of `recipe` cannot go on from a loaded checkpoint.

    What may change on the way is what is read anew at each step: steps, schedule, losses, mixtures.
    """
    remedy = (
        "Begin anew with --restart, or in another folder with -o, there also from the weights of this run with "
        "--start-from"
    )
    check_fits(stored, network, path, remedy)
    before, now = (_fixed(of) for of in (stored["recipe"], recipe))
    for key, value in now.items():
        if value != before[key]:
            raise TrainingError(f"{path}: was trained with {key} = {before[key]!r}, and now it is {value!r}. {remedy}")


def _fixed(recipe: Recipe) -> dict[str, Any]:
    """What the state of an optimiser belongs to."""
    optimiser = {key: getattr(recipe.optimiser, key) for key in ("name", "learning_rate", "betas", "weight_decay")}
    adversary = msgspec.to_builtins(recipe.adversary) if recipe.adversary.weight else None
    rest = {"adversary": adversary, "train_only": recipe.train_only}
    return {f"optimiser.{key}": value for key, value in optimiser.items()} | rest
