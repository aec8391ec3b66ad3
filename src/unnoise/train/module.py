"""The training step around a network that is passed in: mix, denoise, compare; validation on the averaged weights."""

from __future__ import annotations

import copy
import time
from typing import Any

import lightning
import msgspec
import numpy as np
import torch
from torch import Tensor

from unnoise.errors import RecipeError
from unnoise.metrics import measure
from unnoise.mix.draw import Draw
from unnoise.networks.base import Network, normalisations
from unnoise.train.adversary import Rival
from unnoise.train.config import Recipe
from unnoise.train.data import AnySide
from unnoise.train.device_mix import Batch
from unnoise.train.losses import make_loss
from unnoise.train.optimisers import make_optimiser
from unnoise.train.planned import Sounds
from unnoise.train.schedule import Patience, Schedule
from unnoise.train.transform import states_before, way_through

FORMAT = 1
"""Of checkpoints: raised when what they hold changes, so that a newer one is told."""


@torch.no_grad()
def follow(averaged: torch.nn.Module, network: torch.nn.Module, keep: float) -> None:
    """Move `averaged` towards `network`, `keep` of itself stays; statistics of normalisation move like the weights that
    they belong to, counters are copied."""
    theirs = network.state_dict()
    for name, mine in averaged.state_dict().items():
        if mine.is_floating_point():
            mine.lerp_(theirs[name], 1 - keep)
        else:
            mine.copy_(theirs[name])


class DenoiserModule(lightning.LightningModule):
    """One network, its averaged twin, the losses of a recipe and the mixtures of a `Side`."""

    def __init__(self, recipe: Recipe, network: Network, training: AnySide, validation: AnySide) -> None:
        super().__init__()
        self.recipe, self.network = recipe, network
        self.averaged = copy.deepcopy(network).requires_grad_(False)
        self.denoise = way_through(network, recipe.data.rate)
        self.schedule, self.patience = Schedule(recipe), Patience(recipe)
        names = dict.fromkeys(name for stretch in self.schedule.stretches for name in stretch.losses)
        self.losses = torch.nn.ModuleDict({name: make_loss(name, recipe.data.rate) for name in names})
        wanted = recipe.adversary
        self.rival = Rival(recipe.data.rate, wanted.channels, wanted.learning_rate) if wanted.weight else None
        self._rival_state: dict[str, Any] | None = None
        self._sides = (training, validation)
        self._mixer: Any = None
        self._states: list[Tensor] | None = None
        self._valid: Batch | None = None
        self.item_s = recipe.data.item_s
        self.mixing_s = 0.0
        """Time spent mixing so far; on an accelerator the time to ask for it."""
        _freeze_but(network, recipe.train_only)

    def on_fit_start(self) -> None:
        """Put the recordings on the device and render the fixed validation set there."""
        training, validation = self._sides
        self._mixer = training.mixer(self.device)
        mine = range(self.global_rank, self.recipe.data.valid_items, self.trainer.world_size)
        held: Any = validation.mixer(self.device)
        self._valid = held.render(validation.drawer.batch(mine))
        if self.rival is not None and self._rival_state is not None:
            self.rival.load(self._rival_state)

    def transfer_batch_to_device(self, batch: Any, device: torch.device, dataloader_idx: int) -> Any:
        """Draws stay on the host: the mixer takes them to its device itself."""
        return batch

    def training_step(self, drawn: Draw | Sounds, index: int) -> Tensor:
        """One batch: mix, denoise from some past, compare at unit speech level."""
        assert self._mixer is not None
        self._hold_statistics()
        # Dropout and the like follow from seed, step and process alone, so that a run resumes without a trace.
        ranks, rank = self.trainer.world_size, self.global_rank
        torch.manual_seed((self.recipe.seed * 1_000_003 + self.global_step) * ranks + rank)
        begun = time.perf_counter()
        batch: Batch = self._mixer.render(drawn)
        self.mixing_s += time.perf_counter() - begun
        estimate, following = self.denoise(self.network, batch.noisy, self._past(batch))
        self._states = [state.detach().float() for state in following]
        with torch.autocast(self.device.type, enabled=False):  # spectra need all of float32
            total = self._compare(estimate.float(), batch)
        self.log("loss", total.detach(), prog_bar=True)
        return total

    def _compare(self, estimate: Tensor, batch: Batch) -> Tensor:
        """The losses of this step's stage, summed, and the adversary's verdict."""
        found, clean, noisy = (audio / batch.active_rms for audio in (estimate, batch.clean, batch.noisy))
        total = estimate.new_zeros(())
        for name, weight in self.schedule.at(self.global_step).losses.items():
            value = self.losses[name](found, clean, noisy)
            self.log(name, value.detach())
            total = total + weight * self._grown(name) * value
        if self.rival is not None and self.global_step >= self.recipe.adversary.from_share * self.recipe.steps:
            self.log("rival", self.rival.learn(found, clean))
            total = total + self.recipe.adversary.weight * self.rival.verdict(found)
        return total

    def _hold_statistics(self) -> None:
        """A normalisation whose layer is not trained keeps its statistics, too."""
        for part in normalisations(self.network):
            if not any(parameter.requires_grad for parameter in part.parameters()):
                part.eval()

    def on_before_optimizer_step(self, optimizer: Any) -> None:
        """The norm that clipping will see."""
        norms = [p.grad.norm() for p in self.network.parameters() if p.grad is not None]
        self.log("gradient_norm", torch.stack(norms).norm())

    def _grown(self, name: str) -> float:
        """How much of a loss counts yet."""
        warm_up_steps = self.recipe.loss_warm_up.get(name, 0.0) * self.recipe.steps
        return min(1.0, self.global_step / warm_up_steps) if warm_up_steps else 1.0

    def _past(self, batch: Batch) -> list[Tensor]:
        """The states a batch starts from, by seed and step."""
        generator = torch.Generator().manual_seed(self.recipe.seed * 1_000_003 + self.global_step)
        return states_before(self.network, batch.noisy, self._states, self.recipe.carry_share, generator)

    def optimizer_step(self, *arguments: Any, **options: Any) -> None:
        """One step, then the average of the weights; slow only once there is something to average.

        Here and not after the batch, because checkpoints are written before that.
        """
        super().optimizer_step(*arguments, **options)
        step = self.global_step
        follow(self.averaged, self.network, min(self.recipe.optimiser.ema, (1 + step) / (10 + step)))

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """The recipe travels with the weights, and so do the states that the next batch may start from."""
        checkpoint["recipe"] = msgspec.to_builtins(self.recipe)
        checkpoint["format"] = FORMAT
        checkpoint["carried"] = self._states
        checkpoint["patience"] = self.patience.state()
        checkpoint["rival"] = None if self.rival is None else self.rival.state()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Go on as if nothing had happened."""
        self._states = checkpoint["carried"]
        self.patience.load(checkpoint.get("patience", {}))
        self._rival_state = checkpoint.get("rival")

    def validation_step(self, batch: Any, index: int) -> None:
        """Scores of the averaged network on the fixed set, and its loss by the weights of the last stage."""
        valid = self._valid
        assert valid is not None
        parts = torch.split(valid.noisy, self.recipe.batch)  # all at once would not fit with every network
        with torch.autocast(self.device.type, enabled=False):  # as it will run once it is exported
            cleaned = [self.denoise(self.averaged, part, self.averaged.initial_states(len(part)))[0] for part in parts]
            found, clean, noisy = (a / valid.active_rms for a in (torch.cat(cleaned), valid.clean, valid.noisy))
            weights = self.schedule.stretches[-1].losses
            loss = float(sum(w * self.losses[name](found, clean, noisy) for name, w in weights.items()))
        scores = scores_of(clean.cpu().numpy() * 0.05, found.cpu().numpy() * 0.05, self.recipe.data.rate)
        # Each term about equally wide over a run.
        scores["score"] = scores["pesq_wb"] + 5 * scores["stoi"] + 0.1 * scores["si_sdr"]
        scores["loss"] = loss
        for name, value in scores.items():
            self.log(f"valid_{name}", value, batch_size=1, sync_dist=True, prog_bar=name == "score")

    def configure_optimizers(self) -> Any:
        """The recipe's optimiser, and its rate at each step."""
        optimiser = make_optimiser(self.recipe.optimiser, self.network)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, self._rate_share)
        return {"optimizer": optimiser, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def _rate_share(self, step: int) -> float:
        return self.schedule.rate_share(step, self.patience.falls)


def _freeze_but(network: Network, prefixes: tuple[str, ...]) -> None:
    """Only parameters that begin with one of `prefixes` are trained, all without any."""
    names = [name for name, _ in network.named_parameters()]
    for prefix in prefixes:
        if not any(name.startswith(prefix) for name in names):
            parts = ", ".join(dict.fromkeys(name.split(".")[0] for name in names))
            raise RecipeError(f"train_only names {prefix!r}, and no parameter begins so; they begin with {parts}")
    for name, parameter in network.named_parameters():
        if prefixes and not name.startswith(prefixes):
            parameter.requires_grad_(False)


def scores_of(clean: np.ndarray[Any, Any], found: np.ndarray[Any, Any], rate: int) -> dict[str, float]:
    """Means over the items of (items, samples); items where a measure is undefined do not count."""
    scores = {}
    for name in ("si_sdr", "stoi", "pesq_wb"):
        values = [measure(name, c, f, rate) for c, f in zip(clean, found, strict=True)]
        defined = [value for value in values if not np.isnan(value)]
        scores[name] = float(np.mean(defined)) if defined else float("nan")
    return scores
