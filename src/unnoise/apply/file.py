"""One file in, the same file out: rate, channels, samples, format, tags, and no lag."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from unnoise.errors import OptionError
from unnoise.files import RawFormat, Source, Target, open_source, open_target
from unnoise.files.pcm import finite

_BLOCK_VALUES = 1 << 19  # of all channels: a few megabytes at any number of channels
_SILENCE_DBFS = -120.0

Progress = Callable[[float, float | None], None]
"""Called with the seconds of audio done and the seconds in all, None where that is unknown."""


class Processor(Protocol):
    """What cleans block by block: an engine's stream or a gate."""

    @property
    def latency(self) -> int:
        """Samples by which the output is late."""

    @property
    def nonfinite_samples(self) -> int:
        """How many samples were NaN or infinite and became 0."""

    def process(self, block: NDArray[Any]) -> NDArray[Any]:
        """As many samples out as in."""

    def flush(self) -> NDArray[Any]:
        """The last `latency` samples."""


@dataclass(frozen=True)
class FileReport:
    """What was done to one file."""

    source: str
    target: str
    rate: int
    channels: int
    samples: int
    seconds: float
    """Length of the recording."""
    elapsed_s: float
    level_in_dbfs: float
    level_out_dbfs: float
    nonfinite_samples: int
    notes: tuple[str, ...]
    """Whole sentences on what was odd or had to change."""

    @property
    def times_real_time(self) -> float:
        """Seconds of audio a second of work."""
        return self.seconds / max(self.elapsed_s, 1e-9)

    @property
    def level_change_db(self) -> float:
        """Level after less level before; 0 for silence."""
        return self.level_out_dbfs - self.level_in_dbfs


def denoise_file(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    *,
    model: str | os.PathLike[str] = "default",
    strength: float = 1.0,
    max_attenuation_db: float | None = None,
    link: str = "none",
    threads: int = 1,
    force: bool = False,
    residual: str | os.PathLike[str] | None = None,
    start_s: float = 0.0,
    duration_s: float | None = None,
    progress: Progress | None = None,
) -> FileReport:
    """Clean one file into another, in constant memory; '-' is standard input or output.

    Options as in `Denoiser`; `residual` names a file for what was taken out; `start_s` and `duration_s` take a
    piece. Never writes over a file unless `force`. Raises InputError, OutputError, OptionError, BundleError.
    """
    from unnoise.engine.whole import Denoiser

    denoiser = Denoiser(model, strength=strength, max_attenuation_db=max_attenuation_db, link=link, threads=threads)
    return process_file(
        source,
        target,
        lambda opened: denoiser.by_blocks(opened.info.rate, opened.info.channels),
        force=force,
        residual=residual,
        start_s=start_s,
        duration_s=duration_s,
        progress=progress,
    )


def process_file(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    make: Callable[[Source], Processor],
    *,
    raw: RawFormat | None = None,
    force: bool = False,
    residual: str | os.PathLike[str] | None = None,
    start_s: float = 0.0,
    duration_s: float | None = None,
    progress: Progress | None = None,
    name: str | None = None,
) -> FileReport:
    """Send one file through the processor that `make` builds for it; otherwise as `denoise_file`.

    `raw` says what samples without a header are; `name` is what the report calls the source.
    """
    read = [] if os.fspath(source) == "-" else [source]  # where there, "-" is another stream than the residual's
    check_apart(residual, "residual", *read, target)
    begun = time.perf_counter()
    with open_source(source, raw=raw, start_s=start_s, duration_s=duration_s) as opened:
        processor = make(opened)
        with open_target(target, opened.info, force=force, source=opened, raw=raw) as out:
            pump = _Pump(opened, processor, out, progress)
            notes = list(out.notes)
            if residual is None:
                pump.run(None)
            else:
                with open_target(residual, opened.info, force=force, source=opened, raw=raw) as rest:
                    pump.run(rest)
                notes += rest.notes
        notes = [*opened.warnings, *notes]
        if processor.nonfinite_samples:
            notes.append(f"{processor.nonfinite_samples} samples were no finite numbers and count as 0")
        return FileReport(
            source=name or os.fspath(source),
            target=os.fspath(target),
            rate=opened.info.rate,
            channels=opened.info.channels,
            samples=pump.samples,
            seconds=pump.samples / opened.info.rate,
            elapsed_s=time.perf_counter() - begun,
            level_in_dbfs=pump.level_in.dbfs(),
            level_out_dbfs=pump.level_out.dbfs(),
            nonfinite_samples=processor.nonfinite_samples,
            notes=tuple(notes),
        )


def check_apart(extra: str | os.PathLike[str] | None, what: str, *others: str | os.PathLike[str]) -> None:
    """OptionError where the file `extra` is one of the others, under whatever name."""
    if extra is None:
        return
    for other in others:
        if os.path.realpath(extra) == os.path.realpath(other):
            raise OptionError(f"The {what} needs a file of its own, but {os.fspath(extra)} is {os.fspath(other)}.")


class _Level:
    """Mean power of all that passed."""

    def __init__(self) -> None:
        self._energy, self._count = 0.0, 0

    def add(self, block: NDArray[Any]) -> None:
        flat = block.reshape(-1)
        self._energy += float(np.dot(flat, flat))
        self._count += flat.size

    def dbfs(self) -> float:
        power = self._energy / max(self._count, 1)
        return max(_SILENCE_DBFS, 10 * float(np.log10(power + 1e-30)))


class _Pump:
    """Blocks from source to target, the processor's latency taken off the front."""

    def __init__(self, source: Source, processor: Processor, target: Target, progress: Progress | None) -> None:
        self.samples = 0
        self.level_in, self.level_out = _Level(), _Level()
        self._source, self._processor, self._target, self._progress = source, processor, target, progress
        self._late = processor.latency
        self._waiting: NDArray[Any] | None = None  # input that has not come out yet, for the residual

    def run(self, residual: Target | None) -> None:
        """Until the source is empty."""
        tail: NDArray[Any] | None = None
        for block in self._source.blocks(max(1024, _BLOCK_VALUES // self._source.info.channels)):
            tail = block[:0]
            self.samples += len(block)
            heard = finite(block)
            self.level_in.add(heard)
            self._emit(self._processor.process(block), heard, residual)
            if self._progress is not None:
                rate, total = self._source.info.rate, self._source.info.samples
                self._progress(self.samples / rate, total / rate if total >= 0 else None)
        if tail is not None:
            self._emit(self._processor.flush(), tail, residual)

    def _emit(self, out: NDArray[Any], heard: NDArray[Any], residual: Target | None) -> None:
        skip = min(self._late, len(out))
        self._late -= skip
        out = out[skip:]
        self.level_out.add(out)
        self._target.write(out)
        if residual is None:
            return
        if self._waiting is not None:
            heard = np.concatenate((self._waiting, heard))
        residual.write(heard[: len(out)] - out)
        self._waiting = heard[len(out) :]
