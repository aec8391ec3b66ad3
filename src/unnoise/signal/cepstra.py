"""Mel cepstra: the shape of a spectrum in a few numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CEPSTRA, BANDS = 13, 40
_FLOOR = 1e-10


def mel_filters(rate: int, bins: int, bands: int = BANDS) -> NDArray[np.float64]:
    """Triangles of height 1, (bands, bins), over bins from 0 to `rate` / 2 Hz.

    Their corners are evenly spaced on the mel scale m = 2595 log10(1 + f / 700 Hz) (O'Shaughnessy 1987).
    """
    hz = np.linspace(0, rate / 2, bins)
    highest_mel = 2595 * np.log10(1 + rate / 2 / 700)
    corners_hz = 700 * (10 ** (np.linspace(0, highest_mel, bands + 2) / 2595) - 1)
    low, middle, high = (corners_hz[k : k + bands, None] for k in range(3))
    rising, falling = (hz - low) / (middle - low), (high - hz) / (high - middle)
    return np.maximum(np.minimum(rising, falling), 0.0)


def cepstra_db(power: NDArray[np.float64], filters: NDArray[np.float64], count: int = CEPSTRA) -> NDArray[np.float64]:
    """Mel cepstra 1 to `count` in dB of power spectra, (frames, bins) to (frames, count).

    c_i = sqrt(2 / K) · sum over k = 1..K of X_k cos(i (k - 1/2) π / K), where X_k is the energy in mel band k in dB:
    the DCT-II, scaled to be orthonormal. c_0, which is the level, is left out, as in the source: Davis and
    Mermelstein, "Comparison of parametric representations for monosyllabic word recognition in continuously spoken
    sentences", IEEE Trans. ASSP 28(4), 1980, equation 1.
    """
    energy_db = 10 * np.log10(np.maximum(power @ filters.T, _FLOOR))
    cepstra: NDArray[np.float64] = energy_db @ cosines(len(filters), count + 1)[:, 1:]
    return cepstra


def cosines(bands: int, count: int) -> NDArray[np.float64]:
    """The first `count` columns of the orthonormal DCT-II over `bands`, (bands, count); column 0 is the level."""
    turns = np.outer(np.arange(bands) + 0.5, np.arange(count))
    columns: NDArray[np.float64] = np.sqrt(2 / bands) * np.cos(turns * np.pi / bands)
    columns[:, 0] = np.sqrt(1 / bands)
    return columns
