"""Silence gives silence, also after sound; what is not finite counts as silence and is counted."""

import numpy as np
import pytest

from tests.laws.conftest import sound


@pytest.mark.parametrize("rate", [8000, 48000, 96000])
def test_silence(denoiser, rate):
    assert np.abs(denoiser(np.zeros((rate, 2), np.float32), rate)).max() < 1e-6


def test_silence_after_sound(denoiser):
    audio = sound(16000, 2)
    audio[16000:] = 0
    assert np.abs(denoiser(audio, 16000)[17000:]).max() < 1e-6


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nonfinite_samples_become_zero(denoiser, dtype):
    audio = sound(16000, 0.5, 2).astype(dtype)
    audio[1000:1010] = 0
    spoilt = audio.copy()
    spoilt[1000:1010, 0], spoilt[1000:1005, 1], spoilt[1005:1010, 1] = np.nan, np.inf, -np.inf
    assert np.array_equal(denoiser(spoilt, 16000), denoiser(audio, 16000))
    stream = denoiser.stream(16000, 2)
    stream.process(spoilt)
    assert stream.nonfinite_samples == 20


def test_nothing_finite(denoiser):
    out = denoiser(np.full(1600, np.nan, np.float32), 16000)
    assert np.isfinite(out).all() and np.abs(out).max() < 1e-6


def test_absurd_loudness_does_not_stay(denoiser):
    """A broken sample of 1e300 is no reason to lose the rest of the recording."""
    audio = sound(16000, 2).astype(np.float64)
    audio[100] = 1e300
    assert np.isfinite(denoiser(audio, 16000)).all()
