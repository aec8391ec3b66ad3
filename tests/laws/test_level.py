"""Scaled input, scaled output, from full scale down to -50 dBFS in 16 bits, and after a minute of silence."""

import numpy as np
import pytest

from tests.laws.conftest import sound


def difference_db(out, wanted):
    return 10 * np.log10(np.sum((out - wanted) ** 2) / np.sum(wanted**2) + 1e-12)


@pytest.mark.parametrize("rate", [16000, 48000])
@pytest.mark.parametrize("scale_db", [-40, -30, 10])
def test_scale(denoiser, rate, scale_db):
    audio, scale = sound(rate, 3), np.float32(10 ** (scale_db / 20))
    assert difference_db(denoiser(scale * audio, rate) / scale, denoiser(audio, rate)) < -40


def test_after_a_minute_of_silence(default):
    audio, rate = sound(8000, 6), 8000
    mute = np.zeros((60 * rate, 1), np.float32)
    begun = np.concatenate((audio, mute, audio))
    after = default(begun, rate)[-len(audio) :]
    wanted = default(np.concatenate((audio, audio)), rate)[-len(audio) :]
    assert difference_db(after, wanted) < -15


def test_quiet_recordings_of_16_bits(denoiser):
    audio = sound(16000, 3)
    scale = 10 ** (-50 / 20) / np.sqrt(np.mean(audio**2))
    quiet = np.rint(audio * scale * 32768).astype(np.int16)
    assert difference_db(denoiser(quiet, 16000) / (32768 * scale), denoiser(audio, 16000)) < -25
