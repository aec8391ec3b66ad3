"""Mean absolute error of the samples."""

from __future__ import annotations

from torch import Tensor

from unnoise.train.losses.base import Loss


class L1(Loss):
    """Mean absolute difference of the samples: large errors count less than in the mean square.

    Used by Rethage et al. 2018 (arXiv 1706.07162), there on speech and on noise; with the noise as the rest of the
    mixture, both errors are the same.
    """

    def forward(self, estimate: Tensor, clean: Tensor, noisy: Tensor) -> Tensor:
        """Mean over samples and items; 0 at best."""
        return (estimate - clean).abs().mean()
