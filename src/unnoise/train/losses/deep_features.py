"""Distance of the features that a fixed, untrained encoder makes of two sounds."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from unnoise.networks.layers.bands import erb_edges, erb_number
from unnoise.train.losses.base import Loss

SEED = 1806_10522
FILTERS = 32
FILTER_S = 0.008
STEP_S = 0.00025
CHANNELS = (32, 32, 32, 32, 64)
SLOPE = 0.2


class DeepFeatures(Loss):
    """Mean absolute difference of six layers of features, each relative to the noisy sound's.

    The encoder is **not trained**: 32 auditory band-passes (evenly spaced in ERB numbers), then
    five convolutions whose 18,000 weights are drawn from a seed; all is made, nothing stored. The shape of the loss is
    that of Germain et al. 2019 (arXiv 1806.10522): six layers of kernel 3 and stride 2, leaky ReLU 0.2, L1,
    layers balanced; theirs learned to tell scenes and household sounds. Of trained features Saddler et al. 2021
    (arXiv 2011.10706) found that a filter bank in their place serves as well, and that random weights alone do not:
    hence the filters in front. Meant for trying, beside other losses; no recipe of the package needs it.
    """

    def __init__(self, rate: int) -> None:
        super().__init__(rate)
        self.step = round(rate * STEP_S)
        self.register_buffer("weight0", _band_passes(rate), persistent=False)
        for k, weight in enumerate(_drawn_weights(), 1):
            self.register_buffer(f"weight{k}", weight, persistent=False)

    def forward(self, estimate: Tensor, clean: Tensor, noisy: Tensor) -> Tensor:
        """Mean over layers and items; 0 at best, about 1 for silence in place of loud speech."""
        with torch.no_grad():
            wanted, heard = self.features(clean), self.features(noisy)
        found = self.features(estimate)
        total = estimate.new_zeros(())
        for mine, theirs, scale in zip(found, wanted, heard, strict=True):
            distance = (mine - theirs).abs().mean((1, 2))
            total = total + (distance / (scale.abs().mean((1, 2)) + 1e-3)).mean()
        return total / len(found)

    def features(self, audio: Tensor) -> list[Tensor]:
        """(items, channels, frames) of each layer, from 4,000 down to 125 frames a second, of (items, samples)."""
        weight = self.get_buffer("weight0")
        half = weight.shape[2] // 2
        layer = functional.conv1d(functional.pad(audio, (half, half))[:, None], weight, stride=self.step)
        layers = [functional.leaky_relu(layer, SLOPE)]
        for k in range(1, len(CHANNELS) + 1):
            layer = functional.conv1d(layers[-1], self.get_buffer(f"weight{k}"), stride=2, padding=1)
            layers.append(functional.leaky_relu(layer, SLOPE))
        return layers


def _band_passes(rate: int) -> Tensor:
    """(filters, 1, samples) cosines of unit energy, 60 Hz to 8 kHz or near half the rate, under Gaussians an ERB wide.

    Cut to 8 ms, so the low ones are wider than that.
    """
    half = round(rate * FILTER_S / 2)
    time_s = np.arange(-half, half + 1) / rate
    kernels = []
    for hz in erb_edges(60.0, min(8000.0, 0.45 * rate), FILTERS):
        erb_hz = 1 / (erb_number(hz + 0.5) - erb_number(hz - 0.5))
        shape = np.exp(-math.pi * (erb_hz * time_s) ** 2) * np.cos(2 * math.pi * hz * time_s)
        kernels.append(shape / np.sqrt(np.sum(shape**2)))
    return torch.from_numpy(np.stack(kernels)[:, None].astype(np.float32))


def _drawn_weights() -> list[Tensor]:
    """Rows orthogonal in each layer, so that none repeats another; scaled to keep the features' size."""
    rng = np.random.default_rng(SEED)
    weights = []
    for inputs, outputs in zip((FILTERS, *CHANNELS), CHANNELS, strict=False):
        rows = np.linalg.qr(rng.standard_normal((3 * inputs, outputs)))[0].T  # (outputs, inputs * 3)
        gain = math.sqrt(2 / (1 + SLOPE**2))
        weights.append(torch.from_numpy((gain * rows).reshape(outputs, inputs, 3).astype(np.float32)))
    return weights
