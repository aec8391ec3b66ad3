"""What a recording sounds like, in numbers: gathered block by block, in constant memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unnoise.apply.hum import HumLines
from unnoise.gate.floor import NoiseFloor
from unnoise.gate.frames import WINDOW_STEPS, frames_at_once, grid, power_spectra

BAND_EDGES_HZ = (
    0, 75, 150, 250, 350, 500, 700, 950, 1250, 1600, 2050, 2650, 3400, 4300, 5500, 7000, 9000, 12000, 16000,
)  # fmt: skip
"""Wider than critical bands; what lies above does not tell speech from noise."""
_QUANTILES = (0.05, 0.15, 0.3, 0.5, 0.7, 0.85, 0.95)
_LOWEST_DB, _LEVELS = -200, 220
_RANGE_DB = 75.0
"""What lies deeper under the loud frames is the same silence to every feature."""
_LAGS_FRAMES = (1, 4, 16)
_VOICE_BINS, _VOICE_FFT = 64, 512
"""Bins are 25 Hz apart at every rate: these reach to 1600 Hz, and the transform back has 12800 lags a second."""
_VOICE_LAGS = slice(32, 184)
"""2.5 to 14.3 ms: pitches from 70 to 400 Hz."""
_VOICE_STEPS = 50
_SILENCE = 1e-14


class Features:
    """Statistics of a mono recording that do not depend on its level.

    How far the quantiles of its levels lie apart, how fast the levels change, how periodic the frames are,
    the steady floor under each band, mains hum, and the shape of the amplitudes (Kim and Stern, "Robust
    signal-to-noise ratio estimation based on waveform amplitude distribution analysis", Interspeech 2008,
    equation 5).
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._step, spec = grid(rate)
        window = spec.window(rate).astype(np.float64)
        self._to_power = 2 / (len(window) * float(np.sum(window**2)))  # bins that sum up to the mean square
        self._bands = _band_matrix(rate, len(window)) * self._to_power
        self._window_lags = _window_lags(window, rate)
        self._waiting = np.zeros((0, 1))
        self._floor, self._hum = NoiseFloor(rate, 1), HumLines(rate)
        count = len(BAND_EDGES_HZ)  # the bands, and all of them together
        self._power = np.zeros(spec.bins(rate))
        self._levels = np.zeros((count, _LEVELS), np.int64)
        self._recent = np.zeros((0, count))
        self._change = np.zeros((len(_LAGS_FRAMES), count))
        self._changes = np.zeros(len(_LAGS_FRAMES))
        self._voiced = np.zeros(_VOICE_STEPS, np.int64)
        self._voice = np.zeros(3)  # sums of: periodicity times power, power, periodicity
        self._amplitude = np.zeros(5)  # sums of: 1, |x|, log |x|, x², x⁴

    def add(self, mono: NDArray[np.float64]) -> None:
        """Listen to the next (samples,), finite."""
        self._hum.add(mono)
        self._count_amplitudes(mono)
        heard = np.concatenate([self._waiting, mono[:, None]])
        keep = (WINDOW_STEPS - 1) * self._step
        most = keep + frames_at_once(self._step, 1) * self._step
        while len(heard) >= keep + self._step:
            piece = heard[:most]
            power = power_spectra(piece, self._rate)
            power = power[power.sum(axis=(1, 2)) > _SILENCE]
            self._floor.count(power)
            self._count_levels(power[:, :, 0])
            self._count_voices(power[:, :, 0])
            heard = heard[(len(piece) - keep) // self._step * self._step :]
        self._waiting = heard

    def _count_amplitudes(self, mono: NDArray[np.float64]) -> None:
        size = np.abs(mono)
        size = size[size > 1e-7]
        self._amplitude += (len(size), size.sum(), np.log(size).sum(), (size**2).sum(), (size**4).sum())

    def _count_levels(self, power: NDArray[np.float64]) -> None:
        self._power += power.sum(axis=0)
        bands = power @ self._bands.T
        level_db = 10 * np.log10(np.column_stack([bands, bands.sum(axis=1)]) + 10 ** (_LOWEST_DB / 10))
        place = np.clip((level_db - _LOWEST_DB).astype(np.int64), 0, _LEVELS - 1)
        place += _LEVELS * np.arange(place.shape[1])
        self._levels += np.bincount(place.ravel(), minlength=self._levels.size).reshape(self._levels.shape)
        known, before = np.concatenate([self._recent, level_db]), len(self._recent)
        for k, lag in enumerate(_LAGS_FRAMES):
            first = max(before, lag)
            if first < len(known):
                self._change[k] += np.abs(known[first:] - known[first - lag : len(known) - lag]).sum(axis=0)
                self._changes[k] += len(known) - first
        self._recent = known[-max(_LAGS_FRAMES) :]

    def _count_voices(self, power: NDArray[np.float64]) -> None:
        """The highest autocorrelation of each frame at the lags of a voice's pitch."""
        low = power[:, :_VOICE_BINS].copy()
        low[:, :3] = 0.0
        total = low.sum(axis=1)
        low, total = low[total > _SILENCE], total[total > _SILENCE]
        lags = np.fft.irfft(low, _VOICE_FFT, axis=1)
        shares = lags[:, _VOICE_LAGS] / (lags[:, :1] * self._window_lags)
        periodic = np.clip(shares.max(axis=1, initial=0.0), 0.0, 1.0)
        place = np.minimum((periodic * _VOICE_STEPS).astype(np.int64), _VOICE_STEPS - 1)
        self._voiced += np.bincount(place, minlength=_VOICE_STEPS)
        self._voice += ((periodic * total).sum(), total.sum(), periodic.sum())

    @property
    def frames(self) -> int:
        """How many frames held sound."""
        return int(self._levels[-1].sum())

    def mean_power(self) -> NDArray[np.float64]:
        """Mean square of each bin from 0 to rate / 2, (bins,)."""
        return self._power * (self._to_power / max(1, self.frames))

    def active_level_dbfs(self) -> float:
        """Mean level of the frames within 30 dB of the loud ones, as `signal.level.active_level_dbfs`."""
        counts = self._levels[-1]
        level_db = np.arange(_LEVELS) + _LOWEST_DB + 0.5
        loud = _quantiles(counts, (0.95,))[0] + _LOWEST_DB
        active = counts * (level_db >= loud - 30)
        return 10 * float(np.log10(active @ 10 ** (level_db / 10) / max(1, int(active.sum())) + 1e-12))

    def vector(self) -> NDArray[np.float64]:
        """All features, (features,), scaled to about -8..8; as many at every rate. Needs a frame at least."""
        quantiles = np.array([_quantiles(row, _QUANTILES) for row in self._levels]) + _LOWEST_DB
        loud = quantiles[-1, -1]
        floor = (self._bands @ self._floor.estimate())[:, 0]
        floor_db = 10 * np.log10(np.append(floor, floor.sum()) + 10 ** (_LOWEST_DB / 10))
        change = self._change / np.maximum(self._changes, 1)[:, None]
        voice = [self._voice[0] / max(self._voice[1], _SILENCE), self._voice[2] / max(1, self.frames)]
        parts = [
            np.clip(quantiles - loud, -_RANGE_DB, 20).ravel() / 10,
            np.clip(floor_db - loud, -_RANGE_DB, 20) / 10,
            change.ravel() / 5,
            _quantiles(self._voiced, _QUANTILES) / _VOICE_STEPS * 3,
            np.array(voice) * 3,
            self._shape(),
            self._hum.features(),
        ]
        return np.concatenate(parts)

    def _shape(self) -> NDArray[np.float64]:
        """The logarithm of the mean size less the mean of the logarithms, and the kurtosis."""
        count, size, log, square, fourth = self._amplitude
        if count == 0:
            return np.zeros(2)
        return np.array([3 * (np.log(size / count) - log / count), np.log(fourth * count / square**2)])


def _band_matrix(rate: int, window: int) -> NDArray[np.float64]:
    """Which bins belong to which band, (bands, bins) of 0 and 1."""
    hz = np.arange(window // 2 + 1) * rate / window
    edges = np.array(BAND_EDGES_HZ)[:, None]
    return ((hz >= edges[:-1]) & (hz < edges[1:])).astype(np.float64)


def _window_lags(window: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """How much of the autocorrelation the window leaves at each lag of a voice."""
    whole = np.fft.irfft(np.abs(np.fft.rfft(window)) ** 2, len(window))
    lags = np.arange(_VOICE_FFT)[_VOICE_LAGS] / _VOICE_FFT * len(window)
    left: NDArray[np.float64] = np.interp(lags, np.arange(len(window)), whole / whole[0])
    return left


def _quantiles(counts: NDArray[np.int64], quantiles: tuple[float, ...]) -> NDArray[np.float64]:
    """Quantiles of a histogram in units of its steps, straight lines within a step."""
    passed = np.cumsum(counts) / max(1, int(counts.sum()))
    steps = np.arange(len(counts) + 1)
    found: NDArray[np.float64] = np.interp(quantiles, np.append(0.0, passed), steps)
    return found
