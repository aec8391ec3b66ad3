import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from unnoise.apply.clipping import Clipping


def counted(sound, sizes=(10**9,)):
    clipping, at, turn = Clipping(sound.shape[1]), 0, 0
    while at < len(sound):
        size = sizes[turn % len(sizes)]
        clipping.add(sound[at : at + size])
        at, turn = at + size, turn + 1
    return clipping


@pytest.mark.parametrize(
    ("samples", "clipped"),
    [
        ([0, 1, 0, 1, 0], 0),
        ([0, 1, 1, 0, 0], 2),
        ([1, 1, 1, -1, -1], 5),
        ([1, -1, 1, -1, 1], 0),
        ([0.5, 0.5, 0.5, 0.5, 0.5], 0),
    ],
)
def test_runs_at_full_scale_count(samples, clipped):
    assert counted(np.array(samples, float)[:, None]).share == clipped / 5


@given(st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=1, max_size=40), st.integers(1, 7))
def test_blocks_do_not_matter(samples, size):
    sound = np.array(samples)[:, None] * [1.0, -1.0]
    assert counted(sound, (size,)).share == counted(sound).share


def test_offset_is_that_of_the_worst_channel():
    sound = np.tile([0.01, -0.2, 0.1], (100, 1))
    assert counted(sound, (7,)).offset == pytest.approx(-0.2)
    assert Clipping(1).offset == 0.0 and Clipping(1).share == 0.0
