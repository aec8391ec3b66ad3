"""What a picture shows of one sound, gathered block by block: an hour needs no more memory than a minute."""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unnoise.errors import AudioShapeError, InputError
from unnoise.evaluate.frames import Columns, Frames
from unnoise.files import open_source
from unnoise.signal.cepstra import CEPSTRA, cepstra_db, mel_filters
from unnoise.signal.stft import StftSpec

LOWEST_DB = -200.0
_BLOCK_SAMPLES = 1 << 16
_SPECTRUM, _STEPS_PER_WINDOW = StftSpec(hop_ms=16.0), 4
_CEPSTRA, _CEPSTRA_STEP = StftSpec(hop_ms=12.5), StftSpec(hop_ms=10.0)


@dataclass(frozen=True)
class Track:
    """Values along time."""

    values: NDArray[np.float32]
    """(rows, columns)."""
    start_s: float
    """Where the first column begins."""
    step_s: float
    """Seconds from column to column."""

    @property
    def end_s(self) -> float:
        """Where the last column ends."""
        return self.start_s + self.step_s * int(self.values.shape[1])


@dataclass(frozen=True)
class Overview:
    """One sound at the resolution of a picture; of several channels, their mean."""

    name: str
    rate: int
    """Hz."""
    channels: int
    start_s: float
    """Where in the file the sound begins."""
    seconds: float
    wave: Track
    """Lowest and highest sample of each column, (2, columns)."""
    spectrum_db: Track
    """Level of each bin from 0 to rate / 2, (bins, columns), in dB: 0 is a sine at full scale, -200 the least."""
    cepstra_db: Track | None = None
    """Mel cepstra 1 to 13, (13, columns), where they were asked for."""

    @property
    def end_s(self) -> float:
        """Where in the file the sound ends."""
        return self.start_s + self.seconds


class OverviewBuilder:
    """Gathers an `Overview` from blocks at `rate` Hz; `cepstra` says whether the mel cepstra are wanted too."""

    def __init__(self, rate: int, channels: int = 1, *, cepstra: bool = False) -> None:
        self._rate, self._channels = rate, channels
        self._samples = 0
        self._wave = Columns(2)
        self._spectrum = _Levels(rate)
        self._cepstra = _Cepstra(rate) if cepstra else None

    def add(self, block: NDArray[np.floating]) -> None:
        """Look at the next (samples, channels), or (samples,) of one channel; samples that are no numbers count as 0.

        Raises AudioShapeError when the block has another number of channels.
        """
        columns = block[:, None] if block.ndim == 1 else block
        if columns.ndim != 2 or columns.shape[1] != self._channels:
            raise AudioShapeError(
                f"expected a block of (samples, {self._channels}), got {block.shape}; "
                "name as many channels as the sound has."
            )
        mono = np.nan_to_num(columns.astype(np.float64), posinf=0.0, neginf=0.0).mean(axis=1)
        self._samples += len(mono)
        self._wave.add(np.stack([-mono, mono]))
        self._spectrum.add(mono)
        if self._cepstra is not None:
            self._cepstra.add(mono)

    def result(self, name: str = "", start_s: float = 0.0) -> Overview:
        """What was gathered; raises InputError where there was no sample. Takes no more blocks afterwards."""
        if self._samples == 0:
            raise InputError(f"{name or 'the sound'}: expected sound to draw, it holds no samples")
        lowest_highest = self._wave.values() * np.array([[-1], [1]], np.float32)
        return Overview(
            name,
            self._rate,
            self._channels,
            start_s,
            self._samples / self._rate,
            Track(lowest_highest, start_s, self._wave.group / self._rate),
            self._spectrum.track(start_s),
            self._cepstra.track(start_s) if self._cepstra else None,
        )


class _Levels:
    """Gathers the spectrogram; over long sounds a column holds the highest of its frames."""

    def __init__(self, rate: int) -> None:
        window = _SPECTRUM.window_samples(rate)
        self._frames = Frames(_SPECTRUM, rate, max(1, window // _STEPS_PER_WINDOW))
        self._columns = Columns(_SPECTRUM.bins(rate))

    def add(self, mono: NDArray[np.float64]) -> None:
        self._columns.add(_in_db(self._frames.power(mono)).T)

    def track(self, start_s: float) -> Track:
        self._columns.add(_in_db(self._frames.rest()).T)
        start_s += self._frames.start_s
        return Track(self._columns.values(), start_s, self._frames.step_s * self._columns.group)


class _Cepstra:
    """Gathers the mel cepstra; over long sounds a column holds the mean of its frames."""

    def __init__(self, rate: int) -> None:
        size = 2 * _CEPSTRA.window_samples(rate)  # the lowest bands are narrower than the bins of one window
        self._frames = Frames(_CEPSTRA, rate, _CEPSTRA_STEP.hop(rate), size)
        self._filters = mel_filters(rate, size // 2 + 1)
        self._columns = Columns(CEPSTRA, join=np.add)

    def add(self, mono: NDArray[np.float64]) -> None:
        self._columns.add(cepstra_db(self._frames.power(mono), self._filters).T)

    def track(self, start_s: float) -> Track:
        self._columns.add(cepstra_db(self._frames.rest(), self._filters).T)
        start_s += self._frames.start_s
        return Track(self._columns.means(), start_s, self._frames.step_s * self._columns.group)


def overview_of(audio: NDArray[np.floating], rate: int, *, name: str = "") -> Overview:
    """The overview of an array, (samples,) or (samples, channels), at `rate` Hz."""
    builder = OverviewBuilder(rate, 1 if audio.ndim == 1 else audio.shape[-1])
    for start in range(0, len(audio), _BLOCK_SAMPLES):
        builder.add(audio[start : start + _BLOCK_SAMPLES])
    return builder.result(name)


def overview_of_file(
    path: str | os.PathLike[str], *, start_s: float = 0.0, duration_s: float | None = None, cepstra: bool = False
) -> Overview:
    """The overview of a file, or of `duration_s` seconds of it from `start_s` on, in constant memory.

    Raises InputError when the file is missing, holds no sound, or ends before `start_s`.
    """
    with open_source(path, start_s=start_s, duration_s=duration_s) as source:
        builder = OverviewBuilder(source.info.rate, source.info.channels, cepstra=cepstra)
        for block in source.blocks(_BLOCK_SAMPLES):
            builder.add(block)
        return builder.result(source.name, start_s)


def _in_db(power: NDArray[np.float64]) -> NDArray[np.float64]:
    levels_db: NDArray[np.float64] = 10 * np.log10(np.maximum(power, 10 ** (LOWEST_DB / 10)))
    return levels_db
