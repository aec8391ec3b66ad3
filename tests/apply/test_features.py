import numpy as np
import pytest

from unnoise.apply.features import Features
from unnoise.apply.hum import HumLines
from unnoise.signal.level import active_level_dbfs

from .inspect_sounds import coloured, mains, voice


def heard(sound, rate, size=10**9):
    features = Features(rate)
    for at in range(0, len(sound), size):
        features.add(sound[at : at + size])
    return features


@pytest.mark.parametrize("rate", [2000, 8000, 16000, 48000, 192000])
def test_as_many_at_every_rate(rate):
    vector = heard(voice(rate, 1.0), rate).vector()
    assert vector.shape == (224,) and np.isfinite(vector).all() and np.abs(vector).max() < 12


@pytest.mark.parametrize("size", [1, 777, 50_000])
def test_blocks_do_not_matter(size):
    sound = voice(16000, 1.0 if size > 1 else 0.2)
    assert np.allclose(heard(sound, 16000, size).vector(), heard(sound, 16000).vector(), atol=1e-9)


def test_level_does_not_matter():
    sound = voice(16000, 2.0) + 0.01 * coloured(16000, 2.0, -3)
    apart = heard(sound, 16000).vector() - heard(sound / 300, 16000).vector()
    assert np.abs(apart).max() < 0.1


def test_rate_hardly_matters():
    sound = voice(48000, 2.0)
    spectrum = np.fft.rfft(sound)
    low = np.fft.irfft(spectrum[: len(sound) // 6 + 1], len(sound) // 3) / 3
    narrow = np.fft.irfft(np.where(np.arange(len(spectrum)) < len(sound) // 6, spectrum, 0), len(sound))
    apart = heard(low, 16000).vector() - heard(narrow, 48000).vector()
    assert np.percentile(np.abs(apart), 90) < 0.2


@pytest.mark.parametrize("rate", [8000, 48000])
def test_active_level(rate):
    sound = voice(rate, 3.0)
    assert heard(sound, rate).active_level_dbfs() == pytest.approx(active_level_dbfs(sound, rate), abs=0.7)


def test_mean_power_adds_up():
    sound = 0.1 * coloured(16000, 2.0, 0)
    assert heard(sound, 16000).mean_power().sum() == pytest.approx(0.01, rel=0.03)


@pytest.mark.parametrize(("mains_hz", "place"), [(50, 0), (60, 2)])
@pytest.mark.parametrize("rate", [8000, 44100])
def test_hum_stands_out(mains_hz, place, rate):
    hum, speech = HumLines(rate), HumLines(rate)
    sound = voice(rate, 3.0)
    hum.add(sound + 0.03 * mains(rate, 3.0, mains_hz))
    speech.add(sound)
    assert hum.features()[place] > 1.5 > 1.0 > speech.features()[place]


def test_too_short_for_a_line():
    hum = HumLines(8000)
    hum.add(np.ones(100))
    assert not hum.features().any()
