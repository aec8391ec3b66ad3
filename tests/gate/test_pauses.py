import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unnoise.gate import find_pauses
from unnoise.gate.pauses import LADDER_DBFS


def with_pause(voice, rate, noise=0.01, seed=0):
    """Two seconds of voice, one of pause, two of voice."""
    rng = np.random.default_rng(seed)
    clean = np.concatenate([voice(rate, 2.0), np.zeros(rate, np.float32), voice(rate, 2.0, 1)])
    return (clean + noise * rng.standard_normal(len(clean))).astype(np.float32)


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
@pytest.mark.parametrize("noise", [0.0005, 0.005, 0.03])
@pytest.mark.parametrize("gain", [1.0, 0.01])
def test_finds_the_pause(voice, rate, noise, gain):
    pauses = find_pauses([with_pause(voice, rate, noise) * np.float32(gain)], rate)
    marked = np.zeros(5 * rate, bool)
    for start, stop in pauses.spans:
        marked[start:stop] = True
    assert marked[round(2.05 * rate) : round(2.95 * rate)].mean() > 0.9
    assert len(pauses.noise) == marked.sum() > rate / 10
    assert np.sqrt(np.mean(pauses.noise**2)) == pytest.approx(noise * gain, rel=0.3)


@settings(deadline=None, max_examples=15)
@given(size=st.integers(1, 9000))
def test_blocks_do_not_matter(size):
    rng = np.random.default_rng(0)
    sound = rng.standard_normal((12345, 2)) * (1 + 9 * (np.arange(12345)[:, None] % 4000 > 2500))
    whole = find_pauses([sound], 8000)
    parts = find_pauses((sound[i : i + size] for i in range(0, len(sound), size)), 8000)
    assert parts.spans == whole.spans
    assert np.array_equal(parts.noise, whole.noise)
    assert np.allclose(parts.profile.power, whole.profile.power)


def test_digital_silence_is_no_pause(voice):
    sound = with_pause(voice, 16000)
    sound[16000:24000] = 0
    spans = find_pauses([sound], 16000).spans
    assert spans and all(stop <= 16000 or start >= 24000 for start, stop in spans)


def test_offset_is_no_sound(voice):
    sound = with_pause(voice, 16000)
    assert find_pauses([sound + np.float32(0.2)], 16000).spans == find_pauses([sound], 16000).spans


def test_ladder_of_fixed_thresholds(voice):
    sound = with_pause(voice, 16000, noise=0.0005)  # -66 dBFS
    pauses = find_pauses([sound], 16000, ladder_dbfs=LADDER_DBFS)
    assert 20 * np.log10(np.sqrt(np.mean(pauses.noise**2))) == pytest.approx(-66, abs=1)
    loud = with_pause(voice, 16000, noise=0.05)
    assert find_pauses([loud], 16000, ladder_dbfs=(-90.0, -80.0)).spans == find_pauses([loud], 16000).spans


def test_kept_noise_is_bounded():
    rng = np.random.default_rng(0)
    blocks = (0.01 * rng.standard_normal((8000, 1)) for _ in range(100))
    pauses = find_pauses(blocks, 8000)
    assert 10 * 8000 < len(pauses.noise) <= 30 * 8000


@pytest.mark.parametrize("sound", [np.zeros(0), np.zeros(1), np.ones(50), np.zeros((9000, 2)), np.full(4000, np.nan)])
def test_nothing_to_find(sound):
    pauses = find_pauses([sound], 8000)
    assert pauses.spans == [] and len(pauses.noise) == 0
    assert np.isfinite(pauses.profile.power).all()


def test_no_blocks_at_all():
    assert find_pauses([], 8000).noise.shape == (0, 1)
