"""Weighted signal-to-distortion ratio."""

from __future__ import annotations

from torch import Tensor

from unnoise.train.losses.base import Loss

FLOOR = 1e-6
"""Of mean squares, 60 dB under the active level: keeps the slope of a silent estimate finite."""


class Wsdr(Loss):
    """Minus the likeness of the speech and of the removed noise, weighted by their energies.

    With r the clean speech, z = noisy - r, e the estimate: -α cos(r, e) - (1 - α) cos(z, noisy - e),
    α = |r|² / (|r|² + |z|²). It does not see the level of e where there is no noise. Source: Choi et al. 2019
    (arXiv 1903.03107), section 3.3.
    """

    def forward(self, estimate: Tensor, clean: Tensor, noisy: Tensor) -> Tensor:
        """Mean over the items; -1 at best, 1 at worst. A cosine with silence counts as 0."""
        noise, removed = noisy - clean, noisy - estimate
        speech_power, noise_power = clean.square().mean(1), noise.square().mean(1)
        share = speech_power / (speech_power + noise_power + FLOOR)
        return -(share * _cosine(clean, estimate) + (1 - share) * _cosine(noise, removed)).mean()


def _cosine(one: Tensor, other: Tensor) -> Tensor:
    """(items,) of (items, samples)."""
    sizes = (one.square().mean(1) + FLOOR) * (other.square().mean(1) + FLOOR)
    return (one * other).mean(1) / sizes.sqrt()
