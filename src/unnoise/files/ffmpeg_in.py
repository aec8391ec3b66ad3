"""Sound in containers that only ffmpeg opens, decoded through a pipe."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from unnoise.errors import InputError
from unnoise.files.formats import SoundInfo
from unnoise.files.pcm import Samples

INSTALL = "install it, for example with: apt install ffmpeg, brew install ffmpeg, winget install ffmpeg"
_TEXTS = ("title", "artist", "album", "comment", "date", "genre", "copyright")


@dataclass(frozen=True)
class Probed:
    """The first sound stream of a file, as ffprobe tells it."""

    info: SoundInfo
    codec: str
    start_s: float
    texts: dict[str, str] = field(default_factory=dict)


def probe(path: Path) -> Probed:
    """What ffprobe says; raises InputError when there is no sound, or no ffmpeg."""
    program = shutil.which("ffprobe")
    if program is None or shutil.which("ffmpeg") is None:
        raise InputError(f"{path}: reading this needs ffmpeg, which is not on the PATH; {INSTALL}")
    wanted = "stream=codec_name,sample_rate,channels,bit_rate,start_time,duration_ts,time_base:format_tags"
    command = [
        program,
        "-v",
        "error",
        "-select_streams",
        "a:0",
        "-show_entries",
        wanted,
        "-of",
        "json",
        url(path),
    ]
    done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, check=False)
    found = json.loads(done.stdout or b"{}")
    if not found.get("streams"):
        reason = last_line(done.stderr) or "no sound stream"
        raise InputError(f"{path}: expected sound or a video with sound, this has none ({reason})")
    return _probed(path, found["streams"][0], found.get("format", {}).get("tags", {}))


def _probed(path: Path, stream: dict[str, Any], tags: dict[str, str]) -> Probed:
    rate, codec = int(stream["sample_rate"]), str(stream["codec_name"])
    # only a clock that ticks with the samples counts them; others are rounded
    exact = stream.get("time_base") == f"1/{rate}" and int(stream.get("duration_ts", 0)) > 0
    samples = int(stream["duration_ts"]) if exact else -1
    bits = float(stream.get("bit_rate", 0))
    container = path.suffix.lower().lstrip(".").upper()
    info = SoundInfo(rate, int(stream["channels"]), samples, container, codec.upper(), bits_per_s=bits)
    texts = {k.lower(): v for k, v in tags.items() if k.lower() in _TEXTS}
    return Probed(info, codec, max(float(stream.get("start_time", 0)), 0.0), texts)


class FfmpegReader:
    """ffmpeg decoding the first sound stream of a file."""

    def __init__(self, path: Path) -> None:
        self.warnings: list[str] = []
        self._name = str(path)
        probed = probe(path)
        self.info, self._texts = probed.info, probed.texts
        self._frame = 4 * self.info.channels
        self._read, self._over = 0, False
        options = ["-map", "0:a:0", "-ac", str(self.info.channels), "-ar", str(self.info.rate), "-f", "f32le"]
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the reader)
        self._child = subprocess.Popen(
            ["ffmpeg", "-v", "error", "-nostdin", "-i", url(path), *options, "pipe:1"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )

    def skip(self, samples: int) -> None:
        """Go on by `samples`, or to the end."""
        while samples > 0 and (got := len(self.read(min(samples, 1 << 16)))):
            samples -= got

    def read(self, samples: int) -> Samples:
        """At most `samples` more, (n, channels); an empty block at the end."""
        assert self._child.stdout is not None
        if self.info.samples >= 0:  # what follows is filling up to the coder's last frame
            samples = min(samples, self.info.samples - self._read)
        data = self._child.stdout.read(samples * self._frame)
        data = data[: len(data) - len(data) % self._frame]
        block = np.frombuffer(data, "<f4").reshape(-1, self.info.channels)
        self._read += len(block)
        if len(block) < samples and not self._over:
            self._over = True
            self._say_ending()
        return block

    def _say_ending(self) -> None:
        self._child.wait()
        self._errors.seek(0)
        reason = last_line(self._errors.read())
        if self._read == 0 and self.info.samples != 0:
            raise InputError(f"{self._name}: ffmpeg cannot decode it ({reason or 'no samples came'})")
        if self.info.samples > self._read:
            self.warnings.append(
                f"{self._name}: cut short: {self.info.samples} samples in its header, {self._read} read"
            )
        elif reason:
            self.warnings.append(f"{self._name}: damaged, {self._read} samples read ({reason})")

    def texts(self) -> dict[str, str]:
        """Title, artist and the like, by soundfile's names."""
        return self._texts

    def close(self) -> None:
        """End ffmpeg, wherever it is."""
        end(self._child)
        self._errors.close()


def url(path: Path) -> str:
    """A name that ffmpeg takes neither for an option nor for an address."""
    return f"file:{path}"


def last_line(errors: bytes) -> str:
    lines = errors.decode("utf-8", "replace").strip().splitlines()
    return lines[-1].strip() if lines else ""


def end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.kill()
        child.wait()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
