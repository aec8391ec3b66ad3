"""Autoencoders of full matrices over stretches of waveform, in two variants.

"seconds" (RHartung-ND/Data-Denoising on GitHub): one second at 16 kHz through 1024, 512, 256, 512 and 1024 ReLU units
and back. "clips" (art-app-mih/Audio_denosing): 70,000 samples at 48 kHz, scaled to a peak of 1, through 4096, 512 and
4096 units with dropout and a sigmoid at the end.

Published, either squeezes thousands of samples into a few hundred numbers with 34 and 578 million parameters: what
it learns are the recordings it was shown. "reduced" keeps the layers and makes the stretches short (31 and 10 ms), so
that the narrow layer holds about half as many numbers as the stretch has samples, and 2 million parameters do.

Stretches are weighed by a Hann window on the way in, overlap by half and are added up; only the published clips
stand alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from unnoise.errors import RecipeError
from unnoise.networks.base import WaveformNetwork


@dataclass(frozen=True)
class Shape:
    """How long stretches and windows are, and how wide the layers between."""

    rate: int
    stretch_samples: int
    window_samples: int
    overlap_samples: int
    widths: tuple[int, ...]


SHAPES = {
    ("seconds", "published"): Shape(16000, 16000, 64000, 8000, (1024, 512, 256, 512, 1024)),
    ("seconds", "reduced"): Shape(16000, 500, 16000, 1000, (1024, 512, 256, 512, 1024)),
    ("clips", "published"): Shape(48000, 70000, 70000, 7000, (4096, 512, 4096)),
    ("clips", "reduced"): Shape(48000, 500, 70000, 7000, (1024, 256, 1024)),
}


class DenseAutoencoder(WaveformNetwork):
    """`variant` "seconds" or "clips", `size` "reduced" or "published"."""

    hann: Tensor

    def __init__(
        self,
        *,
        variant: Literal["seconds", "clips"] = "seconds",
        size: Literal["reduced", "published"] = "reduced",
        dropout: float = 0.3,
        rate: int | None = None,
    ) -> None:
        super().__init__()
        if (variant, size) not in SHAPES:
            known = ", ".join(f"variant {v!r} with size {s!r}" for v, s in SHAPES)
            raise RecipeError(f"No dense-ae of variant {variant!r} with size {size!r}; there are {known}")
        shape = SHAPES[variant, size]
        self.rate = rate or shape.rate
        self.window_samples, self.overlap_samples = shape.window_samples, shape.overlap_samples
        self.level = "rms" if variant == "seconds" else "peak"
        self.stretch_samples = shape.stretch_samples
        self.alone = shape.stretch_samples == shape.window_samples
        self.register_buffer("hann", torch.hann_window(shape.stretch_samples), persistent=False)
        sizes = (shape.stretch_samples, *shape.widths, shape.stretch_samples)
        matrices = [nn.Linear(wide, narrow) for wide, narrow in pairwise(sizes)]
        self.layers = nn.Sequential(*(_relu(matrices) if variant == "seconds" else _dropout(matrices, dropout)))

    def run(self, audio: Tensor) -> Tensor:
        """(windows, window_samples) to the same."""
        if self.alone:
            clean: Tensor = self.layers(audio)
            return clean
        hop = self.stretch_samples // 2
        # Half a stretch of zeros at both ends: every sample is in two stretches, whose weights add up to 1.
        halves = functional.pad(audio, (hop, hop)).reshape(-1, self.window_samples // hop + 2, hop)
        stretches = torch.cat([halves[:, :-1], halves[:, 1:]], dim=2)  # (windows, count, stretch_samples)
        out = self.layers(stretches * self.hann)
        joined: Tensor = out[:, 1:, :hop] + out[:, :-1, hop:]  # (windows, count - 1, hop)
        return joined.reshape(-1, self.window_samples)


def _relu(matrices: list[nn.Linear]) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for matrix in matrices:
        layers += [matrix, nn.ReLU()]
    return layers[:-1]


def _dropout(matrices: list[nn.Linear], share: float) -> list[nn.Module]:
    first, narrow, second, last = matrices
    return [first, nn.Dropout(share), nn.ReLU(), narrow, nn.Dropout(share), second, nn.Dropout(share), last, Signed()]


class Signed(nn.Module):
    """A sigmoid over -1 to 1: from 0 to 1, as published, every negative half-wave is lost."""

    def forward(self, x: Tensor) -> Tensor:
        """Any shape."""
        return 2 * torch.sigmoid(x) - 1
