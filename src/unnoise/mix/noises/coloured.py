"""Stationary noise with a sloped, bumpy spectrum: hiss, rumble, air and everything between."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def shaped(
    samples: int, rate: int, curve_db: NDArray[np.float64], generator: np.random.Generator
) -> NDArray[np.float64]:
    """Gaussian noise whose spectrum follows `curve_db`, (samples // 2 + 1,) decibels."""
    spectrum = np.fft.rfft(generator.standard_normal(samples)) * 10 ** (curve_db / 20)
    return np.fft.irfft(spectrum, samples)


def coloured(samples: int, rate: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Slope between -9 and +6 dB an octave, four bumps of up to 8 dB, a slow swell of up to 6 dB."""
    hz = np.maximum(np.fft.rfftfreq(samples, 1 / rate), 20.0)
    octaves = np.log2(hz / 1000)
    curve = octaves * generator.uniform(-9, 6)
    for _ in range(4):
        centre, width = generator.uniform(-4, 4), generator.uniform(0.2, 1.5)
        curve += generator.uniform(-8, 8) * np.exp(-(((octaves - centre) / width) ** 2))
    out = shaped(samples, rate, curve - curve.max(), generator)
    period_s, phase = generator.uniform(1.5, 12), generator.uniform(0, 2 * np.pi)
    swell_db = generator.uniform(0, 3) * np.sin(2 * np.pi * np.arange(samples) / rate / period_s + phase)
    return out * 10 ** (swell_db / 20)
