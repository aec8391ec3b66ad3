"""Cleaning whole recordings that are in memory."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from unnoise.bundle import Bundle, BundleInfo
from unnoise.engine.audio import Audio, channels_of, checked_rate
from unnoise.engine.network import checked_link
from unnoise.engine.session import open_session
from unnoise.engine.stream import Stream
from unnoise.engine.windows import Windows
from unnoise.errors import BundleError, OptionError
from unnoise.signal.mixback import dry_share


class Denoiser:
    """A model and how to use it; call it on recordings, from any number of threads. It pickles.

    `model` is a name, the path of an .onnx, or a bundle. `strength` is from 0 (untouched) to 1 (as clean as
    it gets); `max_attenuation_db`, above 0 or None, is the most by which anything falls. `link` "all" gives
    all channels one common gain, so that the stereo image stays; "none" cleans each as if alone. `threads` is
    from 1. Raises OptionError when one is out of its range and BundleError when the model cannot be used.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | Bundle = "default",
        *,
        strength: float = 1.0,
        max_attenuation_db: float | None = None,
        link: str = "none",
        threads: int = 1,
    ) -> None:
        dry_share(strength, max_attenuation_db)
        checked_link(link)
        if threads < 1:
            raise OptionError(f"threads must be 1 or more, but is {threads}.")
        self._mixing: dict[str, Any] = {
            "strength": strength, "max_attenuation_db": max_attenuation_db, "link": link,
        }  # fmt: skip
        self._session = open_session(model, threads)

    @property
    def info(self) -> BundleInfo:
        """What the model says about itself."""
        return self._session.info

    def __call__(self, audio: Audio, rate: int) -> Audio:
        """The clean recording, in the shape and type of `audio`, sample for sample in place.

        `audio` is (samples,) or (samples, channels), float32, float64 or int16, at `rate` Hz, 2000 to
        1000000. Samples that are not finite count as 0. Raises AudioShapeError for another shape or type.
        """
        audio = np.asarray(audio)
        stream = self.by_blocks(checked_rate(rate), channels_of(audio))
        if len(audio) == 0:
            return audio.copy()
        out = np.empty((len(audio) + stream.latency, *audio.shape[1:]), audio.dtype)
        for at in range(0, len(audio), stream.block_samples):
            block = audio[at : at + stream.block_samples]
            out[at : at + len(block)] = stream.process(block)
        out[len(audio) :] = stream.flush()
        return out[stream.latency :]

    def stream(self, rate: int, channels: int = 1) -> Stream:
        """A stream for a recording of `channels` that comes block by block at `rate` Hz.

        Raises OptionError when one is out of its range, BundleError when the model needs whole recordings.
        """
        if not self.info.causal:
            raise BundleError(
                f"The model {self.info.name!r} is not causal: it needs whole recordings and cannot stream; "
                "call the Denoiser on the recording, or choose a causal model."
            )
        return Stream(self._session, rate, channels, **self._mixing)

    def by_blocks(self, rate: int, channels: int = 1) -> Stream | Windows:
        """What cleans a whole recording block by block, causal model or not; its latency may be seconds.

        Raises OptionError when one is out of its range.
        """
        way = Windows if self.info.domain == "waveform" else Stream
        return way(self._session, rate, channels, **self._mixing)

    def __reduce__(self) -> tuple[Callable[[], Denoiser], tuple[()]]:
        options = {**self._mixing, "threads": self._session.threads}
        return partial(Denoiser, self._session.bundle, **options), ()


def denoise(
    audio: Audio,
    rate: int,
    *,
    model: str | os.PathLike[str] | Bundle = "default",
    strength: float = 1.0,
    max_attenuation_db: float | None = None,
    link: str = "none",
) -> Audio:
    """The clean recording, in the shape and type of `audio`: a `Denoiser` made and called.

    Takes what `Denoiser` and its call take and raises what they raise.
    """
    denoiser = Denoiser(model, strength=strength, max_attenuation_db=max_attenuation_db, link=link)
    return denoiser(audio, rate)
