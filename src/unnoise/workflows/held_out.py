"""What a reproduction trains on and is tested on: speakers and noise recordings dealt out, and test mixtures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np

from unnoise.errors import InputError, OutputError
from unnoise.mix.mixture import Mixture
from unnoise.mix.plan import HIGHEST_SEED, Plan, Planner, Sources
from unnoise.mix.recordings import Filter, Recording, Say, find, load, save
from unnoise.mix.split import deal
from unnoise.train.config import Data, Recipe

TRAIN, TEST = "train", "test"
SHARES = (0.8, 0.2)
MOST_S = 5 * 3600.0
"""Of speech and of noise to train on: a run of minutes hears no more."""
ITEMS, ITEM_S = 50, 4.0
TEST_SEED = 2_000_003
"""Added to the seed, so that no noise of the test is drawn as one of training was."""

Split = Mapping[str, Sequence[Recording]]
"""By the name of a manifest: speech-train, speech-test, and noise- and women- where there are such."""


def held_out(clean: Path, noise: Path | None, seed: int, say: Say) -> Split:
    """The recordings of two folders, dealt out by `seed`: no speaker and no noise recording is in both parts.

    Raises InputError where there is but one speaker or one noise recording.
    """
    split = _dealt(clean, "speech", "speakers", seed, say)
    if noise is not None:
        split |= _dealt(noise, "noise", "recordings of noise", seed, say)
    women = Filter(gender="f")
    found = {f"women-{part}": [r for r in split[f"speech-{part}"] if women.keep(r)] for part in (TRAIN, TEST)}
    enough = len(found["women-train"]) > 1 and found["women-test"]
    return split | found if enough else split


def _dealt(where: Path, kind: str, what: str, seed: int, say: Say) -> dict[str, list[Recording]]:
    recordings = find(where, noise=kind == "noise", say=say)
    seconds: dict[str, float] = {}
    for recording in recordings:
        seconds[recording.group] = seconds.get(recording.group, 0.0) + recording.seconds
    if len(seconds) < 2:
        raise InputError(
            f"{where}: expected two {what} or more, some to train on and some to test on, and found {len(seconds)}; "
            "add more"
        )
    parts = deal(seconds, SHARES, f"{seed} ")
    sides = {f"{kind}-{name}": [r for r in recordings if parts[r.group] == k] for k, name in enumerate((TRAIN, TEST))}
    if len(sides[f"{kind}-{TRAIN}"]) < 2:
        raise InputError(
            f"{where}: expected two recordings or more beside those of the test, one to train on and one to validate "
            "on; add more"
        )
    return {name: _at_most(side, MOST_S, seed) for name, side in sides.items()}


def _at_most(recordings: Sequence[Recording], seconds: float, seed: int) -> list[Recording]:
    """A random choice of so many seconds, in the order that they had."""
    order = np.random.default_rng(seed).permutation(len(recordings))
    ends = np.cumsum([recordings[k].seconds for k in order])
    return [recordings[k] for k in sorted(order[: 1 + int(np.searchsorted(ends, seconds))])]


def write_split(split: Split, out: Path, *, restart: bool) -> None:
    """The manifests of `split` in the folder `out`.

    Raises OutputError where `out` is no reproduction, and without `restart` where it is one of other recordings.
    """
    try:
        others = out.exists() and not (out / "speech-train.jsonl").exists() and any(out.iterdir())
    except NotADirectoryError:
        raise OutputError(f"{out}: expected a folder, this is a file; choose another name") from None
    if others:
        raise OutputError(f"{out}: holds other things than a reproduction; choose another folder, or a new one")
    for name, recordings in split.items():
        path = out / f"{name}.jsonl"
        if path.exists() and not restart and load(path) != list(recordings):
            raise OutputError(
                f"{out}: holds a reproduction with another seed or other recordings; choose another folder, or "
                "--restart to begin anew"
            )
        save(recordings, path, force=True)


def mixtures_of(recipe: Recipe, speech: Sequence[Recording], noise: Sequence[Recording]) -> list[Mixture]:
    """`ITEMS` mixtures of test recordings, as the recipe makes its own, of 4 s or a window of the network."""
    sources = Sources(speech, {"noise": noise} if noise else {})
    planner = Planner(_plan(recipe.data), sources, (recipe.seed + TEST_SEED) % (HIGHEST_SEED + 1))
    return [planner.item(number) for number in range(ITEMS)]


def _plan(data: Data) -> Plan:
    """The recipe's own; where mixing is the device's, one that does the same as far as a plan can say it."""
    if data.plan is not None:
        longer = max(ITEM_S, data.plan.seconds or 0.0)
        return msgspec.structs.replace(data.plan, rate=data.rate, seconds=longer, clean_share=0.0)
    mix = data.mix
    return Plan(
        rate=data.rate,
        seconds=max(ITEM_S, mix.seconds),
        noises=("folder",),
        snr_db=mix.snr_db,
        rooms="simulated:count=10" if mix.room_share else "",
        room_share=mix.room_share,
    )
