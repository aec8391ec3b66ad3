"""Samples to a pipe or file without libsndfile: raw, or WAV whose header need not be rewritten."""

from __future__ import annotations

import contextlib
from typing import IO

from unnoise.errors import OutputError
from unnoise.files.formats import SoundInfo
from unnoise.files.pcm import WIDTHS, Samples, encode
from unnoise.files.wav_header import write_wav_header

ENCODINGS = {
    "PCM_S8": "u8", "PCM_U8": "u8", "PCM_16": "s16le", "PCM_24": "s24le", "PCM_32": "s32le",
    "FLOAT": "f32le", "DOUBLE": "f64le", "ALAC_20": "s24le", "ALAC_24": "s24le", "ALAC_32": "s32le",
}  # fmt: skip


class RawWriter:
    """Interleaved samples and nothing else."""

    def __init__(self, stream: IO[bytes], encoding: str, name: str) -> None:
        self._stream, self._encoding, self._name = stream, encoding, name

    def write(self, block: Samples) -> None:
        """Append (n, channels)."""
        self._put(encode(block, self._encoding))

    def _put(self, data: bytes) -> None:
        try:
            view = memoryview(data)
            while len(view):  # an unbuffered stream may take less than it is given
                view = view[self._stream.write(view) :]
        except OSError as error:
            raise self._refused(error) from error

    def finish(self) -> None:
        """Hand over what is still buffered."""
        try:
            self._stream.flush()
            self._release()
        except OSError as error:
            raise self._refused(error) from error

    def abandon(self) -> None:
        """Close without any check."""
        with contextlib.suppress(OSError, ValueError):
            self._release()

    def _release(self) -> None:
        if self._name != "standard output":
            self._stream.close()

    def _refused(self, error: OSError) -> OutputError:
        if isinstance(error, BrokenPipeError):
            return OutputError(f"{self._name}: the reader at the other end has gone (broken pipe)")
        return OutputError(f"{self._name}: cannot be written ({error.strerror or error})")


class WavWriter(RawWriter):
    """WAV in one go: true sizes when the length is known, else those that players take as endless."""

    def __init__(self, stream: IO[bytes], info: SoundInfo, name: str) -> None:
        super().__init__(stream, ENCODINGS.get(info.subtype, "s16le"), name)
        self._width = WIDTHS[self._encoding] * info.channels
        self._bytes = 0
        self._put(write_wav_header(info, self._encoding))

    def _put(self, data: bytes) -> None:
        super()._put(data)
        self._bytes += len(data)

    def finish(self) -> None:
        """Pad to even, as RIFF wants it."""
        if self._bytes % 2:
            self._put(b"\0")
        super().finish()
