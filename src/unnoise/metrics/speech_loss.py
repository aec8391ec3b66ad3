"""How much of the speech was taken away, in its quietest quarter: what denoisers eat first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unnoise.signal.level import active_frames


def speech_loss_db(
    reference: NDArray[np.floating], estimate: NDArray[np.floating], rate: int, *, quietest: float = 0.25
) -> float:
    """dB of the clean speech left in the estimate, over the quietest active frames: 0 untouched, -60 at worst.

    20 ms frames, hop 10 ms; 20 log10 of the projection of the estimate on the reference over the active frames at
    or below their `quietest` quantile (1.0 for all active speech). NaN for a silent reference.
    """
    n, hop = round(rate * 0.02), round(rate * 0.01)
    if len(reference) < n or not np.any(reference):
        return float("nan")
    clean = np.lib.stride_tricks.sliding_window_view(reference.astype(np.float64), n)[::hop]
    found = np.lib.stride_tricks.sliding_window_view(estimate.astype(np.float64), n)[::hop]
    levels = 10 * np.log10(np.mean(clean**2, axis=1) + 1e-12)
    active = active_frames(levels)
    chosen = active & (levels <= np.percentile(levels[active], 100 * quietest))
    share = np.sum(clean[chosen] * found[chosen]) / (np.sum(clean[chosen] ** 2) + 1e-20)
    return 20 * float(np.log10(max(share, 0.001)))
