"""ViSQOL, speech mode."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unnoise.errors import MissingExtraError
from unnoise.signal.resample import resample


def visqol(reference: NDArray[np.floating], estimate: NDArray[np.floating], rate: int) -> float:
    """ViSQOL 3 in speech mode with its lattice mapper, 1 to 5, of two (samples,) at any rate; NaN where undefined.

    Compared at 16 kHz. Without the lattice part of the package its figures are up to two points higher, so that is
    refused. Undefined for silence and below half a second. Source: Chinen et al., "ViSQOL v3", 2020 (arXiv
    2004.09584).
    """
    model = _model()
    if len(reference) < rate / 2 or not (np.any(reference) and np.any(estimate)):
        return float("nan")
    clean, found = (resample(x.astype(np.float32), rate, 16000).astype(np.float64) for x in (reference, estimate))
    try:
        return float(model.measure_from_arrays(clean, found, 16000).moslqo)
    except (ValueError, IndexError):  # no patch of the reference is active or long enough
        return float("nan")


@lru_cache(maxsize=1)
def _model() -> Any:
    for package, module in (("visqol-python", "visqol"), ("ai-edge-litert", "ai_edge_litert")):
        if find_spec(module) is None:
            raise MissingExtraError(package, "visqol")
    from visqol import VisqolApi

    model = VisqolApi()
    model.create(mode="speech", use_lattice_model=True)
    return model
