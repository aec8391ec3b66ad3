"""Cleaning by overlapping windows: the way of networks that see a stretch of sound at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unnoise.engine.audio import Audio, admitted, checked_channels, checked_rate, from_rows, to_rows
from unnoise.engine.mixback import DryPath
from unnoise.engine.session import Session
from unnoise.errors import OptionError, UnnoiseError
from unnoise.signal.mixback import dry_share
from unnoise.signal.resample import resample

_VALUES_A_CALL = 1 << 20  # samples of all windows and channels: a few megabytes of sound at once


class Windows:
    """One recording on its way through a waveform network, as `Stream` is for networks on spectra.

    Windows begin at fixed places from the start of the recording, so what comes out does not change when the
    recording grows; where two overlap, one fades linearly into the other. A recording at another rate than the
    network's is resampled window by window. Options as in `Stream`, but for `link`: waveforms have no gains that
    channels could share.
    """

    def __init__(
        self,
        session: Session,
        rate: int,
        channels: int = 1,
        *,
        strength: float = 1.0,
        max_attenuation_db: float | None = None,
        link: str = "none",
    ) -> None:
        if link != "none":
            raise OptionError(
                f"link {link!r} needs a model that works on spectra, and {session.info.name!r} works on waveforms; "
                "leave link out."
            )
        info = session.info
        if info.rate is None or info.window_samples is None:
            raise OptionError(f"The model {info.name!r} does not say its rate and window; export it again.")
        self._session, self._inner_rate, self._inner = session, info.rate, info.window_samples
        self._share = dry_share(strength, max_attenuation_db)
        self.rate = checked_rate(rate)
        """Hz."""
        self.channels = checked_channels(channels)
        self._window = max(2, self._inner * self.rate // self._inner_rate)
        self._overlap = min(self._window // 2, info.overlap_samples * self.rate // self._inner_rate)
        self._step = self._window - self._overlap
        self._windows_a_call = max(1, _VALUES_A_CALL // (self._inner * channels))
        self._rise = ((np.arange(self._overlap) + 0.5) / max(1, self._overlap)).astype(np.float32)
        self.reset()

    @property
    def latency(self) -> int:
        """Samples from the input of a moment to its output: one window."""
        return self._window

    @property
    def block_samples(self) -> int:
        """The block length at which a long recording runs fastest; any other gives the same sound."""
        return self._windows_a_call * self._step

    @property
    def nonfinite_samples(self) -> int:
        """How many samples since the last reset were NaN or infinite and became 0, all channels together."""
        return self._nonfinite

    def reset(self) -> None:
        """Begin a new recording."""
        self._dry = DryPath(self._share, self.channels, self.latency)
        self._waiting = np.zeros((self.channels, 0), np.float32)
        self._ready = np.zeros((self.channels, self.latency), np.float32)
        self._tail: NDArray[np.float32] | None = None  # the end of the last window, before it fades
        self._last: Audio = np.zeros(0, np.float32) if self.channels == 1 else np.zeros((0, self.channels), np.float32)
        self._nonfinite = 0
        self._ended = False

    def process(self, block: Audio) -> Audio:
        """As many samples of the clean recording as `block` has, `latency` late; as `Stream.process`."""
        self._check_open()
        rows, audible, nonfinite = admitted(to_rows(block, self.channels))
        self._nonfinite += nonfinite
        self._last = block[:0]
        return self._mixed(rows, audible, block)

    def flush(self) -> Audio:
        """The last `latency` samples of the recording; then `reset` begins a new one."""
        self._check_open()
        self._ended = True
        return self._mixed(np.zeros((self.channels, self.latency), np.float32), self._mirrored(), self._last)

    def _check_open(self) -> None:
        if self._ended:
            raise UnnoiseError("The recording was flushed and takes no more blocks; call reset() to begin anew.")

    def _mixed(self, dry: NDArray[np.floating], audible: NDArray[np.float32], like: Audio) -> Audio:
        """Both (channels, samples): `audible` through the network and `dry` beside it, in the form of `like`."""
        clean = None if self._share == 1 else self._clean(audible)
        return from_rows(self._dry.mix(dry, clean), like)

    def _mirrored(self) -> NDArray[np.float32]:
        """What fills the last window behind the end of the recording: its last stretch there and back again, because
        a network that hears the whole window has seldom heard one that is mostly silence."""
        if not self._waiting.shape[1]:
            return np.zeros((self.channels, self.latency), np.float32)
        return np.pad(self._waiting, ((0, 0), (0, self.latency)), mode="symmetric")[:, -self.latency :]

    def _clean(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        sound = np.concatenate((self._waiting, rows), axis=1)
        count = max(0, (sound.shape[1] - self._overlap) // self._step)
        ready = [self._ready]
        for first in range(0, count, self._windows_a_call):
            places = range(first, min(count, first + self._windows_a_call))
            cut = np.stack([sound[:, k * self._step :][:, : self._window] for k in places])
            ready += [self._faded(one) for one in self._cleaned(cut)]
        out = np.concatenate(ready, axis=1)
        self._waiting = sound[:, count * self._step :].copy()
        self._ready = out[:, rows.shape[1] :].copy()
        return out[:, : rows.shape[1]]

    def _faded(self, window: NDArray[np.float32]) -> NDArray[np.float32]:
        """What is final once this window (channels, samples) is there: all but its overlap with the next."""
        if self._tail is not None and self._overlap:
            window[:, : self._overlap] = window[:, : self._overlap] * self._rise + self._tail * (1 - self._rise)
        self._tail = window[:, self._step :]
        return window[:, : self._step]

    def _cleaned(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        """(windows, channels, samples) through the network at its own rate."""
        count, channels, samples = windows.shape
        columns = resample(windows.reshape(-1, samples).T, self.rate, self._inner_rate)
        given = _fitted(columns, self._inner).T
        clean = self._session.run_windows(np.ascontiguousarray(given))
        back = _fitted(resample(np.ascontiguousarray(clean.T), self._inner_rate, self.rate), samples)
        return back.T.reshape(count, channels, samples).copy()


def _fitted(columns: NDArray[np.float32], samples: int) -> NDArray[np.float32]:
    """(n, columns) cut or filled up with zeros to `samples`: resampling rounds lengths by a sample."""
    missing = samples - len(columns)
    return np.pad(columns, ((0, missing), (0, 0))) if missing > 0 else columns[:samples]
