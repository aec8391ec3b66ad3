"""Reading and writing sound by blocks: formats, tags, pipes, finding inputs, writing beside."""

from unnoise.files.find import FoundInput, find_inputs
from unnoise.files.formats import RawFormat, SoundInfo, is_audio, media_suffixes
from unnoise.files.source import Source, open_source
from unnoise.files.target import Target, open_target

__all__ = [
    "FoundInput",
    "RawFormat",
    "SoundInfo",
    "Source",
    "Target",
    "find_inputs",
    "is_audio",
    "media_suffixes",
    "open_source",
    "open_target",
]
