"""What callers give and get, (samples,) or (samples, channels), and what the engine works on, rows."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unnoise.errors import AudioShapeError, OptionError
from unnoise.signal.limits import LOUDEST, MAX_CHANNELS, MAX_RATE_HZ, MIN_RATE_HZ

_FULL_SCALE = 32768  # of int16
_TYPES = (np.dtype(np.float32), np.dtype(np.float64), np.dtype(np.int16))

Audio = NDArray[Any]
"""float32, float64 or int16, (samples,) or (samples, channels)."""


def channels_of(audio: Audio) -> int:
    """How many channels `audio` has; raises AudioShapeError when it is no sound that the engine takes."""
    if audio.dtype not in _TYPES:
        raise AudioShapeError(
            f"Audio must be float32, float64 or int16, but is {audio.dtype}; convert it with astype, "
            "and scale other whole numbers to -1..1."
        )
    if audio.ndim not in (1, 2):
        raise AudioShapeError(f"Audio must be (samples,) or (samples, channels), but its shape is {audio.shape}.")
    channels = 1 if audio.ndim == 1 else audio.shape[1]
    if not 1 <= channels <= MAX_CHANNELS:
        hint = "; is it (channels, samples)? Then transpose it: audio.T" if channels else ""
        raise AudioShapeError(
            f"Audio must have 1 to {MAX_CHANNELS} channels, one a column, but its shape is {audio.shape}{hint}."
        )
    return channels


def checked_rate(rate: int) -> int:
    """`rate` in Hz when it is a whole number from 2000 to 1000000; raises OptionError otherwise."""
    try:
        whole = operator.index(int(rate) if rate == int(rate) else rate)
    except (TypeError, ValueError, OverflowError):
        raise OptionError(f"rate must be a whole number of Hz, but is {rate!r}.") from None
    if not MIN_RATE_HZ <= whole <= MAX_RATE_HZ:
        raise OptionError(f"rate must be from {MIN_RATE_HZ} to {MAX_RATE_HZ} Hz, but is {whole}.")
    return whole


def checked_channels(channels: int) -> int:
    """`channels` when a stream can have so many; raises OptionError otherwise."""
    if not 1 <= channels <= MAX_CHANNELS:
        raise OptionError(f"channels must be from 1 to {MAX_CHANNELS}, but is {channels}.")
    return channels


def to_rows(block: Audio, channels: int) -> NDArray[np.floating]:
    """`block` as (channels, samples) of floats; raises AudioShapeError when it does not fit."""
    if channels_of(block) != channels:
        raise AudioShapeError(
            f"This stream takes blocks of {channels} channel(s), but the block's shape is {block.shape}."
        )
    rows = block[None] if block.ndim == 1 else block.T
    if rows.dtype == np.int16:
        return rows * np.float32(1 / _FULL_SCALE)
    return rows


def from_rows(rows: NDArray[np.floating], like: Audio) -> Audio:
    """(channels, samples) in the shape and type of `like`; whole numbers are rounded and clipped."""
    shaped = rows[0] if like.ndim == 1 else rows.T
    if like.dtype == np.int16:
        shaped = np.clip(np.rint(shaped * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1)
    return np.ascontiguousarray(shaped, like.dtype)


def admitted(
    rows: NDArray[np.floating],
) -> tuple[NDArray[np.floating], NDArray[np.float32], int]:
    """`rows` for the dry path, the same for the network as float32, and how many samples were not finite.

    Those are 0 in both. What is louder than any sound is limited for the network, whose states it would upset
    for good; the dry path keeps it.
    """
    nonfinite = 0
    limited = rows
    if rows.size and not (rows.min() >= -LOUDEST and rows.max() <= LOUDEST):  # as for NaN
        bad = ~np.isfinite(rows)
        nonfinite = int(np.count_nonzero(bad))
        rows = np.where(bad, rows.dtype.type(0), rows)
        limited = np.clip(rows, -LOUDEST, LOUDEST)
    return rows, limited.astype(np.float32, copy=False), nonfinite
