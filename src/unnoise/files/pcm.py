"""Samples as bytes and back: rounding to the nearest step, clipping, never wrapping."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.floating[Any]]

WIDTHS = {"u8": 1, "s16le": 2, "s24le": 3, "s32le": 4, "f32le": 4, "f64le": 8}


def finite(block: Samples) -> Samples:
    """`block` with 0 in place of every NaN and infinity; the same array where there is none."""
    if np.isfinite(block).all():
        return block
    return np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)


def quantise(block: Samples, bits: int) -> NDArray[np.int32]:
    """The nearest whole steps of `bits` bits, full scale 2**(bits-1), clipped."""
    scale = 2.0 ** (bits - 1)
    # float32 cannot tell neighbouring steps of 32 bits apart, nor hold their highest value
    steps = np.rint(block.astype(np.float64) * scale if bits > 24 else block * block.dtype.type(scale))
    return np.clip(steps, -scale, scale - 1).astype(np.int32)


def decode(data: bytes, encoding: str, channels: int) -> Samples:
    """(samples, channels) out of interleaved bytes; float32, float64 where that would lose bits."""
    if encoding == "s24le":
        return _decode_24(data, channels)
    kind = {"u8": "u1", "s16le": "<i2", "s32le": "<i4", "f32le": "<f4", "f64le": "<f8"}[encoding]
    raw = np.frombuffer(data, kind).reshape(-1, channels)
    if encoding == "u8":
        return (raw.astype(np.float32) - 128) / 128
    if encoding == "s16le":
        return raw.astype(np.float32) / 32768
    if encoding == "s32le":
        return raw / 2.0**31
    return raw.astype(np.float32 if encoding == "f32le" else np.float64)


def encode(block: Samples, encoding: str) -> bytes:
    """Interleaved bytes of (samples, channels)."""
    if encoding == "f32le":
        return block.astype("<f4").tobytes()
    if encoding == "f64le":
        return block.astype("<f8").tobytes()
    if encoding == "u8":
        return (quantise(block, 8) + 128).astype(np.uint8).tobytes()
    if encoding == "s16le":
        return quantise(block, 16).astype("<i2").tobytes()
    if encoding == "s32le":
        return quantise(block, 32).astype("<i4").tobytes()
    steps = quantise(block, 24).astype("<i4").reshape(-1, 1).view(np.uint8)
    return steps[:, :3].tobytes()


def _decode_24(data: bytes, channels: int) -> Samples:
    padded = np.zeros((len(data) // 3, 4), np.uint8)
    padded[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
    # the three bytes are the upper ones of 32 bits, so that the sign comes right by itself
    return (padded.view("<i4").reshape(-1, channels) >> 8).astype(np.float32) / 2**23
