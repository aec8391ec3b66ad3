"""Distance of power-compressed spectra: loudness differences as the ear weighs them, and phase."""

from __future__ import annotations

import torch
from torch import Tensor

from unnoise.train.losses.base import Loss
from unnoise.train.losses.frames import POWER_FLOOR, energy_window, spectra

COMPRESSION = 0.3
MAGNITUDE_SHARE = 0.7
WINDOWS_S = (0.016, 0.032, 0.064)
WEIGHTS = (0.25, 0.5, 0.25)


class CompressedSpectrum(Loss):
    """0.7 of magnitudes and 0.3 of complex values, both to the power 0.3, at three resolutions.

    Source: Braun and Tashev 2021 (arXiv 2009.12286), eq. 3 and 4. The network's own resolution counts double.
    """

    def __init__(self, rate: int) -> None:
        super().__init__(rate)
        for k, seconds in enumerate(WINDOWS_S):
            self.register_buffer(f"window{k}", energy_window(rate, seconds), persistent=False)

    def forward(self, estimate: Tensor, clean: Tensor, noisy: Tensor) -> Tensor:
        """Mean squared distance; 0 for equal signals."""
        total = estimate.new_zeros(())
        for k, weight in enumerate(WEIGHTS):
            window = getattr(self, f"window{k}")
            with torch.no_grad():
                wanted = compressed(clean, window)
            found = compressed(estimate, window)
            distances = [(a - b).square().mean() for a, b in zip(found, wanted, strict=True)]
            in_phase = distances[1] + distances[2]
            total = total + weight * (MAGNITUDE_SHARE * distances[0] + (1 - MAGNITUDE_SHARE) * in_phase)
        return total


def compressed(audio: Tensor, window: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Magnitude, real and imaginary part of the spectra, each to the power 0.3 (items, frames, bins)."""
    values = spectra(audio, window)
    power = values.real.square() + values.imag.square() + POWER_FLOOR
    factor = power ** (0.5 * COMPRESSION - 0.5)
    return factor * power.sqrt(), values.real * factor, values.imag * factor
