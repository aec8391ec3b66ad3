"""Filters without delay, of any response."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unnoise.signal.lengths import fast_length

Gain = Callable[[NDArray[Any]], NDArray[np.float64]]
"""Linear gain at each frequency in Hz, (bins,) to (bins,)."""

_RING_S = 0.1


def filtered(audio: NDArray[np.floating], rate: int, gain: Gain) -> NDArray[np.float32]:
    """(samples,) with its spectrum times `gain`, in one transform; padded so that the ends do not meet."""
    samples = fast_length(len(audio) + round(2 * _RING_S * rate))
    spectrum = np.fft.rfft(audio, samples)
    gains = gain(np.linspace(0, rate / 2, len(spectrum)))
    return np.fft.irfft(spectrum * gains.astype(np.float32), samples)[: len(audio)].astype(np.float32)
