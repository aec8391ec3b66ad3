"""Mains hum and buzz: 50 or 60 Hz and harmonics, drifting a little."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def hum(samples: int, rate: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Harmonics up to a random limit of 300-6000 Hz that fall by 0-9 dB an octave, over a trace of hiss."""
    base_hz = float(generator.choice([50.0, 60.0])) * (1 + generator.uniform(-0.002, 0.002))
    limit_hz = min(float(np.exp(generator.uniform(np.log(300), np.log(6000)))), 0.45 * rate)
    slope_db = generator.uniform(0, 9)
    t = np.arange(samples) / rate
    drift_hz = 0.05 * np.sin(2 * np.pi * t / generator.uniform(4, 20))
    turn = 2 * np.pi * np.cumsum(base_hz + drift_hz) / rate
    out = np.zeros(samples)
    for k in range(1, int(limit_hz / base_hz) + 1):
        level_db = -slope_db * np.log2(k) + generator.normal(0, 5) - (6 if k % 2 else 0)
        out += 10 ** (level_db / 20) * np.sin(k * turn + generator.uniform(0, 2 * np.pi))
    rms = float(np.sqrt(np.mean(out**2)))
    return out + generator.standard_normal(samples) * rms * 10 ** (generator.uniform(-40, -10) / 20)
