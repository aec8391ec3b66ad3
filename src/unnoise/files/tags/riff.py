"""RIFF and RF64: bext, iXML, LIST, cue, smpl, id3 and whatever else stands beside the samples."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import IO

from unnoise.files.tags.chunks import Chunk, append, clear_clock, walk

# Belongs to the samples as they were written, or is mere filling.
_OWN = frozenset({b"fmt ", b"data", b"fact", b"ds64", b"PEAK", b"wavl", b"slnt"})
_OWN |= {b"JUNK", b"junk", b"PAD ", b"FLLR"}
_POSITIONS = frozenset({b"cue ", b"smpl", b"plst"})


def settle(target: Path, source: Path | None, *, whole: bool) -> None:
    """Add the chunks of `source` after the samples, keep its channel mask, and mend the sizes."""
    with target.open("r+b") as out:
        order = _order(out)
        mine = list(walk(out, order, _long_sizes(out)))
        clear_clock(out, mine)
        if source is None:
            return
        with source.open("rb") as stream:
            if _order(stream) != order:
                return  # numbers inside the chunks would be read backwards
            theirs = list(walk(stream, order, _long_sizes(stream)))
            _keep_mask(out, mine, stream, theirs, order)
            kept = [c for c in theirs if c.kind not in _OWN and (whole or not _is_position(stream, c))]
            if kept:
                append(out, order, stream, kept)
                _mend_size(out, order)


def _order(stream: IO[bytes]) -> str:
    stream.seek(0)
    return ">" if stream.read(4) == b"RIFX" else "<"


def _long_sizes(stream: IO[bytes]) -> dict[bytes, int]:
    stream.seek(0)
    head = stream.read(36)
    if head[:4] != b"RF64" or head[12:16] != b"ds64":
        return {}
    return {b"data": int(struct.unpack_from("<Q", head, 28)[0])}


def _is_position(stream: IO[bytes], chunk: Chunk) -> bool:
    """Whether the chunk counts in samples from the start, which a cut moves."""
    if chunk.kind == b"LIST":
        stream.seek(chunk.offset)
        return stream.read(4) == b"adtl"
    return chunk.kind in _POSITIONS


def _keep_mask(out: IO[bytes], mine: list[Chunk], stream: IO[bytes], theirs: list[Chunk], order: str) -> None:
    """Copy which loudspeaker each channel is for: libsndfile writes the usual ones instead."""
    ours = next((c for c in mine if c.kind == b"fmt " and c.size >= 40), None)
    other = next((c for c in theirs if c.kind == b"fmt " and c.size >= 40), None)
    if ours is None or other is None:
        return
    stream.seek(other.offset + 20)
    mask = stream.read(4)
    out.seek(ours.offset + 20)
    out.write(mask)


def _mend_size(out: IO[bytes], order: str) -> None:
    size = out.seek(0, os.SEEK_END) - 8
    out.seek(0)
    if out.read(4) == b"RF64":
        out.seek(20)
        out.write(struct.pack("<Q", size))
    else:
        out.seek(4)
        out.write(struct.pack(order + "I", min(size, 0xFFFF_FFFF)))
