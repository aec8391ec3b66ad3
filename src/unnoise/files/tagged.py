"""A writer whose file gets the tags of the input, before and after the samples."""

from __future__ import annotations

from pathlib import Path

from unnoise.files.encode import SndfileWriter
from unnoise.files.formats import Shape
from unnoise.files.pcm import Samples
from unnoise.files.source import Source
from unnoise.files.tags import same_family, settle


class Tagged:
    """libsndfile's writer with the tags of `source`: whole blocks where the containers agree, else texts."""

    def __init__(self, sound: SndfileWriter, path: Path, shape: Shape, source: Source | None, name: str) -> None:
        self._sound, self._path, self._container, self._name = sound, path, shape.format, name
        self._blocks_of: Path | None = None
        self._whole = source is None or source.whole
        if source is None:
            return
        if source.path is not None and same_family(source.info.format, shape.format):
            self._blocks_of = source.path
        else:
            for field, value in source.texts.items():
                sound.set_text(field, value)

    def write(self, block: Samples) -> None:
        """Append (n, channels)."""
        self._sound.write(block)

    def finish(self) -> None:
        """Close, then bring the file to its last form."""
        self._sound.finish()
        settle(self._path, self._container, self._blocks_of, whole=self._whole, name=self._name)

    def abandon(self) -> None:
        """Close at once."""
        self._sound.abandon()
