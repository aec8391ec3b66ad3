"""Stages, learning rates and patience, step by step."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unnoise.train.config import Optimiser, Recipe, Stage
from unnoise.train.schedule import Patience, Schedule


def schedule(steps: int = 100, *, stages: tuple[Stage, ...] = (), batch: int = 16, valid_every: int = 10, **optimiser):
    made = Optimiser(learning_rate=1e-2, warm_up_steps=0, **optimiser)
    return Schedule(Recipe(name="x", steps=steps, batch=batch, valid_every=valid_every, stages=stages, optimiser=made))


def test_the_rates_of_each_schedule():
    constant = schedule(schedule="constant")
    assert {constant.rate_share(step) for step in range(100)} == {1.0}
    cosine = schedule(schedule="cosine", final_share=0.1, decay_share=0.5)
    assert [cosine.rate_share(k) for k in (0, 50)] == [1.0, 1.0]
    assert cosine.rate_share(75) == pytest.approx(0.55)
    assert cosine.rate_share(100) == pytest.approx(0.1)
    falling = schedule(schedule="from_epoch", fall_from=3, fall_every=2, fall_factor=0.2, final_share=0.01)
    # Epochs of 10 steps, counted from 1: full in the first and second, then a fall at every other one.
    assert [falling.rate_share(10 * k) for k in range(6)] == pytest.approx([1, 1, 0.2, 0.2, 0.04, 0.04])
    assert falling.rate_share(99) == pytest.approx(0.01)
    plateau = schedule(schedule="plateau", fall_factor=0.5, final_share=0.2)
    assert [plateau.rate_share(7, falls) for falls in range(4)] == [1.0, 0.5, 0.25, 0.2]


def test_the_warm_up_and_the_rate_for_256_items():
    warm = Schedule(Recipe(name="x", steps=100, optimiser=Optimiser(schedule="constant", warm_up_steps=10)))
    assert [warm.rate_share(k) for k in (0, 4, 9, 50)] == [0.1, 0.5, 1.0, 1.0]
    scaled = schedule(schedule="constant", rate_per_256=True, batch=16, stages=(Stage(1), Stage(1, batch=64)))
    assert [scaled.rate_share(k) for k in (0, 50)] == [16 / 256, 64 / 256]


def test_a_stage_with_a_rate_begins_the_schedule_anew_and_others_go_on():
    stages = (Stage(40), Stage(10, batch=4), Stage(50, learning_rate=1e-3, losses={"over_attenuation": 1.0}))
    made = schedule(stages=stages, final_share=0.0)
    whole = schedule(steps=50, final_share=0.0)
    assert [made.rate_share(k) for k in (0, 20, 45)] == [whole.rate_share(k) for k in (0, 20, 45)]
    assert made.rate_share(50) == pytest.approx(0.1)
    assert made.rate_share(75) == pytest.approx(0.05)
    assert [made.at(k).batch for k in (0, 39, 40, 49, 50)] == [16, 16, 4, 4, 16]
    assert list(made.at(99).losses) == ["over_attenuation"]


@given(st.integers(1, 60), st.lists(st.tuples(st.integers(1, 50), st.integers(1, 9)), max_size=4))
def test_stages_share_all_steps_and_no_mixture_comes_twice(steps, parts):
    made = schedule(steps, stages=tuple(Stage(part, batch=batch) for part, batch in parts))
    items = [
        stretch.first_item + (step - stretch.start) * stretch.batch + k
        for step in range(steps)
        for stretch in [made.at(step)]
        for k in range(stretch.batch)
    ]
    assert items == list(range(len(items)))
    assert sum(stretch.steps for stretch in made.stretches) == steps


def test_patience_counts_what_is_no_better():
    recipe = Recipe(name="x", steps=9, best_by="loss", stop_after=4, optimiser=Optimiser(patience=2))
    patience = Patience(recipe)
    seen = [patience.saw(value) for value in (3.0, 2.0, 2.0, math.nan, 1.9, 2.0, 2.0)]
    assert seen == [True, True, False, False, True, False, False]
    assert (patience.best, patience.waited, patience.falls, patience.spent) == (1.9, 2, 2, False)
    again = Patience(recipe)
    again.load(patience.state())
    for value in (5.0, 5.0):
        assert not again.saw(value)
    assert again.spent
    assert again.falls == 3
    dumb = Patience(recipe)
    assert [dumb.saw(value) for value in (math.nan, math.nan, 3.0)] == [True, False, True]
    old = Patience(recipe)
    old.load({})  # of a checkpoint from before there was patience
    assert old.saw(7.0)
