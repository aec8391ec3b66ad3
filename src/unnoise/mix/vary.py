"""More from little: the same recording faster, slower, higher, lower, through another microphone, at another level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unnoise.errors import OptionError
from unnoise.mix.damages.parameters import checked
from unnoise.signal.filtered import filtered
from unnoise.signal.overlapped import OVERLAP, hann
from unnoise.signal.resample import resample

CURVE_POINTS = 8
"""Of a random equaliser, evenly spaced in octaves from 60 Hz."""
_LOWEST_HZ = 60.0
_WINDOW_S = 0.05
_OVERLAP_GAIN = 1.5


def speed(audio: NDArray[np.float32], rate: int, factor: float) -> NDArray[np.float32]:
    """(samples,) played `factor` (0.5..2) times as fast, (round(samples / factor),): pitch and tempo move together.

    Raises OptionError.
    """
    checked("factor", factor, 0.5, 2)
    # Playing faster is the same as having been recorded at a higher rate; the silence behind serves short clips.
    padded = np.pad(audio, (0, round(_WINDOW_S * rate)))
    return _fitted(resample(padded, round(rate * factor), rate), _length(audio, factor))


def stretch(audio: NDArray[np.float32], rate: int, factor: float) -> NDArray[np.float32]:
    """(samples,) at `factor` (0.5..2) times its tempo, (round(samples / factor),): the pitch stays.

    A phase vocoder whose bins turn with their nearest spectral peak; clicks blur over 20 ms at the ends of the range.
    Raises OptionError.
    Source: Laroche and Dolson, "Improved phase vocoder time-scale modification of audio", IEEE TSAP 7(3), 1999;
    phases go on by what two frames of the input do that are one hop of the output apart.
    """
    checked("factor", factor, 0.5, 2)
    window = hann(2 ** round(np.log2(_WINDOW_S * rate)))
    n, hop = len(window), len(window) // OVERLAP
    samples, lead = _length(audio, factor), 7 * hop  # as far as the slowest and the fastest reach beyond the ends
    padded = np.pad(audio, lead)
    frames = -(-samples // hop) + OVERLAP - 1
    out = np.zeros((frames + OVERLAP - 1) * hop, np.float32)
    last = np.zeros(n // 2 + 1, np.complex64)
    for k in range(frames):
        centre = (k - 1) * hop  # in the output, whose first sample is in the fourth frame's first quarter
        start = round(centre * factor) - n // 2 + lead
        now, before = np.fft.rfft(np.stack([padded[s : s + n] for s in (start, start - hop)]) * window)
        last = now * _turns(np.abs(now), before, last)
        out[k * hop : k * hop + n] += np.fft.irfft(last, n) * window
    return out[n - hop : n - hop + samples] / np.float32(_OVERLAP_GAIN)


def _turns(
    magnitudes: NDArray[np.float32], before: NDArray[np.complex64], last: NDArray[np.complex64]
) -> NDArray[np.complex64]:
    """What each bin turns by, (bins,) of magnitude 1: as its nearest peak has turned from `before` to `last`."""
    edged = np.pad(magnitudes, 2, constant_values=-1)
    near = np.lib.stride_tricks.sliding_window_view(edged, 5)  # a peak is above its four neighbours
    peaks = np.flatnonzero((magnitudes > near[:, :2].max(1)) & (magnitudes >= near[:, 3:].max(1)))
    turns = last[peaks] * before[peaks].conj()
    size = np.abs(turns)
    turns = np.where(size > 0, turns / np.maximum(size, 1e-30), 1)  # after silence, phases start anew
    return turns[np.searchsorted((peaks[1:] + peaks[:-1]) / 2, np.arange(len(magnitudes)))]


def pitch(audio: NDArray[np.float32], rate: int, semitones: float) -> NDArray[np.float32]:
    """(samples,) to the same length, higher by `semitones` (-12..12): stretched, then played faster.

    Formants move along. Raises OptionError.
    """
    ratio = 2 ** (checked("semitones", semitones, -12, 12) / 12)
    return _fitted(speed(stretch(audio, rate, 1 / ratio), rate, ratio), len(audio))


def equalise(audio: NDArray[np.float32], rate: int, curve_db: NDArray[np.floating]) -> NDArray[np.float32]:
    """(samples,) through a response without delay: `curve_db` are (8,) gains, as in `curve_gain_db`."""
    return filtered(audio, rate, lambda hz: 10 ** (curve_gain_db(curve_db, rate, hz) / 20))


def curve_gain_db(curve_db: NDArray[np.floating], rate: int, hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gains in dB at each of `hz` of a curve (8,), -60..60 dB.

    The eight stand evenly spaced in octaves from 60 Hz, below which the first holds, to rate / 2; straight lines in
    decibels between them. Raises OptionError.
    """
    points_db = np.asarray(curve_db, np.float64)
    if points_db.shape != (CURVE_POINTS,) or not (np.abs(points_db) <= 60).all():
        raise OptionError(f"curve_db must be {CURVE_POINTS} gains from -60 to 60 dB, but is {curve_db}.")
    octaves: NDArray[np.float64] = np.log2(np.maximum(hz, _LOWEST_HZ) / _LOWEST_HZ) / np.log2(rate / 2 / _LOWEST_HZ)
    return np.interp(octaves * (CURVE_POINTS - 1), np.arange(CURVE_POINTS), points_db)


def random_curve_db(generator: np.random.Generator, limit_db: float) -> NDArray[np.float32]:
    """A random response for `equalise`, (8,): bumps within `limit_db` (0..30) and a tilt within three quarters of it.

    Raises OptionError.
    """
    checked("limit_db", limit_db, 0, 30)
    tilt = generator.uniform(-0.75, 0.75) * limit_db * np.linspace(-1, 1, CURVE_POINTS)
    bumps = generator.uniform(-limit_db, limit_db, CURVE_POINTS) * generator.random()
    curve: NDArray[np.float32] = (bumps + tilt).astype(np.float32)
    return curve


def _length(audio: NDArray[np.float32], factor: float) -> int:
    return max(min(1, len(audio)), round(len(audio) / factor))


def _fitted(audio: NDArray[np.float32], samples: int) -> NDArray[np.float32]:
    return audio[:samples] if len(audio) >= samples else np.pad(audio, (0, samples - len(audio)))
