"""Damage to the coefficients of a transform: strong ones lost, weak ones raised (the noises of system B)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unnoise.errors import OptionError
from unnoise.mix.damages.parameters import checked, checked_count
from unnoise.signal.overlapped import analyse, synthesise

Spectra = NDArray[np.complex64]
NOTHING = 1e-30
"""Under it a magnitude is what rounding leaves of silence, and raising it passes what float32 can hold."""


def zero_coefficients(
    audio: NDArray[np.float32],
    rate: int,
    generator: np.random.Generator,
    *,
    quantile: float = 0.9,
    share: float = 0.2,
    n_fft: int = 2048,
) -> NDArray[np.float32]:
    """(samples,) in which a random `share` of the strong coefficients is zero: noise 1 of system B.

    Strong are those from `quantile` (0..1) of the clip's magnitudes on. Each goes with a probability of `share`
    (0.001..1), and one for sure. `n_fft` is 16..65536 samples and a multiple of 4. Raises OptionError.
    """
    _check(quantile, share, n_fft)
    spectra = zero_strong(analyse(audio, n_fft), generator, quantile, share)
    return synthesise(spectra, n_fft, len(audio))


def raise_coefficients(
    audio: NDArray[np.float32],
    rate: int,
    generator: np.random.Generator,
    *,
    quantile: float = 0.9,
    share: float = 0.5,
    magnitude: float = 1.0,
    n_fft: int = 2048,
) -> NDArray[np.float32]:
    """(samples,) in which a random `share` of the weak coefficients is raised to `magnitude`: noise 2 of system B.

    Weak are those up to `quantile` (0..1) of the clip's magnitudes. `magnitude` (1e-6..1e6) is that of a transform
    with a plain Hann window of `n_fft` samples and no scaling, of sound in -1..1: a sine of amplitude 1 has
    n_fft / 4. Phases stay. Ranges of the others as in `zero_coefficients`. Raises OptionError.
    """
    _check(quantile, share, n_fft)
    checked("magnitude", magnitude, 1e-6, 1e6)
    spectra = raise_weak(analyse(audio, n_fft), generator, quantile, share, magnitude)
    return synthesise(spectra, n_fft, len(audio))


def zero_strong(spectra: Spectra, generator: np.random.Generator, quantile: float, share: float) -> Spectra:
    """Spectra of any shape with `share` of those from `quantile` of the magnitudes on set to zero."""
    magnitudes = np.abs(spectra)
    strong = (magnitudes >= _quantile(magnitudes, quantile)) & (magnitudes > 0)
    return np.where(_chosen(strong, share, generator), 0, spectra).astype(np.complex64)


def raise_weak(
    spectra: Spectra, generator: np.random.Generator, quantile: float, share: float, magnitude: float
) -> Spectra:
    """Spectra of any shape with `share` of those up to `quantile` of the magnitudes raised to `magnitude`.

    What is above already stays; where all that was chosen is, it rises to the quantile instead.
    """
    magnitudes = np.abs(spectra)
    edge = _quantile(magnitudes, quantile)
    chosen = _chosen((magnitudes <= edge) & (magnitudes > NOTHING), share, generator)
    own = magnitudes[chosen]
    goal = np.float32(magnitude if (own < magnitude).any() else edge)
    out = spectra.copy()
    out[chosen] *= np.maximum(goal / own, 1)
    return out


def _check(quantile: float, share: float, n_fft: int) -> None:
    checked("quantile", quantile, 0, 1)
    checked("share", share, 0.001, 1)
    if checked_count("n_fft", n_fft, 16, 65536) % 4:
        raise OptionError(f"n_fft must be a multiple of 4, but is {n_fft}.")


def _quantile(magnitudes: NDArray[np.float32], quantile: float) -> float:
    """The quantile of all magnitudes but those of digital silence: it has no phase to keep."""
    sounding = magnitudes[magnitudes > NOTHING]
    return float(np.quantile(sounding, quantile)) if len(sounding) else 0.0


def _chosen(candidates: NDArray[np.bool_], share: float, generator: np.random.Generator) -> NDArray[np.bool_]:
    """Each candidate with a probability of `share`, and one at least where there is any."""
    chosen = candidates & (generator.random(candidates.shape, np.float32) < share)
    if candidates.any() and not chosen.any():
        chosen.reshape(-1)[generator.choice(np.flatnonzero(candidates))] = True
    return chosen
