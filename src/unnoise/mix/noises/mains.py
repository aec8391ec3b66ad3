"""What the mains puts on a line: hum, the buzz of dimmers and rectifiers, the whine of switching supplies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unnoise.mix.noises.parameters import below_half, log_uniform, uniform
from unnoise.mix.noises.shaping import rms
from unnoise.mix.noises.tones import drifting, harmonics

TOP = 0.45  # of the rate: no harmonic above
DRIFT_HZ = 0.2  # how fast the mains wanders
RIPPLE = np.array([0.2, 1.0, 0.0, 0.3])  # of a rectifier: harmonics 1 to 4 of the mains


def _mains_hz(base_hz: float | None, generator: np.random.Generator, rate: int) -> float:
    drawn = generator.choice([50.0, 60.0]) * (1 + generator.uniform(-0.002, 0.002))
    return below_half("base_hz", float(drawn if base_hz is None else base_hz), rate)


def _hissing(tone: NDArray[np.float64], generator: np.random.Generator, hiss_db: float) -> NDArray[np.float64]:
    hiss = generator.standard_normal(len(tone))
    hiss *= rms(tone) * 10 ** (hiss_db / 20)
    hiss += tone
    return hiss


def hum(
    samples: int,
    rate: int,
    generator: np.random.Generator,
    *,
    base_hz: float | None = None,
    limit_hz: float | None = None,
    slope_db: float | None = None,
    drift_hz: float = 0.05,
    hiss_db: float | None = None,
) -> NDArray[np.float64]:
    """Harmonics of the mains over a trace of hiss.

    `base_hz`: drawn, 50 or 60 within 0.2 %; `drift_hz`: standard deviation of its wandering; `limit_hz`: highest
    harmonic, drawn from 300 to 6000; `slope_db`: what they fall by an octave, drawn from 0 to 9, each then moved by
    chance (5 dB); odd ones are 6 dB lower; `hiss_db`: relative to the tones, drawn from -40 to -10.
    """
    base_hz = _mains_hz(base_hz, generator, rate)
    limit_hz = min(log_uniform(limit_hz, generator, 300, 6000), TOP * rate)
    slope_db = uniform(slope_db, generator, 0, 9)
    hiss_db = uniform(hiss_db, generator, -40, -10)
    turns = drifting(samples, rate, generator, base_hz, drift_hz, DRIFT_HZ)
    k = np.arange(1, max(1, int(limit_hz / base_hz)) + 1)
    level_db = -slope_db * np.log2(k) + generator.normal(0, 5, len(k)) - 6.0 * (k % 2)
    tone = harmonics(turns, 10 ** (level_db / 20), generator.uniform(0, 2 * np.pi, len(k)))
    return _hissing(tone, generator, hiss_db)


def buzz(
    samples: int,
    rate: int,
    generator: np.random.Generator,
    *,
    base_hz: float | None = None,
    limit_hz: float | None = None,
    slope_db: float | None = None,
    drift_hz: float = 0.05,
    hiss_db: float | None = None,
) -> NDArray[np.float64]:
    """Short pulses at twice the mains' frequency: harmonics in step, up to high pitches.

    `base_hz`: of the mains, drawn, 50 or 60 within 0.2 %; `drift_hz`: standard deviation of its wandering;
    `limit_hz`: drawn from 3000 to 16000; `slope_db`: what the harmonics fall by an octave, drawn from 0 to 4; every
    second pulse is a little weaker; `hiss_db`: relative to the pulses, drawn from -40 to -20.
    """
    base_hz = _mains_hz(base_hz, generator, rate)
    limit_hz = min(log_uniform(limit_hz, generator, 3000, 16000), TOP * rate)
    slope_db = uniform(slope_db, generator, 0, 4)
    hiss_db = uniform(hiss_db, generator, -40, -20)
    turns = drifting(samples, rate, generator, base_hz, drift_hz, DRIFT_HZ)
    k = np.arange(1, max(2, int(limit_hz / base_hz)) + 1)
    # Two pulses a turn have even harmonics only; what stands between them is how much the two differ.
    uneven_db = generator.uniform(-40, -12)
    level_db = -slope_db * np.log2(k) + generator.normal(0, 1, len(k)) + uneven_db * (k % 2)
    start = generator.uniform(0, 2 * np.pi)
    tone = harmonics(turns, 10 ** (level_db / 20), start * k + generator.normal(0, 0.3, len(k)))
    return _hissing(tone, generator, hiss_db)


def whine(
    samples: int,
    rate: int,
    generator: np.random.Generator,
    *,
    base_hz: float | None = None,
    supplies: int = 2,
    jitter_hz: float | None = None,
    ripple: float | None = None,
    hiss_db: float | None = None,
) -> NDArray[np.float64]:
    """Switching power supplies: tones of a few kHz whose pitch jitters, with sidebands of the mains' ripple.

    `base_hz`: lowest pitch, drawn from 1500 to 7000 (at low rates: to 0.4 of the rate) for each of `supplies`;
    `jitter_hz`: standard deviation of the pitch, drawn from 0.5 to 15; `ripple`: depth of the modulation at twice the
    mains and its multiples together, 0 to 1, drawn from 0.05 to 0.6; `hiss_db`: relative to the tones, drawn from -40
    to -15.
    """
    jitter_hz = log_uniform(jitter_hz, generator, 0.5, 15)
    ripple = uniform(ripple, generator, 0.05, 0.6)
    hiss_db = uniform(hiss_db, generator, -40, -15)
    mains_hz = float(generator.choice([50.0, 60.0]))
    tone = np.zeros(samples)
    for _ in range(max(1, supplies)):
        pitch_hz = below_half("base_hz", log_uniform(base_hz, generator, 1500, min(7000, 0.4 * rate)), rate)
        k = np.arange(1, max(1, min(4, int(TOP * rate / pitch_hz))) + 1)
        level_db = generator.uniform(-12, 0) - generator.uniform(6, 15) * np.log2(k) + generator.normal(0, 3, len(k))
        turns = drifting(samples, rate, generator, pitch_hz, jitter_hz, 20.0)
        tone += harmonics(turns, 10 ** (level_db / 20), generator.uniform(0, 2 * np.pi, len(k)))
    second: NDArray[np.float64] = np.arange(rate) * np.float64(mains_hz / rate)  # whole turns: it can be repeated
    swing = 1 + min(ripple, 1.0) / RIPPLE.sum() * harmonics(
        second, RIPPLE, generator.uniform(0, 2 * np.pi, len(RIPPLE))
    )
    tone *= np.resize(swing, samples)
    return _hissing(tone, generator, hiss_db)
