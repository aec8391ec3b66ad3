"""Scale-invariant signal-to-distortion ratio, as a loss."""

from __future__ import annotations

import torch
from torch import Tensor

from unnoise.train.losses.base import Loss

FLOOR = 1e-6
"""Of the input's power, added to target and rest: a silent target is legal, and better than 60 dB pays nothing."""


class SiSdr(Loss):
    """Minus SI-SDR in dB, means removed: the estimate's part along the clean speech over the rest of it.

    It does not see the level of the estimate: add a loss that does, or the network is free to be loud. An item without
    speech costs the loudness of its estimate. Source: Le Roux et al. 2019 (arXiv 1811.02508), eq. 3.
    """

    def forward(self, estimate: Tensor, clean: Tensor, noisy: Tensor) -> Tensor:
        """Mean over the items, in dB with the sign turned: lower is better, about -60 at best."""
        wanted, found = (audio - audio.mean(1, keepdim=True) for audio in (clean, estimate))
        floor = FLOOR * noisy.square().mean(1) + 1e-12
        along = (found * wanted).mean(1) / (wanted.square().mean(1) + 1e-12)
        target = along[:, None] * wanted
        rest = found - target
        ratio = (rest.square().mean(1) + floor) / (target.square().mean(1) + floor)
        return 10 * torch.log10(ratio).mean()
