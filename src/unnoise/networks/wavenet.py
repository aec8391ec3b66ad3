"""Wavenet for speech denoising: dilated, gated convolutions over the waveform that look both ways.

Source: Rethage, Pons and Serra 2018, "A Wavenet for Speech Denoising" (arXiv 1706.07162), section 3, without the
speaker conditioning. Stacks of layers with dilations 1, 2, 4 and so on; each gives a part of its output to the next
layer and a part to a sum over all layers, from which two convolutions and a weighted sum make the sample.

The paper computes a target field of 1601 samples from 7739, those and the receptive field around them. Here a whole
window is filtered with zeros beyond its ends: inside, samples are the same as there, and none is computed for its
context alone. Each window ends in an overlap, where its less certain edge fades out.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn

from unnoise.errors import RecipeError
from unnoise.networks.base import WaveformNetwork

SIZES: dict[str, dict[str, int]] = {
    "paper": {"stacks": 3, "dilations": 10, "channels": 128, "skip_channels": 128, "first": 2048, "second": 256},
    "reduced": {"stacks": 2, "dilations": 10, "channels": 24, "skip_channels": 32, "first": 64, "second": 32},
}
"""Of the paper, 6.3 million parameters, and one that a laptop trains, 0.1 million."""
KERNEL = 3


class Layer(nn.Module):
    """One dilated convolution with a gate, and what it passes on and out."""

    def __init__(self, channels: int, skip_channels: int, dilation: int) -> None:
        super().__init__()
        self.channels = channels
        self.dilated = nn.Conv1d(channels, 2 * channels, KERNEL, padding=dilation, dilation=dilation, bias=False)
        self.out = nn.Conv1d(channels, channels + skip_channels, 1, bias=False)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(windows, channels, samples) to the same and to (windows, skip_channels, samples)."""
        both = self.dilated(x)
        gated = torch.tanh(both[:, : self.channels]) * torch.sigmoid(both[:, self.channels :])
        out = self.out(gated)
        return x + out[:, : self.channels], out[:, self.channels :]


class Wavenet(WaveformNetwork):
    """`size` "paper" or "reduced"; any of its numbers can be given by itself."""

    def __init__(
        self,
        *,
        size: Literal["paper", "reduced"] = "reduced",
        rate: int = 16000,
        stacks: int | None = None,
        dilations: int | None = None,
        channels: int | None = None,
        skip_channels: int | None = None,
        first: int | None = None,
        second: int | None = None,
        window_samples: int = 16384,
        overlap_samples: int = 4096,
    ) -> None:
        super().__init__()
        if size not in SIZES:
            raise RecipeError(f"size is {size!r}; expected {' or '.join(SIZES)}")
        chosen = dict(SIZES[size])
        given = {
            "stacks": stacks, "dilations": dilations, "channels": channels, "skip_channels": skip_channels,
            "first": first, "second": second,
        }  # fmt: skip
        chosen |= {name: value for name, value in given.items() if value is not None}
        self.rate, self.window_samples, self.overlap_samples = rate, window_samples, overlap_samples
        wide, skip = chosen["channels"], chosen["skip_channels"]
        self.entry = nn.Conv1d(1, wide, KERNEL, padding=1, bias=False)
        self.layers = nn.ModuleList(
            Layer(wide, skip, 2**k) for _ in range(chosen["stacks"]) for k in range(chosen["dilations"])
        )
        self.head = nn.Sequential(
            nn.ReLU(),
            nn.Conv1d(skip, chosen["first"], KERNEL, padding=1, bias=False),
            nn.ReLU(),
            nn.Conv1d(chosen["first"], chosen["second"], KERNEL, padding=1, bias=False),
            nn.Conv1d(chosen["second"], 1, 1),
        )

    def run(self, audio: Tensor) -> Tensor:
        """(windows, window_samples) to the same."""
        x = self.entry(audio[:, None])  # (windows, channels, samples)
        total: Tensor | None = None
        for layer in self.layers:
            x, skip = layer(x)
            total = skip if total is None else total + skip
        clean: Tensor = self.head(total)  # (windows, 1, samples)
        return clean[:, 0]
