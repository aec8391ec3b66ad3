"""Noises without recordings: the asked length and level, seeded, and of the character that they claim."""

from __future__ import annotations

import numpy as np
import pytest

from unnoise.mix.noises import NOISES, make_noise


@pytest.mark.parametrize("name", sorted(NOISES))
@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_length_level_and_seed(name, rate):
    one, two = (make_noise(name, rate, rate, np.random.default_rng(7)) for _ in range(2))
    other = make_noise(name, rate, rate, np.random.default_rng(8))
    assert one.shape == (rate,)
    assert one.dtype == np.float32
    assert np.sqrt(np.mean(one**2)) == pytest.approx(0.1, rel=1e-3)
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_hum_has_its_power_at_mains_harmonics():
    rate = 16000
    audio = make_noise("hum", 4 * rate, rate, np.random.default_rng(0))
    power = np.abs(np.fft.rfft(audio)) ** 2
    hz = np.fft.rfftfreq(len(audio), 1 / rate)
    shares = []
    for base in (50, 60):
        near = np.abs(hz - base * np.round(hz / base)) < 2.5
        shares.append(power[near & (hz > 30)].sum() / power.sum())
    assert max(shares) > 0.8


def test_knocks_are_sparse():
    audio = make_noise("knocks", 64000, 16000, np.random.default_rng(1))
    assert np.abs(audio).max() / 0.1 > 4  # crest factor of 12 dB at least
