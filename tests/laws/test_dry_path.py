"""out = a·dry + (1 - a)·clean with a = max(1 - strength, 10^(-limit/20)), dry and clean aligned to the sample."""

import numpy as np
import pytest

from tests.laws.conftest import sound, streamed
from unnoise import Denoiser


@pytest.mark.parametrize(
    ("strength", "limit_db", "dry"), [(1, None, 0), (0.5, None, 0.5), (1, 6, 10 ** (-6 / 20)), (0.9, 40, 0.1)]
)
@pytest.mark.parametrize("rate", [16000, 44100])
def test_formula(model, rate, strength, limit_db, dry):
    audio = sound(rate, 1, 2)
    clean = Denoiser(model)(audio, rate)
    denoiser = Denoiser(model, strength=strength, max_attenuation_db=limit_db)
    wanted = dry * audio + (1 - dry) * clean
    assert np.abs(denoiser(audio, rate) - wanted).max() < 1e-6
    assert np.abs(streamed(denoiser, audio, rate, [123]) - wanted).max() < 1e-5


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16])
def test_no_strength_is_the_input_to_the_bit(model, dtype):
    rng = np.random.default_rng(0)
    audio = rng.standard_normal((5000, 2))
    audio = np.round(8000 * audio).astype(np.int16) if dtype == np.int16 else audio.astype(dtype)
    denoiser = Denoiser(model, strength=0)
    assert np.array_equal(denoiser(audio, 16000), audio)
    assert np.array_equal(streamed(denoiser, audio, 16000, [77]), audio)
