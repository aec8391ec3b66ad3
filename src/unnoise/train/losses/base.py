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

    def of_padded(self, estimate: Tensor, clean: Tensor, noisy: Tensor, samples: Tensor) -> Tensor:
        """As `forward`, of items that are filled up behind their first `samples` (items,); the filling counts nothing.

        The mean over the items, each as if it stood alone; empty ones do not count. Items of equal length are computed
        together, so a batch without filling costs nothing more.
        """
        total, counted = estimate.new_zeros(()), 0
        for length in sorted(set(samples.tolist())):
            chosen = samples == length
            if length > 0:
                items = int(chosen.sum())
                total = total + items * self(*(audio[chosen, :length] for audio in (estimate, clean, noisy)))
                counted += items
        return total / max(1, counted)
