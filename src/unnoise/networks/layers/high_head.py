"""Gains above 8 kHz: a small network of energies that learns from little full-band speech."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from unnoise.networks.layers.bands import erb_edges, triangles
from unnoise.networks.layers.gains import bounded_gain, decibels

TYPICAL_DB = -60.0  # of one band above 8 kHz under the level of all: features lie around zero


class HighHead(nn.Module):
    """Gains on the `bins` above bin `first` from those bands' energies and from what the low part decided."""

    collect: Tensor
    spread: Tensor

    def __init__(self, width: int, first: int, bins: int, bin_hz: float, *, bands: int, features: int, hidden: int):
        super().__init__()
        centres = [hz / bin_hz - first for hz in erb_edges(first * bin_hz, (first + bins) * bin_hz, bands)]
        matrix = triangles(centres, bins)
        self.register_buffer("collect", (matrix / matrix.sum(1, keepdim=True)).T.contiguous(), persistent=False)
        self.register_buffer("spread", matrix.repeat_interleave(2, 1), persistent=False)  # real and imaginary parts
        self.bins = bins
        self.context = nn.Linear(width, features)
        self.over_time = nn.GRU(bands + features, hidden)
        self.gains = nn.Linear(hidden, bands)
        nn.init.zeros_(self.gains.weight)
        nn.init.constant_(self.gains.bias, 1.0)

    def forward(self, power: Tensor, level_db: Tensor, low: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Powers (batch, frames, bins), level (batch, frames, 1), low part (frames, batch, width) to gains,
        (batch, frames, bins, 2)."""
        with torch.autocast(power.device.type, enabled=False):  # levels need all of float32
            energy = (decibels(power @ self.collect) - level_db - TYPICAL_DB) / 20
        features = torch.cat([energy.clamp(-3, 3).transpose(0, 1), self.context(low)], dim=2)
        out, last = self.over_time(features, state[None])
        with torch.autocast(power.device.type, enabled=False):
            gains = bounded_gain(self.gains(out.float())).transpose(0, 1) @ self.spread
        return gains.reshape(*power.shape[:2], self.bins, 2), last[0]
