"""Mean square error in which quiet passages count as loud ones do."""

from __future__ import annotations

import torch
from torch import Tensor

from unnoise.train.losses.base import Loss

PASSAGE_S = 1.0
FLOOR = 0.03
"""Added to a passage's mean |x|: 30 dB under the active level, so that pauses do not outweigh all speech."""


class QuietWeightedMse(Loss):
    """Square errors of passages of a second, each over the mean absolute value of its clean speech.

    A network trained on the plain mean square learns to take quiet speakers away, because they cost little.
    """

    def __init__(self, rate: int) -> None:
        super().__init__(rate)
        self.passage_samples = round(PASSAGE_S * rate)

    def forward(self, estimate: Tensor, clean: Tensor, noisy: Tensor) -> Tensor:
        """Mean over samples and items; 0 at best. The last passage may be shorter."""
        total = estimate.new_zeros(())
        passages = (torch.split(audio, self.passage_samples, dim=1) for audio in (estimate, clean))
        for found, wanted in zip(*passages, strict=True):
            weight = 1 / (wanted.abs().mean(1, keepdim=True) + FLOOR)  # (items, 1)
            total = total + (weight * (found - wanted).square()).sum()
        return total / estimate.numel()
