"""How much a lossy coder spent on the input, and the setting that spends as much again."""

from __future__ import annotations

import io
import os
import struct
from typing import IO, Any

from unnoise.files.formats import Shape, SoundInfo
from unnoise.files.mp3_count import KBITS
from unnoise.files.tags.mp3 import id3_length

_SEARCH_STEPS = 7


def spent(stream: IO[bytes], info: SoundInfo) -> tuple[float, bool]:
    """(bits a second, whether constant) of a lossy file; (0, False) of any other."""
    if info.samples <= 0:
        return 0.0, False
    if info.format == "MP3":
        return _mp3(stream, info)
    if info.subtype == "VORBIS":
        return _vorbis_nominal(stream) or _average(stream, info, 0), False
    if info.subtype == "OPUS":
        return _average(stream, info, 0), False
    return 0.0, False


def settings(shape: Shape, info: SoundInfo) -> dict[str, Any]:
    """Arguments for soundfile that bring a lossy target near the input's bits a second, else a good level."""
    same = info.bits_per_s > 0 and info.subtype == shape.subtype
    if shape.format == "MP3":
        return _mp3_settings(shape, info) if same else {"compression_level": 0.2, "bitrate_mode": "VARIABLE"}
    if shape.subtype == "OPUS":
        kbits = info.bits_per_s / 1000 / shape.channels if same else 64.0
        return {"compression_level": min(max((256 - kbits) / 250, 0.0), 0.99)}
    if shape.subtype == "VORBIS":
        return {"compression_level": 1 - _vorbis_quality(shape, info.bits_per_s) if same else 0.4}
    return {}


def _average(stream: IO[bytes], info: SoundInfo, beside: int) -> float:
    return (os.fstat(stream.fileno()).st_size - beside) * 8 * info.rate / info.samples


def _mp3(stream: IO[bytes], info: SoundInfo) -> tuple[float, bool]:
    """From the first frame where all are alike, else the average."""
    front = id3_length(stream)
    stream.seek(front)
    head = stream.read(2000)
    at = next((i for i in range(len(head) - 4) if head[i] == 0xFF and head[i + 1] & 0xE6 == 0xE2), None)
    if at is None or b"Xing" in head[at : at + 200] or b"VBRI" in head[at : at + 200]:
        return _average(stream, info, front), False
    if b"Info" in head[at : at + 200]:
        return _average(stream, info, front), True
    index = head[at + 2] >> 4
    kbits = KBITS[head[at + 1] & 0x08 == 0x08]
    average = _average(stream, info, front)
    named = kbits[index] * 1000.0 if 0 < index < 15 else 0.0
    return (named, True) if abs(average - named) < 0.03 * named else (average, False)


def _mp3_settings(shape: Shape, info: SoundInfo) -> dict[str, Any]:
    low, high = (8, 64) if shape.rate < 16000 else (8, 160) if shape.rate < 32000 else (32, 320)
    kbits = min(max(info.bits_per_s / 1000, low), high)
    mode = "CONSTANT" if info.constant_rate else "AVERAGE"
    return {"compression_level": min((high - kbits) / (high - low), 0.99), "bitrate_mode": mode}


def _vorbis_nominal(stream: IO[bytes]) -> float:
    """What the first packet names; 0 when it names nothing."""
    stream.seek(0)
    head = stream.read(200)
    at = head.find(b"\x01vorbis")
    if at < 0 or len(head) < at + 24:
        return 0.0
    return float(max(struct.unpack_from("<i", head, at + 20)[0], 0))


def _vorbis_quality(shape: Shape, bits_per_s: float) -> float:
    """The quality that names these bits a second, found by asking the coder itself."""
    low, high = 0.0, 1.0
    for _ in range(_SEARCH_STEPS):
        middle = (low + high) / 2
        if _nominal_of(shape, middle) < bits_per_s * 0.99:
            low = middle
        else:
            high = middle
    return high


def _nominal_of(shape: Shape, quality: float) -> float:
    import numpy as np
    import soundfile

    file = io.BytesIO()
    with soundfile.SoundFile(
        file, "w", shape.rate, shape.channels, "VORBIS", format="OGG", compression_level=1 - quality
    ) as sound:
        sound.write(np.zeros((1, shape.channels), np.float32))
    return _vorbis_nominal(file)
