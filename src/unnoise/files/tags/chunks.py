"""Files made of chunks (RIFF, RF64, AIFF): what lies where, and more of it at the end."""

from __future__ import annotations

import os
import shutil
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_PIECE = 1 << 20


@dataclass(frozen=True)
class Chunk:
    """One chunk: its four letters, where its body begins, and how many bytes that has."""

    kind: bytes
    offset: int
    size: int


def walk(stream: IO[bytes], order: str, long_sizes: dict[bytes, int] | None = None) -> Iterator[Chunk]:
    """The chunks after the 12 bytes of the head, up to the first that the file does not hold whole.

    `order` is '<' or '>'; `long_sizes` are true sizes of chunks whose header says 0xFFFFFFFF.
    """
    end = os.fstat(stream.fileno()).st_size
    at = 12
    while at + 8 <= end:
        stream.seek(at)
        head = stream.read(8)
        kind, size = head[:4], int(struct.unpack(order + "I", head[4:])[0])
        if size == 0xFFFF_FFFF:
            size = (long_sizes or {}).get(kind, size)
        if at + 8 + size > end:
            return
        yield Chunk(kind, at + 8, size)
        at += 8 + size + size % 2


def append(target: IO[bytes], order: str, source: IO[bytes], chunks: Iterable[Chunk]) -> None:
    """Copy `chunks` of `source` to the end of `target`, each on an even byte."""
    target.seek(0, os.SEEK_END)
    if target.tell() % 2:
        target.write(b"\0")
    for chunk in chunks:
        target.write(chunk.kind + struct.pack(order + "I", chunk.size))
        copy(source, target, chunk.offset, chunk.size)
        if chunk.size % 2:
            target.write(b"\0")


def copy(source: IO[bytes], target: IO[bytes], offset: int, size: int) -> None:
    """`size` bytes of `source` from `offset` on, in pieces."""
    source.seek(offset)
    while size > 0 and (piece := source.read(min(size, _PIECE))):
        target.write(piece)
        size -= len(piece)


def rewritten(path: Path) -> Path:
    """Where a second version of `path` is built, before it takes its place."""
    return path.with_name(path.name + "2")


def copy_rest(source: IO[bytes], target: IO[bytes]) -> None:
    """All that is left of `source`."""
    shutil.copyfileobj(source, target, _PIECE)


def clear_clock(target: IO[bytes], chunks: Iterable[Chunk]) -> None:
    """Zero the time of writing in the PEAK chunk, so that the same sound gives the same bytes."""
    for chunk in chunks:
        if chunk.kind == b"PEAK" and chunk.size >= 8:
            target.seek(chunk.offset + 4)
            target.write(bytes(4))
