"""Matrices between frequency bins and bands, and of each band."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


def erb_number(hz: float) -> float:
    """Number of equivalent rectangular bandwidths below `hz` (Glasberg and Moore 1990, eq. 4)."""
    return 21.4 * math.log10(1 + 0.00437 * hz)


def erb_edges(low_hz: float, high_hz: float, bands: int) -> list[float]:
    """Centres in Hz of `bands` bands, evenly spaced in ERB numbers, both ends included."""
    low, high = erb_number(low_hz), erb_number(high_hz)
    numbers = [low + (high - low) * k / (bands - 1) for k in range(bands)]
    return [(10 ** (n / 21.4) - 1) / 0.00437 for n in numbers]


def triangles(centres: list[float], bins: int) -> Tensor:
    """(bands, bins) triangular weights between neighbouring centres, given in bins; columns add up to one."""
    matrix = torch.zeros(len(centres), bins)
    for k in range(bins):
        right = next((i for i, c in enumerate(centres) if c >= k), len(centres) - 1)
        left = max(right - 1, 0)
        span = centres[right] - centres[left]
        share = 1.0 if span <= 0 or k >= centres[right] else (k - centres[left]) / span
        share = min(max(share, 0.0), 1.0)
        matrix[right, k] += share
        matrix[left, k] += 1 - share
    return matrix


class BandMatrices(nn.Module):
    """A matrix of its own for each band, (bands, rows, inputs) to (bands, rows, outputs)."""

    def __init__(self, bands: int, inputs: int, outputs: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(bands, inputs, outputs) / inputs**0.5)
        self.bias = nn.Parameter(torch.zeros(bands, 1, outputs))

    def forward(self, x: Tensor) -> Tensor:
        """A product for each band."""
        return torch.matmul(x, self.weight) + self.bias

    def turned(self, x: Tensor) -> Tensor:
        """The same of (bands, inputs, rows) to (bands, outputs, rows)."""
        return torch.matmul(self.weight.transpose(1, 2), x) + self.bias.transpose(1, 2)
