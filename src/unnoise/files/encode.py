"""Writing through libsndfile, with every error of the system seen."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import numpy as np

from unnoise.errors import OutputError
from unnoise.files.formats import Shape
from unnoise.files.pcm import Samples, quantise

# Subtype -> bits that are rounded here, because libsndfile rounds down where it clips.
_BITS = {
    "PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32,
    "ALAC_16": 16, "ALAC_20": 20, "ALAC_24": 24, "ALAC_32": 32,
    "DPCM_8": 8, "DPCM_16": 16, "DWVW_12": 12, "DWVW_16": 16, "DWVW_24": 24,
}  # fmt: skip
_FLOATING = frozenset({"FLOAT", "DOUBLE", "VORBIS", "OPUS", "MPEG_LAYER_I", "MPEG_LAYER_II", "MPEG_LAYER_III"})


def for_coder(block: Samples, subtype: str) -> Any:
    """`block` as the coder of `subtype` takes it without a rounding of its own."""
    if subtype in _FLOATING:
        return block
    bits = _BITS.get(subtype, 16)
    steps = quantise(block, bits)
    if bits <= 16:
        return (steps << (16 - bits)).astype(np.int16)
    return steps << (32 - bits)


class WatchedFile:
    """A file that remembers the first error of the system: libsndfile's callbacks lose them."""

    def __init__(self, path: Path) -> None:
        self.error: OSError | None = None
        self._fd = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))

    def write(self, data: Any) -> int:
        """Write all of `data`, or note why not."""
        view = memoryview(data)
        done = 0
        try:
            while done < len(view):
                done += os.write(self._fd, view[done:])
        except OSError as error:
            self.error = self.error or error
        return done

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` from the file."""
        data = os.read(self._fd, len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """As of every file."""
        return os.lseek(self._fd, offset, whence)

    def tell(self) -> int:
        """As of every file."""
        return os.lseek(self._fd, 0, os.SEEK_CUR)

    def close(self) -> None:
        """As of every file; again is harmless."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


class SndfileWriter:
    """libsndfile writing one file; `name` is what messages call it."""

    def __init__(self, path: Path, shape: Shape, name: str, settings: dict[str, Any]) -> None:
        import soundfile

        self._path, self._shape, self._name = path, shape, name
        self._written = 0
        self._file = WatchedFile(path)
        try:
            self._sound = soundfile.SoundFile(
                self._file,
                "w",
                shape.rate,
                shape.channels,
                shape.subtype,
                shape.endian,
                shape.format,
                **settings,
            )
        except (soundfile.LibsndfileError, ValueError) as error:
            self._file.close()
            self._check()
            reason = str(getattr(error, "error_string", error)).rstrip(".")
            raise OutputError(f"{name}: cannot be written as {shape.format} {shape.subtype} ({reason})") from error

    def set_text(self, field: str, value: str) -> None:
        """One of soundfile's text fields (title, artist ...), before the first block."""
        import contextlib

        import soundfile

        with contextlib.suppress(soundfile.LibsndfileError):  # a container without this field
            setattr(self._sound, field, value)

    def write(self, block: Samples) -> None:
        """Append (n, channels); raises OutputError when the system refuses."""
        if len(block) == 0:
            return
        import soundfile

        try:
            self._sound.write(for_coder(block, self._shape.subtype))
        except (soundfile.LibsndfileError, AssertionError) as error:
            self._check()
            raise OutputError(f"{self._name}: cannot be written ({error})") from error
        self._check()
        self._written += len(block)

    def finish(self) -> None:
        """Close, and make sure that all samples are there."""
        import soundfile

        try:
            self._sound.close()
        except soundfile.LibsndfileError as error:
            self._check()
            raise OutputError(f"{self._name}: cannot be finished ({error})") from error
        finally:
            self._file.close()
        self._check()
        if self._written == 0 and self._shape.format == "FLAC":  # libsndfile leaves the file empty
            self._path.write_bytes(_empty_flac(self._shape))
        self._verify()

    def _verify(self) -> None:
        """Raise OutputError when the file on disk does not hold what was written."""
        import soundfile

        try:
            with (
                self._path.open("rb") as stream,
                soundfile.SoundFile(stream.fileno(), closefd=False) as sound,
            ):
                there = sound.frames
        except soundfile.LibsndfileError as error:
            if self._written == 0:
                raise OutputError(
                    f"{self._name}: {self._shape.format} cannot hold zero samples; choose .wav or .flac"
                ) from error
            raise OutputError(f"{self._name}: what was written cannot be read back ({error.error_string})") from error
        if there < self._written:
            raise OutputError(f"{self._name}: {self._written} samples were written, {there} are in the file")

    def abandon(self) -> None:
        """Close without any check."""
        import contextlib

        with contextlib.suppress(Exception):
            self._sound.close()
        self._file.close()

    def _check(self) -> None:
        if self._file.error is not None:
            reason = self._file.error.strerror or self._file.error
            raise OutputError(f"{self._name}: cannot be written ({reason})") from self._file.error


def _empty_flac(shape: Shape) -> bytes:
    """A FLAC of zero samples: its STREAMINFO alone."""
    numbers = shape.rate << 44 | (shape.channels - 1) << 41 | (_BITS[shape.subtype] - 1) << 36
    block_sizes, frame_sizes = (4096).to_bytes(2, "big") * 2, bytes(6)
    head = b"fLaC" + bytes([0x80, 0, 0, 34])
    return head + block_sizes + frame_sizes + numbers.to_bytes(8, "big") + hashlib.md5(b"").digest()


class Resampled:
    """A writer behind a change of rate, by blocks and without lag."""

    def __init__(self, writer: Any, rate: int, shape: Shape) -> None:
        import soxr

        self._writer, self._channels = writer, shape.channels
        self._stream = soxr.ResampleStream(rate, shape.rate, shape.channels, dtype="float32", quality="HQ")

    def write(self, block: Samples) -> None:
        """Append (n, channels) at the input's rate."""
        self._pass(block.astype(np.float32), last=False)

    def _pass(self, block: Samples, *, last: bool) -> None:
        self._writer.write(self._stream.resample_chunk(block, last=last).reshape(-1, self._channels))

    def finish(self) -> None:
        """Write what the filter still holds, and close."""
        self._pass(np.zeros((0, self._channels), np.float32), last=True)
        self._writer.finish()

    def abandon(self) -> None:
        """Close at once."""
        self._writer.abandon()
