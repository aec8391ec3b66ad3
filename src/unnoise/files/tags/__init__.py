"""The container's own blocks of one file carried into another, byte for byte, one module a container."""

from __future__ import annotations

from pathlib import Path

from unnoise.errors import OutputError
from unnoise.files.tags import aiff, flac, mp3, ogg, riff

_FAMILIES = {"WAV": "RIFF", "WAVEX": "RIFF", "RF64": "RIFF", "FLAC": "FLAC", "OGG": "OGG"}
_FAMILIES |= {"MP3": "MP3", "AIFF": "AIFF"}
_MODULES = {"RIFF": riff, "FLAC": flac, "OGG": ogg, "MP3": mp3, "AIFF": aiff}


def same_family(one: str, other: str) -> bool:
    """Whether blocks of the container `one` fit into the container `other`."""
    return one in _FAMILIES and _FAMILIES[one] == _FAMILIES.get(other)


def settle(target: Path, container: str, source: Path | None, *, whole: bool, name: str) -> None:
    """Bring `target`, written by libsndfile, to its last form: blocks of `source`, and no clock or chance.

    `source` is of the same family, or None; without `whole`, positions in it are left out, because a
    piece was cut; messages call the target `name`. Raises OutputError when the system refuses to write.
    """
    family = _FAMILIES.get(container)
    if family is None:
        return
    try:
        _MODULES[family].settle(target, source, whole=whole)
    except OSError as error:
        raise OutputError(f"{name}: tags cannot be written ({error.strerror or error})") from error
