"""Mean square error of the samples."""

from __future__ import annotations

from torch import Tensor

from unnoise.train.losses.base import Loss


class Mse(Loss):
    """Mean square difference of the samples: loud passages decide, quiet ones hardly count."""

    def forward(self, estimate: Tensor, clean: Tensor, noisy: Tensor) -> Tensor:
        """Mean over samples and items; 0 at best, 1 for silence in place of speech without pauses."""
        return (estimate - clean).square().mean()
