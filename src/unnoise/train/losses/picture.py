"""Distance of spectrograms as pictures: levels under the loudest point of the clean one."""

from __future__ import annotations

import torch
from torch import Tensor

from unnoise.train.losses.base import Loss
from unnoise.train.losses.frames import bin_powers, energy_window

WINDOW_S = 0.075
"""Long enough to tell the harmonics of a low voice."""
RANGE_DB = 80.0


class Picture(Loss):
    """Mean square difference of two spectrograms in dB under the loudest point of the clean one, at most 80 under it,
    in units of 80 dB.

    What github.com/piotrwojslawski/AudioDenoisingModel trains with and reports, but for the shift of its frames. Phase
    does not count.
    """

    window: Tensor

    def __init__(self, rate: int) -> None:
        super().__init__(rate)
        self.register_buffer("window", energy_window(rate, WINDOW_S), persistent=False)

    def forward(self, estimate: Tensor, clean: Tensor, noisy: Tensor) -> Tensor:
        """Mean over bins, frames and items; 0 at best."""
        found_db, wanted_db = (10 * torch.log10(bin_powers(audio, self.window)) for audio in (estimate, clean))
        loudest_db = wanted_db.amax((1, 2), keepdim=True)  # (items, 1, 1)
        found, wanted = (((db - loudest_db) / RANGE_DB).clamp(min=-1) for db in (found_db, wanted_db))
        return (found - wanted).square().mean()
