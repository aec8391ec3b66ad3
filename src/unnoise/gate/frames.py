"""The stream under every gate: cut into spectra, weigh each bin, join again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unnoise.errors import AudioShapeError, OptionError, UnnoiseError
from unnoise.signal.limits import LOUDEST, MAX_CHANNELS, MAX_RATE_HZ, MIN_RATE_HZ
from unnoise.signal.mixback import dry_share
from unnoise.signal.stft import StftSpec

WINDOW_STEPS = 4
_AT_ONCE, _NUMBERS_AT_ONCE = 64, 2**21
"""Long blocks are worked through in pieces of so many frames, or numbers, so that memory does not grow."""


class GateStream:
    """A gate over blocks of any size: as many samples out as in, `latency` samples later.

    The window is 40 ms, moved by a quarter; subclasses give one gain for each bin in `_gains`. Frames that a
    gate wants to see in advance (`ahead_frames`) are added to the latency, which stays below 60 ms.
    """

    ahead_frames = 0

    def __init__(
        self, rate: int, channels: int, *, strength: float = 1.0, max_attenuation_db: float | None = None
    ) -> None:
        """A stream at `rate` Hz (2000 to 1000000) of 1 to 64 channels, each gated by itself.

        `strength` 0..1 and `max_attenuation_db` > 0 keep a share of the untouched sound
        (`signal.mixback.dry_share`). Raises OptionError for a value out of its range.
        """
        self.rate, self.channels = _checked(rate, channels)
        self.share = dry_share(strength, max_attenuation_db)
        self.step, self._spec = grid(rate)
        n = WINDOW_STEPS * self.step
        self.latency = n + self.ahead_frames * self.step
        """Samples from input to output."""
        self._window = self._spec.window(rate).astype(np.float64)[:, None]  # (window, 1)
        self.reset()

    def reset(self) -> None:
        """Begin a new recording."""
        n = WINDOW_STEPS * self.step
        self.nonfinite_samples = 0
        """How many NaN and infinite samples came in since the last reset and were taken as 0."""
        self._form: NDArray[np.floating] = np.zeros((0, self.channels), np.float32)
        self._ended = False
        self._input = np.zeros((n - self.step, self.channels))
        self._overlap = np.zeros((n - self.step, self.channels))
        self._ready = np.zeros((self.step, self.channels))
        self._waiting = np.zeros((self.ahead_frames, self.step * 2 + 1, self.channels), np.complex128)

    def process(self, block: NDArray[np.floating]) -> NDArray[np.floating]:
        """The next samples of the output, for (samples, channels) or, with one channel, (samples,).

        Returns the shape and type of `block`, float32 or float64. Raises AudioShapeError for any other type,
        and when the number of channels is not the stream's; UnnoiseError after `flush`.
        """
        if self._ended:
            raise UnnoiseError("The gate was flushed and takes no more blocks; call reset() to begin anew.")
        samples = self._as_columns(block)
        piece = frames_at_once(self.step, self.channels) * self.step
        for start in range(0, len(samples), piece):
            self._feed(samples[start : start + piece])
        done, self._ready = self._ready[: len(samples)], self._ready[len(samples) :]
        self._form = block[:0]
        return done.astype(block.dtype).reshape(block.shape)

    def flush(self) -> NDArray[np.floating]:
        """The last `latency` samples, in the shape and type of the last block; then `reset` begins anew."""
        tail = self.process(np.zeros((self.latency, *self._form.shape[1:]), self._form.dtype))
        self._ended = True
        return tail

    def _gains(self, spectra: NDArray[np.complex128]) -> NDArray[np.float64]:
        """Gains 0..1 for (frames, bins, channels); the answer lags by `ahead_frames` frames."""
        raise NotImplementedError

    def _as_columns(self, block: NDArray[np.floating]) -> NDArray[np.float64]:
        if block.dtype not in (np.float32, np.float64):
            raise AudioShapeError(f"expected a block of float32 or float64, got {block.dtype}; convert it, -1 to 1.")
        columns = block[:, None] if block.ndim == 1 else block
        if columns.ndim != 2 or columns.shape[1] != self.channels:
            raise AudioShapeError(
                f"expected a block of (samples, {self.channels}), got {block.shape}; "
                "open a stream with as many channels as the sound has."
            )
        bad = ~np.isfinite(columns)
        self.nonfinite_samples += int(bad.sum())
        return np.clip(np.where(bad, 0.0, columns).astype(np.float64), -LOUDEST, LOUDEST)

    def _feed(self, samples: NDArray[np.float64]) -> None:
        """Take in samples and move what is finished to the ready ones."""
        n, step = len(self._window), self.step
        heard = np.concatenate([self._input, samples])
        frames = (len(heard) - (n - step)) // step
        self._input = heard[frames * step :]
        if frames == 0:
            return
        cut = np.lib.stride_tricks.sliding_window_view(heard, n, axis=0)[: frames * step : step]
        spectra = np.fft.rfft(cut.transpose(0, 2, 1) * self._window, axis=1)  # (frames, bins, channels)
        gains = self._gains(spectra)
        spectra = np.concatenate([self._waiting, spectra])
        self._waiting = spectra[frames:]
        gains = self.share + (1.0 - self.share) * gains
        self._join(np.fft.irfft(spectra[:frames] * gains, n, axis=1) * self._window)

    def _join(self, waves: NDArray[np.float64]) -> None:
        """Overlap-add (frames, window, channels); the squared window adds up to two."""
        frames, n, channels = waves.shape
        step = self.step
        total = np.zeros(((frames - 1) * step + n, channels))
        total[: n - step] = self._overlap
        for quarter in range(WINDOW_STEPS):
            part = waves[:, quarter * step : (quarter + 1) * step].reshape(frames * step, channels)
            total[quarter * step : (quarter + frames) * step] += part * 0.5
        self._ready = np.concatenate([self._ready, total[: frames * step]])
        self._overlap = total[frames * step :]


def grid(rate: int) -> tuple[int, StftSpec]:
    """Samples from frame to frame (10 ms) and the window of four such steps, at `rate` Hz."""
    step = StftSpec(hop_ms=10.0).hop(rate)
    return step, StftSpec(hop_ms=2000.0 * step / rate)


def frames_at_once(step: int, channels: int) -> int:
    """How many frames to work through together."""
    return max(1, min(_AT_ONCE, _NUMBERS_AT_ONCE // (WINDOW_STEPS * step * channels)))


def power_spectra(samples: NDArray[np.floating], rate: int) -> NDArray[np.float64]:
    """Power in each whole frame of the gates' grid, (samples, channels) to (frames, bins, channels)."""
    step, spec = grid(rate)
    n = WINDOW_STEPS * step
    if len(samples) < n:
        samples = np.pad(samples, ((0, n - len(samples)), (0, 0)))
    cut = np.lib.stride_tricks.sliding_window_view(samples, n, axis=0)[::step]
    window = spec.window(rate).astype(np.float64)[:, None]
    spectra = np.fft.rfft(cut.transpose(0, 2, 1) * window, axis=1)
    power: NDArray[np.float64] = spectra.real**2 + spectra.imag**2
    return power


def _checked(rate: int, channels: int) -> tuple[int, int]:
    if not MIN_RATE_HZ <= rate <= MAX_RATE_HZ:
        raise OptionError(f"the rate must be from {MIN_RATE_HZ} to {MAX_RATE_HZ} Hz, but is {rate}.")
    if not 1 <= channels <= MAX_CHANNELS:
        raise OptionError(
            f"a gate takes 1 to {MAX_CHANNELS} channels, not {channels}; is the array (samples, channels)?"
        )
    return rate, channels
