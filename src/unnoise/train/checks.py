"""Two questions to a network before it is trained for hours: can it pass speech on, and can it learn a few clips?

A network that fails the first loses something for good, such as by a bottleneck; one that fails the second will not
learn more from more data. Both train for a few hundred steps, with an Adam of their own, so that a failure is the
network's and not the recipe's. Passing on is measured on clips that were not trained on: a handful can be learned by
heart through any bottleneck.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from unnoise.errors import InputError, OptionError, TrainingError
from unnoise.metrics.si_sdr import si_sdr
from unnoise.mix.noises import make_noise
from unnoise.mix.recordings import Recording, find, read
from unnoise.networks import make_network
from unnoise.networks.base import Network, WaveformNetwork
from unnoise.signal.level import active_level_dbfs
from unnoise.train.config import Recipe
from unnoise.train.folders import Folders
from unnoise.train.transform import way_through

SECONDS = 1.0
NOISES = ("pink", "fan", "hum", "rain", "knocks", "wind", "crackle", "white")
SNR_DB = 10.0
LEVEL_DBFS = -26.0
LEARNING_RATE = 2e-3
LOOK_EVERY = 20
"""Steps from one measuring to the next, a divisor of each check's steps; a check ends as soon as it passes."""
STILL_RISING_DB = 3.0
"""In the second half of the steps, in which the learning rate falls: then the network may only be slow."""


@dataclass(frozen=True)
class Check:
    """What a check trains on, and what passes it."""

    clips: int
    """That it is measured on, and as many a step."""
    pool: int
    """Most other clips to train on; 0 to train on the measured ones."""
    noisy: bool
    steps: int
    wanted_db: float
    meaning: str
    """What a failure means."""


CHECKS = {
    "identity": Check(4, 64, False, 300, 30.0, "it does not pass clean speech on, so it loses something for good"),
    "overfit": Check(8, 0, True, 400, 15.0, "it does not learn even the few clips that it is shown"),
}


@dataclass(frozen=True)
class Checked:
    """What came of a check; figures are SI-SDR in dB, the mean over clips."""

    name: str
    passed: bool
    figure_db: float
    wanted_db: float
    reason: str
    """One line."""


def run_check(
    name: str,
    recipe: Recipe,
    folders: Folders,
    *,
    device: str = "auto",
    threads: int | None = None,
    say: Callable[[str], None] = print,
) -> Checked:
    """Try the network of `recipe` on clips of `folders.clean`: `identity` or `overfit`.

    identity: clean speech in, the same out, at 30 dB or more on 4 clips that were not trained on. overfit: 8 clips with
    made noise at 10 dB SNR, 15 dB or more on these.

    Raises OptionError for another name, InputError where there is too little speech, TrainingError where the
    loss stops being a number.
    """
    if name not in CHECKS:
        raise OptionError(f"no check is called {name!r}; known are {', '.join(CHECKS)}")
    check, on = CHECKS[name], torch.device(chosen_device(device))
    if threads is not None:
        torch.set_num_threads(threads)
    torch.manual_seed(recipe.seed)
    network = make_network(recipe.network.name, recipe.network.arguments)
    samples = clip_samples(network, recipe.data.rate)
    clean = speech_clips(folders, recipe.data.rate, samples, check.clips + check.pool, least=2 * check.clips)
    noisy = with_noise(clean, recipe.data.rate) if check.noisy else clean
    figures = _learnt(
        network.to(on), recipe, check, torch.from_numpy(clean).to(on), torch.from_numpy(noisy).to(on), say
    )
    return _judged(name, check, figures)


def chosen_device(wanted: str) -> str:
    """ "cpu", "cuda" or "mps" for "auto" or one of them; TrainingError where what is wanted is not there."""
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return next(name for name in there if there[name])
    if not there.get(wanted, False):
        raise TrainingError(f"There is no device {wanted!r} here that torch can use; give --device cpu or auto.")
    return wanted


def clip_samples(network: Network, rate: int) -> int:
    """A second, or as many windows as that takes."""
    samples = round(SECONDS * rate)
    if isinstance(network, WaveformNetwork):
        samples = math.ceil(samples / network.window_samples) * network.window_samples
    return samples


def speech_clips(folders: Folders, rate: int, samples: int, most: int, *, least: int) -> NDArray[np.float32]:
    """(clips, samples) from the beginnings of recordings, a clip of each speaker first, at -26 dBFS."""
    groups: dict[str, list[Recording]] = {}
    for recording in find(folders.clean):
        groups.setdefault(recording.group, []).append(recording)
    dealt = sorted((k, name) for name, own in groups.items() for k in range(len(own)))
    clips: list[NDArray[np.float32]] = []
    for k, name in dealt:
        clips += _cut(read(groups[name][k], rate), rate, samples)
        if len(clips) >= most:
            break
    if len(clips) < min(least, most):
        raise InputError(
            f"{folders.clean}: expected {min(least, most)} clips of {samples / rate:.1f} s with speech, and found "
            f"{len(clips)}; give a folder with more of it"
        )
    return np.stack(clips[:most])


def _cut(audio: NDArray[np.float32], rate: int, samples: int) -> list[NDArray[np.float32]]:
    """At most two clips without long silence, shorter recordings repeated."""
    if 0 < len(audio) < samples:
        audio = np.tile(audio, math.ceil(samples / len(audio)))
    cut = [audio[at : at + samples] for at in range(0, len(audio) - samples + 1, samples)]
    levels_db = [active_level_dbfs(clip, rate) for clip in cut]
    loud = [
        clip * np.float32(10 ** ((LEVEL_DBFS - db) / 20)) for clip, db in zip(cut, levels_db, strict=True) if db > -60
    ]
    return loud[:2]


def with_noise(clean: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Each clip with another made noise, 10 dB under the speech."""
    noisy = clean.copy()
    for k, clip in enumerate(noisy):
        noise = make_noise(NOISES[k % len(NOISES)], clean.shape[1], rate, np.random.default_rng(k))
        clip += noise / noise.std() * 10 ** ((active_level_dbfs(clean[k], rate) - SNR_DB) / 20)
    return noisy


def _learnt(
    network: Network, recipe: Recipe, check: Check, clean: Tensor, noisy: Tensor, say: Callable[[str], None]
) -> list[float]:
    """Train until it passes or the steps are over; the figure at each look, before the first step too."""
    pool = clean[check.clips :] if check.pool else clean
    pool_noisy = noisy[check.clips :] if check.pool else noisy
    clean, noisy = clean[: check.clips], noisy[: check.clips]
    generator = torch.Generator().manual_seed(recipe.seed)
    way: Any = way_through(network, recipe.data.rate).to(clean.device)
    optimiser = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, check.steps, LEARNING_RATE / 20)
    figures: list[float] = []
    for step in range(check.steps + 1):
        if step % LOOK_EVERY == 0:
            figures.append(_figure_db(network.eval(), way, clean, noisy))
            say(f"step {step} of {check.steps}: {figures[-1]:.1f} dB of {check.wanted_db:g} dB SI-SDR")
            if figures[-1] >= check.wanted_db or step == check.steps:
                break
        network.train()
        dealt = torch.randperm(len(pool), generator=generator)[: check.clips].to(pool.device)
        estimate, _ = way(network, pool_noisy[dealt], network.initial_states(len(dealt)))
        loss = _error_db(estimate, pool[dealt])
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        if not (torch.isfinite(loss) and torch.isfinite(norm)):
            raise TrainingError(f"The loss at step {step + 1} of the check is not a number; look into the network.")
        optimiser.step()
        falling.step()
    return figures


def _error_db(estimate: Tensor, clean: Tensor) -> Tensor:
    """Error over speech, the mean over the clips, in dB: there the last of an error counts as much as the first."""
    error, wanted = (estimate - clean).square().sum(1), clean.square().sum(1)
    return 10 * torch.log10((error + 1e-6 * wanted) / wanted).mean()


@torch.no_grad()
def _figure_db(network: Network, way: Any, clean: Tensor, noisy: Tensor) -> float:
    estimate, _ = way(network, noisy, network.initial_states(len(noisy)))
    pairs = zip(clean.cpu().numpy(), estimate.cpu().numpy(), strict=True)
    figures = [si_sdr(wanted, found) for wanted, found in pairs]
    return float(np.mean(np.nan_to_num(figures, nan=-120.0)))  # silence is no estimate


def _judged(name: str, check: Check, figures: list[float]) -> Checked:
    figure_db, steps = figures[-1], (len(figures) - 1) * LOOK_EVERY
    passed = figure_db >= check.wanted_db
    said = f"{figure_db:.1f} dB SI-SDR after {steps} steps on {check.clips} clips, {check.wanted_db:g} dB wanted"
    if not passed:
        risen_db = figure_db - figures[(len(figures) - 1) // 2]
        rising = f"but it rose by {risen_db:.1f} dB in the second half of the steps, so it may only be slow"
        said += f": {check.meaning}" if risen_db < STILL_RISING_DB else f": {rising}"
    return Checked(name, passed, figure_db, check.wanted_db, said)
