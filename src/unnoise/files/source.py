"""Opening sound for reading by blocks, whatever it comes from."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol

from unnoise.errors import InputError, OptionError
from unnoise.files.formats import FFMPEG_SUFFIXES, RawFormat, SoundInfo, is_audio
from unnoise.files.pcm import Samples


class Reader(Protocol):
    """One way of decoding: what Source drives."""

    info: SoundInfo
    warnings: list[str]

    def skip(self, samples: int) -> None:
        """Go on by `samples`, or to the end."""

    def read(self, samples: int) -> Samples:
        """At most `samples` more, (n, channels); an empty block at the end."""

    def texts(self) -> dict[str, str]:
        """Title, artist and the like, by soundfile's names."""

    def close(self) -> None:
        """Let go of the file."""


class Source:
    """A sound being read; a context manager, whose blocks are drawn once."""

    def __init__(self, reader: Reader, name: str, path: Path | None, start_s: float, duration_s: float | None):
        self.name = name
        """For messages."""
        self.path = path
        """The file on disk; None for a pipe."""
        self.whole = start_s == 0 and duration_s is None
        """Whether nothing is cut away, so that positions in the tags still hold."""
        self._reader = reader
        rate, known = reader.info.rate, reader.info.samples
        self._start = round(start_s * rate)
        if 0 <= known < self._start:
            reader.close()
            raise InputError(f"{name}: cannot start at {start_s:g} s, it is {known / rate:.2f} s long")
        self._left = -1 if duration_s is None else round(duration_s * rate)
        self.info = replace(reader.info, samples=self._yielded(known))
        """`samples` counts what the blocks will bring, after start and duration."""

    def _yielded(self, known: int) -> int:
        if known < 0:
            return -1
        rest = known - self._start
        return rest if self._left < 0 else min(rest, self._left)

    @property
    def warnings(self) -> list[str]:
        """What was odd about the file, in whole sentences; complete once the blocks are drawn."""
        return self._reader.warnings

    @property
    def texts(self) -> dict[str, str]:
        """Title, artist, album, comment, date ... as far as the file names them."""
        return self._reader.texts()

    def blocks(self, block_samples: int) -> Iterator[Samples]:
        """Blocks of (block_samples, channels), the last one shorter; float64 past 24 bits.

        Raises InputError when nothing at all can be decoded.
        """
        if self._start:
            self._reader.skip(self._start)
            self._start = 0
        while self._left != 0:
            wanted = block_samples if self._left < 0 else min(block_samples, self._left)
            block = self._reader.read(wanted)
            if len(block) == 0:
                return
            if self._left > 0:
                self._left -= len(block)
            yield block

    def close(self) -> None:
        """Let go of the file; again is harmless."""
        self._reader.close()

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_source(
    path_or_dash: str | os.PathLike[str],
    *,
    raw: RawFormat | None = None,
    start_s: float = 0.0,
    duration_s: float | None = None,
) -> Source:
    """The sound of a file, or of standard input for '-'; `raw` says what samples without a header are.

    Raises InputError, in one line that names the file, when it is missing, empty or no sound.
    """
    if not all(0 <= seconds < math.inf for seconds in (start_s, duration_s or 0.0)):  # also catches NaN
        raise OptionError(f"start and duration must be finite and at least 0 s; got {start_s:g} and {duration_s} s")
    text = os.fspath(path_or_dash)
    if text == "-":
        return Source(_standard_input(raw), "standard input", None, start_s, duration_s)
    path = Path(text)
    if raw is not None and is_audio(path):
        raise OptionError(f"{text} has a header of its own; leave out the rate, channels and format of raw samples.")
    reopened = path if path.is_file() else None  # a named pipe is read once, its tags with it
    return Source(_file(path, raw), text, reopened, start_s, duration_s)


def _standard_input(raw: RawFormat | None) -> Reader:
    from unnoise.files.stream_in import raw_reader, reader_of_stream

    stream = sys.stdin.buffer
    if raw is not None:
        return raw_reader(stream, raw, "standard input")
    return reader_of_stream(stream, "standard input")


def _file(path: Path, raw: RawFormat | None) -> Reader:
    from unnoise.files.decode import SndfileReader
    from unnoise.files.stream_in import raw_reader, reader_of_stream, unfinished_wav, wav_reader

    stream = _opened(path)
    if raw is not None:
        return raw_reader(stream, raw, str(path), os.fstat(stream.fileno()).st_size if stream.seekable() else None)
    if not stream.seekable():  # a named pipe, or <(...) of a shell
        return reader_of_stream(stream, str(path))
    if path.suffix.lower() in FFMPEG_SUFFIXES or _magic_of_video(stream):
        from unnoise.files.ffmpeg_in import FfmpegReader

        stream.close()
        return FfmpegReader(path)
    reader = SndfileReader(stream, str(path))
    if reader.info.samples == 0 and (header := unfinished_wav(stream, str(path))) is not None:
        return wav_reader(stream, header, str(path))
    return reader


def _opened(path: Path) -> IO[bytes]:
    """The file open for reading; what the system says against it becomes one line."""
    try:
        stream = path.open("rb")
    except IsADirectoryError as error:
        raise InputError(f"{path}: expected a sound file, this is a folder") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be opened ({error.strerror or error})") from error
    if stream.seekable() and os.fstat(stream.fileno()).st_size == 0:
        stream.close()
        raise InputError(f"{path}: expected a sound file, this one is empty (0 bytes)")
    return stream


def _magic_of_video(stream: IO[bytes]) -> bool:
    """Whether the first bytes are of MP4, Matroska or ASF, whatever the ending says."""
    if not stream.seekable():
        return False
    head = stream.read(12)
    stream.seek(0)
    return head[4:8] == b"ftyp" or head[:4] in (b"\x1aE\xdf\xa3", b"\x30\x26\xb2\x75")
