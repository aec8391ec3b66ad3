"""Training on planned mixtures: noises, damages and rooms by name, rendered on the host."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
import soundfile as sf

from tests.sounds import corpus
from unnoise.errors import RecipeError
from unnoise.train.config import load_recipe

torch = pytest.importorskip("torch")

RECIPE = """
name = "planned"
steps = {steps}
batch = 2
valid_every = 2

[network.arguments]
blocks = 1
width = 16

[data]
valid_items = 2
valid_share = 0.3

[data.plan]
seconds = 0.8
noises = ["stft", "folder"]
damages = ["zero-coefficients"]
damage_share = 0.5
snr_db = [0, 10]
"""


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    from unnoise.train.folders import Folders

    place = tmp_path_factory.mktemp("planned")
    clean, noise = corpus(place)
    return Folders(clean, noise, place / "cache")


def _recipe(tmp_path, text=RECIPE, steps=3):
    path = tmp_path / "planned.toml"
    path.write_text(text.format(steps=steps))
    return load_recipe(path)


def test_batches_follow_from_seed_and_index_and_sides_are_apart(folders, tmp_path):
    from unnoise.train.data import Batches, prepare

    recipe = _recipe(tmp_path)
    (training, validation), again = (prepare(recipe, folders, lambda text: None) for _ in range(2))
    one, two = (Batches(side.drawer, 2, 3)[1] for side in (training, again[0]))
    assert one.noisy.shape == one.clean.shape == (2, 12800)
    assert np.array_equal(one.noisy, two.noisy)
    assert not np.array_equal(one.noisy, one.clean)
    halves = [Batches(training.drawer, 2, 3, rank, 2)[1].noisy[0] for rank in range(2)]
    assert np.array_equal(np.stack(halves), one.noisy)

    def used(side):
        mixtures = [side.drawer.planner.item(k) for k in range(60)]
        pieces = {p.path for m in mixtures for p in m.speech}
        return pieces | {p.path for m in mixtures for n in m.noises for p in n.recordings}

    assert not used(training) & used(validation)

    def made(side):
        return {n.seed for k in range(60) for n in side.drawer.planner.item(k).noises}

    assert not made(training) & made(validation)


def test_a_planned_training_runs_resumes_and_is_logged(folders, tmp_path):
    from unnoise.train.run import train

    quiet = {"progress": False, "device": "cpu", "threads": 1, "say": lambda text: None}
    train(_recipe(tmp_path, steps=2), folders, tmp_path / "run", **quiet)
    best = train(_recipe(tmp_path, steps=4), folders, tmp_path / "run", **quiet)
    assert best.exists()
    steps = [json.loads(line)["step"] for line in (tmp_path / "run/log.jsonl").read_text().splitlines()]
    assert max(steps) == 4


def test_what_a_plan_lacks_is_said(folders, tmp_path):
    import dataclasses

    from unnoise.train.data import prepare

    without = dataclasses.replace(folders, noise=None)
    with pytest.raises(RecipeError, match="--noise DIR"):
        prepare(_recipe(tmp_path), without, lambda text: None)
    with pytest.raises(RecipeError, match="--rooms DIR"):
        prepare(_recipe(tmp_path, RECIPE + 'rooms = "folder"\n'), folders, lambda text: None)
    only_stft = _recipe(tmp_path, RECIPE.replace(', "folder"', ""))
    assert prepare(only_stft, without, lambda text: None)
    with pytest.raises(RecipeError, match="did you mean 'noises'"):
        _recipe(tmp_path, RECIPE.replace("noises =", "noise ="))
    with pytest.raises(RecipeError, match="white"):
        _recipe(tmp_path, RECIPE.replace('"stft"', '"whit"'))


def test_all_places_of_a_room_are_on_one_side(tmp_path):
    from unnoise.mix.plan import Plan
    from unnoise.train.folders import Folders
    from unnoise.train.planned import planned_rooms

    rooms = tmp_path / "rooms"
    rooms.mkdir()
    for room, place in itertools.product(range(4), range(3)):
        sf.write(rooms / f"hall{1000 + room}-{place}.wav", np.r_[1.0, 0.01 * np.ones(99)], 16000)
    folders = Folders(tmp_path, None, tmp_path, rooms)
    sides = [planned_rooms(Plan(rooms="folder"), folders, part) for part in (0, 1)]
    assert sum(map(len, sides)) == 12
    assert not {room.group for room in sides[0]} & {room.group for room in sides[1]}
    with pytest.raises(RecipeError, match="simulated, or folder"):
        planned_rooms(Plan(rooms="halls"), folders, 0)
    for old in list(rooms.iterdir())[1:]:
        old.unlink()
    assert [len(planned_rooms(Plan(rooms="folder"), folders, part)) for part in (0, 1)] == [1, 1]
