"""MP3 files that do not say how long they are: libsndfile guesses, and stops reading at its guess.

All frames are counted, and the count is put in front as the frame that other encoders write there.
"""

from __future__ import annotations

import mmap
import os
from typing import IO, Any

from unnoise.files.tags.mp3 import id3_length

KBITS = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_DECODER_DELAY = 529
_MARKS = (b"Xing", b"Info", b"VBRI")


def names_length(stream: IO[bytes]) -> bool:
    """Whether the file begins with a frame that says how many follow."""
    stream.seek(id3_length(stream))
    head = stream.read(2000)
    return any(mark in head for mark in _MARKS)


def frame_bytes(head: bytes) -> int:
    """The length of the frame of layer III that begins with these four bytes; 0 when none does."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version, index, rate = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or index in (0, 15) or rate == 3:
        return 0
    scale = 144000 if version == 3 else 72000
    return scale * KBITS[version == 3][index] // _RATES[version][rate] + (head[2] >> 1 & 1)


class Counted:
    """An MP3 with its number of frames in front, for libsndfile to read."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        count, first = _count(stream)
        self._front = _counting_frames(first, count) if count else b""
        self._skipped = id3_length(stream)
        self._size = os.fstat(stream.fileno()).st_size - self._skipped + len(self._front)
        self._at = 0

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As of every file."""
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        return self._at

    def tell(self) -> int:
        """As of every file."""
        return self._at

    def read(self, count: int) -> bytes:
        """As of every file."""
        front = self._front[self._at : self._at + count]
        self._stream.seek(self._skipped + max(self._at - len(self._front), 0))
        data = front + self._stream.read(count - len(front))
        self._at += len(data)
        return data

    def readinto(self, buffer: Any) -> int:
        """As of every file."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _count(stream: IO[bytes]) -> tuple[int, bytes]:
    """(number of frames, head of the first one); damaged places are stepped over."""
    at, count, first = id3_length(stream), 0, b""
    lengths: dict[bytes, int] = {}
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        end = len(data)
        while at + 4 <= end:
            head = data[at : at + 4]
            length = lengths.get(head)
            if length is None:
                length = lengths[head] = frame_bytes(head)
            if length and at + length <= end:
                first = first or head
                count += 1
                at += length
            elif (at := data.find(b"\xff", at + 1)) < 0:
                break
    return count, first


def _counting_frames(first: bytes, count: int) -> bytes:
    """Two frames without sound, like `first`: one that holds the number, one that the decoder throws away.

    A decoder that finds a count also cuts 529 samples, its own delay; the second frame is what it cuts.
    """
    # no checksum, and a bit rate that leaves room for the number
    head = bytes([first[0], first[1] | 1, 0x90 | first[2] & 0x0C, first[3]])
    mono, mpeg1 = first[3] >> 6 == 3, first[1] >> 3 & 3 == 3
    beside = (17 if mono else 32) if mpeg1 else (9 if mono else 17)
    cut = (1152 if mpeg1 else 576) - _DECODER_DELAY
    tag = b"LAME3.100".ljust(21, b"\0") + (cut << 12).to_bytes(3, "big")
    body = bytes(beside) + b"Xing" + (1).to_bytes(4, "big") + (count + 1).to_bytes(4, "big") + tag
    length = frame_bytes(head)
    return (head + body).ljust(length, b"\0") + head.ljust(length, b"\0")
