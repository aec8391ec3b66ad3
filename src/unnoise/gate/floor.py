"""The steady noise under a recording, learnt bin by bin in one pass and constant memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unnoise.gate.frames import WINDOW_STEPS, frames_at_once, grid, power_spectra

_LOWEST_DB, _LEVELS = -160, 200
"""One counter for each decibel from here on; what is lower is digital silence and not counted."""
_FIRST_QUANTILE = 0.3
_SPEECH_OVER_NOISE = 10**1.5
"""How far speech stands above the noise where it is present: 15 dB, as in the reference, section IV."""
_ROUNDS = 10


class NoiseFloor:
    """Counts the levels of each bin and splits them into noise and speech.

    Every frequency has pauses of its own, also where the voice never rests: the mean of the noise is found by
    weighting each level with the chance that only noise is present (equations 18 and 22 of Gerkmann and
    Hendriks, "Unbiased MMSE-based noise power estimation", IEEE TASLP 20(4), 2012), over the whole
    recording in place of a running mean.
    """

    def __init__(self, rate: int, channels: int) -> None:
        self._rate = rate
        self._step, spec = grid(rate)
        self._full_scale = float(spec.window(rate).sum()) ** 2 / 4  # power of a sine of amplitude 1
        self._shape = (spec.bins(rate), channels)
        self._counts = np.zeros((spec.bins(rate) * channels, _LEVELS), np.int64)
        self._waiting = np.zeros((0, channels))

    def add(self, samples: NDArray[np.float64]) -> None:
        """Count the frames of the next (samples, channels)."""
        heard = np.concatenate([self._waiting, samples])
        keep = (WINDOW_STEPS - 1) * self._step
        most = keep + frames_at_once(self._step, self._shape[1]) * self._step
        while len(heard) >= keep + self._step:
            piece = heard[:most]
            self.count(power_spectra(piece, self._rate))
            heard = heard[(len(piece) - keep) // self._step * self._step :]
        self._waiting = heard

    def count(self, power: NDArray[np.float64]) -> None:
        """Count frames that are transformed already, (frames, bins, channels) of `power_spectra`."""
        frames = len(power)
        level_db = 10 * np.log10(power.reshape(frames, self._counts.shape[0]) / self._full_scale + 1e-30)
        level = np.clip(np.floor(level_db).astype(np.int64) - _LOWEST_DB, 0, _LEVELS - 1)
        place = level + _LEVELS * np.arange(level.shape[1])
        self._counts += np.bincount(place.ravel(), minlength=self._counts.size).reshape(self._counts.shape)

    def estimate(self) -> NDArray[np.float64]:
        """Mean noise power of each bin, (bins, channels); 0 where nothing but silence was heard."""
        counts = self._counts.astype(np.float64)
        counts[:, 0] = 0.0
        total = counts.sum(axis=1, keepdims=True)
        heard = total[:, 0] > 0
        power = 10 ** ((_LOWEST_DB + 0.5 + np.arange(_LEVELS)) / 10)
        passed = np.cumsum(counts, axis=1) >= _FIRST_QUANTILE * np.maximum(total, 1.0)
        # the powers of noise in a bin are exponentially distributed: this quantile tells the mean
        noise = power[np.argmax(passed, axis=1)][:, None] / -np.log(1 - _FIRST_QUANTILE)
        prior = _SPEECH_OVER_NOISE
        for _ in range(_ROUNDS):
            likely = np.minimum(power / noise * prior / (1 + prior), 200.0)
            weight = counts * (1 - 1 / (1 + (1 + prior) * np.exp(-likely)))
            share = weight.sum(axis=1, keepdims=True)
            noise = np.where(share > 0, (weight @ power)[:, None] / np.maximum(share, 1e-9), noise)
        return np.where(heard, noise[:, 0], 0.0).reshape(self._shape) * self._full_scale
