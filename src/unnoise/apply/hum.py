"""Mains hum: steady lines at the multiples of 50 or 60 Hz."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unnoise.signal.stft import StftSpec

_SPEC = StftSpec(hop_ms=250.0)
_SPACING_HZ = 2
"""Of the bins: windows are half a second long."""
_HIGHEST_HZ = 1000
_MAINS_HZ = (50, 60)
_HARMONICS = 12
_NEAR_HZ, _FAR_HZ = 5, 22
"""Neighbours of a line: beyond its own main lobe, not yet at the next line."""


class HumLines:
    """The mean spectrum below 1 kHz, logarithmic: a voice comes and goes and leaves few lines in it."""

    def __init__(self, rate: int) -> None:
        self._window = _SPEC.window(rate).astype(np.float64) ** 2
        self._hop = _SPEC.hop(rate)
        self._hz = np.fft.rfftfreq(len(self._window), 1 / rate)
        self._low = self._hz <= _HIGHEST_HZ
        self._hz = self._hz[self._low]
        self._waiting = np.zeros(0)
        self._log_sum, self._sum = np.zeros(len(self._hz)), np.zeros(len(self._hz))
        self._frames = 0

    def add(self, mono: NDArray[np.float64]) -> None:
        """Listen to the next (samples,)."""
        heard, n = np.concatenate([self._waiting, mono]), len(self._window)
        at = 0
        while at + n <= len(heard):
            self._count(heard[at : at + n])
            at += self._hop
        self._waiting = heard[at:]

    def _count(self, frame: NDArray[np.float64]) -> None:
        spectrum = np.fft.rfft((frame - frame.mean()) * self._window)[self._low]
        power = spectrum.real**2 + spectrum.imag**2
        if power.sum() > 0:
            self._log_sum += 10 * np.log10(power + 1e-9 * power.mean() + 1e-30)
            self._sum += power
            self._frames += 1

    def features(self) -> NDArray[np.float64]:
        """For 50 and for 60 Hz: how far the lines stand out, and their share of the power; (4,), about 0..3."""
        if self._frames == 0:
            return np.zeros(4)
        level_db = self._log_sum / self._frames
        found = []
        for mains_hz in _MAINS_HZ:
            places = [k * mains_hz for k in range(1, _HARMONICS + 1) if k * mains_hz + _FAR_HZ < self._hz[-1]]
            heights = sorted((self._height_db(level_db, hz) for hz in places), reverse=True)[:4]
            lines = np.min([np.abs(self._hz - hz) for hz in places], axis=0) <= _SPACING_HZ
            share = self._sum[lines].sum() / max(self._sum.sum(), 1e-30)
            found += [float(np.mean(heights)) / 10, 3 * float(share)]
        return np.array(found)

    def _height_db(self, level_db: NDArray[np.float64], hz: float) -> float:
        away = np.abs(self._hz - hz)
        line = level_db[away <= _SPACING_HZ].max()
        around = level_db[(away >= _NEAR_HZ) & (away <= _FAR_HZ)]
        return float(line - np.median(around))
