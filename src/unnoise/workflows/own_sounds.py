"""A user's recordings, cut into what is trained on and what is held out, as banks that mixtures are drawn from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from unnoise.errors import InputError
from unnoise.mix.bank import Bank, Clip
from unnoise.mix.noises import make_noise
from unnoise.mix.recordings import Recording, find, read
from unnoise.mix.split import deal
from unnoise.mix.vary import speed
from unnoise.signal.level import active_level_dbfs, dbfs

Sound = NDArray[np.float32]
Say = Callable[[str], None]
SHARES = (0.7, 0.15, 0.15)
"""To train on, to choose weights on, to report on."""
MOST_S = 1200.0
"""Of one folder; more would take time that training needs."""
MOST_OF_ONE_S = 60.0
LEAST_NOISE_S, LEAST_SPEECH_S = 5.0, 10.0
SILENT_DBFS = -80.0
TRACK_S = 20.0
PEAK = 0.9
SPEEDS = (1.0, 0.88, 1.14)
"""At which speech is heard, pitch included: a user's voice must not become the only one that is known."""


@dataclass(frozen=True)
class Piece:
    """A stretch of a recording, (samples,), and the group that it belongs to."""

    sound: Sound
    group: str


def pieces(where: Path, rate: int, *, noise: bool, seed: int, say: Say) -> tuple[list[Piece], list[Piece], list[Piece]]:
    """The recordings of `where` at `rate` in three parts, those of SHARES.

    No speaker is in two parts where there are three or more; of noise, and of fewer speakers, every recording is cut
    in three. InputError where there is too little sound.
    """
    recordings = _some(find(where, noise=noise, say=say), seed, MOST_S if noise else MOST_OF_ONE_S)
    groups: dict[str, float] = {}
    for recording in recordings:
        groups[recording.group] = groups.get(recording.group, 0.0) + recording.seconds
    apart = not noise and len(groups) >= len(SHARES)
    dealt = deal(groups, SHARES) if apart else {}
    parts: tuple[list[Piece], list[Piece], list[Piece]] = ([], [], [])
    for recording in recordings:
        try:
            sound = read(recording, rate)
        except InputError as error:
            say(f"left out: {error}")
            continue
        cut = {dealt[recording.group]: sound} if apart else dict(enumerate(_in_three(sound)))
        for part, stretch in cut.items():
            if len(stretch) >= rate // 10 and dbfs(stretch) > SILENT_DBFS:
                parts[part].append(Piece(stretch, recording.group))
    least_s = LEAST_NOISE_S if noise else LEAST_SPEECH_S
    found_s = sum(len(piece.sound) for part in parts for piece in part) / rate
    if found_s < least_s or not all(parts):
        raise InputError(
            f"{where}: expected {least_s:g} s of {'noise' if noise else 'speech'} or more, with sound in each part of "
            f"it, and found {found_s:.1f} s; record more, a minute is better"
        )
    return parts


def _some(recordings: Sequence[Recording], seed: int, most_of_one_s: float) -> list[Recording]:
    """So many that they make up MOST_S, in a mixed order, the groups in turn; long ones are cut."""
    rng = np.random.Generator(np.random.Philox(key=seed, counter=[1, 0, 0, 0]))
    turns: dict[str, int] = {}
    keyed = []
    for k in rng.permutation(len(recordings)):
        group = recordings[k].group
        turns[group] = turns.get(group, 0) + 1
        keyed.append((turns[group], recordings[k]))
    taken, seconds = [], 0.0
    for _, recording in sorted(keyed, key=lambda pair: pair[0]):
        if seconds >= MOST_S:
            break
        taken.append(_shortened(recording, min(most_of_one_s, MOST_S - seconds)))
        seconds += taken[-1].seconds
    return taken


def _shortened(recording: Recording, seconds: float) -> Recording:
    import msgspec

    return msgspec.structs.replace(recording, seconds=min(recording.seconds, seconds))


def _in_three(sound: Sound) -> list[Sound]:
    edges = np.round(np.cumsum(SHARES)[:-1] * len(sound)).astype(int)
    return list(np.split(sound, edges))


def speech_bank(parts: Sequence[Piece], rate: int) -> Bank:
    """Speech at one active level, so that none is louder than another where two are joined, and at SPEEDS."""
    spoken = []
    for piece in parts:
        gain = 10 ** ((-26 - active_level_dbfs(piece.sound, rate)) / 20)
        levelled = piece.sound * np.float32(min(gain, 0.95 / np.abs(piece.sound).max()))
        spoken.append((piece.group, [speed(levelled, rate, factor) for factor in SPEEDS]))
    return _bank(spoken, rate, "speech")


def noise_bank(sounds: Sequence[Sound], rate: int, seed: int, kind: str) -> Bank:
    """Tracks of 20 s or more: what is shorter is looped with a cross-fade."""
    rng = np.random.Generator(np.random.Philox(key=seed, counter=[2, 0, 0, 0]))
    samples = round(TRACK_S * rate)
    long = [s if len(s) >= samples else make_noise("folder", samples, rate, rng, recordings=[s]) for s in sounds]
    return _bank([(f"{kind}{k}", [s * np.float32(PEAK / np.abs(s).max())]) for k, s in enumerate(long)], rate, kind)


def _bank(parts: Sequence[tuple[str, Sequence[Sound]]], rate: int, kind: str) -> Bank:
    """Of groups and the versions of a recording."""
    clips, at = [], 0
    for k, (group, versions) in enumerate(parts):
        lengths = tuple(len(version) for version in versions)
        starts = tuple(at + sum(lengths[:n]) for n in range(len(lengths)))
        clips.append(Clip(f"{kind}{k}", group, kind, starts, lengths))
        at += sum(lengths)
    samples = [np.round(np.clip(v, -1, 1) * 32767).astype(np.int16) for _, versions in parts for v in versions]
    return Bank(np.concatenate(samples), tuple(clips), rate, kind)
