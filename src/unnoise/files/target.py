"""Writing sound by blocks to a file that appears whole or not at all, or to standard output."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Protocol

from unnoise.files.beside import Beside, check_target
from unnoise.files.formats import FFMPEG_SUFFIXES, RawFormat, Shape, SoundInfo, is_audio, shape_for
from unnoise.files.pcm import Samples, finite
from unnoise.files.source import Source


class Writer(Protocol):
    """One way of encoding: what Target drives."""

    def write(self, block: Samples) -> None:
        """Append (n, channels)."""

    def finish(self) -> None:
        """Write what is still held back, and close."""

    def abandon(self) -> None:
        """Close at once, come what may."""


class Target:
    """A sound being written; a context manager: a clean exit names the file, any other leaves nothing."""

    def __init__(self, writer: Writer, path: Path | None, beside: Beside | None, notes: list[str]) -> None:
        self.path = path
        """Where the sound will be; None for standard output."""
        self.notes = notes
        """What had to change, in whole sentences: the subtype, the rate."""
        self._writer, self._beside = writer, beside

    def write(self, block: Samples) -> None:
        """Append (n, channels) at the input's rate; raises OutputError when the system refuses."""
        self._writer.write(finite(block))

    def __enter__(self) -> Target:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._drop()
            return
        try:
            self._writer.finish()
            if self._beside is not None:
                self._beside.keep()
        except BaseException:
            self._drop()
            raise

    def _drop(self) -> None:
        self._writer.abandon()
        if self._beside is not None:
            self._beside.drop()


def open_target(
    path_or_dash: str | os.PathLike[str],
    info: SoundInfo,
    *,
    force: bool = False,
    source: Source | None = None,
    raw: RawFormat | None = None,
) -> Target:
    """A target for sound of `info`, whose ending names the container; '-' is standard output.

    `source` gives the tags; `raw` writes samples without a header, to '-' and to endings of no container. Raises
    OutputError when the target exists (without `force`), is the input, or cannot hold the sound.
    """
    text = os.fspath(path_or_dash)
    if text == "-":
        return Target(_standard_output(info, raw), None, None, [])
    path = Path(text)
    check_target(path, source.path if source else None, force=force)
    raw = None if is_audio(path) else raw  # raw samples came in, but a container is asked for
    shape = None if raw or path.suffix.lower() in FFMPEG_SUFFIXES else shape_for(text, info)
    beside = Beside(path, force=force)
    try:
        if raw is not None:
            return Target(_raw(beside, raw, text), path, beside, [])
        if shape is None:
            return _through_ffmpeg(path, beside, info, source)
        return Target(_coder(path, beside, shape, info, source), path, beside, list(shape.notes))
    except BaseException:
        beside.drop()
        raise


def _raw(beside: Beside, raw: RawFormat, name: str) -> Writer:
    from unnoise.files.stream_out import RawWriter

    return RawWriter(beside.path.open("wb"), raw.encoding, name)


def _through_ffmpeg(path: Path, beside: Beside, info: SoundInfo, source: Source | None) -> Target:
    from unnoise.files.ffmpeg_out import FfmpegWriter

    whole = source is None or source.whole
    notes = [] if whole else [f"{path}: pictures and chapters are left out, as only a piece was taken"]
    return Target(FfmpegWriter(beside.path, info, str(path), source), path, beside, notes)


def _coder(path: Path, beside: Beside, shape: Shape, info: SoundInfo, source: Source | None) -> Writer:
    """The writer of one container, behind a change of rate where it needs one."""
    from unnoise.files.encode import Resampled, SndfileWriter
    from unnoise.files.growing import GrowingWav, can_grow
    from unnoise.files.quality import settings
    from unnoise.files.tagged import Tagged

    writer: Writer
    if can_grow(shape, info):
        writer = GrowingWav(beside.path, shape, str(path))
    else:
        sound = SndfileWriter(beside.path, shape, str(path), settings(shape, info))
        writer = Tagged(sound, beside.path, shape, source, str(path))
    return writer if shape.rate == info.rate else Resampled(writer, info.rate, shape)


def _standard_output(info: SoundInfo, raw: RawFormat | None) -> Writer:
    from unnoise.files.stream_out import RawWriter, WavWriter

    sys.stdout.flush()
    # past Python's buffer, which would try once more at exit what could not be written
    stream = getattr(sys.stdout.buffer, "raw", sys.stdout.buffer)
    if raw is not None:
        return RawWriter(stream, raw.encoding, "standard output")
    return WavWriter(stream, info, "standard output")
