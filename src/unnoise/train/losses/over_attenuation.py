"""A penalty on speech taken away, bands wise, that grows where speech is quiet."""

from __future__ import annotations

import torch
from torch import Tensor

from unnoise.networks.layers.bands import erb_edges, erb_number, triangles
from unnoise.train.losses.base import Loss
from unnoise.train.losses.frames import bin_powers, energy_window

LOWEST_HZ = 100
BAND_ERB = 1.3
WINDOW_S = 0.032
TOLERANCE = 0.05
EXPONENT = 0.15  # of powers


class OverAttenuation(Loss):
    """Squared shortfall of the estimate's mean compressed amplitude in each band under the clean one, in speech alone.

    A bin counts for no more than it holds in the clean sound, or noise left between the harmonics would be rewarded.
    Amplitudes are compressed bin by bin before the mean: where a band's energy was, the first bin kept open in a band
    counted most, and networks left one open in each to be safe, which is heard as whistling (docs/experiments.md, rows
    86, 94 and 102). Frames 10-35 dB under the active level count double: quiet syllables are what denoisers eat.
    """

    collect: Tensor
    window: Tensor

    def __init__(self, rate: int) -> None:
        super().__init__(rate)
        window = energy_window(rate, WINDOW_S)
        bin_hz = rate / len(window)
        # To 8 kHz 24 bands; as wide ones at every rate.
        bands = 1 + round((erb_number(rate / 2) - erb_number(LOWEST_HZ)) / BAND_ERB)
        centres = [hz / bin_hz for hz in erb_edges(LOWEST_HZ, rate / 2, bands)]
        matrix = triangles(centres, len(window) // 2 + 1).T
        self.register_buffer("collect", (matrix / matrix.sum(0)).contiguous(), persistent=False)
        self.register_buffer("window", window, persistent=False)

    def forward(self, estimate: Tensor, clean: Tensor, noisy: Tensor) -> Tensor:
        """Relative to the clean bands' own squares; 0 when nothing of the speech is missing."""
        with torch.no_grad():
            clean_power = bin_powers(clean, self.window)
            wanted = clean_power**EXPONENT @ self.collect
            level_db = 10 * torch.log10(clean_power.mean(2))  # relative to the active level
            weight = torch.where(level_db > -10, 1.0, 2.0) * (level_db > -35)
        left = torch.minimum(bin_powers(estimate, self.window), clean_power) ** EXPONENT @ self.collect
        missing = ((1 - TOLERANCE) * wanted - left).clamp(min=0).square()
        return (weight[:, :, None] * missing).mean() / wanted.square().mean()
