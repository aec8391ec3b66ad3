import numpy as np
import pytest

from unnoise.errors import OptionError
from unnoise.gate import ThresholdGate


@pytest.mark.parametrize("rate", [8000, 48000])
def test_pause_falls_and_speech_stays(rate, voice, through, level_db):
    clean = np.concatenate([np.zeros(rate, np.float32), voice(rate, 3.0)])
    noisy = clean + 0.01 * np.random.default_rng(1).standard_normal(len(clean)).astype(np.float32)
    out = through(ThresholdGate(rate, 1), noisy)[:, 0]
    quiet = slice(rate // 10, rate * 9 // 10)
    assert level_db(noisy[quiet]) - level_db(out[quiet]) > 9
    assert abs(level_db(noisy[rate:]) - level_db(out[rate:])) < 1


def test_a_voice_at_the_very_start_stays(voice, through, level_db):
    sound = np.tile(voice(16000, 0.25), 4) + np.float32(1e-4)
    out = through(ThresholdGate(16000, 1), sound)[:, 0]
    assert level_db(sound[:4000]) - level_db(out[:4000]) < 3


def test_level_does_not_matter_even_after_silence(voice, through):
    sound = voice(16000, 1.5)
    late = np.concatenate([np.zeros(16000, np.float32), sound / 1000])
    out, quiet = through(ThresholdGate(16000, 1), sound), through(ThresholdGate(16000, 1), late)[16000:]
    assert np.abs(quiet * 1000 - out)[3200:].max() < 0.02 * np.abs(out).max()


def test_higher_threshold_takes_more(voice, through, level_db):
    sound = voice(16000, 2.0) + 0.02 * np.random.default_rng(0).standard_normal(32000).astype(np.float32)
    levels = [level_db(through(ThresholdGate(16000, 1, threshold_db=t), sound)) for t in (0.0, 9.0, 30.0)]
    assert levels[0] > levels[1] > levels[2]


@pytest.mark.parametrize(
    "options", [{"quantile": 0.0}, {"quantile": 1.0}, {"threshold_db": -1.0}, {"threshold_db": 61}]
)
def test_impossible_options_name_themselves(options):
    with pytest.raises(OptionError, match=next(iter(options))):
        ThresholdGate(16000, 1, **options)
