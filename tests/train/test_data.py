"""Banks that are made of what is there."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from unnoise.mix.bank import Bank, Clip
from unnoise.train.data import TRACK_S, babble_bank

RATE, SECONDS = 8000, 5


def test_babble_has_no_voice_twice_while_there_are_others(tmp_path):
    tones_hz = (400, 700, 1100, 1600)
    times_s = np.arange(SECONDS * RATE) / RATE
    sounds = [np.round(9000 * np.sin(2 * np.pi * hz * times_s)).astype(np.int16) for hz in tones_hz]
    clips = tuple(Clip(f"{k}", f"{k}", "", (k * len(times_s),), (len(times_s),)) for k in range(len(sounds)))
    babble = babble_bank(Bank(np.concatenate(sounds), clips, RATE, "tones"), 0, 80.0, tmp_path, lambda line: None)
    tracks = babble.samples.reshape(-1, TRACK_S * RATE)
    assert len(tracks) == 4
    for track in tracks:
        levels = np.abs(np.fft.rfft(track))[[TRACK_S * hz for hz in tones_hz]]
        assert levels.min() > 0.2 * levels.max()  # 6 dB apart, and a voice of several where more are drawn
