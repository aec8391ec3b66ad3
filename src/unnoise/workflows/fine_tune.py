"""A few hundred steps from the weights of a bundle: low and falling learning rate, statistics held, time bounded."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from unnoise.errors import TrainingError
from unnoise.mix.draw import Draw, Drawer
from unnoise.networks.base import Network, normalisations
from unnoise.train.device_mix import DeviceMixer
from unnoise.train.losses import make_loss
from unnoise.train.transform import states_before, way_through

BATCH = 8
LEARNING_RATE = 1.5e-3
WARM_UP_STEPS = 20
GRADIENT_NORM = 1.0
CARRY_SHARE = 0.5
"""Of the batches that begin with the states another ended with: else nothing would be learned of later minutes."""
LEAST_STEPS = 20
TIMED_STEPS = 5
"""From the second on: the first takes longer."""
SAY_EVERY = 50
ITEMS_AT_ONCE = 4
LOSSES = {"compressed_spectrum": 45.0, "thresholded_snr": 3.0, "over_attenuation": 6.0}
"""As in the default recipe, with more weight on the SNR, by which the gain is judged."""


@dataclass(frozen=True)
class FineTuning:
    """What a fine-tuning needs: mixtures at `rate`, how many steps at most, and until when (perf_counter)."""

    drawer: Drawer
    mixer: DeviceMixer
    rate: int
    steps: int
    until: float
    seed: int
    device: torch.device
    old_from: int
    """Where in the mixer's noise that begins in which the network is to stay what it was."""


def fine_tune(network: Network, wanted: FineTuning, say: Callable[[str], None]) -> int:
    """Train `network` in place; returns the steps made, fewer than wanted where time is short.

    TrainingError where not even 20 steps fit, or where the loss stops being a number.
    """
    way: Any = way_through(network, wanted.rate).to(wanted.device)
    losses = {make_loss(name, wanted.rate).to(wanted.device): weight for name, weight in LOSSES.items()}
    optimiser = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, betas=(0.9, 0.98))
    teacher = copy.deepcopy(network).eval().requires_grad_(False)
    states: list[Tensor] | None = None
    steps, begun = wanted.steps, time.perf_counter()
    for step in range(wanted.steps):
        if step == TIMED_STEPS:
            steps = _affordable(wanted, (time.perf_counter() - begun) / (TIMED_STEPS - 1))
        if step >= steps or (step > LEAST_STEPS and time.perf_counter() > wanted.until):
            return step
        for group in optimiser.param_groups:
            group["lr"] = LEARNING_RATE * _share(step, steps)
        draw = wanted.drawer.batch([step * BATCH + k for k in range(BATCH)])
        batch = wanted.mixer.render(draw)
        _to_train(network)
        generator = torch.Generator().manual_seed(wanted.seed + step)
        past = states_before(network, batch.noisy, states, CARRY_SHARE, generator)
        estimate, following = way(network, batch.noisy, past)
        target = torch.where(_old(draw, wanted), way(teacher, batch.noisy, past)[0], batch.clean)
        states = [state.detach() for state in following]
        scaled = [sound / batch.active_rms for sound in (estimate, target, batch.noisy)]
        loss = torch.stack([weight * measure(*scaled) for measure, weight in losses.items()]).sum()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(network.parameters(), GRADIENT_NORM)
        if not (torch.isfinite(loss) and torch.isfinite(norm)):
            raise TrainingError(
                f"The loss at step {step + 1} is not a number; look at the recordings. Nothing was written."
            )
        optimiser.step()
        if step == 0:
            begun = time.perf_counter()
        if (step + 1) % SAY_EVERY == 0:
            say(f"step {step + 1} of {steps}: loss {float(loss.detach()):.2f}")
    return wanted.steps


def _old(draw: Draw, wanted: FineTuning) -> Tensor:
    """(items, 1), whether no noise of an item is new: there the target is what the network said before.

    Source: Li and Hoiem 2016, Learning without Forgetting (arXiv 1606.09282), section 3.
    """
    old = (draw.noise_start >= wanted.old_from) | (draw.noise_gain_db < -100)
    return torch.from_numpy(old.all(1))[:, None].to(wanted.device)


def _affordable(wanted: FineTuning, seconds_a_step: float) -> int:
    """All steps wanted, or as many as there is time for."""
    left_s = wanted.until - time.perf_counter()
    steps = min(wanted.steps, TIMED_STEPS + int(left_s / max(seconds_a_step, 1e-6)))
    if steps < min(LEAST_STEPS, wanted.steps):
        raise TrainingError(
            f"A step takes {seconds_a_step:.1f} s here, and there is time for {max(0, steps)}; at least {LEAST_STEPS} "
            f"are needed: give {math.ceil((LEAST_STEPS * seconds_a_step - left_s) / 60) + 1} more with --minutes."
        )
    return steps


def _share(step: int, steps: int) -> float:
    """Warm-up, then a cosine to zero, which the clock may cut off."""
    return min(1.0, (step + 1) / WARM_UP_STEPS) * 0.5 * (1 + math.cos(math.pi * step / steps))


def _to_train(network: Network) -> None:
    """Training mode, but statistics of normalisation stay: those of one user's noise would be another network."""
    network.train()
    for part in normalisations(network):
        part.eval()


def cleaner(network: Network, rate: int, device: torch.device) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    """Sounds (items, samples) through `network` as the engine would run it."""
    way: Any = way_through(network, rate).to(device)

    @torch.no_grad()
    def clean_up(noisy: NDArray[np.float32]) -> NDArray[np.float32]:
        network.eval()
        out = []
        for first in range(0, len(noisy), ITEMS_AT_ONCE):
            items = torch.from_numpy(noisy[first : first + ITEMS_AT_ONCE])
            found, _ = way(network, items.to(device), network.initial_states(len(items)))
            out.append(found.cpu().numpy())
        return np.concatenate(out)

    return clean_up


def between(start: dict[str, Tensor], end: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """Weights `share` of the way from `start` to `end`; counters are those of the start.

    Source: Wortsman et al. 2022, Robust fine-tuning of zero-shot models (arXiv 2109.01903), eq. 1: between the two
    lie weights that keep most of both.
    """
    return {name: value.lerp(end[name], share) if value.is_floating_point() else value for name, value in start.items()}
