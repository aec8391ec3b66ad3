"""Sound in containers that only ffmpeg opens."""

from __future__ import annotations

from pathlib import Path

from unnoise.errors import InputError
from unnoise.files.decode import SndfileReader


def ffmpeg_reader(path: Path) -> SndfileReader:
    raise InputError(f"{path}: reading this needs ffmpeg, which is not on the PATH; install it")
