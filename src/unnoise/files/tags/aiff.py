"""AIFF: NAME, AUTH, ANNO, COMT, MARK, ID3 and whatever else stands beside the samples."""

from __future__ import annotations

import os
import struct
from pathlib import Path

from unnoise.files.tags.chunks import append, clear_clock, walk

_OWN = frozenset({b"COMM", b"SSND", b"FVER", b"PEAK", b"CHAN"})
_POSITIONS = frozenset({b"MARK", b"INST"})


def settle(target: Path, source: Path | None, *, whole: bool) -> None:
    """Add the chunks of `source` after the samples and mend the size."""
    with target.open("r+b") as out:
        clear_clock(out, list(walk(out, ">")))
        if source is None:
            return
        with source.open("rb") as stream:
            kept = [c for c in walk(stream, ">") if c.kind not in _OWN and (whole or c.kind not in _POSITIONS)]
            if not kept:
                return
            append(out, ">", stream, kept)
        size = out.seek(0, os.SEEK_END) - 8
        out.seek(4)
        out.write(struct.pack(">I", min(size, 0xFFFF_FFFF)))
