"""Scale-invariant signal-to-distortion ratio."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def si_sdr(reference: NDArray[np.floating], estimate: NDArray[np.floating], rate: int = 0) -> float:
    """SI-SDR in dB of two (samples,), means removed, higher is better, at any rate; NaN where one is silent.

    Source: Le Roux et al. 2019 (arXiv 1811.02508), eq. 3.
    """
    clean = reference.astype(np.float64) - reference.mean(dtype=np.float64)
    found = estimate.astype(np.float64) - estimate.mean(dtype=np.float64)
    energy, own = float(clean @ clean), float(found @ found)
    if energy <= 1e-12 or own <= 1e-12:
        return float("nan")
    target = (found @ clean) / energy * clean
    rest = found - target
    return 10 * float(np.log10((target @ target + 1e-20) / (rest @ rest + 1e-20)))
