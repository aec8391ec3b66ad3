"""Rain, thunder and wind, made of falling drops, claps that roll away, and gusts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unnoise.mix.noises.events import fading, moments, scatter
from unnoise.mix.noises.parameters import log_uniform, uniform
from unnoise.mix.noises.shaping import curve, joined, rms, shaped, slow, swell
from unnoise.signal.filtered import Gain

# 10th to 90th percentile, rounded, of 16 recordings of rain, 16 of thunder and 10 of wind, each 3 s or longer, at
# 16 kHz: python bench/noise_traits.py. Of 100 made noises of 20 s, at least 97 lie inside.
TRAITS: dict[str, dict[str, tuple[float, float]]] = {
    "rain": {"crest_factor_db": (14.0, 24.0), "centroid_hz": (400.0, 2800.0)},
    "thunder": {"modulation_db": (8.0, 13.0), "centroid_hz": (110.0, 390.0)},
    "wind": {"modulation_db": (2.5, 7.0), "centroid_hz": (30.0, 490.0)},
}

DROP_S = 0.012
ENVELOPE_HZ = 500
BURSTS = 16  # different bursts in one thunder
SIZES = 48  # different drops in one rain
LARGEST = 3.0  # of a mean drop: larger ones break apart


def rain(
    samples: int,
    rate: int,
    generator: np.random.Generator,
    *,
    drops_per_second: float | None = None,
    bed_db: float | None = None,
    bright_hz: float | None = None,
    swell_db: float | None = None,
) -> NDArray[np.float64]:
    """Drops of all sizes on hard ground before the hiss of all those far away.

    `drops_per_second`: near ones, drawn from 100 to 1500; `bed_db`: the hiss relative to them, drawn from 4 to 10;
    `bright_hz`: where the hiss begins to fall, drawn from 300 to 2500; `swell_db`: how far the whole comes and goes,
    drawn from 0 to 3. Traits at 16 kHz: crest factor 14 to 24 dB,
    centroid 400 to 2800 Hz.
    """
    drops_per_second = log_uniform(drops_per_second, generator, 100, 1500)
    bed_db = uniform(bed_db, generator, 4, 10)
    bright_hz = max(1.0, log_uniform(bright_hz, generator, 300, 2500))
    swell_db = uniform(swell_db, generator, 0, 3)
    starts = moments(samples, rate, generator, drops_per_second)
    # Sizes fall off exponentially (Marshall and Palmer, "The distribution of raindrops with size", 1948).
    sizes = np.minimum(generator.exponential(1, SIZES), LARGEST)
    gains = 10 ** (generator.normal(0, 3, len(starts)) / 20)  # how near
    out = scatter(samples, starts, _drops(rate, generator, sizes), generator.integers(0, SIZES, len(starts)), gains)
    out /= rms(out)
    out += 10 ** (bed_db / 20) * shaped(samples, rate, generator, _hiss(rate, bright_hz))
    out *= swell(samples, rate, generator, swell_db)
    return out


def _drops(rate: int, generator: np.random.Generator, sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sounds of drops (sizes, samples): the larger, the louder, lower and longer."""
    pitch_hz = np.minimum(2500 / (0.4 + sizes) * generator.uniform(0.7, 1.4, len(sizes)), 0.45 * rate)
    fades = fading(rate, 0.0004 + 0.0006 * sizes, DROP_S)
    times_s = np.arange(fades.shape[1]) / rate
    ring = np.sin(2 * np.pi * (pitch_hz[:, None] * times_s + generator.uniform(0, 1, len(sizes))[:, None]))
    splash = generator.standard_normal(fades.shape)
    out: NDArray[np.float64] = (0.3 + sizes[:, None]) * fades * (ring + 0.7 * splash)
    return out


def _hiss(rate: int, bright_hz: float) -> Gain:
    """Rises to 150 Hz, falls by 6 dB an octave above `bright_hz`."""
    return curve(lambda hz: -10 * np.log10(1 + (150 / hz) ** 2) - 10 * np.log10(1 + (hz / bright_hz) ** 2), rate)


def thunder(
    samples: int,
    rate: int,
    generator: np.random.Generator,
    *,
    claps_every_s: float | None = None,
    roll_s: float | None = None,
    crack_db: float | None = None,
    rain_db: float | None = None,
) -> NDArray[np.float64]:
    """Claps: each a crack, then a rumble that rolls in bursts and dies away, over a trace of far rain.

    `claps_every_s`: mean time between claps, drawn from 6 to 8; the first comes within the first second or so;
    `roll_s`: time in which the rumble falls by 8.7 dB, drawn from 1.9 to 2.5; `crack_db`: relative to the rumble,
    drawn from -8 to 6; `rain_db`: relative to the claps, drawn from -30 to -26. Traits at 16 kHz:
    modulation 8 to 13 dB, centroid 110 to 390 Hz.
    """
    claps_every_s = max(0.1, log_uniform(claps_every_s, generator, 6, 8))
    roll_s = max(0.1, log_uniform(roll_s, generator, 1.9, 2.5))
    crack_db = uniform(crack_db, generator, -8, 6)
    rain_db = uniform(rain_db, generator, -30, -26)
    seconds = samples / rate
    gaps_s = generator.uniform(0.8, 1.2, int(seconds / claps_every_s) + 1) * claps_every_s
    claps_s = np.cumsum(gaps_s) - gaps_s[0] + generator.uniform(0, min(1.0, 0.5 * seconds))
    rumble = shaped(samples, rate, generator, _falling(rate, generator.uniform(60, 140), 9))
    out = rumble * _rolling(samples, rate, generator, claps_s, roll_s, branches=14)
    crack = shaped(samples, rate, generator, _falling(rate, generator.uniform(300, 900), 7))
    out += 10 ** (crack_db / 20) * crack * _rolling(samples, rate, generator, claps_s, 0.12, branches=6)
    far = shaped(samples, rate, generator, _hiss(rate, 900))
    far *= rms(out) * 10 ** (rain_db / 20)
    return far + out


def _falling(rate: int, knee_hz: float, slope_db: float) -> Gain:
    """Rises to 30 Hz, level to `knee_hz`, then falls by `slope_db` an octave."""
    return curve(lambda hz: -20 * np.log10(1 + (30 / hz) ** 2) - slope_db / 2 * np.log2(1 + (hz / knee_hz) ** 2), rate)


def _rolling(
    samples: int,
    rate: int,
    generator: np.random.Generator,
    claps_s: NDArray[np.float64],
    roll_s: float,
    branches: int,
) -> NDArray[np.float64]:
    """Gains (samples,): each clap is a row of bursts, of the branches of the lightning, weaker and longer with time."""
    step = max(1, rate // ENVELOPE_HZ)
    points = samples // step + 2
    after_s = np.sort(generator.exponential(roll_s, (len(claps_s), branches)), axis=1)
    after_s[:, 0] = 0
    strength = np.exp(-after_s / roll_s) * 10 ** (generator.normal(0, 4, after_s.shape) / 20)
    strength *= 10 ** (generator.uniform(-4, 0, (len(claps_s), 1)) / 20)
    starts = ((claps_s[:, None] + after_s) * rate / step).astype(np.int64)
    bursts = fading(ENVELOPE_HZ, roll_s * generator.uniform(0.15, 0.6, BURSTS), min(4 * roll_s, points / ENVELOPE_HZ))
    bursts[:, 0] *= 0.5  # a rise of two points, no edge
    which = generator.integers(0, BURSTS, starts.shape)
    inside = starts < points
    gains = scatter(points, starts[inside], bursts, which[inside], strength[inside])
    return joined(gains, step, samples)


def wind(
    samples: int,
    rate: int,
    generator: np.random.Generator,
    *,
    gust_hz: float | None = None,
    gust_db: float | None = None,
    buffet_db: float | None = None,
    howl_db: float | None = None,
) -> NDArray[np.float64]:
    """Brownish noise that swells with the gusts and brightens in them, with blows on the microphone and a howl.

    `gust_hz`: how fast the gusts come and go, drawn from 0.25 to 1; `gust_db`: standard deviation of their level, drawn
    from 3.8 to 4.4; `buffet_db`: the blows below 60 Hz relative to the noise, drawn from -12 to 3; `howl_db`: a narrow
    band that wanders with the wind, drawn from -30 to -14. Traits at
    16 kHz: modulation 2.5 to 7 dB, centroid 30 to 490 Hz.
    """
    gust_hz = max(0.01, log_uniform(gust_hz, generator, 0.25, 1))
    gust_db = uniform(gust_db, generator, 3.8, 4.4)
    buffet_db = uniform(buffet_db, generator, -12, 3)
    howl_db = uniform(howl_db, generator, -30, -14)
    gusts = slow(samples, rate, generator, gust_hz)
    speed = np.exp(gusts * (gust_db * np.log(10) / 20))
    out = shaped(samples, rate, generator, _falling(rate, generator.uniform(60, 180), 6))
    out += 10 ** (buffet_db / 20) * _buffets(samples, rate, generator)
    bright = 10 ** (generator.uniform(-32, -22) / 20) * shaped(samples, rate, generator, _falling(rate, 800, 6))
    bright += 10 ** (howl_db / 20) * _howl(samples, rate, generator, gusts)
    bright *= speed
    out += bright
    out *= speed
    return out


def _buffets(samples: int, rate: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Blows on the microphone: noise below 60 Hz or so that comes and goes a few times a second."""
    blows: NDArray[np.float64] = np.exp(0.5 * slow(samples, rate, generator, 4.0))
    blows *= shaped(samples, rate, generator, _falling(rate, 25, 12))
    return blows


def _howl(samples: int, rate: int, generator: np.random.Generator, gusts: NDArray[np.float64]) -> NDArray[np.float64]:
    """A narrow band of noise, as at an edge or a wire, whose pitch goes with the speed of the wind."""
    pitch_hz = generator.uniform(250, 600) * np.exp(0.12 * gusts)
    howl: NDArray[np.float64] = np.sqrt(2) * slow(samples, rate, generator, 15.0)
    howl *= np.sin(2 * np.pi / rate * np.cumsum(pitch_hz))
    return howl
