"""Files that libsndfile reads, by blocks, with what is missing from them said."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable
from dataclasses import replace
from typing import IO, Any, TypeVar

import numpy as np

from unnoise.errors import InputError
from unnoise.files.formats import SoundInfo
from unnoise.files.mp3_count import Counted, names_length
from unnoise.files.pcm import Samples
from unnoise.files.quality import spent
from unnoise.files.tags.ogg import ends_whole

T = TypeVar("T")
_WIDE = frozenset({"PCM_32", "DOUBLE", "ALAC_32"})
_BYTES = {"PCM_S8": 1, "PCM_U8": 1, "ULAW": 1, "ALAW": 1, "PCM_16": 2, "PCM_24": 3, "PCM_32": 4}
_BYTES |= {"FLOAT": 4, "DOUBLE": 8}
_UNKNOWN = 2**62  # libsndfile counts up to 2**63 - 1 where a header names no length
_PLACEHOLDER = 0x7FFF_0000  # sizes from here on are what recorders put in before they know
_PROMISED = re.compile(r"(?:data|SSND|Data Size|[Rr]iff size|riff)\s*: (\d+) \(should be (\d+)\)")


class SndfileReader:
    """libsndfile at work on one open, seekable file; raises InputError when it holds no sound."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self.warnings: list[str] = []
        self._kept, self._name = stream, name
        # without Python's buffer, which does not notice that libsndfile moves the place in the file
        self._stream: IO[bytes] = getattr(stream, "raw", stream)
        self._sound = self._opened()
        self._dtype = np.float64 if self._sound.subtype in _WIDE else np.float32
        self.info = self._info()
        self._declared = self._declared_samples()
        self._open_end = self.info.format == "OGG" and not self._asking(ends_whole)
        self._read = 0
        self._over = False

    def _opened(self) -> Any:
        import soundfile

        class Forward(soundfile.SoundFile):  # type: ignore[misc]
            """Reads on without the seek that soundfile does after each read: it alters Opus."""

            def seekable(self) -> bool:
                return False

        try:
            # by descriptor, so that the content decides and no ending misleads
            os.lseek(self._stream.fileno(), 0, os.SEEK_SET)
            sound = Forward(self._stream.fileno(), closefd=False)
            self._texts: dict[str, str] = sound.copy_metadata()
            if sound.format == "MP3" and not self._asking(names_length):
                sound.close()
                sound = Forward(Counted(self._stream))
            return sound
        except (soundfile.LibsndfileError, OSError, TypeError) as error:
            self._kept.close()
            reason = str(getattr(error, "error_string", error)).rstrip(".")
            raise InputError(f"{self._name}: expected a sound file, this is none ({reason})") from error

    def _info(self) -> SoundInfo:
        sound = self._sound
        samples = -1 if sound.frames >= _UNKNOWN else int(sound.frames)
        info = SoundInfo(sound.samplerate, sound.channels, samples, sound.format, sound.subtype, sound.endian)
        bits, constant = self._asking(lambda stream: spent(stream, info))
        return replace(info, bits_per_s=bits, constant_rate=constant)

    def _asking(self, question: Callable[[IO[bytes]], T]) -> T:
        """The answer to a question that reads the file, which libsndfile then finds where it left it."""
        at = os.lseek(self._stream.fileno(), 0, os.SEEK_CUR)
        try:
            return question(self._stream)
        finally:
            os.lseek(self._stream.fileno(), at, os.SEEK_SET)

    def _declared_samples(self) -> int:
        """What the header promised, where libsndfile saw that the file is shorter; -1 when unknown."""
        samples = self.info.samples
        match = _PROMISED.search(self._sound.extra_info)
        if match is None or samples < 0:
            return samples
        promised, there = int(match[1]), int(match[2])
        if promised <= there or promised >= _PLACEHOLDER:
            return samples
        width = _BYTES.get(self.info.subtype)
        if width is None:
            return round(samples * promised / max(there, 1))
        return samples - (there - promised) // (width * self.info.channels)  # an open frame counts

    def skip(self, samples: int) -> None:
        """Go on by `samples`, or to the end."""
        import soundfile

        if self.info.format != "MP3":  # there libsndfile arrives at other samples than by reading
            with contextlib.suppress(soundfile.LibsndfileError):
                self._sound.seek(samples)
                self._read += samples
                return
        while samples > 0 and (got := len(self.read(min(samples, 1 << 16)))):
            samples -= got

    def read(self, samples: int) -> Samples:
        """At most `samples` more, (n, channels); an empty block at the end."""
        import soundfile

        block: Samples = np.empty((samples, self.info.channels), self._dtype)
        if self._over:
            return block[:0]
        reason = ""
        try:
            got = len(self._sound.read(samples, out=block))
        except soundfile.LibsndfileError as error:
            reason = str(error.error_string).rstrip(".")
            got = max(self._sound.tell() - self._read, 0)  # what was decoded before the damage
        self._read += got
        if got < samples:
            self._end(reason)
        return block[:got]

    def _end(self, reason: str) -> None:
        """Say how much is missing, once; raise where there is nothing at all."""
        self._over = True
        if self._declared in (self._read, -1) and not reason and not self._open_end:
            return
        if self._declared > self._read:
            promised = f"{self._declared} samples in its header, {self._read} read"
        else:
            promised = f"{self._read} samples read, then the file breaks off"
        why = f" ({reason})" if reason else ""
        if self._read == 0:
            raise InputError(f"{self._name}: expected sound, none of it can be read: {promised}{why}")
        self.warnings.append(f"{self._name}: cut short: {promised}{why}")

    def texts(self) -> dict[str, str]:
        """Title, artist and the like, by soundfile's names."""
        return self._texts

    def close(self) -> None:
        """Let go of the file."""
        self._sound.close()
        self._kept.close()
