"""Fans, air conditioning, vacuum cleaners: broad noise with the tones of blades and a motor."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unnoise.mix.noises.coloured import shaped


def fan(samples: int, rate: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Blade-pass tones at 20-400 Hz with harmonics over falling noise, turning a little unevenly."""
    hz = np.maximum(np.fft.rfftfreq(samples, 1 / rate), 20.0)
    slope, knee_hz = generator.uniform(-8, -2), generator.uniform(80, 800)
    curve = slope * np.log2(1 + hz / knee_hz)
    air = shaped(samples, rate, curve, generator)
    air /= np.sqrt(np.mean(air**2))
    t = np.arange(samples) / rate
    base_hz = generator.uniform(20, 400)
    drift = 1 + 0.004 * np.sin(2 * np.pi * t / generator.uniform(3, 15) + generator.uniform(0, 6))
    turn = 2 * np.pi * base_hz * np.cumsum(drift) / rate
    tones = np.zeros(samples)
    for k in range(1, int(generator.integers(2, 12))):
        if k * base_hz < 0.45 * rate:
            tones += generator.uniform(0.2, 1) / k ** generator.uniform(0.3, 1.5) * np.sin(k * turn + 6 * k)
    tones /= np.sqrt(np.mean(tones**2)) + 1e-9
    beat = 1 + generator.uniform(0, 0.4) * np.sin(turn / generator.integers(2, 6))
    return air * beat + tones * 10 ** (generator.uniform(-20, 3) / 20)
