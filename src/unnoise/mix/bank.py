"""A folder decoded once: all recordings in one memory-mapped int16 array, with the groups they belong to.

A *group* must never stand on both sides of a split: the speaker of speech, the recording of noise.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unnoise.errors import InputError, OutputError
from unnoise.mix.recordings import Recording, find, read
from unnoise.mix.split import deal
from unnoise.signal.resample import resample

FORMAT = 4  # raise when what is stored changes
LOOP_FADE_S = 0.05


@dataclass(frozen=True)
class Clip:
    """One recording inside a bank, at every speed."""

    name: str
    group: str
    kind: str
    starts: tuple[int, ...]
    lengths: tuple[int, ...]


@dataclass(frozen=True)
class Bank:
    """Recordings of one folder at one rate; `samples` is (total,) int16, memory-mapped."""

    samples: NDArray[np.int16]
    clips: tuple[Clip, ...]
    rate: int
    digest: str

    def seconds(self) -> float:
        """Length of all clips at their own speed."""
        return sum(clip.lengths[0] for clip in self.clips) / self.rate

    def only(self, clips: Iterable[Clip]) -> Bank:
        """The same samples, restricted to `clips`."""
        return Bank(self.samples, tuple(clips), self.rate, self.digest)


def load_bank(
    where: Path,
    cache: Path,
    rate: int,
    *,
    noise: bool = False,
    speeds: Sequence[float] = (1.0,),
    loop: bool = False,
    say: Callable[[str], None] = lambda text: None,
) -> Bank:
    """The bank of what `where` means to `recordings.find`, at `rate` Hz, from `cache` or decoded now.

    `noise` says whether groups are recordings of noise or speakers. `speeds` above 1 are faster and higher; `loop`
    cross-fades each end into its beginning, so that a reader may wrap around without a click. What is broken is said
    and left out.
    """
    recordings = find(where, noise=noise, say=say)
    digest = _digest(recordings, rate, speeds, loop)
    place = cache / digest
    if not (place / "index.json").exists():
        say(f"decoding {len(recordings)} recordings of {where} at {rate} Hz")
        _build(where.absolute(), recordings, place, rate, speeds, loop, say)
    index = json.loads((place / "index.json").read_text())
    clips = tuple(Clip(c["name"], c["group"], c["kind"], tuple(c["starts"]), tuple(c["lengths"])) for c in index)
    if not clips:
        raise InputError(f"{where}: none of its {len(recordings)} recordings could be read")
    samples = np.memmap(place / "samples.i16", dtype=np.int16, mode="c")  # torch wants what it could write to
    return Bank(samples, clips, rate, digest)


def _digest(recordings: Sequence[Recording], rate: int, speeds: Sequence[float], loop: bool) -> str:
    lines = [f"{FORMAT} {rate} {[float(s) for s in speeds]} {loop}"]
    for recording in recordings:
        status = Path(recording.path).stat()
        lines.append(f"{recording} {status.st_size} {status.st_mtime_ns}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _build(
    where: Path,
    recordings: Sequence[Recording],
    place: Path,
    rate: int,
    speeds: Sequence[float],
    loop: bool,
    say: Callable[[str], None],
) -> None:
    """Decode into a folder beside, then rename: an interrupted build leaves nothing that looks whole."""
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".building-", dir=place.parent))
    index, at = [], 0
    try:
        with (beside / "samples.i16").open("wb") as out:
            for number, recording in enumerate(recordings):
                try:
                    versions = _decode(recording, rate, speeds, loop)
                except InputError as error:
                    say(f"left out: {error}")
                    continue
                starts = [at + sum(len(v) for v in versions[:k]) for k in range(len(versions))]
                at += sum(len(v) for v in versions)
                for version in versions:
                    out.write(version.tobytes())
                entry = {"name": _name(recording, where), "group": recording.group, "kind": recording.kind}
                index.append({**entry, "starts": starts, "lengths": [len(v) for v in versions]})
                if number % 500 == 499:
                    say(f"decoded {number + 1} of {len(recordings)}")
        (beside / "index.json").write_text(json.dumps(index))
        beside.replace(place)
    except OSError as error:
        if not (place / "index.json").exists():  # else another run built the same meanwhile
            raise OutputError(
                f"{place.parent}: decoded recordings cannot be kept there ({error.strerror}); make room, or give "
                "another folder with --cache"
            ) from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _name(recording: Recording, where: Path) -> str:
    """Of one stretch among all: its path, seen from the folder, and where it begins."""
    path = Path(recording.path)
    name = path.relative_to(where) if path.is_relative_to(where) else path
    return name.as_posix() + (f"@{recording.start_s:g}s" if recording.start_s else "")


def _decode(recording: Recording, rate: int, speeds: Sequence[float], loop: bool) -> list[NDArray[np.int16]]:
    mono = read(recording)
    if len(mono) < recording.rate // 50 or np.abs(mono).max() < 1e-4:
        raise InputError(f"{recording.path}: expected at least 20 ms of sound, and it is shorter or silent")
    mono /= max(1.0, float(np.abs(mono).max()))
    versions = []
    for speed in speeds:
        # Playing faster is the same as having been recorded at a higher rate.
        version = resample(mono, round(recording.rate * speed), rate)
        if loop:
            version = _looped(version, rate)
        versions.append(np.clip(np.round(version * 32768), -32768, 32767).astype(np.int16))
    return versions


def _looped(audio: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    fade = min(round(LOOP_FADE_S * rate), len(audio) // 4)
    if fade < 2:
        return audio
    turn = np.linspace(0, np.pi / 2, fade, dtype=np.float32)
    out = audio[:-fade].copy()
    out[:fade] = out[:fade] * np.sin(turn) + audio[-fade:] * np.cos(turn)  # equal power: the two are unrelated
    return out


def split(bank: Bank, share: float) -> tuple[Bank, Bank]:
    """Training and validation parts: whole groups, about `share` held out; one group alone is on both sides."""
    seconds: dict[str, float] = {}
    for clip in bank.clips:
        seconds[clip.group] = seconds.get(clip.group, 0.0) + clip.lengths[0]
    parts = deal(seconds, (1 - share, share))
    held = {group for group, part in parts.items() if part == 1}
    train = bank.only(c for c in bank.clips if c.group not in held)
    valid = bank.only(c for c in bank.clips if c.group in held)
    return train, valid if valid.clips else train
