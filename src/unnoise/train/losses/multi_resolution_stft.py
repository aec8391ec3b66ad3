"""Distance of magnitude spectra at three resolutions."""

from __future__ import annotations

import torch
from torch import Tensor

from unnoise.train.losses.base import Loss
from unnoise.train.losses.frames import bin_powers, energy_window

WINDOWS_S = (0.010, 0.025, 0.050)
LEAST_SHARE = 0.1


class MultiResolutionStft(Loss):
    """Spectral convergence and the mean difference of log magnitudes, averaged over windows of 10, 25 and 50 ms.

    Source: Yamamoto et al. 2020 (arXiv 1910.11480); its windows, but frames that overlap by half and not
    by four fifths, which costs two fifths of the time. Where the clean spectrum has less than a tenth of the noisy
    one's magnitude, the convergence is relative to that tenth: the published ratio has no end where the target is
    silent.
    """

    def __init__(self, rate: int) -> None:
        super().__init__(rate)
        for k, seconds in enumerate(WINDOWS_S):
            self.register_buffer(f"window{k}", energy_window(rate, seconds), persistent=False)

    def forward(self, estimate: Tensor, clean: Tensor, noisy: Tensor) -> Tensor:
        """Mean over resolutions and items; 0 at best."""
        total = estimate.new_zeros(())
        for k in range(len(WINDOWS_S)):
            window = getattr(self, f"window{k}")
            with torch.no_grad():
                wanted, heard = (bin_powers(audio, window).sqrt() for audio in (clean, noisy))
                size = torch.maximum(_size(wanted), LEAST_SHARE * _size(heard))
            found = bin_powers(estimate, window).sqrt()
            convergence = (_size(found - wanted) / size).mean()
            total = total + convergence + (found.log() - wanted.log()).abs().mean()
        return total / len(WINDOWS_S)


def _size(magnitudes: Tensor) -> Tensor:
    """Frobenius norms (items,) of (items, frames, bins); the addend keeps the slope at 0 finite."""
    return (magnitudes.square().sum((1, 2)) + 1e-12).sqrt()
