"""Distance of magnitudes in dB: a whisper counts as much as a shout."""

from __future__ import annotations

import torch
from torch import Tensor

from unnoise.train.losses.base import Loss
from unnoise.train.losses.frames import bin_powers, energy_window

WINDOW_S = 0.032
RANGE_DB = 80.0
"""From the floor to the loudest harmonics of speech at unit level."""


class LogMagnitude(Loss):
    """Mean square difference of the bins' levels in dB, in units of 80 dB, with a floor 60 dB under the speech.

    The square of the log-spectral distance (Gray and Markel 1976), scaled to about 0 to 1. Pauses count as much as
    speech, and phase does not count at all.
    """

    window: Tensor

    def __init__(self, rate: int) -> None:
        super().__init__(rate)
        self.register_buffer("window", energy_window(rate, WINDOW_S), persistent=False)

    def forward(self, estimate: Tensor, clean: Tensor, noisy: Tensor) -> Tensor:
        """Mean over bins, frames and items; 0 at best."""
        found, wanted = (10 * torch.log10(bin_powers(audio, self.window)) for audio in (estimate, clean))
        return ((found - wanted) / RANGE_DB).square().mean()
