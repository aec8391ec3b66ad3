"""As many samples out as in, of the same type, at the same place."""

import numpy as np
import pytest

from tests.engine import models
from tests.laws.conftest import RATES, sound
from unnoise import Denoiser


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16])
@pytest.mark.parametrize("shape", [(0,), (1,), (5000,), (0, 2), (1, 1), (777, 6), (100, 64)])
def test_shape_and_type(denoiser, dtype, shape):
    out = denoiser(np.zeros(shape, dtype), 16000)
    assert out.shape == shape and out.dtype == dtype


@pytest.mark.parametrize("rate", [2000, *RATES, 1_000_000])
def test_zero_lag(tmp_path, rate):
    """A network that changes nothing gives the input back, sample for sample."""
    audio = sound(rate, 0.3, 2)
    out = Denoiser(models.identity(tmp_path, min_bins=257, max_bins=769))(audio, rate)
    assert np.abs(out - audio).max() < 1e-6


@pytest.mark.parametrize("rate", RATES)
def test_zero_lag_of_any_model(denoiser, rate):
    audio = sound(rate, 1.0)[:, 0]
    length = 2 * len(audio)
    product = np.fft.rfft(denoiser(audio, rate), length) * np.conj(np.fft.rfft(audio, length))
    assert int(np.argmax(np.fft.irfft(product))) == 0
