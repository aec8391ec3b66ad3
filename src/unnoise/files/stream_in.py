"""Samples from a pipe: raw, or WAV whose header is read here because libsndfile must seek."""

from __future__ import annotations

import os
import sys
import tempfile
from typing import IO

from unnoise.errors import InputError
from unnoise.files.decode import SndfileReader
from unnoise.files.formats import RAW_SUBTYPES, RawFormat, SoundInfo
from unnoise.files.pcm import WIDTHS, Samples, decode
from unnoise.files.wav_header import WavHeader, read_wav_header

_SUBTYPES = {**RAW_SUBTYPES, "u8": "PCM_U8", "f64le": "DOUBLE"}
_PIECE = 1 << 20


class RawReader:
    """Interleaved samples, until the end or until `length` bytes are read."""

    def __init__(self, stream: IO[bytes], info: SoundInfo, encoding: str, name: str, length: int | None = None) -> None:
        self.warnings: list[str] = []
        self.info = info
        self._stream, self._name, self._encoding = stream, name, encoding
        self._frame = WIDTHS[encoding] * info.channels
        self._length, self._read = length, 0

    def skip(self, samples: int) -> None:
        """Go on by `samples`, or to the end."""
        while samples > 0 and (got := len(self.read(min(samples, 1 << 16)))):
            samples -= got

    def read(self, samples: int) -> Samples:
        """At most `samples` more, (n, channels); an empty block at the end."""
        wanted = samples * self._frame
        if self._length is not None:
            wanted = min(wanted, self._length - self._read)
        try:
            data = self._stream.read(wanted) if wanted else b""
        except OSError as error:
            raise InputError(f"{self._name}: cannot be read ({error.strerror or error})") from error
        self._read += len(data)
        whole = len(data) - len(data) % self._frame
        if len(data) < wanted:
            self._say_ending(len(data) - whole)
        return decode(data[:whole], self._encoding, self.info.channels)

    def _say_ending(self, odd: int) -> None:
        if odd:
            self.warnings.append(
                f"{self._name}: {odd} bytes at the end left out, a sample of all channels takes {self._frame}"
            )
        if self._length is not None and self._read < self._length:
            promised, there = self._length // self._frame, self._read // self._frame
            self.warnings.append(f"{self._name}: cut short: {promised} samples in its header, {there} read")
            self._length = self._read

    def texts(self) -> dict[str, str]:
        """None: a pipe's tags are not kept."""
        return {}

    def close(self) -> None:
        """Let go of a file; standard input stays open."""
        if self._stream is not sys.stdin.buffer:
            self._stream.close()


def raw_reader(stream: IO[bytes], raw: RawFormat, name: str, size: int | None = None) -> RawReader:
    """A reader of samples without a header; `size` bytes of them when known."""
    frame = WIDTHS[raw.encoding] * raw.channels
    samples = -1 if size is None else size // frame
    info = SoundInfo(raw.rate, raw.channels, samples, "RAW", _SUBTYPES[raw.encoding])
    return RawReader(stream, info, raw.encoding, name)


def wav_reader(stream: IO[bytes], header: WavHeader, name: str) -> RawReader:
    """A reader of the samples that follow a WAV header."""
    frame = WIDTHS[header.encoding] * header.channels
    samples = -1 if header.length is None else header.length // frame
    info = SoundInfo(header.rate, header.channels, samples, header.format, _SUBTYPES[header.encoding])
    length = None if header.length is None else samples * frame
    return RawReader(stream, info, header.encoding, name, length)


def reader_of_stream(stream: IO[bytes], name: str) -> RawReader | SndfileReader:
    """A reader of WAV as it comes, and of everything else through a temporary file.

    Raises InputError when nothing comes, or no sound.
    """
    head, header = read_wav_header(stream, name)
    if header is not None:
        return wav_reader(stream, header, name)
    if not head:
        raise InputError(f"{name}: expected sound, nothing came")
    spool = tempfile.TemporaryFile()  # noqa: SIM115  (the reader closes it)
    spool.write(head)
    while piece := stream.read(_PIECE):
        spool.write(piece)
    spool.flush()
    return SndfileReader(spool, name)


def unfinished_wav(stream: IO[bytes], name: str) -> WavHeader | None:
    """The header of a WAV whose recorder never filled in the sizes, the stream after it; else None."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(4)
    if int.from_bytes(stream.read(4), "little") + 8 >= size:
        return None  # the sizes were filled in: there are no samples indeed
    stream.seek(0)
    _, header = read_wav_header(stream, name)
    return header
