"""What is heard of the difference: loudness in Bark bands, and more for what was added than for what is missing."""

from __future__ import annotations

import torch
from torch import Tensor

from unnoise.networks.layers.bands import triangles
from unnoise.train.losses.base import Loss
from unnoise.train.losses.frames import bin_powers, energy_window

WINDOW_S = 0.032
BAND_BARK, LOWEST_HZ = 0.5, 50.0
SPEECH_DB_SPL = 79.0
"""At which P.862 plays the active level."""
EXPONENT, SONE = 0.23, 0.1866  # of Zwicker's law, as P.862 has it
MASKED = 0.25
FLOOR, POWER, LEAST, MOST = 50.0, 1.2, 3.0, 12.0  # of the asymmetry
SYMMETRIC, ASYMMETRIC = 0.1, 0.0309
TINY = 1e-8  # a root has no slope at zero


class Disturbance(Loss):
    """The drop of PESQ, nearly: differences of loudness beyond what masks them, added ones up to twelve times over.

    Source: ITU-T P.862 (2001), clause 10.2, and Martin-Donas et al. 2018 (IEEE Signal Processing Letters 25, 11). It
    differs where P.862 forgives: no filter, gain or delay is made up for, so that speech taken away costs. Means over
    time are of squares. Bands are half a Bark (Traunmueller 1990), the threshold in quiet is Terhardt's of 1979.
    """

    collect: Tensor
    threshold: Tensor
    window: Tensor

    def __init__(self, rate: int) -> None:
        super().__init__(rate)
        window = energy_window(rate, WINDOW_S)
        low, high = bark(LOWEST_HZ), bark(rate / 2)
        bands = 1 + round((high - low) / BAND_BARK)
        centres = torch.tensor([bark_hz(low + (high - low) * k / (bands - 1)) for k in range(bands)])
        matrix = triangles((centres * len(window) / rate).tolist(), len(window) // 2 + 1)
        khz = centres / 1000
        quiet_db = 3.64 * khz**-0.8 - 6.5 * torch.exp(-0.6 * (khz - 3.3) ** 2) + 1e-3 * khz**4
        # White noise has its own power in each bin, so the bins together have it this often:
        self.sound = 10 ** (SPEECH_DB_SPL / 10) * 2 / len(window)
        self.register_buffer("collect", matrix.T.contiguous(), persistent=False)
        self.register_buffer("threshold", 10 ** (quiet_db / 10), persistent=False)
        self.register_buffer("window", window, persistent=False)

    def forward(self, estimate: Tensor, clean: Tensor, noisy: Tensor) -> Tensor:
        """Mean over the items of log(1 + drop), in points of raw PESQ; about 0 where nothing is heard of a difference.

        The logarithm keeps items that are beyond help from ruling a batch.
        """
        with torch.no_grad():
            clean_power = self._power(clean)
            wanted = self._loudness(clean_power)
        power = self._power(estimate)
        found = self._loudness(power)
        difference = found - wanted
        heard = (difference.abs() - MASKED * torch.minimum(found, wanted)).clamp(min=0)
        with torch.no_grad():
            ratio = ((power + FLOOR) / (clean_power + FLOOR)) ** POWER
            added = torch.where(ratio < LEAST, 0.0, ratio.clamp(max=MOST))
        barks = BAND_BARK * heard.shape[2]
        symmetric = barks * BAND_BARK**0.5 * (heard.square().mean((1, 2)) + TINY).sqrt()
        asymmetric = barks * ((heard * added).mean(2).square().mean(1) + TINY).sqrt()
        return torch.log1p(SYMMETRIC * symmetric + ASYMMETRIC * asymmetric).mean()

    def _power(self, audio: Tensor) -> Tensor:
        """Powers over that of 0 dB SPL, (items, frames, bands)."""
        power: Tensor = self.sound * (bin_powers(audio, self.window, floor=0.0) @ self.collect)
        return power

    def _loudness(self, power: Tensor) -> Tensor:
        """Sone a Bark; none below the threshold in quiet."""
        over = (power / self.threshold).clamp(min=1)
        loudness: Tensor = SONE * (self.threshold / 0.5) ** EXPONENT * ((0.5 + 0.5 * over) ** EXPONENT - 1)
        return loudness


def bark(hz: float) -> float:
    """Critical-band rate."""
    return 26.81 * hz / (1960 + hz) - 0.53


def bark_hz(number: float) -> float:
    """The frequency of a critical-band rate."""
    return 1960 * (number + 0.53) / (26.28 - number)
