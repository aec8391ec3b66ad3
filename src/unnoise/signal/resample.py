"""Changing the rate of whole arrays (soxr, high quality)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def resample(audio: NDArray[np.float32], rate: int, target_rate: int) -> NDArray[np.float32]:
    """The same sound at `target_rate` Hz, zero lag; (samples,) or (samples, channels), float32."""
    if rate == target_rate or audio.shape[0] == 0:
        return audio
    import soxr

    out: NDArray[np.float32] = soxr.resample(audio, rate, target_rate, quality="HQ").astype(np.float32)
    return out
