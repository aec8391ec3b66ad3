"""System B's idea: speech is sparse in the transform, so its small coefficients can be set to zero."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unnoise.errors import OptionError
from unnoise.gate.frames import GateStream

_KNEE_DB = 3.0
"""From zero to one within this many decibels below the threshold: a hard edge rings."""
_EVERY = 4
"""Frames of the memory that share no sample: one in four."""
_REMEMBERED = 40
"""Of those: 1.6 s, longer than a voice stays in one bin."""
_FEW = 8
"""With fewer, the quantile over the neighbouring bins is trusted too: the file may start with a voice."""
_NEIGHBOURS = 10
_SILENCE = 1e-14


class ThresholdGate(GateStream):
    """Keeps the bins that stand above a running quantile of their own past, zeroes the others.

    B zeroes everything below one quantile of a clip; here each bin has its own, over the last 1.6 s, so that
    nothing needs the whole recording. Neighbours in time and frequency are judged together (block
    thresholding: Yu, Mallat and Bacry, "Audio denoising by time-frequency block thresholding", IEEE TSP
    56(5), 2008), which spares the lone bins that sound like bells.
    """

    ahead_frames = 1

    def __init__(
        self,
        rate: int,
        channels: int,
        *,
        quantile: float = 0.2,
        threshold_db: float = 9.0,
        strength: float = 1.0,
        max_attenuation_db: float | None = None,
    ) -> None:
        """See `GateStream`; what is below `quantile` (0..1) of its past plus `threshold_db` (0..60) goes.

        Raises OptionError for a value out of its range.
        """
        if not 0.0 < quantile < 1.0:
            raise OptionError(f"quantile must be between 0 and 1, but is {quantile}; try 0.2.")
        if not 0.0 <= threshold_db <= 60.0:
            raise OptionError(f"threshold_db must be from 0 to 60 dB, but is {threshold_db}; try 9.")
        self._quantile, self._threshold = quantile, threshold_db
        super().__init__(rate, channels, strength=strength, max_attenuation_db=max_attenuation_db)

    def reset(self) -> None:
        """Forget everything that was heard."""
        super().reset()
        bins = 2 * self.step + 1
        self._last = np.zeros((2, bins, self.channels))
        self._past: list[NDArray[np.float64]] = []
        self._floor = np.zeros((bins, self.channels))
        self._heard = 0

    def _gains(self, spectra: NDArray[np.complex128]) -> NDArray[np.float64]:
        power = np.concatenate([self._last, spectra.real**2 + spectra.imag**2])  # (frames + 2, bins, channels)
        self._last = power[-2:]
        local = _across(0.25 * power[:-2] + 0.5 * power[1:-1] + 0.25 * power[2:])
        gains = np.zeros(local.shape)
        for i, now in enumerate(local):
            if now.max() < _SILENCE:  # digital silence says nothing of the noise
                continue
            # the first frames are not full yet, and their level says nothing either
            if self._heard >= _EVERY:
                if self._heard % _EVERY == 0:
                    self._remember(now)
                gains[i] = self._weigh(now)
            self._heard += 1
        return gains

    def _weigh(self, power: NDArray[np.float64]) -> NDArray[np.float64]:
        above_db = 10 * np.log10((power + 1e-30) / (self._floor + 1e-30)) - self._threshold
        gains: NDArray[np.float64] = np.clip(1 + above_db / _KNEE_DB, 0.0, 1.0)
        return gains

    def _remember(self, power: NDArray[np.float64]) -> None:
        """Add a frame to the past, and take the quantile anew."""
        self._past = [*self._past[-_REMEMBERED + 1 :], power]
        self._floor = _lower(np.array(self._past), self._quantile)
        if len(self._past) < _FEW:
            ends = ((_NEIGHBOURS, _NEIGHBOURS), (0, 0))
            padded = np.pad(self._floor, ends, mode="reflect")
            near = np.lib.stride_tricks.sliding_window_view(padded, 2 * _NEIGHBOURS + 1, axis=0)
            self._floor = np.minimum(self._floor, _lower(np.moveaxis(near, -1, 0), self._quantile))


def _across(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean over three neighbouring bins of (frames, bins, channels)."""
    padded = np.pad(power, ((0, 0), (1, 1), (0, 0)), mode="edge")
    return 0.25 * padded[:, :-2] + 0.5 * padded[:, 1:-1] + 0.25 * padded[:, 2:]


def _lower(values: NDArray[np.float64], quantile: float) -> NDArray[np.float64]:
    """The quantile over the first axis, the lower neighbour where it falls between two values."""
    k = int(quantile * (len(values) - 1))
    found: NDArray[np.float64] = np.partition(values, k, axis=0)[k]
    return found
