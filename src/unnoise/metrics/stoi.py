"""Short-time objective intelligibility."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from unnoise.errors import MissingExtraError
from unnoise.signal.resample import resample


def stoi(reference: NDArray[np.floating], estimate: NDArray[np.floating], rate: int) -> float:
    """STOI (Taal et al. 2011, eq. 5), about 0 to 1, of two (samples,) at any rate; NaN where undefined."""
    try:
        from pystoi import stoi as measure
    except ModuleNotFoundError:
        raise MissingExtraError("pystoi", "train") from None
    clean = resample(reference.astype(np.float32), rate, 16000)
    found = resample(estimate.astype(np.float32), rate, 16000)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)  # pystoi warns where too little speech is left
        try:
            return float(measure(clean, found, 16000))
        except RuntimeWarning:
            return float("nan")
