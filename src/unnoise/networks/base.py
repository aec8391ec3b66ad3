"""What every network that works on spectra has in common: named states, and one forward for both ways."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class StateSpec:
    """One tensor that a network carries from block to block."""

    name: str
    shape: tuple[int, ...]
    """Without the leading axis, which counts channels (or items of a batch)."""

    initial: float = 0.0


class SpectrumNetwork(nn.Module, ABC):
    """A causal network from noisy to clean spectra that runs whole or by blocks with the same layers.

    Spectra are (batch, frames, bins, 2) float32, real and imaginary, divided by the sum of the window.
    """

    hop_ms: float
    min_bins: int
    max_bins: int
    states: tuple[StateSpec, ...]

    def initial_states(self, batch: int, device: torch.device | None = None) -> list[Tensor]:
        """What the first block starts from, a tensor (batch, *shape) for each of `states`."""
        like = next(self.parameters())
        return [
            like.new_full((batch, *state.shape), state.initial, device=device or like.device) for state in self.states
        ]

    def random_past(self, states: list[Tensor], loudness_db: Tensor, generator: torch.Generator) -> list[Tensor]:
        """Training's choice of a past for items of `loudness_db` (batch,) dBFS; networks with a level override it."""
        return states

    def forward(self, spectrum: Tensor, *states: Tensor) -> tuple[Tensor, ...]:
        """Clean spectrum and the states to go on from; without `states` a recording begins."""
        if not states:
            states = tuple(self.initial_states(spectrum.shape[0]))
        return self.run(spectrum, *states)

    @abstractmethod
    def run(self, spectrum: Tensor, *states: Tensor) -> tuple[Tensor, ...]:
        """As `forward`, with all states given."""
