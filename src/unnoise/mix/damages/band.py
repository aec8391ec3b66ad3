"""Damage to the spectrum: a band's edge, a bent response."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unnoise.mix.damages.parameters import checked, drawn
from unnoise.mix.vary import equalise, random_curve_db
from unnoise.signal.filtered import filtered

EDGES_HZ = (3400.0, 3600.0, 3800.0, 4000.0, 5500.0, 7000.0, 7600.0, 11000.0, 15500.0)
"""Where telephones, radio links, codecs and resamplers end."""
_HIGH_PASS_HZ = 300.0
_HEARD = 1e-5
"""Least share of the power that an edge takes away, or the damage would be none."""


def band_limit(
    audio: NDArray[np.float32],
    rate: int,
    generator: np.random.Generator,
    *,
    edge_hz: float | None = None,
    high_pass: bool | None = None,
) -> NDArray[np.float32]:
    """(samples,) without what is above `edge_hz`, and without what is below 300 Hz where `high_pass`; no delay.

    `edge_hz` is 500 Hz or more, and lowered to 0.9 of half the rate where it is above; drawn from those of EDGES_HZ
    that take away a hundred-thousandth of the power, or the lowest of them. Falls by 90 dB within 4 % above the edge.
    `high_pass` is drawn evenly. Raises OptionError.
    """
    spectrum = np.fft.rfft(audio, 1 << len(audio).bit_length())  # some lengths would be slow
    above = np.cumsum((spectrum.real**2 + spectrum.imag**2)[::-1])[::-1]  # power from each bin on
    highest_hz = 0.45 * rate
    bins = np.searchsorted(np.linspace(0, rate / 2, len(above)), 1.04 * np.array(EDGES_HZ))
    usual = [e for e, k in zip(EDGES_HZ, bins, strict=True) if e <= highest_hz and above[k] > _HEARD * above[0]]
    edge = float(generator.choice(usual or [min(EDGES_HZ[0], highest_hz)]))
    narrow = bool(generator.random() < 0.5) if high_pass is None else high_pass
    if edge_hz is not None:
        edge = min(checked("edge_hz", edge_hz, 500, 1e6), highest_hz)

    def gain(hz: NDArray[np.float64]) -> NDArray[np.float64]:
        fall = np.clip((hz - edge) / (0.04 * edge), 0, 1) * -90
        fall_below = np.clip((_HIGH_PASS_HZ - hz) / 100, 0, 1) * -60
        return 10 ** ((fall + narrow * fall_below) / 20)

    return filtered(audio, rate, gain)


def equaliser(
    audio: NDArray[np.float32], rate: int, generator: np.random.Generator, *, limit_db: float | None = None
) -> NDArray[np.float32]:
    """(samples,) through a smooth random response without delay, whose largest gain or loss is `limit_db`.

    `limit_db` is 0.5..40 dB, drawn from 4..12. Raises OptionError.
    """
    largest_db = drawn("limit_db", limit_db, (4, 12), (0.5, 40), generator)
    curve_db = random_curve_db(generator, 1.0)
    return equalise(audio, rate, curve_db * (largest_db / np.abs(curve_db).max()))
