"""A stream gives what the whole recording gives, for any block sizes; blocks come back as long as they went in."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws.conftest import MODELS, RATES, sound, streamed
from unnoise import Denoiser

SIZES = st.lists(st.sampled_from([0, 1, 7, 80, 160, 441, 480, 1024, 5000]), max_size=5).map(lambda s: [*s, 997])


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("rate", RATES)
@settings(max_examples=6, deadline=None)
@given(sizes=SIZES, samples=st.integers(0, 9000), channels=st.sampled_from([1, 2]))
def test_any_block_sizes(model_path, name, rate, sizes, samples, channels):
    denoiser = Denoiser(model_path(name))
    audio = sound(rate, 9000 / rate, channels)[:samples]
    whole = denoiser(audio, rate)
    assert np.abs(streamed(denoiser, audio, rate, sizes) - whole).max(initial=0) < 1e-5


@pytest.mark.parametrize("block_s", [0.01, 1.3])
def test_long(denoiser, block_s):
    rate = 8000
    audio = sound(rate, 12, 2)
    whole = denoiser(audio, rate)
    assert np.abs(streamed(denoiser, audio, rate, [round(block_s * rate)]) - whole).max() < 1e-5


@pytest.mark.parametrize("link", ["none", "all"])
def test_linked(model, link):
    denoiser = Denoiser(model, link=link, strength=0.7)
    audio = sound(16000, 1.5, 3) * np.float32([1, 0.5, 0.1])
    assert np.abs(streamed(denoiser, audio, 16000, [333]) - denoiser(audio, 16000)).max() < 1e-5
