"""Distance of constant-Q magnitudes: twelve bands to the octave, long windows low and short ones high."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from unnoise.train.losses.base import Loss
from unnoise.train.losses.frames import POWER_FLOOR

BANDS = 12  # an octave
LOWEST_HZ = 55.0
QUALITY = 1 / (2 ** (1 / BANDS) - 1)
"""Centre over bandwidth: neighbouring bands touch."""
COMPRESSION = 0.3


class ConstantQMagnitude(Loss):
    """Mean absolute difference of constant-Q magnitudes to the power 0.3, each octave counting the same.

    Semitones from half the rate down to 55 Hz at the lowest. Each octave has frames of its own, a quarter of its
    longest window apart, so that none of the high, short windows skips a sample. Source of the transform: Brown 1991,
    "Calculation of a constant Q spectral transform"; here with Hann windows of unit energy.
    """

    def __init__(self, rate: int) -> None:
        super().__init__(rate)
        self.octaves = int(math.log2(rate / 2 / LOWEST_HZ))
        for octave in range(self.octaves):
            self.register_buffer(f"kernels{octave}", _kernels(rate, rate / 2 / 2**octave), persistent=False)

    def forward(self, estimate: Tensor, clean: Tensor, noisy: Tensor) -> Tensor:
        """Mean over bands, frames and items; 0 at best."""
        total = estimate.new_zeros(())
        for octave in range(self.octaves):
            kernels = getattr(self, f"kernels{octave}")
            with torch.no_grad():
                wanted = compressed_bands(clean, kernels)
            total = total + (compressed_bands(estimate, kernels) - wanted).abs().mean()
        return total / self.octaves


def _kernels(rate: int, top_hz: float) -> Tensor:
    """(2 * 12, 1, samples): cosines, then sines, of the octave below `top_hz`, from high to low."""
    centres_hz = top_hz * 2 ** (-torch.arange(1, BANDS + 1, dtype=torch.float64)[:, None] / BANDS)  # (bands, 1)
    lengths = QUALITY * rate / centres_hz
    half = math.ceil(float(lengths.max()) / 2)
    samples = torch.arange(-half, half, dtype=torch.float64)
    windows = torch.where(samples.abs() < lengths / 2, 0.5 + 0.5 * torch.cos(2 * math.pi * samples / lengths), 0.0)
    windows = windows / windows.square().sum(1, keepdim=True).sqrt()
    turns = 2 * math.pi * centres_hz * samples / rate
    return torch.cat([windows * turns.cos(), windows * turns.sin()])[:, None].float()


def compressed_bands(audio: Tensor, kernels: Tensor) -> Tensor:
    """Magnitudes to the power 0.3, (items, 12, frames), of (items, samples); the first frame is centred at 0."""
    half = kernels.shape[2] // 2
    parts = functional.conv1d(functional.pad(audio, (half, half))[:, None], kernels, stride=half // 2)
    in_phase, in_quadrature = parts.chunk(2, dim=1)
    power = in_phase.square() + in_quadrature.square() + POWER_FLOOR
    out: Tensor = power ** (COMPRESSION / 2)
    return out
