"""Noises without recordings, a file a family: name -> "module:function" of (samples, rate, generator)."""

from __future__ import annotations

from importlib import import_module

import numpy as np
from numpy.typing import NDArray

NOISES = {
    "coloured": "unnoise.mix.noises.coloured:coloured",
    "fan": "unnoise.mix.noises.fan:fan",
    "hum": "unnoise.mix.noises.hum:hum",
    "knocks": "unnoise.mix.noises.knocks:knocks",
}


def make_noise(name: str, samples: int, rate: int, generator: np.random.Generator) -> NDArray[np.float32]:
    """(samples,) float32 of the noise called `name`, with a root mean square of 0.1."""
    module, function = NOISES[name].split(":")
    audio = getattr(import_module(module), function)(samples, rate, generator)
    scaled: NDArray[np.float32] = (audio * (0.1 / (np.sqrt(np.mean(audio**2)) + 1e-12))).astype(np.float32)
    return scaled
