"""A WAV whose length nobody knows beforehand: it becomes RF64 only if it passes 4 GiB."""

from __future__ import annotations

import struct
from pathlib import Path

from unnoise.files.formats import Shape, SoundInfo
from unnoise.files.pcm import WIDTHS
from unnoise.files.stream_out import ENCODINGS, RawWriter
from unnoise.files.wav_header import fmt_chunk

_MOST = 0xFFFF_FFFF


def can_grow(shape: Shape, info: SoundInfo) -> bool:
    """Whether the target is a plain WAV of unknown length."""
    return info.samples < 0 and shape.format in ("WAV", "WAVEX") and shape.subtype in ENCODINGS


class GrowingWav(RawWriter):
    """WAV with room left in its header for the sizes of RF64."""

    def __init__(self, path: Path, shape: Shape, name: str) -> None:
        encoding = ENCODINGS[shape.subtype]
        super().__init__(path.open("wb"), encoding, name)
        self._frame = WIDTHS[encoding] * shape.channels
        self._bytes = 0
        info = SoundInfo(shape.rate, shape.channels, -1, shape.format, shape.subtype)
        self._fmt = fmt_chunk(info, encoding)
        self._put(self._header(0))
        self._bytes = 0

    def _header(self, size: int) -> bytes:
        riff = 4 + 36 + len(self._fmt) + 8 + size + size % 2
        if riff <= _MOST:
            head = struct.pack("<4sI4s4sI28x", b"RIFF", riff, b"WAVE", b"JUNK", 28)
            return head + self._fmt + struct.pack("<4sI", b"data", size)
        sizes = struct.pack("<QQQI", riff, size, size // self._frame, 0)
        head = struct.pack("<4sI4s4sI", b"RF64", _MOST, b"WAVE", b"ds64", 28) + sizes
        return head + self._fmt + struct.pack("<4sI", b"data", _MOST)

    def _put(self, data: bytes) -> None:
        super()._put(data)
        self._bytes += len(data)

    def finish(self) -> None:
        """Write the sizes, now that they are known."""
        size = self._bytes
        if size % 2:
            self._put(b"\0")
        try:
            self._stream.seek(0)
        except OSError as error:
            raise self._refused(error) from error
        self._put(self._header(size))
        super().finish()
