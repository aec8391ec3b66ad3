"""Shaping by the Fourier transform of the whole length: noise of any spectrum, slow random curves."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unnoise.signal.filtered import Gain
from unnoise.signal.lengths import fast_length

FEWEST = 64  # a transform shorter than this cannot show a shape
SHORTEST_S = 0.1  # the same in time: low notes must fit in
GRID_HZ = (1.0, 1.01)  # first frequency and ratio of a curve's grid


def shaped(samples: int, rate: float, generator: np.random.Generator, gain: Gain) -> NDArray[np.float64]:
    """Gaussian noise (samples,) of the spectrum `gain`, without a mean, with a root mean square of one on average.

    It is drawn in the frequency domain, which saves one of two transforms.
    """
    n = fast_length(max(samples, FEWEST, round(SHORTEST_S * rate)))
    hz = np.fft.rfftfreq(n, 1 / rate)
    spectrum = generator.standard_normal(2 * len(hz)).view(np.complex128)
    gains = gain(hz)
    gains[0] = 0
    spectrum *= gains * (n / np.sqrt(4 * max(float(np.sum(np.square(gains))), 1e-300)))
    return np.fft.irfft(spectrum, n)[:samples]


def curve(level_db: Gain, rate: int) -> Gain:
    """The gain of a smooth curve in decibels; it is worked out on a grid of 1 % steps, for speed."""
    first, ratio = GRID_HZ
    grid = first * ratio ** np.arange(int(np.log(rate / 2 / first) / np.log(ratio)) + 2)
    gains = 10 ** (level_db(grid) / 20)
    return lambda hz: np.interp(hz, grid, gains)


def slow(samples: int, rate: int, generator: np.random.Generator, hz: float) -> NDArray[np.float64]:
    """A random curve (samples,) that moves below about `hz`: Gaussian, mean 0, standard deviation 1 on average."""
    step = max(1, int(rate / hz / 8))
    points = samples // step + 2
    return joined(shaped(points, rate / step, generator, lambda f: np.exp(-((f / hz) ** 2))), step, samples)


def swell(samples: int, rate: int, generator: np.random.Generator, depth_db: float) -> NDArray[np.float64]:
    """Gains (samples,) that go up and down by `depth_db` in even waves of 1.5 to 12 s."""
    period_s, phase = generator.uniform(1.5, 12), generator.uniform(0, 2 * np.pi)
    step = max(1, rate // 40)
    times_s = np.arange(samples // step + 2) * step / rate
    return joined(10 ** (depth_db / 20 * np.sin(2 * np.pi * times_s / period_s + phase)), step, samples)


def joined(points: NDArray[np.float64], step: int, samples: int) -> NDArray[np.float64]:
    """Straight lines (samples,) through `points`, which lie `step` samples apart."""
    lines = np.diff(points)[:, None] * (np.arange(step) / step)
    lines += points[:-1, None]
    return lines.reshape(-1)[:samples]


def rms(audio: NDArray[np.floating]) -> float:
    """Root mean square of (samples,), never quite zero."""
    return float(np.sqrt(np.sum(np.square(audio)) / max(1, len(audio)))) + 1e-300
