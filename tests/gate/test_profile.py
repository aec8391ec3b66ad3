import numpy as np
import pytest

from unnoise.errors import AudioShapeError, OptionError
from unnoise.gate import NoiseProfile, ProfileGate, find_pauses
from unnoise.gate.floor import NoiseFloor
from unnoise.gate.frames import power_spectra


def in_blocks(sound, size=1000):
    return (sound[i : i + size] for i in range(0, len(sound), size))


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_pause_falls_and_speech_stays(rate, voice, through, level_db):
    clean = np.concatenate([np.zeros(rate, np.float32), voice(rate, 3.0)])
    noisy = clean + 0.01 * np.random.default_rng(1).standard_normal(len(clean)).astype(np.float32)
    pauses = find_pauses(in_blocks(noisy), rate)
    for profile in (pauses.profile, NoiseProfile.from_noise(pauses.noise, rate)):
        out = through(ProfileGate(rate, 1, profile), noisy)[:, 0]
        quiet, loud = slice(rate // 10, rate * 9 // 10), slice(rate, None)
        assert level_db(noisy[quiet]) - level_db(out[quiet]) > 12
        assert level_db(noisy[loud]) - level_db(out[loud]) < 1
        error = level_db((out - clean)[loud]), level_db((noisy - clean)[loud])
        assert error[0] < error[1] - 3, "the gate must bring the sound nearer to the clean one"


def test_level_does_not_matter(voice, through):
    sound = voice(16000, 2.0) + 0.01 * np.random.default_rng(1).standard_normal(32000).astype(np.float32)
    loud = through(ProfileGate(16000, 1, find_pauses([sound], 16000).profile), sound)
    quiet = through(ProfileGate(16000, 1, find_pauses([sound / 1000], 16000).profile), sound / 1000)
    assert np.abs(quiet * 1000 - loud).max() < 10 ** (-40 / 20) * np.abs(loud).max()


def test_mean_power_of_white_noise(level_db):
    noise = 0.1 * np.random.default_rng(0).standard_normal((48000, 2)).astype(np.float32)
    profile = NoiseProfile.from_noise(noise, 16000)
    assert profile.power.shape == (321, 2)
    expected = 0.01 * 640 / 2  # variance times the sum of the squared window
    assert profile.power[5:-5].mean() == pytest.approx(expected, rel=0.03)
    assert np.allclose(profile.power, power_spectra(noise, 16000).mean(axis=0))


@pytest.mark.parametrize("samples", [50, 700])
def test_short_noise_is_not_taken_for_a_quiet_one(samples):
    noise = np.random.default_rng(0).choice([-0.1, 0.1], samples)
    assert NoiseProfile.from_noise(noise, 16000).power.mean() == pytest.approx(0.01 * 640 / 2, rel=0.5)


def test_noise_of_another_rate():
    noise = 0.1 * np.random.default_rng(0).standard_normal(32000)
    up = NoiseProfile.from_noise(noise, 16000, at_rate=48000)
    low, high = up.power[10:280].mean(), up.power[400:].mean()
    assert up.rate == 48000 and low > 1000 * high


def test_nonfinite_noise_counts_as_zero():
    noise = np.ones(4000)
    noise[5] = np.nan
    assert np.isfinite(NoiseProfile.from_noise(noise, 8000).power).all()


def test_floor_of_noise_under_speech(voice):
    noise = 0.02 * np.random.default_rng(0).standard_normal((16000 * 4, 1))
    floor = NoiseFloor(16000, 1)
    for block in in_blocks(noise + voice(16000, 4.0)[:, None], 777):
        floor.add(block)
    wrong_db = 10 * np.log10(floor.estimate()[4:-4, 0] / power_spectra(noise, 16000).mean(axis=0)[4:-4, 0])
    assert abs(np.median(wrong_db)) < 1.0
    assert np.percentile(np.abs(wrong_db), 90) < 3.0


def test_floor_does_not_care_about_blocks():
    noise = np.random.default_rng(0).standard_normal((9000, 2))
    whole, parts = NoiseFloor(16000, 2), NoiseFloor(16000, 2)
    whole.add(noise)
    for block in in_blocks(noise, 123):
        parts.add(block)
    assert np.allclose(whole.estimate(), parts.estimate())


def test_floor_of_silence_is_zero():
    floor = NoiseFloor(16000, 1)
    floor.add(np.zeros((16000, 1)))
    assert not floor.estimate().any()


def test_profiles_that_do_not_fit_are_refused():
    profile = NoiseProfile.from_noise(np.ones((1000, 2)), 16000)
    with pytest.raises(OptionError, match="16000 Hz"):
        ProfileGate(48000, 2, profile)
    with pytest.raises(OptionError, match="2 channels"):
        ProfileGate(16000, 3, profile)
    with pytest.raises(AudioShapeError, match="noise"):
        NoiseProfile.from_noise(np.zeros((0, 1)), 16000)
