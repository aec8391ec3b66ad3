"""The bytes before the samples of a WAV: read from a pipe, and written to one."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import IO

from unnoise.errors import InputError
from unnoise.files.formats import SoundInfo
from unnoise.files.pcm import WIDTHS

_ENCODINGS = {
    (1, 8): "u8",
    (1, 16): "s16le",
    (1, 24): "s24le",
    (1, 32): "s32le",
    (3, 32): "f32le",
    (3, 64): "f64le",
}
_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")
_MASKS = {1: 0x4, 2: 0x3, 3: 0x7, 4: 0x33, 5: 0x37, 6: 0x3F, 7: 0x13F, 8: 0x63F}
_UNKNOWN = 0xFFFF_FFFF
_ENDLESS = 0x7FFF_0000  # sizes from here on are what writers into a pipe put in before they know
_MOST_HEADER = 64 << 20  # a header longer than this (pictures included) is no header


@dataclass(frozen=True)
class WavHeader:
    """What stands before the samples."""

    rate: int
    channels: int
    encoding: str
    length: int | None
    """Bytes of samples; None: until the end of the stream."""
    format: str
    """WAV, WAVEX or RF64."""


class _Tape:
    """Reads a stream forward and keeps all that was read, so that somebody else can begin again."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.read = bytearray()

    def take(self, count: int) -> bytes:
        data = self._stream.read(count)
        self.read += data
        return data


def read_wav_header(stream: IO[bytes], name: str) -> tuple[bytes, WavHeader | None]:
    """(bytes read, header) with the stream at the first sample; header None when it is no plain WAV.

    Raises InputError when a WAV ends within its header.
    """
    tape = _Tape(stream)
    head = tape.take(12)
    if head[:4] not in (b"RIFF", b"RF64") or head[8:12] != b"WAVE":
        return bytes(tape.read), None
    fmt, long_size = b"", None
    while True:
        kind, size = _chunk(tape, name)
        if kind == b"data":
            return bytes(tape.read), _header(fmt, size, long_size, head[:4])
        if size > _MOST_HEADER:
            raise InputError(f"{name}: expected a WAV, its header holds a piece of {size} bytes before the samples")
        body = tape.take(size + size % 2)
        if kind == b"fmt ":
            fmt = body
        elif kind == b"ds64" and len(body) >= 16:
            long_size = int(struct.unpack_from("<Q", body, 8)[0])


def _chunk(tape: _Tape, name: str) -> tuple[bytes, int]:
    head = tape.take(8)
    if len(head) < 8:
        raise InputError(f"{name}: expected a WAV, it ends within its header after {len(tape.read)} bytes")
    return head[:4], int(struct.unpack("<I", head[4:])[0])


def _header(fmt: bytes, size: int, long_size: int | None, riff: bytes) -> WavHeader | None:
    """The header out of its chunks; None when the samples are coded in a way that is not read here."""
    if len(fmt) < 16:
        return None
    tag, channels, rate, _, frame, bits = struct.unpack_from("<HHIIHH", fmt)
    extended = tag == 0xFFFE and len(fmt) >= 40
    if extended:
        tag = struct.unpack_from("<H", fmt, 24)[0]
    encoding = _ENCODINGS.get((tag, bits))
    if encoding is None or not channels or not rate or frame != WIDTHS[encoding] * channels:
        return None
    container = "RF64" if riff == b"RF64" else "WAVEX" if extended else "WAV"
    return WavHeader(rate, channels, encoding, _length(size, long_size), container)


def _length(size: int, long_size: int | None) -> int | None:
    if size == _UNKNOWN and long_size:
        return long_size
    return None if size == 0 or size >= _ENDLESS else size


def write_wav_header(info: SoundInfo, encoding: str) -> bytes:
    """All bytes before the samples; RF64 past 4 GiB; sizes of 0xFFFFFFFF when the length is unknown."""
    fmt = fmt_chunk(info, encoding)
    if info.samples < 0:
        return _head(b"RIFF", _UNKNOWN) + fmt + _piece(b"data", _UNKNOWN)
    size = info.samples * info.channels * WIDTHS[encoding]
    riff = 4 + len(fmt) + 8 + size + size % 2
    if riff < _UNKNOWN:
        return _head(b"RIFF", riff) + fmt + _piece(b"data", size)
    sizes = _piece(b"ds64", 28) + struct.pack("<QQQI", riff + 36, size, info.samples, 0)
    return _head(b"RF64", _UNKNOWN) + sizes + fmt + _piece(b"data", _UNKNOWN)


def _head(kind: bytes, size: int) -> bytes:
    return _piece(kind, size) + b"WAVE"


def _piece(kind: bytes, size: int) -> bytes:
    return kind + struct.pack("<I", size)


def fmt_chunk(info: SoundInfo, encoding: str) -> bytes:
    """Plain where every player knows it: one or two channels, at most 24 bits or floating."""
    width = WIDTHS[encoding]
    tag = 3 if encoding.startswith("f") else 1
    frame = width * info.channels
    numbers = struct.pack("<HIIHH", info.channels, info.rate, info.rate * frame & _UNKNOWN, frame, width * 8)
    if info.channels <= 2 and info.format != "WAVEX":
        return _piece(b"fmt ", 16) + struct.pack("<H", tag) + numbers
    extra = struct.pack("<HHIH", 22, width * 8, _MASKS.get(info.channels, 0), tag) + _GUID_TAIL
    return _piece(b"fmt ", 40) + struct.pack("<H", 0xFFFE) + numbers + extra
