"""Signal to error ratio that stops where better cannot be heard, and is defined for silence."""

from __future__ import annotations

import torch
from torch import Tensor

from unnoise.train.losses.base import Loss


class ThresholdedSnr(Loss):
    """log10 of error over speech, with a floor near -35 dB; not scale-invariant, because level errors must cost.

    Source of the soft threshold: Wisdom et al. 2020 (arXiv 2006.12701), eq. 2; the floor under the denominator
    (a thousandth of the input's power) makes a silent target legal, and the constants make a silent input so.
    """

    def forward(self, estimate: Tensor, clean: Tensor, noisy: Tensor) -> Tensor:
        """Mean over the items; about -3.3 at best."""
        error = (clean - estimate).square().mean(1)
        wanted, heard = clean.square().mean(1), noisy.square().mean(1)
        ratio = (error + 10**-3.5 * wanted + 1e-4 * heard + 1e-10) / (wanted + 1e-3 * heard + 1e-9)
        return torch.log10(ratio).mean()
