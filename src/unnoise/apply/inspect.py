"""What a recording is like, how noisy, and whether denoising is worth it."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unnoise.apply.bandwidth import bandwidth_hz
from unnoise.apply.clipping import Clipping
from unnoise.apply.estimate import snr_and_kind
from unnoise.apply.features import Features
from unnoise.errors import AudioShapeError
from unnoise.files import RawFormat, open_source
from unnoise.signal.limits import LOUDEST

_BLOCK_VALUES = 1 << 18  # of all channels: 2 MB
_SILENCE_DBFS = -110.0
_LOWEST_SNR_DB, _HIGHEST_SNR_DB = -15.0, 45.0
"""Beyond, the estimate says no more than 'hopeless' and 'clean'."""
NOT_WORTH_IT_DB = 22.0
"""From here on a denoiser takes away about as much speech as noise."""
_NO_NOISE_DB = 30.0
_GENTLE_DB, _HARD_DB = 12.0, 2.0
_CLIPPED_SHARE = 0.001
_AUDIBLE = 1e-4
_CANCELS = "The channels cancel each other out, so nothing can be said of their mean: inspect one of them alone."


@dataclass(frozen=True)
class Inspection:
    """What was found in one recording."""

    rate: int
    """Hz."""
    channels: int
    seconds: float
    bandwidth_hz: float
    """The highest frequency that holds sound, in Hz, at most half the rate; 0 for silence."""
    clipped: float
    """Share of the samples at full scale in succession, 0..1."""
    dc: float
    """Mean of the channel in which it is furthest from 0, in parts of full scale, -1..1."""
    speech_level_dbfs: float
    """Level of the speech where it is active, without the noise; -120 for silence."""
    snr_db: float | None
    """Estimated SNR in dB against the active speech, -15 to 45; None for silence and a few samples."""
    noise_kind: str
    """steady, hum, hiss, wind, babble, mixed or none."""
    advice: str
    """One sentence: whether denoising is worth it, and with which setting."""


class Inspector:
    """Listens to a recording block by block, in constant memory; levels and noise are those of the downmix.

    `rate` is from 2000 to 1000000 Hz, `channels` is 1 or more.
    """

    def __init__(self, rate: int, channels: int = 1) -> None:
        self._rate, self._channels = rate, channels
        self._samples = 0
        self._loudest = 0.0
        self._clipping = Clipping(channels)
        self._features = Features(rate)

    def add(self, block: NDArray[np.floating]) -> None:
        """Listen to the next (samples, channels), or (samples,) of one channel; non-finite samples count as 0.

        Raises AudioShapeError when the block has another number of channels.
        """
        columns = block[:, None] if block.ndim == 1 else block
        if columns.ndim != 2 or columns.shape[1] != self._channels:
            raise AudioShapeError(
                f"expected a block of (samples, {self._channels}), got {block.shape}; "
                "make an Inspector for as many channels as the sound has."
            )
        sound = np.clip(np.nan_to_num(columns.astype(np.float64), posinf=0, neginf=0), -LOUDEST, LOUDEST)
        self._samples += len(sound)
        self._loudest = max(self._loudest, float(np.abs(sound).max(initial=0.0)))
        self._clipping.add(sound)
        self._features.add(sound.mean(axis=1))

    def result(self) -> Inspection:
        """What was found so far."""
        features = self._features
        if features.frames == 0:  # shorter than a frame: with silence after it, it fills one
            features.add(np.zeros(self._rate // 10))
        level = features.active_level_dbfs()
        snr_db, kind = None, "none"
        if features.frames and level > _SILENCE_DBFS:
            found_db, kind = snr_and_kind(features.vector())
            snr_db = min(max(found_db, _LOWEST_SNR_DB), _HIGHEST_SNR_DB)
            kind = kind if snr_db < _NO_NOISE_DB else "none"
            level -= 10 * float(np.log10(1 + 10 ** (-snr_db / 10)))  # the noise's share
        cancels = snr_db is None and self._channels > 1 and self._loudest > _AUDIBLE
        return Inspection(
            rate=self._rate,
            channels=self._channels,
            seconds=self._samples / self._rate,
            bandwidth_hz=bandwidth_hz(features.mean_power(), self._rate),
            clipped=self._clipping.share,
            dc=self._clipping.offset,
            speech_level_dbfs=level if snr_db is not None else -120.0,
            snr_db=snr_db,
            noise_kind=kind,
            advice=_CANCELS if cancels else advice(snr_db, kind, self._clipping.share),
        )


def advice(snr_db: float | None, noise_kind: str, clipped: float = 0.0) -> str:
    """One sentence on whether denoising is worth it and how; `snr_db` None means silence."""
    if snr_db is None:
        return "Denoising is not worth it: there is no sound in this recording."
    if snr_db >= NOT_WORTH_IT_DB:
        text = f"Denoising is not worth it: the noise is already about {snr_db:.0f} dB below the speech"
    elif snr_db >= _GENTLE_DB:
        text = (
            f"Denoising is worth it, but gently: at about {snr_db:.0f} dB SNR, "
            "--max-attenuation-db 12 takes the noise down and leaves the voice alone"
        )
    elif snr_db >= _HARD_DB:
        text = f"Denoising is worth it with the default settings: the SNR is about {snr_db:.0f} dB"
    else:
        text = (
            f"Denoising is worth it at full strength, but at about {snr_db:.0f} dB SNR some of the speech "
            "is lost in the noise; --strength 0.9 keeps more of it"
        )
    return text + _hint(snr_db, noise_kind) + _warning(clipped) + "."


def _hint(snr_db: float, noise_kind: str) -> str:
    if snr_db >= NOT_WORTH_IT_DB:
        return ""
    if noise_kind in ("hum", "steady", "hiss"):
        return f", and as the noise is {noise_kind}, `unnoise gate --method profile` is an alternative"
    if noise_kind == "babble":
        return ", though other voices are the hardest noise to take out"
    return ""


def _warning(clipped: float) -> str:
    if clipped < _CLIPPED_SHARE:
        return ""
    return f"; {100 * clipped:.1f} % of the samples are clipped, which denoising does not mend"


def inspect_file(path: str | os.PathLike[str], *, raw: RawFormat | None = None) -> Inspection:
    """Inspect one file, or standard input for '-', in one pass and constant memory.

    `raw` says what samples without a header are. Raises InputError when the file is missing, empty or no sound.
    """
    with open_source(path, raw=raw) as source:
        inspector = Inspector(source.info.rate, source.info.channels)
        for block in source.blocks(max(1024, _BLOCK_VALUES // source.info.channels)):
            inspector.add(block)
    return inspector.result()
