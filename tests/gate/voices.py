"""Sounds for the tests of the gates."""

import numpy as np


def make_voice(rate, seconds, seed=0, level=0.1):
    """Something like speech: harmonics under syllables of about 4 a second, some of them left out."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(rate * seconds)) / rate
    pitch_hz = 130 + 20 * np.sin(2 * np.pi * 0.7 * t + seed)
    phase = 2 * np.pi * np.cumsum(pitch_hz) / rate
    harmonics = [k for k in range(1, 25) if k * 160 < rate / 2]
    sound = sum(np.sin(k * phase) / (1 + k * 0.3) for k in harmonics)
    spoken = np.repeat(rng.random(int(seconds * 4) + 2) > 0.3, round(rate / 4))[: len(t)]
    syllables = np.clip(np.sin(2 * np.pi * 4 * t), 0, None) ** 0.5 * spoken
    sound = sound * syllables
    return (level * sound / np.sqrt(np.mean(sound**2) + 1e-12)).astype(np.float32)
