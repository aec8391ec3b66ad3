import pickle

import numpy as np
import pytest

from tests.engine import models
from unnoise.engine.whole import Denoiser, denoise
from unnoise.errors import AudioShapeError, OptionError


@pytest.fixture
def audio():
    return np.random.default_rng(0).standard_normal((9000, 2)).astype(np.float32)


def test_denoise_is_a_denoiser_called(tmp_path, audio):
    path = models.gain(tmp_path, 0.5)
    out = denoise(audio, 16000, model=path, strength=0.5, link="all")
    assert np.array_equal(out, Denoiser(path, strength=0.5, link="all")(audio, 16000))
    assert np.abs(out - 0.75 * audio).max() < 1e-6


def test_lists_are_taken_as_arrays(tmp_path):
    assert denoise([0.0, 0.5], 16000, model=models.identity(tmp_path)).tolist() == pytest.approx([0, 0.5])


@pytest.mark.parametrize(
    ("name", "value"),
    [("strength", 7), ("strength", -0.1), ("max_attenuation_db", 0), ("link", "both"), ("threads", 0)],
)
def test_options_out_of_range_are_named(tmp_path, name, value):
    with pytest.raises(OptionError, match=name):
        Denoiser(models.identity(tmp_path), **{name: value})


def test_a_rate_out_of_range_is_named_also_for_no_sound(tmp_path):
    denoiser = Denoiser(models.identity(tmp_path))
    for call in (lambda: denoiser(np.zeros(0, np.float32), 100), lambda: denoiser.stream(100)):
        with pytest.raises(OptionError, match="rate"):
            call()


def test_a_wrong_shape_is_refused(tmp_path):
    with pytest.raises(AudioShapeError, match="transpose"):
        denoise(np.zeros((2, 100), np.float32), 16000, model=models.identity(tmp_path))


def test_a_denoiser_pickles_with_its_options(tmp_path, audio):
    denoiser = Denoiser(models.gain(tmp_path, 0.5), strength=0.5, max_attenuation_db=30, link="all", threads=2)
    again = pickle.loads(pickle.dumps(denoiser))
    assert np.array_equal(again(audio, 16000), denoiser(audio, 16000))
    assert again.__reduce__()[0].keywords == denoiser.__reduce__()[0].keywords
