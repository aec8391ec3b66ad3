"""Knocks, clicks and taps: short resonant bursts at irregular times."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def knocks(samples: int, rate: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Damped resonances at 80-6000 Hz, 1-12 a second, over a floor 30-60 dB below."""
    out = np.zeros(samples)
    at = 0.0
    per_second = generator.uniform(1, 12)
    body_hz = np.exp(generator.uniform(np.log(80), np.log(3000)))
    while True:
        at += generator.exponential(1 / per_second)
        start = int(at * rate)
        if start >= samples:
            break
        decay_s = generator.uniform(0.003, 0.06)
        n = min(int(6 * decay_s * rate), samples - start)
        t = np.arange(n) / rate
        tone = np.sin(2 * np.pi * min(body_hz * generator.uniform(0.7, 2), 0.45 * rate) * t)
        burst = (tone + generator.standard_normal(n) * generator.uniform(0.1, 1)) * np.exp(-t / decay_s)
        out[start : start + n] += generator.uniform(0.1, 1) * burst
    floor = np.sqrt(np.mean(out**2)) * 10 ** (generator.uniform(-60, -30) / 20)
    whole: NDArray[np.float64] = out + generator.standard_normal(samples) * (floor + 1e-6)
    return whole
