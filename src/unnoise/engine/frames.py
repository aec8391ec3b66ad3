"""From hops of sound to spectra and back, carrying from call to call what the next frame needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unnoise.signal.stft import StftSpec


class Analysis:
    """Cuts half-overlapping frames; the first begins one hop before the first sample."""

    def __init__(self, spec: StftSpec, rate: int, channels: int) -> None:
        self._hop = spec.hop(rate)
        # numpy transforms float32 as such only when it has a factor to apply, and else in double, half as
        # fast: so it is told to divide by the length, and the window makes up for it.
        self._window = spec.window(rate) * np.float32(2 * self._hop / spec.scale(rate))
        self._before = np.zeros((channels, self._hop), np.float32)

    def __call__(self, hops: NDArray[np.float32]) -> NDArray[np.complex64]:
        """Whole hops (channels, frames * hop) to spectra (channels, frames, bins)."""
        hop, channels = self._hop, hops.shape[0]
        sound = np.concatenate((self._before, hops), axis=1)
        self._before = sound[:, -hop:].copy()
        by_channel, by_sample = sound.strides
        shape = (channels, hops.shape[1] // hop, 2 * hop)  # overlapping views: nothing is copied
        frames = np.ndarray(shape, sound.dtype, sound.data, strides=(by_channel, hop * by_sample, by_sample))
        return np.fft.rfft(frames * self._window, norm="forward").astype(np.complex64, copy=False)


class Synthesis:
    """Overlap-adds frames: one hop comes out for each frame, one hop later than it went into `Analysis`."""

    def __init__(self, spec: StftSpec, rate: int) -> None:
        self._hop = spec.hop(rate)
        self._window = spec.window(rate) * np.float32(spec.scale(rate))
        self._tail: NDArray[np.float32] | None = None

    def __call__(self, spectra: NDArray[np.complex64]) -> NDArray[np.float32]:
        """Spectra (channels, frames, bins) to sound (channels, frames * hop)."""
        channels, count, _ = spectra.shape
        frames = np.fft.irfft(spectra, 2 * self._hop).astype(np.float32, copy=False)
        frames *= self._window
        halves = frames.reshape(channels, count, 2, self._hop)
        sound = np.empty((channels, count, self._hop), np.float32)
        np.add(halves[:, 1:, 0], halves[:, :-1, 1], out=sound[:, 1:])
        if self._tail is None:
            sound[:, 0] = 0  # before the first sample there was nothing
        else:
            np.add(halves[:, 0, 0], self._tail, out=sound[:, 0])
        self._tail = halves[:, -1, 1].copy()
        return sound.reshape(channels, count * self._hop)
