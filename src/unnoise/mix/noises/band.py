"""Noise between two frequencies, with the skirts of a Butterworth band-pass of any order."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unnoise.errors import OptionError
from unnoise.mix.noises.shaping import shaped
from unnoise.signal.filtered import Gain

HIGHEST_ORDER = 20


def band(
    samples: int,
    rate: int,
    generator: np.random.Generator,
    *,
    low_hz: float = 4000.0,
    high_hz: float = 8000.0,
    order: int = 6,
) -> NDArray[np.float64]:
    """White noise through a band-pass from `low_hz` to `high_hz`, 3 dB down at both; 6 dB an octave and `order`.

    With order 6, an octave outside the band is 65 dB down for a band of one octave, and 36 dB for the widest. An upper
    edge above half the rate becomes that. OptionError where nothing of the band is left.
    """
    return shaped(samples, rate, generator, band_pass(rate, low_hz, high_hz, order))


def band_pass(rate: int, low_hz: float, high_hz: float, order: int) -> Gain:
    """The gain of a Butterworth band-pass made from a low-pass of `order` by f → (f² - low high) / ((high - low) f).

    Reference: S. Butterworth, "On the theory of filter amplifiers", 1930. OptionError for a band that is empty, or
    above half the rate, or an order outside 1..20.
    """
    if not 1 <= order <= HIGHEST_ORDER:
        raise OptionError(f"expected an order from 1 to {HIGHEST_ORDER}, got {order}")
    if low_hz >= high_hz:
        raise OptionError(f"expected low_hz below high_hz, got {low_hz:g} and {high_hz:g} Hz; swap them")
    if low_hz >= rate / 2:
        raise OptionError(
            f"band {low_hz:g}-{high_hz:g} Hz lies wholly above half the rate ({rate / 2:g} Hz); "
            "choose a lower band or a higher rate"
        )
    high_hz = min(high_hz, rate / 2)

    def gain(hz: NDArray[np.float64]) -> NDArray[np.float64]:
        hz = np.maximum(hz, 1e-3)
        off = np.abs((hz * hz - low_hz * high_hz) / ((high_hz - low_hz) * hz))
        power: NDArray[np.float64] = 1 / (1 + np.minimum(off, 1e6) ** (2 * order))
        return np.sqrt(power)

    return gain
