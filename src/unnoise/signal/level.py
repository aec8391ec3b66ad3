"""Levels in decibels relative to full scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_FLOOR = 1e-12


def dbfs(audio: NDArray[np.floating]) -> float:
    """Root-mean-square level in dBFS of any array; -120 for silence and for no samples."""
    if audio.size == 0:
        return -120.0
    power = float(np.mean(np.square(audio, dtype=np.float64)))
    return 10 * float(np.log10(max(power, _FLOOR)))


def frame_levels_db(audio: NDArray[np.floating], rate: int, frame_ms: float = 20.0) -> NDArray[np.float64]:
    """Level in dBFS of each whole frame of `frame_ms`, (samples,) to (frames,); at least one frame."""
    n = max(1, round(rate * frame_ms / 1000))
    count = max(1, len(audio) // n)
    cut = np.asarray(audio[: count * n], np.float64)
    if len(cut) < count * n:
        cut = np.pad(cut, (0, count * n - len(cut)))
    power = np.mean(cut.reshape(count, n) ** 2, axis=1)
    levels: NDArray[np.float64] = 10 * np.log10(np.maximum(power, _FLOOR))
    return levels


def active_frames(levels_db: NDArray[np.float64], range_db: float = 30.0) -> NDArray[np.bool_]:
    """Which frames hold speech: those within `range_db` of the 95th percentile of the levels.

    A stated simplification of the activity factor of ITU-T P.56.
    """
    return levels_db >= np.percentile(levels_db, 95) - range_db


def active_level_dbfs(audio: NDArray[np.floating], rate: int) -> float:
    """Active speech level in dBFS of (samples,): the mean power of the active 20 ms frames."""
    levels = frame_levels_db(audio, rate)
    if levels.max() <= -120.0 + 1e-9:
        return -120.0
    active = levels[active_frames(levels)]
    return 10 * float(np.log10(np.mean(10 ** (active / 10))))
