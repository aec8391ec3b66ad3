"""A folder decoded once: all recordings in one memory-mapped int16 array, with the groups they belong to.

A *group* must never stand on both sides of a split: the speaker of speech, the recording of noise.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from unnoise.errors import InputError
from unnoise.files import find_inputs
from unnoise.signal.resample import resample

FORMAT = 3  # raise when what is stored changes
LOOP_FADE_S = 0.05
SUFFIXES = frozenset(f".{name.lower()}" for name in sf.available_formats()) | {
    ".opus",
    ".oga",
    ".aif",
    ".mp3",
}


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


def speaker_of(path: Path) -> str:
    """The speaker of a recording: the folder it lies in, or the one above whose name its own begins with.

    LibriSpeech lays out speaker/chapter/speaker-chapter-number, most others speaker/number.
    """
    for folder in reversed(path.parents[:-1]):  # the topmost first
        if re.match(re.escape(folder.name) + r"[^0-9A-Za-z]", path.stem):
            return folder.as_posix()
    return path.parent.as_posix() if path.parent != Path() else path.stem


def recording_of(path: Path) -> str:
    """The recording that a noise clip was cut from: a number of four digits or more in its name, as archives give
    one, else its folder and name, without the number of a channel."""
    numbers = re.findall(r"\d{4,}", path.stem)
    if numbers:
        return str(max(numbers, key=len))
    return (path.parent / re.sub(r"[-_ ]?ch\d+$", "", path.stem, flags=re.IGNORECASE)).as_posix()


def find_recordings(folder: Path) -> list[Path]:
    """Audio files below `folder`, relative to it and sorted."""
    if not folder.is_dir():
        raise InputError(f"{folder}: expected a folder of recordings, and there is none; check the path")
    return [found.relative for found in find_inputs([str(folder)])]


def load_bank(
    folder: Path,
    cache: Path,
    rate: int,
    *,
    group_of: Callable[[Path], str],
    speeds: Sequence[float] = (1.0,),
    loop: bool = False,
    say: Callable[[str], None] = lambda text: None,
) -> Bank:
    """The bank of `folder` at `rate` Hz, from `cache` or decoded now; broken files are said and left out.

    `speeds` above 1 are faster and higher; `loop` cross-fades each end into its beginning, so that a reader may
    wrap around without a click.
    """
    recordings = find_recordings(folder)
    digest = _digest(folder, recordings, rate, speeds, loop)
    place = cache / digest
    if not (place / "index.json").exists():
        say(f"decoding {len(recordings)} recordings of {folder} at {rate} Hz")
        _build(folder, recordings, place, rate, group_of, speeds, loop, say)
    index = json.loads((place / "index.json").read_text())
    clips = tuple(Clip(c["name"], c["group"], c["kind"], tuple(c["starts"]), tuple(c["lengths"])) for c in index)
    if not clips:
        raise InputError(f"{folder}: none of its {len(recordings)} recordings could be read")
    samples = np.memmap(place / "samples.i16", dtype=np.int16, mode="c")  # torch wants what it could write to
    return Bank(samples, clips, rate, digest)


def _digest(folder: Path, names: list[Path], rate: int, speeds: Sequence[float], loop: bool) -> str:
    lines = [f"{FORMAT} {rate} {[float(s) for s in speeds]} {loop}"]
    for name in names:
        status = (folder / name).stat()
        lines.append(f"{name.as_posix()} {status.st_size} {status.st_mtime_ns}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _build(
    folder: Path,
    recordings: list[Path],
    place: Path,
    rate: int,
    group_of: Callable[[Path], str],
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
            for number, name in enumerate(recordings):
                try:
                    versions = _decode(folder / name, rate, speeds, loop)
                except (sf.LibsndfileError, InputError) as error:
                    say(f"left out: {error}")
                    continue
                starts = [at + sum(len(v) for v in versions[:k]) for k in range(len(versions))]
                at += sum(len(v) for v in versions)
                for version in versions:
                    out.write(version.tobytes())
                kind = name.parts[0] if len(name.parts) > 1 else ""
                lengths = [len(v) for v in versions]
                entry = {"name": name.as_posix(), "group": group_of(name), "kind": kind}
                index.append({**entry, "starts": starts, "lengths": lengths})
                if number % 500 == 499:
                    say(f"decoded {number + 1} of {len(recordings)}")
        (beside / "index.json").write_text(json.dumps(index))
        beside.replace(place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _decode(path: Path, rate: int, speeds: Sequence[float], loop: bool) -> list[NDArray[np.int16]]:
    audio, own_rate = sf.read(path, dtype="float32", always_2d=True)
    mono = np.nan_to_num(audio.mean(axis=1))
    if len(mono) < own_rate // 50 or np.abs(mono).max() < 1e-4:
        raise InputError(f"{path}: expected at least 20 ms of sound, and it is shorter or silent")
    mono *= min(1.0, 0.99 / float(np.abs(mono).max()))
    versions = []
    for speed in speeds:
        # Playing faster is the same as having been recorded at a lower rate.
        version = resample(mono, round(own_rate * speed), rate)
        if loop:
            version = _looped(version, rate)
        versions.append(np.round(np.clip(version, -1, 1) * 32767).astype(np.int16))
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
    """Training and validation parts: whole groups, chosen by the hash of their names, about `share` held out.

    A group with more than half of the wanted share stays in training: one reader is no validation set. Where there
    is but one group, it is on both sides.
    """
    seconds: dict[str, int] = {}
    for clip in bank.clips:
        seconds[clip.group] = seconds.get(clip.group, 0) + clip.lengths[0]
    wanted = share * sum(seconds.values())
    held: set[str] = set()
    taken = 0.0
    for group in sorted(seconds, key=lambda g: hashlib.sha256(g.encode()).hexdigest()):
        if taken >= wanted:
            break
        if seconds[group] <= max(wanted / 2, 1) and len(held) + 1 < len(seconds):
            held.add(group)
            taken += seconds[group]
    if not held and len(seconds) > 1:  # a tiny corpus: the smallest group rather than none
        held.add(min(seconds, key=lambda g: seconds[g]))
    train = bank.only(c for c in bank.clips if c.group not in held)
    valid = bank.only(c for c in bank.clips if c.group in held)
    return train, valid if valid.clips else train
