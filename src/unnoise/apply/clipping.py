"""Counting the samples that hit full scale, and the mean that should be zero."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_FULL_SCALE = 0.999
"""Of what a file can hold: 8 bits end at 0.992, but are no recording of today."""


class Clipping:
    """Samples at full scale that have a neighbour there too: one alone is a well set peak."""

    def __init__(self, channels: int) -> None:
        self._samples, self._clipped = 0, 0
        self._last = np.zeros((2, channels), np.int8)
        self._sums = np.zeros(channels)

    def add(self, block: NDArray[np.float64]) -> None:
        """Count the next (samples, channels)."""
        full = (block >= _FULL_SCALE).astype(np.int8) - (block <= -_FULL_SCALE).astype(np.int8)
        side = np.concatenate([self._last, full])
        pair = (side[1:] == side[:-1]) & (side[1:] != 0)
        # a pair counts two samples, each further one a sample
        self._clipped += int((pair[1:].astype(np.int8) * np.where(pair[:-1], 1, 2)).sum())
        self._last = side[-2:]
        self._samples += block.size
        self._sums += block.sum(axis=0)

    @property
    def share(self) -> float:
        """Clipped samples out of all, 0..1."""
        return self._clipped / max(1, self._samples)

    @property
    def offset(self) -> float:
        """The mean of the channel in which it is furthest from 0, in parts of full scale."""
        means = self._sums * len(self._sums) / max(1, self._samples)
        return float(means[np.argmax(np.abs(means))])
