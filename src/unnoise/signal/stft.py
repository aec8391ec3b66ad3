"""The short-time Fourier transform: the only place where a window is built.

A window is a length of *time*, so the bins of a frame at 8 or 16 kHz are the first bins of the same frame
at 48 kHz, and one network serves all rates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


def _smooth(n: int) -> bool:
    """Whether n has no prime factor above 11: what the FFT does fast."""
    for p in (2, 3, 5, 7, 11):
        while n % p == 0:
            n //= p
    return n == 1


@dataclass(frozen=True)
class StftSpec:
    """A square-root Hann window both ways, half overlapped: analysis and synthesis of the identity are exact.

    Reference: Griffin and Lim, "Signal estimation from modified short-time Fourier transform", 1984, eq. 6.
    """

    hop_ms: float = 16.0
    """Milliseconds from frame to frame; the window is twice as long."""

    def hop(self, rate: int) -> int:
        """Samples from frame to frame at `rate` Hz: fast to transform, within 0.5 % of `hop_ms` or half a sample."""
        exact = rate * self.hop_ms / 1000
        near = max(1, round(exact))
        if abs(near - exact) < 1e-6:
            return near
        reach = int(exact * 0.005)
        for step in range(reach + 1):
            for n in (near - step, near + step):
                if n > 0 and _smooth(n):
                    return n
        return near

    def window_samples(self, rate: int) -> int:
        """Samples of one window at `rate` Hz."""
        return 2 * self.hop(rate)

    def bins(self, rate: int) -> int:
        """Frequency bins of one frame at `rate` Hz."""
        return self.hop(rate) + 1

    def window(self, rate: int) -> NDArray[np.float32]:
        """The square-root Hann window at `rate` Hz, (window,) float32; its square overlap-adds to one."""
        n = self.window_samples(rate)
        return np.sin(np.pi * np.arange(n) / n).astype(np.float32)

    def scale(self, rate: int) -> float:
        """What an analysed frame is divided by, so that one sound gives one spectrum at every rate."""
        return float(self.window(rate).sum())

    def analyse(self, frames: NDArray[np.float32], rate: int) -> NDArray[np.complex64]:
        """Spectra of cut frames, (..., window) to (..., bins)."""
        window = self.window(rate) / np.float32(self.scale(rate))
        return np.fft.rfft(frames * window, axis=-1).astype(np.complex64, copy=False)
