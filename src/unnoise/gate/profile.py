"""System A's second way: the spectrum of the noise is known, and each bin is weighed against it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unnoise.errors import AudioShapeError, OptionError
from unnoise.gate.frames import WINDOW_STEPS, GateStream, frames_at_once, grid, power_spectra
from unnoise.signal.resample import resample

_OVERSUBTRACTION = 1.25
"""Noise is rarely as steady as its mean says; a little more is taken out."""
_MEMORY = 0.96
"""Share of the past in the SNR of a bin: 0.98 at 8 ms in the reference smears onsets at 10 ms."""
_LOWEST_SNR = 10 ** (-25 / 10)
_LEAST_GAIN = 0.1
"""20 dB: what stays hides the tones that a deeper gate leaves behind."""
_TINY = 1e-20


@dataclass(frozen=True)
class NoiseProfile:
    """The mean power of a noise in each bin of the gates' grid at one rate."""

    rate: int
    """Hz."""
    power: NDArray[np.float64]
    """(bins, channels); one channel serves any number of them."""

    @classmethod
    def from_noise(cls, noise: NDArray[np.floating], rate: int, at_rate: int | None = None) -> NoiseProfile:
        """The profile of a recording of noise alone, (samples,) or (samples, channels) at `rate` Hz.

        `at_rate` is the rate of the sound to be cleaned; above half of `rate` nothing is known, and nothing
        is taken out. Non-finite samples count as 0. Raises AudioShapeError when there are no samples.
        """
        columns = noise[:, None] if noise.ndim == 1 else noise
        if columns.ndim != 2 or columns.size == 0:
            raise AudioShapeError(
                f"expected noise of (samples,) or (samples, channels), got {noise.shape}; "
                "give a recording that holds the noise alone, a tenth of a second or more."
            )
        sound = np.where(np.isfinite(columns), columns, 0.0).astype(np.float32)
        rate_here = at_rate or rate
        if rate_here != rate:
            sound = resample(sound, rate, rate_here)
        return cls(rate_here, _mean_power(sound, rate_here))


def _mean_power(sound: NDArray[np.float32], rate: int) -> NDArray[np.float64]:
    """Mean of the spectra's power, (samples, channels) to (bins, channels), by pieces."""
    step, spec = grid(rate)
    n = WINDOW_STEPS * step
    if len(sound) < n:  # said again until a window is full: padding with zeros would make it too quiet
        sound = np.tile(sound, (-(-n // max(1, len(sound))), 1))
    at_once = frames_at_once(step, sound.shape[1])
    total, frames = np.zeros((spec.bins(rate), sound.shape[1])), 0
    for start in range(0, len(sound) - n + 1, at_once * step):
        power = power_spectra(sound[start : start + n + (at_once - 1) * step], rate)
        total, frames = total + power.sum(axis=0), frames + len(power)
    return total / frames


class ProfileGate(GateStream):
    """A Wiener gain in each bin, its SNR guided by the frame before (decision-directed).

    Reference: Ephraim and Malah, "Speech enhancement using a minimum mean-square error short-time spectral
    amplitude estimator", IEEE TASSP 32(6), 1984, equation 51, with the gain of Wiener.
    """

    def __init__(
        self,
        rate: int,
        channels: int,
        profile: NoiseProfile,
        *,
        strength: float = 1.0,
        max_attenuation_db: float | None = None,
    ) -> None:
        """See `GateStream`; `profile` must be at the same rate, for one channel or as many as the sound.

        Raises OptionError when it is not.
        """
        if profile.rate != rate:
            raise OptionError(
                f"the noise profile is for {profile.rate} Hz, but the sound has {rate} Hz; "
                "make it with NoiseProfile.from_noise(..., at_rate=...)."
            )
        if profile.power.shape[1] not in (1, channels):
            raise OptionError(
                f"the noise has {profile.power.shape[1]} channels, but the sound has {channels}; "
                "give noise of one channel or of as many as the sound."
            )
        self._noise = profile.power * _OVERSUBTRACTION + _TINY
        super().__init__(rate, channels, strength=strength, max_attenuation_db=max_attenuation_db)

    def reset(self) -> None:
        """Forget everything but the profile."""
        super().reset()
        self._speech = np.zeros((self._noise.shape[0], self.channels))

    def _gains(self, spectra: NDArray[np.complex128]) -> NDArray[np.float64]:
        power = (spectra.real**2 + spectra.imag**2) / self._noise  # (frames, bins, channels), in units of the noise
        now = (1 - _MEMORY) * np.maximum(power - 1, 0)
        gains = np.empty(power.shape)
        for i in range(len(power)):
            snr = np.maximum(_MEMORY * self._speech + now[i], _LOWEST_SNR)
            gains[i] = snr / (1 + snr)
            self._speech = gains[i] ** 2 * power[i]
        return np.maximum(gains, _LEAST_GAIN)
