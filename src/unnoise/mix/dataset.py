"""Data sets on disk: planned once, rendered by many processes, gone on with where they stopped."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from unnoise.errors import InputError, OptionError, OutputError
from unnoise.files.beside import written
from unnoise.files.side_by_side import Failed, side_by_side
from unnoise.mix.damages import apply_damage
from unnoise.mix.mixture import SUBSETS, Mixture, load
from unnoise.mix.noises import RECORDED, make_noise
from unnoise.mix.plan import Plan, Planner, Sources
from unnoise.mix.recordings import Filter, Recording, find
from unnoise.mix.render import render
from unnoise.mix.rooms import need_simulator
from unnoise.mix.split import deal

SIDES, SUFFIXES = ("clean", "noisy"), (".flac", ".wav")
MANIFEST, UNFINISHED, PATHS = "manifest.jsonl", "manifest.part.jsonl", "audio_paths.txt"
FULL_BYTES = 1 << 20
Say = Callable[[str], None]


@dataclass(frozen=True)
class Item:
    """One mixture and where it goes."""

    mixture: Mixture
    folder: str
    with_clean: bool
    suffix: str

    def sides(self) -> tuple[str, ...]:
        """`clean` first: the noisy file tells that the item is whole."""
        return SIDES if self.with_clean else SIDES[1:]

    def target(self, side: str) -> Path:
        """The file of the `noisy` or the `clean` side."""
        return Path(self.folder, side, self.mixture.subset, self.mixture.name + self.suffix)


def plan_dataset(
    plan: Plan,
    clean: Path,
    seed: int,
    *,
    keep: Filter | None = None,
    subsample: float | None = None,
    split: Sequence[float] = (),
    say: Say = lambda text: None,
) -> list[Mixture]:
    """A mixture of every recording in `clean` that `keep` lets pass, or of a random part of them.

    `subsample` up to 1 is a share, above it a number. `split` gives two or three shares, for train, valid and test:
    no speaker, no noise recording and no recorded room is in two of them. Everything follows from `seed`.
    """
    speech = [r for r in find(clean, say=say) if keep is None or keep.keep(r)]
    if not speech:
        raise InputError(f"{clean}: expected recordings of speech, and the filters let none of them pass")
    _check_noises(plan, {plan.rate or r.rate for r in speech})
    _check_damages(plan, plan.rate or speech[0].rate)
    names = _names(speech, clean)
    chosen = _subsample(speech, names, subsample, seed)
    noises = {folder: find(Path(folder), noise=noise, say=say) for folder, noise in _folders(plan).items()}
    rooms = _rooms(plan, say)
    if not split:
        planner = Planner(plan, Sources(speech, noises, rooms), seed)
        return [planner.of(speech[k], names[k]) for k in chosen]
    _check_apart([(str(clean), speech), *noises.items()])
    speech_parts = _dealt([speech[k] for k in chosen], split, seed, "speakers", str(clean))
    planners = {}
    for part, subset in enumerate(SUBSETS[: len(split)]):
        theirs = {f: _only(r, _dealt(r, split, seed, "noise recordings", f), part) for f, r in noises.items()}
        places = _only(rooms, _dealt(rooms, split, seed, "rooms", plan.rooms), part) if rooms else []
        voices = _only([speech[k] for k in chosen], speech_parts, part)
        planners[part] = (Planner(plan, Sources(voices, theirs, places), seed, part), subset)
    out = []
    for k in chosen:
        planner, subset = planners[speech_parts[speech[k].group]]
        out.append(planner.of(speech[k], names[k], subset))
    return out


def _check_noises(plan: Plan, rates: set[int]) -> None:
    """OptionError where a noise can be made at none of the rates: better one line now than one a file later."""
    for noise in plan.named_noises():
        if noise.name in RECORDED:
            continue
        failures = []
        for rate in sorted(rates):
            try:
                make_noise(noise.name, 1, rate, np.random.default_rng(0), noise.parameters)
            except OptionError as error:
                failures.append(error)
        if len(failures) == len(rates):
            raise failures[-1]


def _check_damages(plan: Plan, rate: int) -> None:
    """OptionError where a damage refuses its parameters."""
    for damage in plan.named_damages():
        parameters = {key: value for key, value in damage.parameters.items() if key != "in_target"}
        apply_damage(damage.name, np.full(rate // 10, 0.1, np.float32), rate, np.random.default_rng(0), parameters)


def _check_apart(folders: Sequence[tuple[str, Sequence[Recording]]]) -> None:
    """OptionError where two folders hold the same recording: each is split by itself, so it could be in two parts."""
    seen: dict[str, int] = {}
    for number, (folder, recordings) in enumerate(folders):
        for recording in recordings:
            other = seen.setdefault(os.path.realpath(recording.path), number)
            if other != number:
                raise OptionError(
                    f"{folders[other][0]} and {folder} both hold {recording.path}, which a split could not "
                    "keep in one part; name folders that share nothing"
                )


def _folders(plan: Plan) -> dict[str, bool]:
    """Folders that the plan's noises name; True where they hold noise, False where voices for babble."""
    found: dict[str, bool] = {}
    for noise in plan.named_noises():
        if "folder" in noise.parameters:
            found[str(noise.parameters["folder"])] = noise.name != "babble"
    return found


def _rooms(plan: Plan, say: Say) -> list[Recording]:
    """The recorded rooms of a plan; none where they are simulated."""
    if plan.simulated_rooms():
        need_simulator()
        return []
    return find(Path(plan.rooms), noise=True, say=say) if plan.rooms else []


def _names(speech: Sequence[Recording], clean: Path) -> list[str]:
    """Paths without their endings, relative to `clean` or to what all share; with the ending where two are alike."""
    paths = [Path(r.path) for r in speech]
    base = clean.absolute()
    if not base.is_dir() or not all(path.is_relative_to(base) for path in paths):
        base = Path(os.path.commonpath([path.parent for path in paths]))
    short = [
        path.relative_to(base).with_suffix("").as_posix() + (f"-{round(r.start_s * 1000)}ms" if r.start_s else "")
        for path, r in zip(paths, speech, strict=True)
    ]
    alike = Counter(short)
    names: dict[str, None] = {}
    for name, path in zip(short, paths, strict=True):
        first = name if alike[name] == 1 else f"{name}-{path.suffix[1:]}"
        numbered = (f"{first}-{k}" for k in itertools.count(2))
        names[next(n for n in itertools.chain([first], numbered) if n not in names)] = None
    return list(names)


def _subsample(speech: Sequence[Recording], names: Sequence[str], subsample: float | None, seed: int) -> list[int]:
    """Which recordings are taken, in their order; adding recordings to a folder changes little of the choice."""
    if subsample is None:
        return list(range(len(speech)))
    if not 0 < subsample < float("inf"):
        raise OptionError(f"expected a share up to 1 or a number to take, got {subsample}")
    count = round(subsample * len(speech)) if subsample <= 1 else round(subsample)
    order = sorted(range(len(speech)), key=lambda k: hashlib.sha256(f"{seed} {names[k]}".encode()).digest())
    return sorted(order[: max(1, count)])


def _dealt(recordings: Sequence[Recording], split: Sequence[float], seed: int, what: str, where: str) -> dict[str, int]:
    seconds: dict[str, float] = {}
    for recording in recordings:
        seconds[recording.group] = seconds.get(recording.group, 0.0) + recording.seconds
    if len(seconds) < len(split):
        raise OptionError(
            f"{where}: a split into {len(split)} parts needs as many {what}, and there are {len(seconds)}; "
            "give more recordings, or leave the split out"
        )
    return deal(seconds, split, f"{seed} ")


def _only(recordings: Sequence[Recording], parts: dict[str, int], part: int) -> list[Recording]:
    return [r for r in recordings if parts.get(r.group) == part]


def write_dataset(
    mixtures: Sequence[Mixture],
    folder: Path,
    *,
    with_clean: bool = False,
    suffix: str = ".flac",
    jobs: int = 1,
    force: bool = False,
) -> Iterator[tuple[Mixture, float | Failed]]:
    """Render `mixtures` into `folder`: noisy/, with `with_clean` clean/, manifest.jsonl and audio_paths.txt.

    Yields each mixture with its seconds, or with why it failed. What is there already from the same mixture stays;
    with `force`, what was made before is removed. Raises OutputError where the folder holds other mixtures and `force`
    is not set, and where the disk is full.
    """
    wanted = {(m.subset, m.name): m for m in mixtures}
    if force:
        _remove(folder)
    else:
        _check_folder(folder, wanted)
    items = [Item(m, str(folder), with_clean, suffix) for m in mixtures]
    left = [item for item in items if force or not all(item.target(side).exists() for side in item.sides())]
    _write_text(folder / UNFINISHED, b"".join(msgspec.json.encode(m) + b"\n" for m in mixtures))
    failed: set[tuple[str, str]] = set()
    waiting = {(item.mixture.subset, item.mixture.name) for item in left}
    for item in items:
        if (item.mixture.subset, item.mixture.name) not in waiting:
            yield item.mixture, item.mixture.samples / item.mixture.rate
    for item, result in side_by_side(write_item, left, jobs):
        if isinstance(result, Failed):
            failed.add((item.mixture.subset, item.mixture.name))
            if shutil.disk_usage(folder).free < FULL_BYTES:
                raise OutputError(f"{folder}: the disk is full; make room and run this again to go on")
        yield item.mixture, result
    done = [m for key, m in wanted.items() if key not in failed]
    if done:
        _write_text(folder / MANIFEST, b"".join(msgspec.json.encode(m) + b"\n" for m in done))
        paths = dict.fromkeys(m.speech[0].path for m in done)
        _write_text(folder / PATHS, "".join(f"{path}\n" for path in paths).encode())
    (folder / UNFINISHED).unlink()


def _manifests(folder: Path) -> list[Path]:
    return [folder / name for name in (UNFINISHED, MANIFEST) if (folder / name).exists()]


def _remove(folder: Path) -> None:
    """Remove what earlier manifests name, so that none of it passes for new, here or after an interruption."""
    for manifest in _manifests(folder):
        with contextlib.suppress(InputError):  # what cannot be read names nothing
            for mixture in load(manifest):
                for side, suffix in itertools.product(SIDES, SUFFIXES):
                    _unlink(Item(mixture, str(folder), True, suffix).target(side))
        _unlink(manifest)


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: cannot be removed ({error.strerror})") from error


def _check_folder(folder: Path, wanted: Mapping[tuple[str, str], Mixture]) -> None:
    """The folder may hold the same mixtures, made before; other ones would be mixed up with these."""
    others = [m for path in _manifests(folder)[:1] for m in load(path) if wanted.get((m.subset, m.name)) != m]
    if others:
        raise OutputError(
            f"{folder}: holds {len(others)} mixtures of other settings, such as {others[0].name}; choose another "
            "folder, or --force to write over them"
        )


def write_item(item: Item) -> float:
    """Render one item to its files, the noisy one last, so that it tells that the item is whole; its seconds."""
    made = render(item.mixture)
    sounds = {"clean": made.clean, "noisy": made.noisy}
    for side in item.sides():
        _write_sound(item.target(side), sounds[side], made.rate)
    return len(made.noisy) / made.rate


def _write_sound(target: Path, audio: NDArray[np.float32], rate: int) -> None:
    if not np.isfinite(audio).all():
        raise InputError(f"{target}: what was mixed is not finite; look at its damages and recordings in the manifest")
    pcm = np.clip(np.round(audio * 32768.0), -32768, 32767).astype(np.int16)
    with written(target, force=True) as path:
        try:
            sf.write(path, pcm, rate, subtype="PCM_16")
        except sf.LibsndfileError as error:
            raise OutputError(f"{target}: cannot be written ({error})") from None


def _write_text(target: Path, text: bytes) -> None:
    with written(target, force=True) as path:
        path.write_bytes(text)
