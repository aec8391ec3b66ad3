"""Ogg Vorbis and Opus: the comment packet, which may span pages, and a serial number without chance."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from unnoise.files.tags.chunks import rewritten

_SERIAL = 0x756E_6E6F
_CONTINUED, _LAST = 1, 4
_LONGEST_PAGE = 27 + 255 + 255 * 255
# Ogg's checksum is zlib's with all bits mirrored: mirror the bytes, and zlib does it at full speed.
_MIRROR = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_MAGIC = {b"\x03vorbis": b"\x01vorbis", b"OpusTags": b"OpusHead"}


@dataclass(frozen=True)
class _Page:
    flags: int
    position: int
    serial: int
    number: int
    laces: bytes
    body: bytes

    def bytes(self) -> bytes:
        head = struct.pack(
            "<4sBBqIIIB", b"OggS", 0, self.flags, self.position, self.serial, self.number, 0, len(self.laces)
        )
        page = head + self.laces + self.body
        return page[:22] + struct.pack("<I", checksum(page)) + page[26:]


def settle(target: Path, source: Path | None, *, whole: bool) -> None:
    """Give `target` the comments of `source`, and the same serial number every time."""
    comments = _comments(source) if source is not None else None
    aside = rewritten(target)
    try:
        with target.open("rb") as old, aside.open("wb") as new:
            for page in _renewed(_pages(old), comments):
                new.write(page.bytes())
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


def checksum(page: bytes) -> int:
    """The CRC of an Ogg page whose own four bytes of CRC are zero."""
    mirrored = zlib.crc32(page.translate(_MIRROR), 0xFFFF_FFFF) ^ 0xFFFF_FFFF
    return int(f"{mirrored:032b}"[::-1], 2)


def ends_whole(stream: IO[bytes]) -> bool:
    """Whether the last page is there and says that it is the last."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(size - _LONGEST_PAGE, 0))
    tail = stream.read()
    at = tail.rfind(b"OggS")
    if at < 0 or len(tail) < at + 27 or not tail[at + 5] & _LAST:
        return False
    return len(tail) >= at + 27 + tail[at + 26] + sum(tail[at + 27 : at + 27 + tail[at + 26]])


def _pages(stream: IO[bytes]) -> Iterator[_Page]:
    stream.seek(0)
    while len(head := stream.read(27)) == 27 and head[:4] == b"OggS":
        _, _, flags, position, serial, number, _, count = struct.unpack("<4sBBqIIIB", head)
        laces = stream.read(count)
        yield _Page(flags, position, serial, number, laces, stream.read(sum(laces)))


def _packets(pages: Iterator[_Page], count: int) -> tuple[list[bytes], list[_Page]]:
    """The first `count` packets of the first stream, and the pages that held them."""
    packets, used, open_packet = [], [], b""
    serial = None
    for page in pages:
        serial = page.serial if serial is None else serial
        if page.serial != serial:
            continue
        used.append(page)
        at = 0
        for lace in page.laces:
            open_packet += page.body[at : at + lace]
            at += lace
            if lace < 255:
                packets.append(open_packet)
                open_packet = b""
        if len(packets) >= count:
            break
    return packets, used


def _comments(source: Path) -> bytes | None:
    """The body of the comment packet, without its magic; None when the file has none that is whole."""
    with source.open("rb") as stream:
        packets, _ = _packets(_pages(stream), 2)
    if len(packets) < 2:
        return None
    return next((packets[1][len(magic) :] for magic in _MAGIC if packets[1].startswith(magic)), None)


def _renewed(pages: Iterator[_Page], comments: bytes | None) -> Iterator[_Page]:
    """The pages with another comment packet; all later ones are numbered anew."""
    first = next(pages, None)
    if first is None:
        return
    vorbis = first.body.startswith(b"\x01vorbis")
    packets, _ = _packets(pages, 2 if vorbis else 1)
    yield replace(first, serial=_SERIAL)
    if comments is not None:
        packets[0] = _packet(packets[0], comments, vorbis=vorbis)
    number = 1
    for page in _paged(packets, number):
        yield page
        number += 1
    for page in pages:
        yield replace(page, serial=_SERIAL, number=number)
        number += 1


def _packet(old: bytes, comments: bytes, *, vorbis: bool) -> bytes:
    """`comments` behind the magic of `old`; Vorbis ends with a bit that Opus has not."""
    magic = old[:7] if vorbis else old[:8]
    body = magic + _list(comments)
    return body + b"\x01" if vorbis else body


def _list(comments: bytes) -> bytes:
    """Vendor and comments without what may follow them, as the framing bit of Vorbis."""
    at = 4 + int.from_bytes(comments[:4], "little")
    count = int.from_bytes(comments[at : at + 4], "little")
    at += 4
    for _ in range(count):
        at += 4 + int.from_bytes(comments[at : at + 4], "little")
    return comments[:at]


def _paged(packets: list[bytes], number: int) -> Iterator[_Page]:
    """Header packets on pages of their own, at most 255 laces each."""
    laces, body = b"", b"".join(packets)
    for packet in packets:
        laces += b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255])
    at, continued = 0, 0
    for begin in range(0, len(laces), 255):
        piece = laces[begin : begin + 255]
        size = sum(piece)
        ends = any(lace < 255 for lace in piece)
        yield _Page(continued, 0 if ends else -1, _SERIAL, number, piece, body[at : at + size])
        at, number = at + size, number + 1
        continued = _CONTINUED if piece[-1] == 255 else 0
