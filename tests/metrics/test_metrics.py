"""Measures against closed forms, and what they do where they are undefined."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.sounds import noise, voice
from unnoise.metrics import METRICS, measure
from unnoise.metrics.si_sdr import si_sdr
from unnoise.metrics.speech_loss import speech_loss_db

RATE = 16000


def test_every_metric_keeps_its_range():
    pytest.importorskip("pesq")
    pytest.importorskip("pystoi")
    clean = voice(2, RATE)
    for name, metric in METRICS.items():
        assert metric.lowest - 1e-6 <= measure(name, clean, clean, RATE) <= metric.highest + 1e-6, name


@pytest.mark.parametrize("snr_db", [-10, 0, 20])
def test_si_sdr_of_orthogonal_noise_is_the_snr(snr_db):
    clean, rest = np.random.default_rng(0).standard_normal((2, 50000))
    clean -= clean.mean()
    rest -= rest.mean()
    rest -= (rest @ clean) / (clean @ clean) * clean
    rest *= np.sqrt((clean @ clean) / (rest @ rest)) * 10 ** (-snr_db / 20)
    assert si_sdr(clean, 3 * (clean + rest)) == pytest.approx(snr_db, abs=1e-6)


def test_speech_loss_counts_what_is_taken():
    clean = voice(3, RATE)
    assert speech_loss_db(clean, clean, RATE) == pytest.approx(0, abs=1e-9)
    assert speech_loss_db(clean, 0.5 * clean, RATE) == pytest.approx(-6.02, abs=0.01)
    assert speech_loss_db(clean, np.zeros_like(clean), RATE) == pytest.approx(-60)


def test_silence_has_no_score():
    silent = np.zeros(RATE, np.float32)
    assert math.isnan(si_sdr(silent, voice(1, RATE)))
    assert math.isnan(speech_loss_db(silent, silent, RATE))


def test_perceptual_measures_order_signals():
    pytest.importorskip("pesq")
    pytest.importorskip("pystoi")
    from unnoise.metrics.pesq import pesq_wb
    from unnoise.metrics.stoi import stoi

    clean = voice(4, RATE)
    little, much = clean + 0.1 * noise(4, RATE), clean + noise(4, RATE)
    assert pesq_wb(clean, clean, RATE) > pesq_wb(clean, little, RATE) > pesq_wb(clean, much, RATE)
    assert stoi(clean, little, RATE) > stoi(clean, much, RATE)
    assert math.isnan(pesq_wb(np.zeros(4 * RATE, np.float32), clean, RATE))
