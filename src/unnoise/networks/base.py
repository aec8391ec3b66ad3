"""What networks have in common: those on spectra named states, those on sound a window and a level."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

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
    state_above: str | None = None
    """The state of a part that cleans the bins above `min_bins` and nothing else: where there are none, `run` leaves
    the part out and the state as it is. `run` must end in `torch.cat([low, above], dim=2)`: an exported graph then
    leaves it out, too."""

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


class WaveformNetwork(nn.Module, ABC):
    """A network from noisy to clean sound that sees `window_samples` at once, at `rate` Hz; not causal.

    Each window is brought to `level` on the way in and back on the way out, so that loudness makes no difference:
    "rms" to a root mean square of 0.1, "peak" to a peak of 1, "none" leaves it alone.
    """

    rate: int
    window_samples: int
    overlap_samples: int
    """Samples that neighbouring windows share when a recording is cleaned; one fades into the other there."""
    level: Literal["rms", "peak", "none"] = "rms"
    states: tuple[StateSpec, ...] = ()

    def initial_states(self, batch: int, device: torch.device | None = None) -> list[Tensor]:
        """None: a window knows of no other."""
        return []

    def random_past(self, states: list[Tensor], loudness_db: Tensor, generator: torch.Generator) -> list[Tensor]:
        """None either."""
        return []

    def forward(self, audio: Tensor) -> Tensor:
        """Clean sound of (windows, window_samples), the same shape."""
        if self.level == "none":
            return self.run(audio)
        if self.level == "rms":
            scale = 10 * (audio.square().mean(1, keepdim=True) + 1e-12).sqrt()  # (windows, 1)
        else:
            scale = audio.abs().amax(1, keepdim=True) + 1e-6
        return self.run(audio / scale) * scale

    @abstractmethod
    def run(self, audio: Tensor) -> Tensor:
        """As `forward`, at the level that the network was made for."""


Network = SpectrumNetwork | WaveformNetwork


def normalisations(network: nn.Module) -> Iterator[nn.Module]:
    """The parts that keep statistics of what they saw; in evaluation mode they hold them."""
    for part in network.modules():
        if any(name.startswith("running_") for name, _ in part.named_buffers(recurse=False)):
            yield part
