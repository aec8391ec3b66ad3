"""Data sets on disk: same bytes from any number of processes, gone on with, apart by speaker and recording."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sounds import corpus
from unnoise.errors import InputError, OptionError, OutputError
from unnoise.files.side_by_side import Failed
from unnoise.mix.dataset import MANIFEST, PATHS, UNFINISHED, _write_sound, plan_dataset, write_dataset
from unnoise.mix.mixture import load, moved_to
from unnoise.mix.plan import Plan
from unnoise.mix.recordings import Recording, save


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return corpus(tmp_path_factory.mktemp("a corpus é"))


def _plan(noise, **changes):
    return Plan(noises=("hum", f"folder:folder={noise}"), damages=("clip",), **changes)


def _bytes(folder):
    files = sorted(p for p in folder.rglob("*.flac"))
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def _write(mixtures, folder, **options):
    return list(write_dataset(mixtures, folder, **options))


def test_same_bytes_whatever_the_jobs_and_after_an_interruption(folders, tmp_path):
    mixtures = plan_dataset(_plan(folders[1]), folders[0], 5)
    _write(mixtures, tmp_path / "one", with_clean=True)
    _write(mixtures, tmp_path / "two", with_clean=True, jobs=2)
    broken_off = write_dataset(mixtures, tmp_path / "three", with_clean=True)
    for _ in range(3):
        next(broken_off)
    broken_off.close()
    assert (tmp_path / "three" / UNFINISHED).exists()
    assert not (tmp_path / "three" / MANIFEST).exists()
    begun = {p: p.stat().st_mtime_ns for p in (tmp_path / "three").rglob("*.flac")}
    _write(plan_dataset(_plan(folders[1]), folders[0], 5), tmp_path / "three", with_clean=True)
    assert all(p.stat().st_mtime_ns == before for p, before in begun.items())  # what was whole was left alone
    one = _bytes(tmp_path / "one")
    assert one == _bytes(tmp_path / "two") == _bytes(tmp_path / "three")
    assert len(one) == 2 * len(mixtures)
    assert load(tmp_path / "one" / MANIFEST) == mixtures
    assert not (tmp_path / "one" / UNFINISHED).exists()
    other = plan_dataset(_plan(folders[1]), folders[0], 6)
    _write(other, tmp_path / "four", with_clean=True)
    assert not set(one.values()) & {v for k, v in _bytes(tmp_path / "four").items() if k.startswith("noisy")}


def test_the_manifest_renders_to_the_same_bytes_also_when_all_has_moved(folders, tmp_path):
    mixtures = plan_dataset(_plan(folders[1]), folders[0], 5)
    _write(mixtures, tmp_path / "one")
    link = tmp_path / "elsewhere"
    link.symlink_to(folders[0].parent)
    moved = [moved_to(m, str(folders[0].parent), str(link)) for m in load(tmp_path / "one" / MANIFEST)]
    assert all(m.speech[0].path.startswith(str(link)) for m in moved)
    _write(moved, tmp_path / "again")
    assert _bytes(tmp_path / "one" / "noisy") == _bytes(tmp_path / "again" / "noisy")
    paths = (tmp_path / "one" / PATHS).read_text().splitlines()
    assert sorted(paths) == sorted(m.speech[0].path for m in mixtures)


def test_another_data_set_is_not_mixed_in(folders, tmp_path):
    _write(plan_dataset(_plan(folders[1]), folders[0], 5), tmp_path / "one")
    other = plan_dataset(_plan(folders[1]), folders[0], 6)
    with pytest.raises(OutputError, match="other settings"):
        _write(other, tmp_path / "one")
    _write(other, tmp_path / "one", force=True)
    assert load(tmp_path / "one" / MANIFEST) == other


def test_force_leaves_nothing_of_the_data_set_before_also_when_interrupted(folders, tmp_path):
    def planned(seed):
        return plan_dataset(_plan(folders[1]), folders[0], seed, split=(50, 50))

    _write(planned(5), tmp_path / "one", with_clean=True, suffix=".wav")
    broken_off = write_dataset(planned(6), tmp_path / "one", force=True)
    next(broken_off)
    broken_off.close()
    _write(planned(6), tmp_path / "one")  # goes on
    _write(planned(6), tmp_path / "two")
    assert _bytes(tmp_path / "one") == _bytes(tmp_path / "two")
    assert not list((tmp_path / "one").rglob("*.wav"))


def test_long_names_and_names_that_are_no_text(tmp_path):
    clean = tmp_path / "clean"
    clean.mkdir()
    sf.write(clean / ("語" * 80 + ".wav"), 0.1 * np.sin(np.arange(4000) / 9), 16000)
    shutil.copy(next(clean.iterdir()), clean / os.fsdecode(b"\xe9.wav"))
    said = []
    mixtures = plan_dataset(Plan(noises=("white",)), clean, 0, say=said.append)
    assert len(said) == 1
    assert "UTF-8" in said[0]
    assert [result for _, result in _write(mixtures, tmp_path / "out")] == [0.25]


def test_names_never_meet(tmp_path):
    clean = tmp_path / "clean"
    clean.mkdir()
    for name in ("a.wav", "a.flac", "a-wav.wav", "b/a.wav"):
        (clean / name).parent.mkdir(exist_ok=True)
        sf.write(clean / name, 0.1 * np.sin(np.arange(4000)), 16000)
    assert len({m.name for m in plan_dataset(Plan(noises=("white",)), clean, 0)}) == 4
    recordings = [Recording(str(clean / "a.wav"), 0.1, 16000, start_s=0.1 * k, group="a") for k in (0, 1)]
    save(recordings, tmp_path / "m.jsonl")
    names = [m.name for m in plan_dataset(Plan(noises=("white",)), tmp_path / "m.jsonl", 0)]
    assert names == ["a", "a-100ms"]


def test_failures_are_told_and_the_rest_is_made(folders, tmp_path):
    clean = tmp_path / "clean"
    clean.mkdir()
    sf.write(clean / "silent.wav", np.zeros(16000), 16000)
    sf.write(clean / "good.wav", 0.1 * np.sin(np.arange(16000) / 9), 16000)
    (clean / "broken.wav").write_text("no sound")
    said = []
    mixtures = plan_dataset(Plan(noises=("white",)), clean, 0, say=said.append)
    assert "broken.wav" in said[0]
    results = {m.name: result for m, result in _write(mixtures, tmp_path / "out")}
    assert isinstance(results["silent"], Failed)
    assert results["good"] == 1.0
    assert [m.name for m in load(tmp_path / "out" / MANIFEST)] == ["good"]
    assert {p.name for p in (tmp_path / "out").rglob("*") if p.is_file()} == {MANIFEST, PATHS, "good.flac"}


def test_what_is_not_finite_is_not_written(tmp_path):
    with pytest.raises(InputError, match="not finite"):
        _write_sound(tmp_path / "x.flac", np.array([0.1, np.nan], np.float32), 16000)
    assert not list(tmp_path.iterdir())


def test_a_full_disk_ends_the_run_and_leaves_nothing_half(folders, tmp_path, monkeypatch):
    mixtures = plan_dataset(Plan(noises=("white",)), folders[0], 0)

    def full(*args, **kwargs):
        Path(args[0]).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("unnoise.mix.dataset.sf.write", full)
    monkeypatch.setattr("unnoise.mix.dataset.FULL_BYTES", 2**62)
    with pytest.raises(OutputError, match="disk is full"):
        _write(mixtures, tmp_path / "out")
    assert {p.name for p in (tmp_path / "out").rglob("*") if p.is_file()} == {UNFINISHED}


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), shares=st.sampled_from([(80, 10, 10), (50, 25, 25), (90, 10)]))
def test_no_speaker_and_no_noise_recording_is_in_two_parts(folders, seed, shares):
    mixtures = plan_dataset(_plan(folders[1], noises_per_item=(1, 3)), folders[0], seed, split=shares)
    seen: dict[str, str] = {}
    for mixture in mixtures:
        used = [mixture.group, *(p.path for noise in mixture.noises for p in noise.recordings)]
        assert all(seen.setdefault(name, mixture.subset) == mixture.subset for name in used)
    assert {m.subset for m in mixtures} == {"train", "valid", "test"} if len(shares) == 3 else {"train", "valid"}


def test_subsample(folders):
    def names(subsample):
        return {m.name for m in plan_dataset(Plan(noises=("white",)), folders[0], 0, subsample=subsample)}

    assert len(names(0.5)) == len(names(None)) / 2
    assert len(names(3)) == 3
    assert names(3) < names(0.5) < names(None)


def test_what_cannot_be_split_or_found_is_said(folders, tmp_path):
    with pytest.raises(InputError, match="check the path"):
        plan_dataset(Plan(noises=("white",)), tmp_path / "nowhere", 0)
    only = tmp_path / "noise"
    only.mkdir()
    sf.write(only / "one.wav", 0.1 * np.sin(np.arange(16000)), 16000)
    with pytest.raises(OptionError, match="as many noise recordings, and there are 1"):
        plan_dataset(_plan(only), folders[0], 0, split=(80, 10, 10))


def test_mixed_rates_short_noise_and_a_broken_noise_file(tmp_path):
    clean, noise = tmp_path / "two words" / "ä", tmp_path / "noise"
    for folder, rate in ((clean / "a", 8000), (clean / "b", 44100)):
        folder.mkdir(parents=True)
        sf.write(folder / "same.wav", 0.1 * np.sin(np.arange(2 * rate) / 9), rate)
    noise.mkdir()
    sf.write(noise / "short.wav", 0.1 * np.random.default_rng(0).standard_normal((3000, 2)), 22050)
    (noise / "broken.wav").write_text("no sound")
    said = []
    plan = Plan(noises=(f"folder:folder={noise}",), snr_db=(5, 5))
    mixtures = plan_dataset(plan, tmp_path / "two words", 0, say=said.append)
    assert len(said) == 1
    results = {m.name: result for m, result in _write(mixtures, tmp_path / "out")}
    assert list(results.values()) == [2.0, 2.0]
    infos = {p.parent.name: sf.info(p) for p in (tmp_path / "out/noisy").rglob("*.flac")}
    assert {name: (info.samplerate, info.frames) for name, info in infos.items()} == {
        "a": (8000, 16000),
        "b": (44100, 88200),
    }
    one_rate = plan_dataset(Plan(noises=("white",), rate=16000), tmp_path / "two words", 0)
    assert [(m.rate, m.samples) for m in one_rate] == [(16000, 32000)] * 2
