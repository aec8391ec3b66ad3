"""A user's recordings are cut so that nothing that is measured was trained on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from tests.sounds import corpus, noise, voice
from unnoise import InputError
from unnoise.signal.level import active_level_dbfs
from unnoise.workflows import own_sounds
from unnoise.workflows.own_sounds import SHARES, SPEEDS, Piece, noise_bank, pieces, speech_bank

RATE = 16000


def cut(where: Path, **changes):
    options = {"noise": True, "seed": 1, "say": lambda text: None} | changes
    return pieces(where, RATE, **options)


def test_one_recording_of_noise_is_cut_in_three(tmp_path):
    whole = noise(10, RATE)
    sf.write(tmp_path / "fan.wav", whole, RATE, subtype="FLOAT")
    parts = cut(tmp_path / "fan.wav")
    assert [len(part) for part in parts] == [1, 1, 1]
    assert np.array_equal(np.concatenate([part[0].sound for part in parts]), whole)
    assert [len(part[0].sound) / len(whole) for part in parts] == pytest.approx(SHARES, abs=1e-3)


def test_no_speaker_is_in_two_parts(tmp_path):
    clean, _ = corpus(tmp_path, speakers=6)
    parts = cut(clean, noise=False)
    speakers = [{piece.group for piece in part} for part in parts]
    assert all(speakers)
    assert sum(map(len, speakers)) == len(set.union(*speakers)) == 6


def test_one_speaker_is_cut_by_time(tmp_path):
    sf.write(tmp_path / "me.wav", voice(20, RATE), RATE)
    parts = cut(tmp_path, noise=False)
    assert sum(len(piece.sound) for part in parts for piece in part) == 20 * RATE


@pytest.mark.parametrize(("seconds", "as_noise"), [(4.0, True), (8.0, False)])
def test_too_little_is_refused(tmp_path, seconds, as_noise):
    sf.write(tmp_path / "short.wav", voice(seconds, RATE), RATE)
    with pytest.raises(InputError, match="record more"):
        cut(tmp_path, noise=as_noise)


def test_silence_at_the_end_is_refused(tmp_path):
    sf.write(tmp_path / "a.wav", np.concatenate([noise(8, RATE), np.zeros(8 * RATE, np.float32)]), RATE)
    with pytest.raises(InputError, match="each part"):
        cut(tmp_path)


def test_broken_files_are_said_and_left_out(tmp_path):
    sf.write(tmp_path / "a.wav", noise(10, RATE), RATE)
    (tmp_path / "b.wav").write_bytes(b"nothing")
    said: list[str] = []
    assert all(cut(tmp_path, say=said.append))
    assert any("b.wav" in line for line in said)


def test_much_is_cut_to_what_there_is_time_for(tmp_path, monkeypatch):
    monkeypatch.setattr(own_sounds, "MOST_S", 12.0)
    for k in range(4):
        sf.write(tmp_path / f"{k}.wav", noise(6, RATE, k), RATE)
    parts = cut(tmp_path)
    assert sum(len(piece.sound) for part in parts for piece in part) == 12 * RATE
    again = cut(tmp_path)
    assert all(np.array_equal(a.sound, b.sound) for a, b in zip(parts[0], again[0], strict=True))


def test_tracks_are_long_and_do_not_clip():
    bank = noise_bank([noise(2, RATE), noise(25, RATE)], RATE, 1, "own")
    assert [clip.lengths[0] / RATE for clip in bank.clips] == [20, 25]
    for clip in bank.clips:
        track = bank.samples[clip.starts[0] : clip.starts[0] + clip.lengths[0]]
        assert np.abs(track).max() == pytest.approx(0.9 * 32767, abs=1)


def test_speech_is_at_one_level():
    bank = speech_bank([Piece(voice(3, RATE, k) * gain, "a") for k, gain in enumerate((0.01, 1.0))], RATE)
    for clip in bank.clips:
        assert clip.lengths == tuple(round(3 * RATE / speed) for speed in SPEEDS)
        for start, length, speed in zip(clip.starts, clip.lengths, SPEEDS, strict=True):
            sound = bank.samples[start : start + length].astype(np.float32) / 32767
            assert active_level_dbfs(sound, RATE) == pytest.approx(-26, abs=0.2 if speed == 1 else 0.6)
