"""Decoding a folder once, and splitting it so that nothing leaks."""

from __future__ import annotations

import errno
import json
import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile as sf
from hypothesis import given
from hypothesis import strategies as st

import unnoise.mix.bank
from tests.sounds import corpus, noise, voice
from unnoise.errors import InputError, OutputError
from unnoise.mix.bank import Bank, Clip, load_bank, split
from unnoise.mix.groups import recording_of, speaker_of
from unnoise.mix.recordings import find, read, save


def test_a_bank_holds_what_the_files_hold(tmp_path):
    clean, _ = corpus(tmp_path)
    bank = load_bank(clean, tmp_path / "cache", 16000)
    assert {clip.group for clip in bank.clips} == {f"speaker{k}" for k in range(4)}
    clip = bank.clips[0]
    stored = bank.samples[clip.starts[0] : clip.starts[0] + clip.lengths[0]] / 32767
    wanted, _ = sf.read(clean / clip.name)
    assert np.abs(stored - wanted).max() < 1e-4


def test_the_second_time_nothing_is_decoded(tmp_path):
    clean, _ = corpus(tmp_path)
    said: list[str] = []
    first = load_bank(clean, tmp_path / "cache", 16000, say=said.append)
    assert said
    said.clear()
    second = load_bank(clean, tmp_path / "cache", 16000, say=said.append)
    assert not said
    assert np.array_equal(first.samples, second.samples)


def test_another_run_may_build_the_same_meanwhile(tmp_path, monkeypatch):
    clean, _ = corpus(tmp_path)
    own = shutil.copytree
    first = load_bank(clean, tmp_path / "cache", 16000)
    own(tmp_path / "cache", tmp_path / "other")
    shutil.rmtree(tmp_path / "cache")

    def late(recording):  # the other run is done before this one
        if not (tmp_path / "cache" / first.digest).exists():
            own(tmp_path / "other" / first.digest, tmp_path / "cache" / first.digest)
        return read(recording)

    monkeypatch.setattr(unnoise.mix.bank, "read", late)
    second = load_bank(clean, tmp_path / "cache", 16000)
    assert np.array_equal(first.samples, second.samples)
    assert not list((tmp_path / "cache").glob(".building*"))


def test_a_full_disk_is_one_line(tmp_path, monkeypatch):
    clean, _ = corpus(tmp_path)

    def full(path, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OutputError, match=r"No space left on device.*--cache"):
        load_bank(clean, tmp_path / "cache", 16000)
    assert not list((tmp_path / "cache").iterdir())


def test_speed_changes_length_and_pitch(tmp_path):
    (tmp_path / "in").mkdir()
    tone = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(16000) / 16000)
    sf.write(tmp_path / "in/tone.wav", tone, 16000)
    bank = load_bank(tmp_path / "in", tmp_path / "c", 16000, speeds=(1.0, 1.25))
    clip = bank.clips[0]
    fast = bank.samples[clip.starts[1] : clip.starts[1] + clip.lengths[1]].astype(float)
    assert clip.lengths[1] == pytest.approx(16000 / 1.25, abs=2)
    peak_hz = np.argmax(np.abs(np.fft.rfft(fast))) * 16000 / len(fast)
    assert peak_hz == pytest.approx(1250, abs=2)


def test_a_broken_file_is_said_and_left_out(tmp_path):
    clean, _ = corpus(tmp_path, speakers=1)
    (clean / "speaker0/broken.wav").write_text("no sound")
    sf.write(clean / "speaker0/silent.wav", np.zeros(16000), 16000)
    said: list[str] = []
    bank = load_bank(clean, tmp_path / "c", 16000, say=said.append)
    assert len(bank.clips) == 2
    assert sum("left out" in line for line in said) == 2


def test_no_folder_and_no_sound_are_clear(tmp_path):
    with pytest.raises(InputError, match="nowhere"):
        load_bank(tmp_path / "nowhere", tmp_path / "c", 16000)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="found none"):
        load_bank(tmp_path / "empty", tmp_path / "c", 16000)


def test_a_loop_has_no_click(tmp_path):
    (tmp_path / "n").mkdir()
    ramp = np.linspace(-0.9, 0.9, 16000)  # its end is as far from its beginning as can be
    sf.write(tmp_path / "n/ramp.wav", ramp, 16000)
    bank = load_bank(tmp_path / "n", tmp_path / "c", 16000, noise=True, loop=True)
    looped = bank.samples.astype(float) / 32767
    assert np.abs(np.diff(np.concatenate([looped, looped[:2]]))).max() < 0.02


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("rain/esc10__1-172649-a.ogg", "172649"),
        ("rain/esc10__1-172649-b.ogg", "172649"),
        ("doors/door-3.wav", "doors/door-3"),
        ("DKITCHEN/ch01.wav", "DKITCHEN"),
        ("DKITCHEN/ch02.wav", "DKITCHEN"),
        ("fan.wav", "fan"),
    ],
)
def test_cuts_of_one_recording_share_a_group(path, group):
    assert recording_of(Path(path)) == group


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("61/70968/61-70968-0000.flac", "61"),
        ("train-clean-100/61/70970/61-70970-0003.flac", "train-clean-100/61"),
        ("p225/p225_001.wav", "p225"),
        ("speechocean762/0001/000010035.ogg", "speechocean762/0001"),
        ("alone.wav", "alone"),
    ],
)
def test_chapters_of_one_speaker_share_a_group(path, group):
    assert speaker_of(Path(path)) == group


@given(
    sizes=st.lists(st.tuples(st.integers(0, 30), st.integers(100, 9000)), min_size=2, max_size=60),
    share=st.floats(0.02, 0.5),
)
def test_no_group_is_on_both_sides(sizes, share):
    clips = tuple(Clip(f"{k}", f"g{group}", "", (0,), (n,)) for k, (group, n) in enumerate(sizes))
    train, valid = split(Bank(np.zeros(1, np.int16), clips, 16000, ""), share)
    groups = ({c.group for c in train.clips}, {c.group for c in valid.clips})
    assert train.clips
    assert valid.clips
    if len({c.group for c in clips}) > 1:
        assert not groups[0] & groups[1]
        assert len(train.clips) + len(valid.clips) == len(clips)


def test_voices_are_voices():
    assert np.abs(voice(1, 16000)).max() < 1
    assert noise(1, 16000).std() == pytest.approx(0.05, rel=0.05)


def test_a_manifest_or_cuts_in_place_of_a_folder(tmp_path):
    clean, _ = corpus(tmp_path, speakers=2)
    recordings = find(clean)
    half = [msgspec.structs.replace(r, start_s=0.5, seconds=1.0, group="g") for r in recordings[:2]]
    save([*recordings, *half], tmp_path / "all.jsonl")
    bank = load_bank(tmp_path / "all.jsonl", tmp_path / "c", 16000)
    assert [c.name.partition("clean/")[2] for c in bank.clips[-2:]] == [f"speaker0/{k}.wav@0.5s" for k in range(2)]
    whole, cut = bank.clips[0], bank.clips[-2]
    assert cut.lengths == (16000,)
    begin = whole.starts[0] + 8000
    assert np.array_equal(bank.samples[begin : begin + 16000], bank.samples[cut.starts[0] : cut.starts[0] + 16000])
    cuts = tmp_path / "cuts.jsonl"
    source = {"type": "file", "channels": [0], "source": recordings[0].path}
    recording = {"id": "a", "sources": [source], "sampling_rate": 16000, "num_samples": 40000, "duration": 2.5}
    supervision = {"id": "s", "recording_id": "a", "start": 0, "duration": 1.0, "channel": 0, "speaker": "ann"}
    cut_of = {"id": "c", "start": 0.5, "duration": 1.0, "channel": 0, "supervisions": [supervision]}
    cuts.write_text(json.dumps({**cut_of, "recording": recording, "type": "MonoCut"}) + "\n")
    clips = load_bank(cuts, tmp_path / "c", 16000).clips
    assert [(c.group, c.lengths) for c in clips] == [("ann", (16000,))]


def test_what_is_16_bit_stays_as_it_is(tmp_path):
    pcm = np.random.default_rng(0).integers(-32768, 32767, 4000, dtype=np.int16)
    (tmp_path / "in").mkdir()
    sf.write(tmp_path / "in/a.wav", pcm, 16000, subtype="PCM_16")
    bank = load_bank(tmp_path / "in", tmp_path / "c", 16000)
    assert np.array_equal(bank.samples, pcm)
