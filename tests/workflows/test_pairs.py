"""Mixtures to measure on: the SNR that is said, the same each time, no silence taken for speech."""

from __future__ import annotations

import numpy as np
import pytest

from tests.sounds import noise, voice
from unnoise import InputError
from unnoise.metrics.si_sdr import si_sdr
from unnoise.signal.level import active_level_dbfs, dbfs
from unnoise.workflows.pairs import KNOWN, known_pairs, mixed, own_pairs, shipped_speech

RATE = 16000


@pytest.mark.parametrize("snr_db", [-5.0, 0.0, 12.0])
def test_the_snr_is_over_active_speech(snr_db):
    clean, noisy = mixed(voice(3, RATE), noise(3, RATE), RATE, snr_db)
    assert active_level_dbfs(clean, RATE) == pytest.approx(-26, abs=0.01)
    assert active_level_dbfs(clean, RATE) - dbfs(noisy - clean) == pytest.approx(snr_db, abs=0.01)


def test_what_is_known_is_the_same_each_time_and_in_two_parts():
    first, again, other = known_pairs(RATE, 0), known_pairs(RATE, 0), known_pairs(RATE, 1)
    assert first.kinds == KNOWN
    assert np.array_equal(first.noisy, again.noisy)
    assert not any(np.allclose(a, b) for a, b in zip(first.clean, other.clean, strict=True))
    assert np.isfinite(first.scores_db(lambda sound: sound)).all()


def test_scores_are_those_of_the_metric():
    pairs = known_pairs(8000, 1)
    found = pairs.scores_db(lambda sound: sound - 0.5 * (sound - pairs.clean))
    wanted = [si_sdr(c, c + 0.5 * (n - c)) for c, n in zip(pairs.clean, pairs.noisy, strict=True)]
    assert found == pytest.approx(wanted, abs=1e-3)


def test_own_pairs_take_the_sounds_given():
    speech, own = [voice(6, RATE), np.zeros(6 * RATE, np.float32)], [noise(1, RATE)]
    pairs = own_pairs(speech, own, RATE, 6, seed=3)
    assert pairs.noisy.shape == (6, 4 * RATE)
    noisy_db = pairs.scores_db(lambda sound: sound)
    assert np.isfinite(noisy_db).all()  # the silent recording was never chosen
    assert np.array_equal(pairs.noisy, own_pairs(speech, own, RATE, 6, seed=3).noisy)


def test_silence_is_no_speech():
    with pytest.raises(InputError, match="silent"):
        own_pairs([np.zeros(RATE, np.float32)], [noise(1, RATE)], RATE, 1, seed=0)


def test_the_voice_comes_along():
    assert shipped_speech().is_file()
