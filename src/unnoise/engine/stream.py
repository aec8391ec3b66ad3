"""Cleaning a recording block by block, as it comes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from unnoise.engine.audio import Audio, admitted, checked_channels, checked_rate, from_rows, to_rows
from unnoise.engine.frames import Analysis, Synthesis
from unnoise.engine.mixback import DryPath
from unnoise.engine.network import Network, checked_link
from unnoise.engine.session import Session
from unnoise.errors import UnnoiseError
from unnoise.signal.mixback import dry_share
from unnoise.signal.stft import StftSpec

_FRAMES_A_CALL = 200
_VALUES_A_CALL = 1 << 19  # bins of all channels and frames: 4 MB, so that wide recordings stay in memory's limits


class Stream:
    """One recording on its way: as many samples come out of `process` as go in, `latency` samples later.

    Made by `Denoiser.stream`; many streams share one session. One stream belongs to one thread at a time.

    `rate` is from 2000 to 1000000 Hz, `channels` from 1 to 64; `strength`, `max_attenuation_db` and `link`
    are as in `Denoiser`. Raises OptionError when one is out of its range.
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
        self._session = session
        self._spec = StftSpec(session.info.hop_ms)
        self._link = checked_link(link)
        self._share = dry_share(strength, max_attenuation_db)
        self.rate = checked_rate(rate)
        """Hz."""
        self.channels = checked_channels(channels)
        self._hop = self._spec.hop(self.rate)
        self._frames_a_call = self._most_frames()
        self.reset()

    @property
    def latency(self) -> int:
        """Samples from the input of a moment to its output: the length of one window."""
        return 2 * self._hop

    @property
    def block_samples(self) -> int:
        """The block length at which a long recording runs fastest; any other gives the same sound."""
        return self._frames_a_call * self._hop

    @property
    def nonfinite_samples(self) -> int:
        """How many samples since the last reset were NaN or infinite and became 0, all channels together."""
        return self._nonfinite

    def reset(self) -> None:
        """Begin a new recording."""
        self._analysis = Analysis(self._spec, self.rate, self.channels)
        self._synthesis = Synthesis(self._spec, self.rate)
        self._network = Network(self._session, self.channels, self._link)
        self._dry = DryPath(self._share, self.channels, self.latency)
        self._waiting = np.zeros((self.channels, 0), np.float32)
        self._ready = np.zeros((self.channels, self._hop), np.float32)  # the synthesis is late by the other hop
        self._last: Audio = np.zeros(0, np.float32) if self.channels == 1 else np.zeros((0, self.channels), np.float32)
        self._nonfinite = 0
        self._ended = False

    def process(self, block: Audio) -> Audio:
        """The next samples of the clean recording, in the shape and type of `block`.

        `block` is (samples, channels), or (samples,) of one channel, float32, float64 or int16, of any
        length. The first `latency` samples that come out are 0. Raises AudioShapeError when the block is of
        another shape or type, and UnnoiseError after `flush`.
        """
        if self._ended:
            raise UnnoiseError("The stream was flushed and takes no more blocks; call reset() to begin anew.")
        rows, audible, nonfinite = admitted(to_rows(block, self.channels))
        self._nonfinite += nonfinite
        self._last = block[:0]
        clean = None if self._share == 1 else self._clean(audible)
        return from_rows(self._dry.mix(rows, clean), block)

    def flush(self) -> Audio:
        """The last `latency` samples of the recording; then `reset` begins a new one.

        They have the shape and type of the last block, float32 when there was none. Raises UnnoiseError when
        the stream was flushed before.
        """
        shape = (self.latency, *self._last.shape[1:])
        tail = self.process(np.zeros(shape, self._last.dtype))
        self._ended = True
        return tail

    def _clean(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """The clean path: (channels, samples) in, as many out, `latency` late."""
        sound = np.concatenate((self._waiting, rows), axis=1)
        whole = sound.shape[1] - sound.shape[1] % self._hop
        ready = [self._ready]
        for at in range(0, whole, self.block_samples):
            hops = sound[:, at : min(at + self.block_samples, whole)]
            ready.append(self._synthesis(self._network(self._analysis(hops))))
        out = np.concatenate(ready, axis=1) if whole else self._ready
        self._waiting = sound[:, whole:].copy()
        self._ready = out[:, rows.shape[1] :].copy()
        return out[:, : rows.shape[1]]

    def _most_frames(self) -> int:
        values = self.channels * (self._hop + 1)
        return max(1, min(_FRAMES_A_CALL, _VALUES_A_CALL // values))
