"""Sixteen convolutions over the waveform whose reach doubles from layer to layer.

Source: Germain, Chen and Koltun 2019, "Speech Denoising with Deep Feature Losses" (arXiv 1806.10522), section 2.1:
a context aggregation network. The first layer and the one before the last have dilation 1, the thirteen between
them 1, 2, 4 to 4096: each sample is made of 1.02 s of sound at 16 kHz, half of it later. There is no pooling and no
second path, so nothing is lost on the way.

Normalisation is adaptive, a x + b norm(x) with learned a and b (eq. 1 of Chen, Xu and Koltun 2017, arXiv 1709.00643),
and begins at a = 1, b = 0: plain batch normalisation ("batch") takes the level of each batch away and gives back that
of the average one, which a waveform does not forgive. The network begins as the identity: sixteen layers of the usual
first weights take it hundreds of steps to pass a sound on. Rectified channels in pairs of opposite sign add up to what
went in (Balduzzi et al. 2017, arXiv 1702.08591, section 4).
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from unnoise.errors import RecipeError
from unnoise.networks.base import WaveformNetwork

KERNEL = 3
SLOPE = 0.2  # of LeakyReLU


class AdaptiveNorm(nn.Module):
    """What comes in and its normalised twin, weighed; without `adaptive` the twin alone.

    The twin alone is a sum, too: exporting would melt it into the convolution before it, and its weights with it.
    """

    plain: Tensor
    normed: Tensor

    def __init__(self, channels: int, adaptive: bool) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(channels)
        if adaptive:
            self.plain, self.normed = nn.Parameter(torch.ones(1)), nn.Parameter(torch.zeros(1))
        else:
            self.register_buffer("plain", torch.zeros(1), persistent=False)
            self.register_buffer("normed", torch.ones(1), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """(windows, channels, samples) to the same."""
        weighed: Tensor = self.plain * x + self.normed * self.norm(x)
        return weighed


class DilatedConv(WaveformNetwork):
    """`channels` wide, with dilations 2**0 to 2**(`dilations` - 1) between the first layer and the last two."""

    def __init__(
        self,
        *,
        rate: int = 16000,
        channels: int = 64,
        dilations: int = 13,
        norm: Literal["adaptive", "batch"] = "adaptive",
        window_samples: int = 32768,
        overlap_samples: int = 8192,
    ) -> None:
        super().__init__()
        if norm not in ("adaptive", "batch"):
            raise RecipeError(f"norm is {norm!r}; expected 'adaptive' or 'batch'")
        self.rate, self.window_samples, self.overlap_samples = rate, window_samples, overlap_samples
        convolutions = [
            nn.Conv1d(1 if k == 0 else channels, channels, KERNEL, padding=dilation, dilation=dilation)
            for k, dilation in enumerate((1, *(2**k for k in range(dilations)), 1))
        ]
        self.convolutions = nn.ModuleList(convolutions)
        self.norms = nn.ModuleList(AdaptiveNorm(channels, norm == "adaptive") for _ in self.convolutions)
        self.last = nn.Conv1d(channels, 1, KERNEL, padding=1)
        _begin_as_identity(*convolutions, self.last)

    def run(self, audio: Tensor) -> Tensor:
        """(windows, window_samples) to the same."""
        x = audio[:, None]  # (windows, 1, samples)
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            x = functional.leaky_relu(norm(convolution(x)), SLOPE)  # (windows, channels, samples)
        clean: Tensor = self.last(x)
        return clean[:, 0]


@torch.no_grad()
def _begin_as_identity(first: nn.Conv1d, *others: nn.Conv1d) -> None:
    """Random filters in the first layer, each again with its sign turned; the first pair passes the sound on."""
    *between, last = others
    half = first.out_channels // 2
    nn.init.kaiming_normal_(first.weight, SLOPE)
    nn.init.dirac_(first.weight[:1])
    first.weight[half : 2 * half] = -first.weight[:half]
    for convolution in between:
        nn.init.dirac_(convolution.weight)
    nn.init.zeros_(last.weight)
    doubled = 1 + SLOPE ** (1 + len(between))  # what the slope leaves of the other sign comes twice
    last.weight[0, [0, half], KERNEL // 2] = torch.tensor([1.0, -1.0]) / doubled
    for convolution in (first, *others):
        assert convolution.bias is not None
        nn.init.zeros_(convolution.bias)
