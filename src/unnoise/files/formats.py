"""What each container holds: endings, subtypes, rates, channels, and the nearest that fits."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from unnoise.errors import OptionError, OutputError

# Ending -> the libsndfile containers that go by it, the usual one first.
CONTAINERS: dict[str, tuple[str, ...]] = {
    ".aif": ("AIFF",),
    ".aifc": ("AIFF",),
    ".aiff": ("AIFF",),
    ".au": ("AU",),
    ".avr": ("AVR",),
    ".bwf": ("WAV", "WAVEX", "RF64"),
    ".caf": ("CAF",),
    ".flac": ("FLAC",),
    ".mp3": ("MP3",),
    ".nist": ("NIST",),
    ".oga": ("OGG",),
    ".ogg": ("OGG",),
    ".opus": ("OGG",),
    ".paf": ("PAF",),
    ".rf64": ("RF64",),
    ".sf": ("IRCAM",),
    ".snd": ("AU",),
    ".sph": ("NIST",),
    ".svx": ("SVX",),
    ".voc": ("VOC",),
    ".w64": ("W64",),
    ".wav": ("WAV", "WAVEX", "RF64", "NIST"),
    ".wave": ("WAV", "WAVEX", "RF64"),
}

# What only ffmpeg opens; a folder is searched for these too.
FFMPEG_SUFFIXES = frozenset(
    {".3gp", ".aac", ".ac3", ".amr", ".ape", ".avi", ".dts", ".eac3", ".flv", ".m4a", ".m4b", ".m4v", ".mka"}
    | {".mkv", ".mov", ".mp2", ".mp4", ".mpeg", ".mpg", ".mts", ".ra", ".tta", ".ts", ".webm", ".wma"}
    | {".wmv", ".wv"}
)

RAW_SUBTYPES = {"s16le": "PCM_16", "s24le": "PCM_24", "s32le": "PCM_32", "f32le": "FLOAT"}

_PLAIN = ("PCM_S8", "PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")
# Subtype -> what to take instead, the nearest better one first and the best lesser one last.
_INSTEAD: dict[str, tuple[str, ...]] = {
    "PCM_S8": ("PCM_U8", "PCM_16", "PCM_24"),
    "PCM_U8": ("PCM_S8", "PCM_16", "PCM_24"),
    "PCM_16": ("PCM_24", "PCM_32", "FLOAT", "PCM_S8"),
    "PCM_24": ("PCM_32", "FLOAT", "PCM_16", "PCM_S8"),
    "PCM_32": ("DOUBLE", "PCM_24", "FLOAT", "PCM_16", "PCM_S8"),
    "FLOAT": ("DOUBLE", "PCM_24", "PCM_32", "PCM_16", "PCM_S8"),
    "DOUBLE": ("FLOAT", "PCM_32", "PCM_24", "PCM_16", "PCM_S8"),
    "ALAC_20": ("PCM_24", "PCM_32", "PCM_16"),
    "ALAC_24": ("PCM_24", "PCM_32", "PCM_16"),
    "ALAC_32": ("PCM_32", "DOUBLE", "PCM_24", "PCM_16"),
    "DWVW_24": ("PCM_24", "PCM_32", "PCM_16"),
}
_LOSSY_INSTEAD = ("PCM_16", "PCM_24", "PCM_S8")

_MOST_BYTES = 2**32 - 2**26
_OPUS_RATES = (8000, 12000, 16000, 24000, 48000)
_MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_MOST_CHANNELS = {"FLAC": 8, "MP3": 2, "OGG": 255, "VOC": 2, "SVX": 2, "AVR": 2}


@dataclass(frozen=True)
class RawFormat:
    """Samples without a header: rate in Hz, interleaved channels, encoding of one sample."""

    rate: int
    channels: int
    encoding: str
    """One of s16le, s24le, s32le, f32le."""

    def __post_init__(self) -> None:
        if self.encoding not in RAW_SUBTYPES:
            known = ", ".join(RAW_SUBTYPES)
            raise OptionError(f"raw samples are one of {known}; got {self.encoding!r}")
        if self.rate < 1 or self.channels < 1:
            raise OptionError(
                f"raw samples need a rate and channels from 1; got {self.rate} Hz, {self.channels} channels"
            )


@dataclass(frozen=True)
class SoundInfo:
    """What a sound file says about itself, in libsndfile's names."""

    rate: int
    channels: int
    samples: int
    """Per channel; -1 when unknown, as in a pipe."""
    format: str
    subtype: str
    endian: str = "FILE"
    bits_per_s: float = 0.0
    """Of a lossy coder, 0 when unknown; a target of the same coder takes the nearest setting."""
    constant_rate: bool = False
    """Whether a lossy coder spent the same bits on every frame."""

    @property
    def seconds(self) -> float:
        """The length in seconds; -1 when unknown."""
        return self.samples / self.rate if self.samples >= 0 else -1.0


@dataclass(frozen=True)
class Shape:
    """What a target is written as, and what had to change for it."""

    format: str
    subtype: str
    endian: str
    rate: int
    channels: int
    notes: tuple[str, ...] = ()


def media_suffixes() -> frozenset[str]:
    """Every ending, lower case with its dot, that a folder is searched for."""
    return frozenset(CONTAINERS) | FFMPEG_SUFFIXES


def is_audio(path: str | Path) -> bool:
    """Whether the ending of `path` is one of a sound or video file."""
    return Path(path).suffix.lower() in media_suffixes()


def shape_for(name: str, info: SoundInfo) -> Shape:
    """What the target called `name` is written as, nearest to `info`.

    Raises OutputError when its container holds fewer channels, or when nothing is known of its ending.
    """
    container = _container(name, info)
    subtype, endian = _subtype(name, container, info)
    most = _MOST_CHANNELS.get(container, 1024)
    if info.channels > most:
        raise OutputError(f"{name}: {container} holds at most {most} channels, got {info.channels}; choose .wav")
    container = _long_enough(name, container, subtype, info)
    rate = _rate(container, subtype, info.rate)
    shape = Shape(container, subtype, endian, rate, info.channels)
    return replace(shape, notes=tuple(_notes(name, shape, info)))


def _container(name: str, info: SoundInfo) -> str:
    import soundfile

    suffix = Path(name).suffix.lower()
    writable = info.format in soundfile.available_formats() and info.format not in ("RAW", "SD2")
    if suffix not in CONTAINERS:
        if writable:
            return info.format  # an ending nobody knows keeps the container of the input
        known = " ".join(sorted(CONTAINERS))
        raise OutputError(f"{name}: the ending says no format that can be written here; choose one of {known}")
    choices = CONTAINERS[suffix]
    return info.format if info.format in choices else choices[0]


def _long_enough(name: str, container: str, subtype: str, info: SoundInfo) -> str:
    """The container, or RF64 where a WAV would pass 4 GiB; the tags get the last 64 MiB."""
    width = {"PCM_S8": 1, "PCM_U8": 1, "PCM_24": 3, "PCM_32": 4, "FLOAT": 4, "DOUBLE": 8}.get(subtype, 2)
    if container not in ("WAV", "WAVEX", "AIFF") or info.samples * info.channels * width < _MOST_BYTES:
        return container
    if container == "AIFF":
        raise OutputError(f"{name}: AIFF ends at 4 GiB, this sound is longer; choose .wav, .w64 or .caf")
    return "RF64"


def _subtype(name: str, container: str, info: SoundInfo) -> tuple[str, str]:
    """The subtype and byte order nearest to the input's that the container takes."""
    import soundfile

    if container == "OGG":
        return _ogg_subtype(name, info), "FILE"
    endian = info.endian if info.format == container else "FILE"
    if soundfile.check_format(container, info.subtype, endian):
        return info.subtype, endian
    for subtype in (info.subtype, *_INSTEAD.get(info.subtype, _LOSSY_INSTEAD)):
        if soundfile.check_format(container, subtype):
            return subtype, "FILE"
    default = soundfile.default_subtype(container)
    if default is None or not soundfile.check_format(container, default):
        raise OutputError(f"{name}: {container} cannot be written; choose another ending, as .wav")
    return default, "FILE"


def _ogg_subtype(name: str, info: SoundInfo) -> str:
    suffix = Path(name).suffix.lower()
    if suffix == ".opus":
        return "OPUS"
    return info.subtype if info.subtype in ("OPUS", "VORBIS") else "VORBIS"


def _rate(container: str, subtype: str, rate: int) -> int:
    """The rate itself, or the nearest higher one that the coder knows, or its highest."""
    known: tuple[int, ...]
    if container == "MP3":
        known = _MP3_RATES
    elif subtype == "OPUS":
        known = _OPUS_RATES
    elif container == "FLAC":
        return min(rate, 655350)
    elif subtype == "VORBIS":
        return min(rate, 200000)
    else:
        return rate
    return next((k for k in known if k >= rate), known[-1])


def _notes(name: str, shape: Shape, info: SoundInfo) -> list[str]:
    notes = []
    if shape.subtype != info.subtype and info.subtype in _PLAIN and shape.subtype in _PLAIN:
        notes.append(f"{name}: {shape.format} cannot hold {info.subtype}, written as {shape.subtype}")
    if shape.rate != info.rate:
        kind = shape.subtype if shape.format == "OGG" else shape.format
        notes.append(f"{name}: {kind} cannot hold {info.rate} Hz, written at {shape.rate} Hz")
    return notes
