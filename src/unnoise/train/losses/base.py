"""What every loss is."""

from __future__ import annotations

from torch import Tensor, nn


class Loss(nn.Module):
    """A distance of an estimate from its target, one number a batch, of audio at unit active speech level."""

    def __init__(self, rate: int) -> None:
        super().__init__()

    def forward(self, estimate: Tensor, clean: Tensor, noisy: Tensor) -> Tensor:
        """Mean over the batch; all three are (items, samples)."""
        raise NotImplementedError
