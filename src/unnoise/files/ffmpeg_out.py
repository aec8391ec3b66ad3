"""Sound into containers that only ffmpeg writes, encoded through a pipe; pictures are copied."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from pathlib import Path

from unnoise.errors import OutputError
from unnoise.files.ffmpeg_in import INSTALL, end, last_line, probe, url
from unnoise.files.formats import FFMPEG_SUFFIXES, SoundInfo
from unnoise.files.pcm import Samples
from unnoise.files.source import Source

# Codec of the input, as ffmpeg calls it -> the encoder that writes it again.
_ENCODERS = {"opus": "libopus", "vorbis": "libvorbis", "mp3": "libmp3lame", "wmav1": "wmav2"}
_SAME_NAME = frozenset({"aac", "ac3", "alac", "dts", "eac3", "flac", "mp2", "tta", "wavpack", "wmav2"})
_USUAL = {".ac3": "ac3", ".eac3": "eac3", ".mp2": "mp2", ".tta": "tta", ".wv": "wavpack"}
_USUAL |= {".mka": "libopus", ".mkv": "libopus", ".webm": "libopus", ".wma": "wmav2", ".wmv": "wmav2"}
_MPEG4 = frozenset({".3gp", ".m4a", ".m4b", ".m4v", ".mov", ".mp4"})
_VIDEO = _MPEG4 | {".avi", ".flv", ".mka", ".mkv", ".mts", ".ts", ".webm", ".wmv"}
_USUAL |= dict.fromkeys(_MPEG4 | {".aac", ".avi", ".flv", ".mts", ".ts"}, "aac")
# What a coder without any note of its delay puts before the sound (negative: what its decoder cuts away).
_DELAY = {".aac": 1024, ".wma": -2048}
_LOSSLESS = frozenset({"alac", "flac", "tta", "wavpack"})


class FfmpegWriter:
    """ffmpeg encoding into `part`, with the pictures, chapters and tags of `source`."""

    def __init__(self, part: Path, info: SoundInfo, name: str, source: Source | None) -> None:
        if shutil.which("ffmpeg") is None:
            raise OutputError(f"{name}: writing this needs ffmpeg, which is not on the PATH; {INSTALL}")
        self._name = name
        command = _encode_command(info, name, source)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the writer)
        self._child = subprocess.Popen(
            [*command, url(part)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=self._errors
        )

    def write(self, block: Samples) -> None:
        """Append (n, channels)."""
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(block.astype("<f4").tobytes())
        except OSError as error:
            self._child.wait()
            raise self._refused() from error

    def finish(self) -> None:
        """Close the pipe and wait until ffmpeg is done."""
        assert self._child.stdin is not None
        with contextlib.suppress(OSError):
            self._child.stdin.close()
        if self._child.wait() != 0:
            raise self._refused()
        self._errors.close()

    def _refused(self) -> OutputError:
        self._errors.seek(0)
        reason = last_line(self._errors.read()) or f"ffmpeg ended with {self._child.returncode}"
        return OutputError(f"{self._name}: ffmpeg cannot write it ({reason})")

    def abandon(self) -> None:
        """End ffmpeg at once."""
        end(self._child)
        self._errors.close()


def _encode_command(info: SoundInfo, name: str, source: Source | None) -> list[str]:
    """The command but for the file it writes."""
    suffix = Path(name).suffix.lower()
    encoder = _encoder(name, info)
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", *_inputs(info, suffix, source)]
    command += ["-c:a", encoder, *_delay(suffix)]
    if info.bits_per_s > 0 and encoder not in _LOSSLESS:
        command += ["-b:a", str(round(info.bits_per_s))]
    return command


def _inputs(info: SoundInfo, suffix: str, source: Source | None) -> list[str]:
    """The original as input 0 where it has more than sound to give, the samples as the last input."""
    sound = ["-f", "f32le", "-ar", str(info.rate), "-ac", str(info.channels), "-i", "pipe:0"]
    path = source.path if source is not None else None
    if source is None or path is None or path.suffix.lower() not in FFMPEG_SUFFIXES:
        texts = source.texts if source is not None else {}
        return [*sound, "-map", "0:a", *(w for k, v in texts.items() for w in ("-metadata", f"{k}={v}"))]
    if not source.whole:  # pictures and chapters would run on past the piece
        return ["-i", url(path), *sound, "-map", "1:a", "-map_chapters", "-1", "-map_metadata", "0"]
    late = ["-itsoffset", f"{probe(path).start_s:.6f}"]
    both = ["-i", url(path), *late, *sound, "-map_metadata", "0"]
    if suffix in _VIDEO and path.suffix.lower() in _VIDEO:
        return [*both, "-map", "0:v?", "-map", "1:a", "-map", "0:s?", "-c:v", "copy", "-c:s", "copy"]
    return [*both, "-map", "1:a"]


def _encoder(name: str, info: SoundInfo) -> str:
    suffix, codec = Path(name).suffix.lower(), info.subtype.lower()
    if info.format == suffix.lstrip(".").upper():
        if codec in _SAME_NAME or codec.startswith("pcm_"):
            return codec
        if codec in _ENCODERS:
            return _ENCODERS[codec]
    if suffix not in _USUAL:
        raise OutputError(f"{name}: this format can be read but not written; choose .m4a, .flac or .wav")
    return _USUAL[suffix]


def _delay(suffix: str) -> list[str]:
    """A filter that makes up for the coder's delay where the container cannot name it."""
    samples = _DELAY.get(suffix, 0)
    if samples > 0:
        return ["-af", f"atrim=start_sample={samples},asetpts=PTS-STARTPTS"]
    return ["-af", f"adelay=delays={-samples}S:all=1"] if samples < 0 else []
