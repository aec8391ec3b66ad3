"""Small sounds, and what the tests of this folder do with every file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from unnoise.files import Source, open_source, open_target


def noise(samples: int, channels: int = 1, *, seed: int = 0) -> NDArray[np.float32]:
    """Quiet noise, (samples, channels)."""
    generator = np.random.default_rng(seed)
    return (0.1 * generator.standard_normal((samples, channels))).astype(np.float32)


def chirp(samples: int, rate: int, channels: int = 1) -> NDArray[np.float32]:
    """A tone that rises, which lossy coders keep and which matches itself at one lag only."""
    t = np.arange(samples) / rate
    tone = 0.3 * np.sin(2 * np.pi * (150 + 300 * t) * t)
    return np.tile(tone[:, None], (1, channels)).astype(np.float32)


def store(path: Path, audio: NDArray[np.float32], rate: int = 16000, **how: str) -> Path:
    """Write with soundfile alone."""
    if path.suffix == ".opus":
        how = {"format": "OGG", "subtype": "OPUS", **how}
    if path.suffix == ".sf":
        how = {"format": "IRCAM", **how}
    soundfile.write(path, audio, rate, **how)
    return path


def drawn(path: Path | str, block: int = 1000, **how: float) -> tuple[NDArray[np.float64], Source]:
    """All samples, by blocks, and the source they came from."""
    with open_source(path, **how) as source:
        blocks = list(source.blocks(block))
    empty = np.zeros((0, source.info.channels))
    return np.concatenate([empty, *blocks]), source


def passed(source_path: Path, target_path: Path, *, force: bool = False, **how: float) -> list[str]:
    """Copy block by block; the notes."""
    with (
        open_source(source_path, **how) as source,
        open_target(target_path, source.info, force=force, source=source) as target,
    ):
        for block in source.blocks(777):
            target.write(block)
    return target.notes


def lag(one: NDArray[np.float64], other: NDArray[np.float64]) -> int:
    """By how many samples `one` is late against `other`, both (samples,)."""
    size = 1 << (len(one) + len(other)).bit_length()
    like = np.fft.irfft(np.fft.rfft(one, size) * np.conj(np.fft.rfft(other, size)), size)
    best = int(np.argmax(like))
    return best if best < size // 2 else best - size
