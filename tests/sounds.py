"""Sounds that tests make: talk-like voices, noise, folders of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile as sf
from numpy.typing import NDArray


def voice(seconds: float, rate: int, seed: int = 0) -> NDArray[np.float32]:
    """Harmonics of a gliding pitch under syllables and pauses: enough like speech for levels and masks."""
    rng = np.random.default_rng(seed)
    n = round(seconds * rate)
    t = np.arange(n) / rate
    pitch_hz = rng.uniform(90, 230) * (1 + 0.1 * np.sin(2 * np.pi * rng.uniform(0.3, 0.8) * t))
    turn = 2 * np.pi * np.cumsum(pitch_hz) / rate
    out = np.zeros(n)
    for k in range(1, 30):
        out += np.sin(k * turn) / k * (k * pitch_hz < 0.45 * rate)
    syllables = np.clip(np.sin(2 * np.pi * rng.uniform(2.5, 4) * t), 0, 1) ** 0.5
    talking = np.sin(2 * np.pi * rng.uniform(0.2, 0.4) * t + rng.uniform(0, 3)) > -0.5
    return (0.1 * out * syllables * talking + 1e-5 * rng.standard_normal(n)).astype(np.float32)


def noise(seconds: float, rate: int, seed: int = 0) -> NDArray[np.float32]:
    """White noise at -26 dBFS."""
    return (0.05 * np.random.default_rng(seed).standard_normal(round(seconds * rate))).astype(np.float32)


def corpus(folder: Path, *, speakers: int = 4, rate: int = 16000) -> tuple[Path, Path]:
    """A clean folder (speaker/clip.wav) and a noise folder (kind/recording.wav), written below `folder`."""
    clean, noisy = folder / "clean", folder / "noise"
    for speaker in range(speakers):
        place = clean / f"speaker{speaker}"
        place.mkdir(parents=True)
        for clip in range(2):
            sf.write(place / f"{clip}.wav", voice(2.5, rate, 10 * speaker + clip), rate)
    for kind in range(4):
        place = noisy / f"kind{kind}"
        place.mkdir(parents=True)
        sf.write(place / f"recording-{1000 + kind}.wav", noise(1.5, rate, 100 + kind), rate)
    return clean, noisy
