"""FLAC: comments, pictures, application blocks and cue sheets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO

from unnoise.files.tags.chunks import copy_rest, rewritten
from unnoise.files.tags.mp3 import id3_length

_STREAMINFO, _PADDING, _SEEKTABLE, _CUESHEET = 0, 1, 3, 5
_OWN = frozenset({_STREAMINFO, _PADDING, _SEEKTABLE})


@dataclass(frozen=True)
class _Block:
    kind: int
    body: bytes


def settle(target: Path, source: Path | None, *, whole: bool) -> None:
    """Put the metadata blocks of `source` between the head and the first frame."""
    if source is None:
        return
    with source.open("rb") as stream:
        kept = [b for b in _blocks(stream) if b.kind not in _OWN and (whole or b.kind != _CUESHEET)]
    if not kept:
        return
    aside = rewritten(target)
    try:
        with target.open("rb") as old, aside.open("wb") as new:
            mine = [b for b in _blocks(old) if b.kind in (_STREAMINFO, _SEEKTABLE)]
            _write(new, mine + kept)
            copy_rest(old, new)
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


def _blocks(stream: IO[bytes]) -> list[_Block]:
    """The metadata blocks; the stream is left at the first frame. A broken head gives what there is."""
    stream.seek(id3_length(stream))
    if stream.read(4) != b"fLaC":
        return []
    found, last = [], False
    while not last:
        head = stream.read(4)
        if len(head) < 4:
            break
        last, size = bool(head[0] & 0x80), int.from_bytes(head[1:], "big")
        body = stream.read(size)
        if len(body) < size:
            break
        found.append(_Block(head[0] & 0x7F, body))
    return found


def _write(out: IO[bytes], blocks: list[_Block]) -> None:
    out.write(b"fLaC")
    for index, block in enumerate(blocks):
        last = 0x80 if index == len(blocks) - 1 else 0
        out.write(bytes([last | block.kind]) + len(block.body).to_bytes(3, "big") + block.body)
