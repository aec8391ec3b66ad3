"""The training step around a network that is passed in: mix, denoise, compare; validation on the averaged weights."""

from __future__ import annotations

import copy
import math
import time
from typing import Any

import lightning
import msgspec
import numpy as np
import torch
from torch import Tensor

from unnoise.metrics import measure
from unnoise.mix.draw import Draw
from unnoise.networks.base import SpectrumNetwork
from unnoise.signal.stft import StftSpec
from unnoise.train.config import Recipe
from unnoise.train.data import AnySide
from unnoise.train.device_mix import Batch
from unnoise.train.losses import make_loss
from unnoise.train.planned import Sounds
from unnoise.train.transform import Transform


class DenoiserModule(lightning.LightningModule):
    """One network, its averaged twin, the losses of a recipe and the mixtures of a `Side`."""

    def __init__(self, recipe: Recipe, network: SpectrumNetwork, training: AnySide, validation: AnySide) -> None:
        super().__init__()
        self.recipe, self.network = recipe, network
        self.averaged = copy.deepcopy(network).requires_grad_(False)
        self.transform = Transform(StftSpec(network.hop_ms), recipe.data.rate)
        self.losses = torch.nn.ModuleDict({name: make_loss(name, recipe.data.rate) for name in recipe.losses})
        self._sides = (training, validation)
        self._mixer: Any = None
        self._states: list[Tensor] | None = None
        self._valid: Batch | None = None
        self.mixing_s = 0.0
        """Time spent mixing so far; on an accelerator the time to ask for it."""
        for name, parameter in network.named_parameters():
            if recipe.train_only and not name.startswith(tuple(recipe.train_only)):
                parameter.requires_grad_(False)

    def on_fit_start(self) -> None:
        """Put the recordings on the device and render the fixed validation set there."""
        training, validation = self._sides
        self._mixer = training.mixer(self.device)
        mine = range(self.global_rank, self.recipe.data.valid_items, self.trainer.world_size)
        held: Any = validation.mixer(self.device)
        self._valid = held.render(validation.drawer.batch(mine))

    def transfer_batch_to_device(self, batch: Any, device: torch.device, dataloader_idx: int) -> Any:
        """Draws stay on the host: the mixer takes them to its device itself."""
        return batch

    def denoise(self, network: SpectrumNetwork, audio: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """(items, samples) and states to the cleaned audio and the states to go on from."""
        clean, *following = network(self.transform.analyse(audio), *states)
        return self.transform.synthesise(clean, audio.shape[1]), following

    def training_step(self, drawn: Draw | Sounds, index: int) -> Tensor:
        """One batch: mix, denoise from some past, compare at unit speech level."""
        assert self._mixer is not None
        self._hold_statistics()
        begun = time.perf_counter()
        batch: Batch = self._mixer.render(drawn)
        self.mixing_s += time.perf_counter() - begun
        estimate, following = self.denoise(self.network, batch.noisy, self._past(batch))
        self._states = [state.detach() for state in following]
        scaled = [audio / batch.active_rms for audio in (estimate, batch.clean, batch.noisy)]
        total = estimate.new_zeros(())
        for name, weight in self.recipe.losses.items():
            value = self.losses[name](*scaled)
            self.log(name, value.detach())
            total = total + weight * self._grown(name) * value
        self.log("loss", total.detach(), prog_bar=True)
        return total

    def _hold_statistics(self) -> None:
        """A normalisation whose layer is not trained keeps its statistics, too."""
        for part in self.network.modules():
            if isinstance(part, torch.nn.BatchNorm1d) and not part.weight.requires_grad:
                part.eval()

    def on_before_optimizer_step(self, optimizer: Any) -> None:
        """The norm that clipping will see."""
        norms = [p.grad.norm() for p in self.network.parameters() if p.grad is not None]
        self.log("gradient_norm", torch.stack(norms).norm())

    def _grown(self, name: str) -> float:
        """How much of a loss counts yet."""
        share = self.recipe.loss_warm_up.get(name, 0.0)
        return min(1.0, self.global_step / max(1.0, share * self.recipe.steps))

    def _past(self, batch: Batch) -> list[Tensor]:
        """The states a batch starts from: fresh, or another batch's last ones, dealt to other items."""
        generator = torch.Generator().manual_seed(self.recipe.seed * 1_000_003 + self.global_step)
        items = len(batch.noisy)
        states = self.network.initial_states(items)
        carried = float(torch.rand((), generator=generator)) < self.recipe.carry_share
        if carried and self._states is not None and len(self._states[0]) == items:
            order = torch.randperm(items, generator=generator)
            states = [state[order] for state in self._states]
        loudness_db = 10 * torch.log10(batch.noisy.square().mean(1) + 1e-10)
        return self.network.random_past(states, loudness_db, generator)

    def optimizer_step(self, *arguments: Any, **options: Any) -> None:
        """One step, then the average of the weights; slow only once there is something to average.

        Here and not after the batch, because checkpoints are written before that.
        """
        super().optimizer_step(*arguments, **options)
        step = self.global_step
        keep = min(self.recipe.optimiser.ema, (1 + step) / (10 + step))
        with torch.no_grad():
            theirs = dict(self.network.named_parameters())
            for name, mine in self.averaged.named_parameters():
                mine.lerp_(theirs[name], 1 - keep)
            for kept, now in zip(self.averaged.buffers(), self.network.buffers(), strict=True):
                kept.copy_(now)  # statistics of normalisation, which are means already

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """The recipe travels with the weights, and so do the states that the next batch may start from."""
        checkpoint["recipe"] = msgspec.to_builtins(self.recipe)
        checkpoint["carried"] = self._states

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Go on as if nothing had happened."""
        self._states = checkpoint["carried"]

    def validation_step(self, batch: Any, index: int) -> None:
        """Scores of the averaged network on the fixed set; `valid_score` chooses checkpoints."""
        assert self._valid is not None
        states = self.averaged.initial_states(len(self._valid.noisy))
        estimate, _ = self.denoise(self.averaged, self._valid.noisy, states)
        scale = self._valid.active_rms
        clean, found = ((audio / scale).cpu().numpy() * 0.05 for audio in (self._valid.clean, estimate))
        scores = scores_of(clean, found, self.recipe.data.rate)
        # Each term about equally wide over a run.
        scores["score"] = scores["pesq_wb"] + 5 * scores["stoi"] + 0.1 * scores["si_sdr"]
        for name, value in scores.items():
            self.log(f"valid_{name}", value, batch_size=1, sync_dist=True, prog_bar=name == "score")

    def configure_optimizers(self) -> Any:
        """AdamW without decay of biases; warm-up, then level, then one cosine."""
        wanted = self.recipe.optimiser
        parameters = [p for p in self.network.parameters() if p.requires_grad]
        groups = [
            {"params": [p for p in parameters if p.ndim > 1], "weight_decay": wanted.weight_decay},
            {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
        ]
        optimiser = torch.optim.AdamW(groups, lr=wanted.learning_rate, betas=wanted.betas)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, self._rate_share)
        return {"optimizer": optimiser, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def _rate_share(self, step: int) -> float:
        wanted, steps = self.recipe.optimiser, self.recipe.steps
        warm = min(1.0, (step + 1) / max(1, wanted.warm_up_steps))
        level = 1 - wanted.decay_share
        cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, max(0.0, (step / steps - level) / wanted.decay_share))))
        return warm * (wanted.final_share + (1 - wanted.final_share) * cosine)


def scores_of(clean: np.ndarray[Any, Any], found: np.ndarray[Any, Any], rate: int) -> dict[str, float]:
    """Means over the items of (items, samples); items where a measure is undefined do not count."""
    return {
        name: float(np.nanmean([measure(name, c, f, rate) for c, f in zip(clean, found, strict=True)]))
        for name in ("si_sdr", "stoi", "pesq_wb")
    }
