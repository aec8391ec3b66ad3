"""How high the sound in a recording really reaches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_BAND_HZ = 100.0
_RANGE_DB = 80.0
"""Less than this under the loudest band is sound."""
_QUANTISED_DBFS = -98.1 + 8.0
"""The rounding to 16 bit, in the whole band, and as much again as its dither and its unevenness."""
_CLIFF_DB, _CLIFF_BANDS = 18.0, 4
"""A fall by so much within 400 Hz, after which nothing comes back, is a filter and not a voice."""


def bandwidth_hz(power: NDArray[np.float64], rate: int) -> float:
    """The highest frequency with sound in it, 0..rate/2 Hz; 0 for silence.

    `power` (bins,) is the mean square of each bin from 0 to rate / 2, summing up to the mean square of the
    sound. What a 16-bit file's rounding adds does not count, nor what lies behind the steep end of a filter.
    """
    levels_db, width_hz = _bands_db(power, rate)
    quantised_db = _QUANTISED_DBFS + 10 * np.log10(width_hz / (rate / 2))
    there = levels_db > max(float(levels_db.max()) - _RANGE_DB, quantised_db)
    if not there.any():
        return 0.0
    end = int(np.flatnonzero(there)[-1]) + 1
    return min(_before_cliff(levels_db, end) * width_hz, rate / 2)


def _bands_db(power: NDArray[np.float64], rate: int) -> tuple[NDArray[np.float64], float]:
    """Levels of bands of about 100 Hz, and their width in Hz."""
    bin_hz = rate / 2 / max(1, len(power) - 1)
    each = max(1, round(_BAND_HZ / bin_hz))
    starts = np.arange(0, len(power), each)
    return 10 * np.log10(np.add.reduceat(power, starts) + 1e-30), each * bin_hz


def _before_cliff(levels_db: NDArray[np.float64], end: int) -> int:
    """The band in which the sound ends, if it ends at once; otherwise `end`."""
    loudest_above = np.maximum.accumulate(levels_db[::-1])[::-1]
    for at in range(2 * _CLIFF_BANDS, end - 1):
        before = float(np.mean(levels_db[at - _CLIFF_BANDS : at]))
        beyond = min(at + _CLIFF_BANDS, len(levels_db) - 1)
        if before - float(loudest_above[beyond]) > _CLIFF_DB:
            steepest = np.argmax(levels_db[at - 1 : beyond] - levels_db[at : beyond + 1])
            return at + int(steepest)
    return end
