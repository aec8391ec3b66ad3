"""Distance of spectrograms as pictures: levels under their loudest points."""

from __future__ import annotations

import torch
from torch import Tensor

from unnoise.train.losses.base import Loss
from unnoise.train.losses.frames import bin_powers, energy_window

WINDOW_S = 0.075
"""Long enough to tell the harmonics of a low voice."""
RANGE_DB = 80.0


class Picture(Loss):
    """Mean square difference of two spectrograms, each in dB under its own loudest point, at most 80 under it, in units
    of 80 dB.

    What github.com/piotrwojslawski/AudioDenoisingModel trains with and reports, but for the shift of its frames. Phase
    and level do not count.
    """

    window: Tensor

    def __init__(self, rate: int) -> None:
        super().__init__(rate)
        self.register_buffer("window", energy_window(rate, WINDOW_S), persistent=False)

    def forward(self, estimate: Tensor, clean: Tensor, noisy: Tensor) -> Tensor:
        """Mean over bins, frames and items; 0 at best."""
        found, wanted = (self._picture(audio) for audio in (estimate, clean))
        return (found - wanted).square().mean()

    def _picture(self, audio: Tensor) -> Tensor:
        """-1 to 0, (items, frames, bins)."""
        levels_db = 10 * torch.log10(bin_powers(audio, self.window))
        return ((levels_db - levels_db.amax((1, 2), keepdim=True)) / RANGE_DB).clamp(min=-1)
