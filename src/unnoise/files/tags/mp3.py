"""MP3: ID3v2 before the frames, APE and ID3v1 after them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

from unnoise.files.tags.chunks import copy, rewritten


def settle(target: Path, source: Path | None, *, whole: bool) -> None:
    """Put the tags of `source` around the frames, in place of those that are there."""
    if source is None:
        return
    with source.open("rb") as stream:
        front, back = id3_length(stream), _tail_length(stream)
        if not front and not back:
            return
        aside = rewritten(target)
        try:
            with target.open("rb") as old, aside.open("wb") as new:
                copy(stream, new, 0, front)
                begin, end = id3_length(old), _size(old) - _tail_length(old)
                copy(old, new, begin, end - begin)
                copy(stream, new, _size(stream) - back, back)
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)


def id3_length(stream: IO[bytes]) -> int:
    """Bytes of all ID3v2 tags at the front; 0 when there is none."""
    length = 0
    while True:
        stream.seek(length)
        head = stream.read(10)
        if len(head) < 10 or head[:3] != b"ID3":
            return length
        size = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=True))
        length += 10 + size + (10 if head[5] & 0x10 else 0)


def _tail_length(stream: IO[bytes]) -> int:
    """Bytes of ID3v1 and APE at the end."""
    size = _size(stream)
    length = 128 if size >= 128 and _at(stream, size - 128, 3) == b"TAG" else 0
    foot = _at(stream, size - length - 32, 32) if size >= length + 32 else b""
    if foot[:8] == b"APETAGEX":
        ape = int.from_bytes(foot[12:16], "little") + (32 if foot[23] & 0x80 else 0)
        length += ape if ape <= size - length else 0
    return length


def _at(stream: IO[bytes], offset: int, count: int) -> bytes:
    stream.seek(offset)
    return stream.read(count)


def _size(stream: IO[bytes]) -> int:
    return os.fstat(stream.fileno()).st_size
