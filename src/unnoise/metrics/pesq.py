"""PESQ, wide band."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unnoise.errors import MissingExtraError
from unnoise.signal.resample import resample


def pesq_wb(reference: NDArray[np.floating], estimate: NDArray[np.floating], rate: int) -> float:
    """Wide-band PESQ (ITU-T P.862.2), 1.04 to 4.64, of two (samples,) at any rate; NaN where undefined."""
    try:
        from pesq import PesqError, pesq
    except ModuleNotFoundError:
        raise MissingExtraError("pesq", "train") from None
    clean = resample(reference.astype(np.float32), rate, 16000)
    found = resample(estimate.astype(np.float32), rate, 16000)
    score = float(pesq(16000, clean, found, "wb", on_error=PesqError.RETURN_VALUES))
    return score if score > 0 else float("nan")
