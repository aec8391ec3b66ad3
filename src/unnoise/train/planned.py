"""Training on mixtures that are rendered item by item on the host, with every noise, damage and room of a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray

from unnoise.errors import RecipeError
from unnoise.mix.bank import Bank
from unnoise.mix.decoded import Decoded, recordings_of, render_item
from unnoise.mix.plan import HIGHEST_SEED, Plan, Planner, Sources
from unnoise.mix.recordings import Recording, find
from unnoise.mix.split import deal
from unnoise.train.config import PLANNED_S
from unnoise.train.device_mix import Batch, active_frames, frame_power, masked_mean
from unnoise.train.folders import Folders


@dataclass(frozen=True)
class Sounds:
    """A batch from the host; both are (items, samples) float32."""

    noisy: NDArray[np.float32]
    clean: NDArray[np.float32]


class PlannedDrawer:
    """Renders items of a plan from decoded recordings: the same for an index in any process and any order."""

    def __init__(self, planner: Planner, decoded: Decoded) -> None:
        self.planner, self.decoded = planner, decoded

    def batch(self, indices: Sequence[int]) -> Sounds:
        """Items stacked."""
        made = [render_item(self.planner, index, self.decoded)[1] for index in indices]
        return Sounds(np.stack([m.noisy for m in made]), np.stack([m.clean for m in made]))


class Upload:
    """Takes batches from the host to the device."""

    def __init__(self, rate: int, device: torch.device) -> None:
        self.rate, self.device = rate, device

    @torch.no_grad()
    def render(self, sounds: Sounds) -> Batch:
        """The same batch there, with its levels."""
        noisy, clean = (torch.from_numpy(audio).to(self.device) for audio in (sounds.noisy, sounds.clean))
        frames = frame_power(clean, self.rate)
        return Batch(noisy, clean, masked_mean(frames, active_frames(frames)).sqrt().clamp(min=1e-6))


@dataclass(frozen=True)
class PlannedSide:
    """Training's or validation's part of a plan."""

    drawer: PlannedDrawer
    rate: int
    recordings: dict[str, Any] = field(default_factory=dict)
    """What training and validation were made of together; of the training side only."""

    def mixer(self, device: torch.device) -> Upload:
        """What takes batches to `device`."""
        return Upload(self.rate, device)


def planned_side(
    plan: Plan, rate: int, seed: int, part: int, folders: Folders, speech: Bank, noise: Bank | None
) -> PlannedSide:
    """A side of `plan` over its banks; RecipeError where it needs a folder that was not given."""
    banks = {folders.clean: speech}
    pools: dict[str, list[Recording]] = {}
    if noise is not None and folders.noise is not None:
        banks[folders.noise] = noise
        pools["noise"] = recordings_of(folders.noise, noise)
    for named in plan.named_noises():
        if "folder" in named.parameters:
            raise RecipeError(f"{named}: in a training the noise comes from --noise DIR; leave the folder out")
        if named.name in ("folder", "highband") and not pools:
            raise RecipeError(f"This recipe mixes in recordings of noise ({named}); give their folder with --noise DIR")
    sized = msgspec.structs.replace(plan, rate=rate, seconds=plan.seconds or PLANNED_S)
    sources = Sources(recordings_of(folders.clean, speech), pools, planned_rooms(plan, folders, part))
    own = (seed + part * 1_000_003) % (HIGHEST_SEED + 1)  # or validation would hear the very noises of training
    return PlannedSide(PlannedDrawer(Planner(sized, sources, own, part), Decoded(banks)), rate)


def planned_rooms(plan: Plan, folders: Folders, part: int) -> list[Recording]:
    """The part's half of the recorded rooms, all places of a room in one; the same where there is but one room."""
    if not plan.rooms or plan.simulated_rooms():
        return []
    if plan.rooms != "folder":
        raise RecipeError(f"rooms is {plan.rooms!r}; in a training it is simulated, or folder with --rooms DIR")
    if folders.rooms is None:
        raise RecipeError("This recipe wants recorded rooms; give their folder with --rooms DIR")
    rooms = find(folders.rooms, noise=True)
    parts = deal({room.group: 1.0 for room in rooms}, (0.5, 0.5))
    return [room for room in rooms if parts[room.group] == part] or rooms
