"""What every gate promises: the same samples at the same place, whatever the blocks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unnoise.errors import AudioShapeError, OptionError, UnnoiseError
from unnoise.gate import NoiseProfile, ProfileGate, ThresholdGate

from .voices import make_voice

RATES = [2000, 8000, 11025, 16000, 44100, 48000, 96000, 192000, 1_000_000]


def profile_gate(rate, channels, **options):
    noise = 0.01 * np.random.default_rng(9).standard_normal((rate, 1))
    return ProfileGate(rate, channels, NoiseProfile.from_noise(noise, rate), **options)


GATES = [profile_gate, ThresholdGate]


def noisy(rate, seconds, channels=1, seed=0):
    rng = np.random.default_rng(seed)
    voices = [make_voice(rate, seconds, seed + c) for c in range(channels)]
    return (np.stack(voices, axis=1) + 0.01 * rng.standard_normal((len(voices[0]), channels))).astype(np.float32)


@pytest.mark.parametrize("make", GATES)
@settings(deadline=None, max_examples=15)
@given(
    sizes=st.lists(st.integers(1, 5000), min_size=1, max_size=6),
    rate=st.sampled_from([8000, 11025, 16000]),
    seed=st.integers(0, 3),
)
def test_stream_equals_whole(make, sizes, rate, seed):
    sound = noisy(rate, 0.7, 2, seed)
    gate = make(rate, 2)
    whole = np.concatenate([gate.process(sound), gate.flush()])
    gate.reset()
    parts, at = [], 0
    while at < len(sound):
        size = sizes[len(parts) % len(sizes)]
        parts.append(gate.process(sound[at : at + size]))
        assert len(parts[-1]) == len(sound[at : at + size])
        at += size
    parts.append(gate.flush())
    assert np.abs(np.concatenate(parts) - whole).max() < 1e-5
    assert len(whole) == len(sound) + gate.latency


@pytest.mark.parametrize("make", GATES)
@pytest.mark.parametrize("rate", RATES)
def test_untouched_path_is_exact_at_any_rate(make, rate, through):
    sound = np.random.default_rng(1).standard_normal((round(rate * 0.13) + 7, 1))
    gate = make(rate, 1, strength=0.0)
    assert gate.latency / rate <= 0.060
    assert np.abs(through(gate, sound) - sound).max() < 1e-5


@pytest.mark.parametrize("make", GATES)
@pytest.mark.parametrize("length", [0, 1, 2, 479, 480])
def test_short_sounds_keep_their_length(make, length, through):
    sound = np.full((length, 1), 0.1, np.float32)
    assert through(make(48000, 1), sound).shape == (length, 1)


@pytest.mark.parametrize("make", GATES)
def test_silence_gives_silence(make, through):
    assert not through(make(16000, 2), np.zeros((16000, 2), np.float32)).any()


@pytest.mark.parametrize("make", GATES)
def test_zero_lag(make, through):
    sound = noisy(16000, 1.5)[:, 0]
    out = through(make(16000, 1), sound)[:, 0]
    lags = range(-20, 21)
    match = [np.dot(sound[100:-100], np.roll(out, lag)[100:-100]) for lag in lags]
    assert lags[int(np.argmax(match))] == 0


@pytest.mark.parametrize("make", GATES)
def test_nonfinite_samples_count_as_zero(make, through):
    sound = noisy(16000, 0.5)
    bad = sound.copy()
    bad[[100, 3000, 3001], 0] = [np.nan, np.inf, -np.inf]
    sound[[100, 3000, 3001]] = 0
    expected = through(make(16000, 1), sound)
    gate = make(16000, 1)
    assert np.array_equal(through(gate, bad), expected)
    assert gate.nonfinite_samples == 3


@pytest.mark.parametrize("make", GATES)
def test_absurdly_loud_samples_do_no_lasting_harm(make, through):
    sound = np.tile(noisy(16000, 0.5), (6, 1)).astype(np.float64)
    loud = sound.copy()
    loud[100] = 1e300
    out = through(make(16000, 1), loud)
    assert np.isfinite(out).all()


@pytest.mark.parametrize("make", GATES)
def test_flush_ends_and_reset_begins_anew(make):
    gate, sound = make(16000, 1), noisy(16000, 0.3)
    first = [gate.process(sound), gate.flush()]
    with pytest.raises(UnnoiseError, match="reset"):
        gate.process(sound)
    gate.reset()
    again = [gate.process(sound), gate.flush()]
    assert np.array_equal(np.concatenate(first), np.concatenate(again))
    assert make(16000, 2).flush().shape == (gate.latency, 2)


@pytest.mark.parametrize("make", GATES)
def test_channels_are_gated_by_themselves(make, through):
    sound = noisy(16000, 0.8, 3)
    together = through(make(16000, 3), sound)
    for c in range(3):
        assert np.abs(through(make(16000, 1), sound[:, c]) - together[:, [c]]).max() < 1e-6


@pytest.mark.parametrize("make", GATES)
def test_prefix_law(make):
    sound = noisy(16000, 1.0)
    long, short = make(16000, 1), make(16000, 1)
    assert np.abs(long.process(sound)[:9000] - short.process(sound[:9000])).max() < 1e-6


@pytest.mark.parametrize("make", GATES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_type_and_shape_come_back(make, dtype):
    gate = make(8000, 1)
    assert gate.process(np.zeros(100, dtype)).shape == (100,)
    assert gate.process(np.zeros((100, 1), dtype)).dtype == dtype


@pytest.mark.parametrize("make", GATES)
def test_limit_bounds_the_loss(make, through, level_db):
    hiss = 0.01 * np.random.default_rng(3).standard_normal((16000, 1))
    out = through(make(16000, 1, max_attenuation_db=6.0), hiss)
    assert level_db(hiss) - level_db(out) <= 6.05


@pytest.mark.parametrize("make", GATES)
@pytest.mark.parametrize(
    ("block", "words"),
    [
        (np.zeros(10, np.int16), "int16"),
        (np.zeros((10, 3), np.float32), "3"),
        (np.zeros((2, 2, 2)), "2, 2, 2"),
    ],
)
def test_wrong_blocks_are_refused(make, block, words):
    with pytest.raises(AudioShapeError, match=words):
        make(8000, 2).process(block)


@pytest.mark.parametrize(("rate", "channels"), [(1999, 1), (1_000_001, 1), (8000, 0), (8000, 65)])
def test_impossible_streams_are_refused(rate, channels):
    with pytest.raises(OptionError, match=str(rate if channels == 1 else channels)):
        ThresholdGate(rate, channels)


@pytest.mark.parametrize("options", [{"strength": 2.0}, {"max_attenuation_db": -1.0}])
@pytest.mark.parametrize("make", GATES)
def test_impossible_options_name_themselves(make, options):
    with pytest.raises(OptionError, match=next(iter(options))):
        make(8000, 1, **options)
