"""From folders to mixtures: banks of training and validation recordings, synthetic noise, rooms."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Dataset, Sampler

from unnoise.errors import InputError, RecipeError
from unnoise.files.beside import written
from unnoise.mix.bank import Bank, Clip, load_bank, split
from unnoise.mix.draw import Draw, Drawer, MixSpec
from unnoise.mix.noises import make_noise
from unnoise.mix.recordings import find
from unnoise.mix.rooms import recorded, simulate
from unnoise.train.config import Data, Recipe
from unnoise.train.device_mix import DeviceMixer
from unnoise.train.folders import Folders
from unnoise.train.planned import PlannedDrawer, PlannedSide, Sounds, planned_side
from unnoise.train.schedule import Schedule

TRACK_S = 20  # of synthetic noise and babble
Say = Callable[[str], None]


@dataclass(frozen=True)
class Side:
    """Training's or validation's part of everything."""

    drawer: Drawer
    speech: Bank
    noises: list[Bank]
    rooms: NDArray[np.float32]
    recordings: dict[str, Any] = field(default_factory=dict)
    """What training and validation were made of together; of the training side only."""

    def mixer(self, device: torch.device) -> DeviceMixer:
        """A renderer with this side's recordings on `device`."""
        samples = self.drawer.samples
        noises = [bank.samples for bank in self.noises]
        return DeviceMixer(self.speech.rate, samples, self.speech.samples, noises, self.rooms, device)


AnySide = Side | PlannedSide


def prepare(recipe: Recipe, folders: Folders, say: Say) -> tuple[AnySide, AnySide]:
    """Training and validation sides: no speaker and no noise recording on both."""
    data = _towards_noisy(recipe.data, folders) if recipe.target == "noisy" else recipe.data
    planned = data.plan is not None  # which varies speeds itself, and loops noise where it is short
    speech = load_bank(
        folders.clean,
        folders.cache,
        data.rate,
        speeds=(1.0,) if planned else data.speeds,
        say=say,
    )
    if len(speech.clips) < 2:
        raise InputError(
            f"{folders.clean}: expected at least two recordings of speech, one to train on and one to hold out, and "
            "there is one; add more, or cut it in pieces"
        )
    speech_sides = _apart(speech, data.valid_share, "speaker", say)
    used = {"speech": described(speech)}
    noise_sides: tuple[Bank, Bank] | tuple[None, None] = (None, None)
    if folders.noise is not None:
        noise = load_bank(
            folders.noise,
            folders.cache,
            data.rate,
            noise=True,
            speeds=(1.0,) if planned else data.noise_speeds,
            loop=not planned,
            say=say,
        )
        used["noise"] = described(noise)
        noise_sides = _apart(noise, data.valid_share, "noise recording", say)
    if data.plan is not None:
        made = [
            planned_side(data.plan, data.rate, recipe.seed, part, folders, speech_sides[part], noise_sides[part])
            for part in (0, 1)
        ]
        return replace(made[0], recordings=used), made[1]
    if noise_sides[0] is None and data.noise_shares[0]:
        raise RecipeError("This recipe mixes in recordings of noise; give their folder with --noise DIR")
    lacking = set(data.mix.speech_weights) - {folder for clip in speech.clips for folder in clip.group.split("/")}
    if lacking:
        say(f"speech_weights: no speaker lies in a folder called {', '.join(sorted(lacking))}")
    rooms = load_rooms(data, recipe.seed, folders, say)
    held = max(2, len(rooms) // 10) if len(rooms) > 3 else 0
    room_sides = (rooms[held:], rooms[:held])
    training, validation = (
        _side(data, recipe.seed, part, speech_sides[part], noise_sides[part], room_sides[part], folders.cache, say)
        for part in (0, 1)
    )
    return replace(training, recordings=used), validation


def _side(
    data: Data,
    seed: int,
    part: int,
    speech: Bank,
    recorded_noise: Bank | None,
    rooms: NDArray[np.float32],
    cache: Path,
    say: Say,
) -> Side:
    """Part 0 is training's, 1 validation's."""
    seed += part * 1_000_003
    made_s = 200.0 if part else data.synthetic_s
    made_up = synthetic_bank(data, seed, made_s, cache, say) if data.synthetic else None
    babble = babble_bank(speech, seed, 100.0 if part else data.babble_s, cache, say)
    shared = zip((recorded_noise, made_up, babble), data.noise_shares, strict=True)
    noises = [(bank, share) for bank, share in shared if bank is not None]
    drawer = Drawer(_of_validation(data) if part else data.mix, speech, noises, len(rooms), seed)
    heard = "no recordings of noise"
    if recorded_noise is not None:
        heard = f"{recorded_noise.seconds() / 60:.0f} min of noise in {len(recorded_noise.clips)} recordings"
    say(
        f"{'validation' if part else 'training'}: {speech.seconds() / 3600:.2f} h of speech by "
        f"{len({clip.group for clip in speech.clips})} speakers, {heard}, {len(rooms)} rooms"
    )
    return Side(drawer, speech, [bank for bank, _ in noises], rooms)


def described(bank: Bank) -> dict[str, Any]:
    """How much there is in a bank, and a digest of it: of names, groups, lengths and a million samples between all."""
    digest = hashlib.sha256()
    for clip in bank.clips:
        digest.update(f"{clip.name}\0{clip.group}\0{clip.lengths}\n".encode())
    digest.update(np.ascontiguousarray(bank.samples[:: max(1, len(bank.samples) // 1_000_000)]).tobytes())
    groups = len({clip.group for clip in bank.clips})
    return {
        "recordings": len(bank.clips),
        "groups": groups,
        "seconds": round(bank.seconds(), 1),
        "digest": digest.hexdigest(),
    }


def _towards_noisy(data: Data, folders: Folders) -> Data:
    """Nothing may teach that the noise in a recording is to be left: each gets more of it.

    Source: noisy-target training: Fujimura et al. 2021 (EUSIPCO; arXiv 2101.08625).
    """
    shares = (data.noise_shares[0] if folders.noise is not None else 0.0, *data.noise_shares[1:])
    plan = None if data.plan is None else msgspec.structs.replace(data.plan, clean_share=0.0)
    mix = msgspec.structs.replace(data.mix, clean_share=0.0)
    return msgspec.structs.replace(data, mix=mix, plan=plan, noise_shares=shares)


def _apart(bank: Bank, share: float, what: str, say: Say) -> tuple[Bank, Bank]:
    """Training's and validation's part: whole groups, or whole recordings where there is but one group."""
    if len({clip.group for clip in bank.clips}) > 1:
        return split(bank, share)
    if len(bank.clips) < 2:
        say(f"there is only one {what}: validation hears it in training, too, and its scores say little")
        return bank, bank
    say(f"there is only one {what}: validation takes other recordings of the same, and its scores flatter")
    one_each = bank.only(replace(clip, group=clip.name) for clip in bank.clips)
    held = {clip.name for clip in split(one_each, share)[1].clips}
    return bank.only(c for c in bank.clips if c.name not in held), bank.only(c for c in bank.clips if c.name in held)


def _of_validation(data: Data) -> MixSpec:
    """Validation measures denoising of what people send: no clean items, no level steps, no mutes, few rooms."""
    return msgspec.structs.replace(
        data.mix,
        seconds=data.valid_seconds,
        clean_share=0.0,
        noise_only_share=0.0,
        jump_share=0.0,
        mute_share=0.0,
        room_share=min(0.25, data.mix.room_share),
    )


def load_rooms(data: Data, seed: int, folders: Folders, say: Say) -> NDArray[np.float32]:
    """(rooms, samples) float32: recorded ones of the folder, then simulated ones, in a mixed order."""
    samples = round(data.room_s * data.rate)
    responses = []
    if folders.rooms is not None:
        for recording in find(folders.rooms, noise=True, say=say):
            try:
                responses.append(recorded(recording.path, data.rate, samples))
            except InputError as error:
                say(f"left out: {error}")
    key = hashlib.sha256(f"rooms 1 {data.rate} {samples} {data.rooms} {seed}".encode()).hexdigest()[:16]
    path = folders.cache / f"rooms-{key}.npy"
    if data.rooms and not path.exists():
        say(f"simulating {data.rooms} rooms")
        rng = np.random.Generator(np.random.Philox(key=seed, counter=[1, 0, 0, 0]))
        made = [part for _ in range(data.rooms) for part in simulate(data.rate, samples, rng)]
        _save(path, np.stack(made))
    if data.rooms:
        responses.extend(np.load(path))
    if not responses:
        return np.zeros((0, samples), np.float32)
    order = np.random.Generator(np.random.Philox(key=seed, counter=[2, 0, 0, 0])).permutation(len(responses))
    return np.stack([responses[k] for k in order]).astype(np.float32)


def synthetic_bank(data: Data, seed: int, seconds: float, cache: Path, say: Say) -> Bank:
    """Tracks of every noise that needs no recording."""
    names = data.synthetic

    def track(number: int, rng: np.random.Generator) -> tuple[NDArray[np.float32], str]:
        name = names[number % len(names)]
        return make_noise(name, TRACK_S * data.rate, data.rate, rng), name

    return _made_bank(f"synthetic 2 {names}", seed, seconds, data.rate, cache, track, say)


def babble_bank(speech: Bank, seed: int, seconds: float, cache: Path, say: Say) -> Bank:
    """Tracks of 4 to 8 speakers at once, none more than 6 dB louder than another."""
    by_group: dict[str, list[Clip]] = {}
    for clip in speech.clips:
        by_group.setdefault(clip.group, []).append(clip)
    groups = sorted(by_group)

    def voice(clips: list[Clip], rng: np.random.Generator) -> NDArray[np.float32]:
        pieces, samples = [], 0
        while samples < TRACK_S * speech.rate:
            clip = clips[rng.integers(len(clips))]
            pieces.append(speech.samples[clip.starts[0] : clip.starts[0] + clip.lengths[0]])
            samples += len(pieces[-1])
        return np.concatenate(pieces).astype(np.float32) / np.float32(32768)

    def track(number: int, rng: np.random.Generator) -> tuple[NDArray[np.float32], str]:
        drawn = int(rng.integers(4, 9))
        chosen = rng.choice(len(groups), min(drawn, len(groups)), replace=False)
        voices = [voice(by_group[groups[k]], rng) for k in chosen]
        return make_noise("babble", TRACK_S * speech.rate, speech.rate, rng, {"voices": drawn}, voices), "babble"

    name = f"babble 2 {speech.digest} {len(speech.clips)}"
    return _made_bank(name, seed, seconds, speech.rate, cache, track, say)


def _made_bank(
    what: str,
    seed: int,
    seconds: float,
    rate: int,
    cache: Path,
    track: Callable[[int, np.random.Generator], tuple[NDArray[np.float32], str]],
    say: Say,
) -> Bank:
    tracks = max(4, round(seconds / TRACK_S))
    digest = hashlib.sha256(f"{what} {seed} {tracks} {rate}".encode()).hexdigest()[:16]
    path = cache / f"made-{digest}.npy"
    length = TRACK_S * rate
    kinds = []
    if not path.exists():
        say(f"making {tracks} tracks of {what.split()[0]} noise")
        out = np.zeros((tracks, length), np.int16)
        for number in range(tracks):
            rng = np.random.Generator(np.random.Philox(key=seed, counter=[3, 0, 0, number]))
            audio, kind = track(number, rng)
            out[number] = np.round(np.clip(audio, -1, 1) * 32767)
            kinds.append(kind)
        with written(path.with_suffix(".txt"), force=True) as beside:  # first: the sound alone says that all is there
            beside.write_text("\n".join(kinds))
        _save(path, out)
    kinds = path.with_suffix(".txt").read_text().split()
    samples = np.load(path, mmap_mode="c").reshape(-1)
    clips = tuple(Clip(f"{k}", f"{k}", kind, (k * length,), (length,)) for k, kind in enumerate(kinds))
    return Bank(samples, clips, rate, digest)


def _save(path: Path, array: NDArray[np.generic]) -> None:
    with written(path, force=True) as beside:
        np.save(beside, array)


class Batches(Dataset[Any]):
    """Batch `step` of a run: a stacked draw or rendered sounds, the same in any worker and any order.

    Of several processes (`ranks`) each gets its share of every batch.
    """

    def __init__(
        self,
        drawer: Drawer | PlannedDrawer,
        batch: int,
        steps: int,
        rank: int = 0,
        ranks: int = 1,
        first_item: int = 0,
    ) -> None:
        self.drawer, self.batch, self.steps, self.first_item = drawer, batch, steps, first_item
        self.items = range(rank, batch, ranks)

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, step: int) -> Draw | Sounds:
        return self.drawer.batch([self.first_item + step * self.batch + k for k in self.items])


class Staged(Dataset[Any]):
    """The batches of all stages of a run, by the step of the run."""

    def __init__(self, schedule: Schedule, drawer: Drawer | PlannedDrawer, rank: int = 0, ranks: int = 1) -> None:
        self.schedule = schedule
        self._parts = {
            s.start: Batches(at_snr(drawer, s.snr_db), s.batch, s.steps, rank, ranks, s.first_item)
            for s in schedule.stretches
        }

    def __len__(self) -> int:
        return self.schedule.recipe.steps

    def __getitem__(self, step: int) -> Draw | Sounds:
        start = self.schedule.at(step).start
        return self._parts[start][step - start]


def at_snr(drawer: Drawer | PlannedDrawer, snr_db: tuple[float, float] | None) -> Drawer | PlannedDrawer:
    """The same drawer with SNR from another span, or as it is."""
    if snr_db is None:
        return drawer
    other = copy.copy(drawer)
    if isinstance(other, PlannedDrawer):
        other.planner = copy.copy(other.planner)
        other.planner.plan = msgspec.structs.replace(other.planner.plan, snr_db=snr_db, snr_choices_db=())
    else:
        other.spec = msgspec.structs.replace(other.spec, snr_db=snr_db)
    return other


class FromStep(Sampler[int]):
    """The steps of a run from where it stands; as long as the whole run, so that progress is counted right."""

    def __init__(self, steps: int, start: Callable[[], int]) -> None:
        self.steps, self.start = steps, start

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[int]:
        return iter(range(self.start(), self.steps))


def loader(batches: Batches | Staged, start: Callable[[], int], workers: int) -> DataLoader[Any]:
    """Batches in the order of the steps, beginning at `start()`."""
    sampler = FromStep(len(batches), start)
    return DataLoader(batches, batch_size=None, sampler=sampler, num_workers=workers, collate_fn=_as_it_is)


def _as_it_is(batch: Any) -> Any:
    """Batches stay on the host: the mixer takes them to its device itself."""
    return batch
