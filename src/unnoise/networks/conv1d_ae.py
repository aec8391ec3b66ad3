"""Autoencoder of strided convolutions over 64 ms of waveform.

Three convolutions of kernel 2 halve the time axis and three transposed ones bring it back, each followed by Tanh;
a full matrix over the window mixes all of its samples at the end. A kernel as long as its stride sees no neighbours,
so whatever reaches over more than eight samples is that matrix's work.

Source: levtelyatnikov/MILTestTasks on GitHub, where windows of 1024 samples stand side by side. Here they overlap
when a recording is cleaned, so that no edge is heard; training sees them side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from unnoise.errors import RecipeError
from unnoise.networks.base import WaveformNetwork

KERNEL = 2  # and stride


class Conv1dAutoencoder(WaveformNetwork):
    """1 to 8, 16 and 32 channels and back, then `window_samples` by `window_samples`."""

    def __init__(
        self,
        *,
        rate: int = 16000,
        window_samples: int = 1024,
        overlap_samples: int = 256,
        channels: Sequence[int] = (8, 16, 32),
        dropout: float = 0.2,
    ) -> None:
        super().__init__()
        shrink = KERNEL ** len(channels)
        if window_samples % shrink:
            raise RecipeError(f"window_samples is {window_samples}; expected a multiple of {shrink}: each layer halves")
        self.rate, self.window_samples, self.overlap_samples = rate, window_samples, overlap_samples
        pairs = list(pairwise((1, *channels)))
        self.encoder = nn.ModuleList(nn.Conv1d(few, many, KERNEL, KERNEL) for few, many in pairs)
        self.decoder = nn.ModuleList(nn.ConvTranspose1d(many, few, KERNEL, KERNEL) for few, many in reversed(pairs))
        self.dropout = nn.Dropout(dropout)
        self.mix = nn.Linear(window_samples, window_samples)

    def run(self, audio: Tensor) -> Tensor:
        """(windows, window_samples) to the same; dropout follows the first layer and the last but one."""
        x = audio[:, None]  # (windows, 1, samples)
        for k, layer in enumerate(self.encoder):
            x = torch.tanh(layer(x))  # (windows, channels, samples / 2, / 4, / 8)
            if k == 0:
                x = self.dropout(x)
        for k, layer in enumerate(self.decoder):
            if k == len(self.decoder) - 1:
                x = self.dropout(x)
            x = torch.tanh(layer(x))
        mixed: Tensor = self.mix(x[:, 0])  # (windows, samples)
        return mixed
