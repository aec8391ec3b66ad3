"""Speech-like sounds and noises for the tests of inspect."""

import numpy as np


def voice(rate, seconds, seed=0, level_dbfs=-23.0):
    """Syllables of voiced harmonics and of hiss, four a second, with pauses between some of them."""
    rng = np.random.default_rng(seed)
    n = round(rate * seconds)
    t = np.arange(n) / rate
    sound, at = np.zeros(n), 0
    pitch_hz = rng.uniform(100, 220)
    while at < n:
        length = min(n - at, round(rate * rng.uniform(0.12, 0.3)))
        part = t[at : at + length]
        shape = np.sin(np.pi * np.arange(length) / length) ** 0.7
        kind = rng.random()
        if kind < 0.7:
            formants_hz = rng.uniform([300, 900, 2300], [800, 2200, 3000])
            for k in range(1, int(min(4000, rate / 2) / pitch_hz)):
                hz = k * pitch_hz * (1 + 0.03 * np.sin(2 * np.pi * 3 * part[0]))
                height = sum(np.exp(-(((hz - f) / 180) ** 2)) / (1 + i) for i, f in enumerate(formants_hz))
                sound[at : at + length] += shape * (height + 0.02) * np.sin(2 * np.pi * hz * part + k)
        elif kind < 0.85:
            sound[at : at + length] += 0.15 * shape * np.diff(rng.standard_normal(length + 1))
        at += length + round(rate * rng.choice([0.01, 0.05, 0.3], p=[0.6, 0.25, 0.15]))
    return sound * 10 ** (level_dbfs / 20) / np.sqrt(np.mean(sound**2) + 1e-12)


def coloured(rate, seconds, slope_db, seed=0):
    """Steady noise that changes by `slope_db` an octave; power 1."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft(rng.standard_normal(round(rate * seconds)))
    hz = np.maximum(np.fft.rfftfreq(round(rate * seconds), 1 / rate), 30)
    sound = np.fft.irfft(spectrum * 10 ** (slope_db * np.log2(hz / 1000) / 20), round(rate * seconds))
    return sound / np.std(sound)


def mains(rate, seconds, mains_hz=50):
    """Ten harmonics of the mains; power 1."""
    t = np.arange(round(rate * seconds)) / rate
    sound = sum(np.sin(2 * np.pi * k * mains_hz * t + k) / k for k in range(1, 11))
    return sound / np.std(sound)
