import numpy as np
import pytest

from unnoise.apply.bandwidth import bandwidth_hz
from unnoise.apply.features import Features

from .inspect_sounds import coloured


def measured(sound, rate):
    features = Features(rate)
    features.add(sound)
    return bandwidth_hz(features.mean_power(), rate)


def low_passed(sound, rate, cut_hz):
    spectrum = np.fft.rfft(sound)
    spectrum[round(cut_hz / rate * len(sound)) :] = 0
    return np.fft.irfft(spectrum, len(sound))


@pytest.mark.parametrize("rate", [44100, 48000, 192000])
@pytest.mark.parametrize("cut_hz", [3400, 5000, 8000, 16000])
@pytest.mark.parametrize("gain", [0.2, 0.002])
@pytest.mark.parametrize("bits", [16, None])
def test_brick_wall(rate, cut_hz, gain, bits):
    sound = gain * low_passed(coloured(rate, 1.0, -3), rate, cut_hz)
    if bits:
        sound = np.round(sound * 2**15) / 2**15
    assert measured(sound, rate) == pytest.approx(cut_hz, abs=300)


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_full_band(rate):
    assert measured(0.1 * coloured(rate, 1.0, -4), rate) == pytest.approx(rate / 2, rel=0.02)


def test_filter_over_a_weak_noise():
    rng = np.random.default_rng(0)
    sound = 0.1 * low_passed(coloured(48000, 1.0, -3), 48000, 7000) + 1e-5 * rng.standard_normal(48000)
    assert measured(sound, 48000) == pytest.approx(7000, abs=300)


def test_silence_has_no_bandwidth():
    assert bandwidth_hz(np.zeros(321), 16000) == 0.0
