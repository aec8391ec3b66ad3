"""The untouched sound beside the clean one: delayed by as much, and mixed back in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class DryPath:
    """Delays the dry sound by `delay_samples` and mixes: share * dry + (1 - share) * clean."""

    def __init__(self, share: float, channels: int, delay_samples: int) -> None:
        self._share = share
        self._held: NDArray[np.floating] = np.zeros((channels, delay_samples), np.float32)

    def mix(self, rows: NDArray[np.floating], clean: NDArray[np.float32] | None) -> NDArray[np.floating]:
        """The mixture, (channels, samples); `clean` is late already, and may be None when the share is 1."""
        if self._share == 0 and clean is not None:
            return clean
        line = np.concatenate((self._held, rows), axis=1)
        dry = line[:, : rows.shape[1]]
        self._held = line[:, rows.shape[1] :].copy()
        if clean is None:
            return dry
        return self._share * dry + (1 - self._share) * clean
