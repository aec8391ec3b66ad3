"""From features to an SNR and a kind of noise: a network of three small layers, in numpy."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

KINDS = ("steady", "hum", "hiss", "wind", "babble", "mixed")
"""In the order of the network's outputs; `bench/fit_inspect.py` fits it and writes the weights."""
_WEIGHTS = Path(__file__).with_name("inspect.npz")
_FAR = 6.0
"""Features further from their mean, in deviations, tell nothing more."""


def snr_and_kind(features: NDArray[np.float64]) -> tuple[float, str]:
    """The SNR in dB against the active speech, and one of `KINDS`, from `Features.vector()`."""
    weights = _weights()
    x = np.clip((features - weights["mean"]) / weights["spread"], -_FAR, _FAR)
    x = np.maximum(weights["weight0"] @ x + weights["bias0"], 0)
    x = np.maximum(weights["weight1"] @ x + weights["bias1"], 0)
    snr_db, *kinds = weights["weight2"] @ x + weights["bias2"]
    return float(snr_db), KINDS[int(np.argmax(kinds))]


@cache
def _weights() -> dict[str, NDArray[np.float64]]:
    with np.load(_WEIGHTS) as stored:
        return {name: stored[name].astype(np.float64) for name in stored.files}
