"""Odd and broken files, full disks, targets in the way: one line, and nothing left behind."""

import os
import struct
import subprocess

import numpy as np
import pytest

from unnoise.errors import InputError, OptionError, OutputError
from unnoise.files import RawFormat, SoundInfo, open_source, open_target

from .sounds import chirp, drawn, noise, passed, store

INFO = SoundInfo(16000, 1, 100, "WAV", "PCM_16")


def names(folder):
    return sorted(p.name for p in folder.rglob("*"))


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", "ogg"])
@pytest.mark.parametrize("content", [b"", b"Dear all, this is no sound.\n" * 20, b"RIFF", b"fLaC"])
def test_what_is_no_sound_is_refused_in_one_line(tmp_path, ending, content):
    path = tmp_path / f"text.{ending}"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        open_source(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_missing_folder_and_forbidden(tmp_path):
    for path in (tmp_path / "missing.wav", tmp_path):
        with pytest.raises(InputError, match=str(path)):
            open_source(path)


@pytest.mark.parametrize("ending", ["wav", "aiff", "au", "w64", "mp3", "flac"])
def test_a_cut_file_gives_what_is_there_and_says_so(tmp_path, ending):
    path = store(tmp_path / f"a.{ending}", noise(40000), 16000)
    whole, _ = drawn(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    for block in (500, 10**6):
        part, source = drawn(path, block=block)
        assert 0 < len(part) < 40000
        assert np.allclose(part[: len(part) - 2000], whole[: len(part) - 2000], atol=1e-3)
        (warning,) = source.warnings
        assert "40000" in warning and str(len(part)) in warning


@pytest.mark.parametrize("ending", ["ogg", "opus"])
def test_a_cut_ogg_is_said_too(tmp_path, ending):
    path = store(tmp_path / f"a.{ending}", noise(200_000), 48000)
    assert drawn(path)[1].warnings == []
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    part, source = drawn(path)
    (warning,) = source.warnings
    assert 0 < len(part) < 200_000 and str(len(part)) in warning


def test_an_mp3_without_a_count_is_read_to_its_end(tmp_path):
    path = store(tmp_path / "a.mp3", noise(30000), 16000)
    data = path.read_bytes()
    second = data.index(data[:2], 50)  # the first frame only counts the others
    path.write_bytes(data[second:])
    audio, source = drawn(path)
    assert len(audio) % 576 == 0 and len(audio) >= 30000  # all frames, nothing cut away
    assert source.info.samples == len(audio) and source.warnings == []


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF])
def test_a_wav_whose_recorder_never_wrote_the_size(tmp_path, size):
    path = store(tmp_path / "a.wav", noise(1000))
    data = bytearray(path.read_bytes())
    data[4:8] = data[40:44] = struct.pack("<I", size)
    path.write_bytes(data)
    audio, source = drawn(path)
    assert len(audio) == 1000 and source.warnings == []


def test_a_flac_that_names_no_length(tmp_path):
    path = store(tmp_path / "a.flac", noise(9000))
    data = bytearray(path.read_bytes())
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    path.write_bytes(data)
    audio, source = drawn(path)
    assert source.info.samples == -1 and len(audio) == 9000
    passed(path, tmp_path / "b.wav")
    assert len(drawn(tmp_path / "b.wav")[0]) == 9000


def test_start_and_duration(tmp_path):
    path = store(tmp_path / "a.flac", noise(16000))
    whole, _ = drawn(path)
    part, source = drawn(path, start_s=0.25, duration_s=0.5)
    assert source.info.samples == 8000
    assert np.array_equal(part, whole[4000:12000])
    assert len(drawn(path, start_s=0.9, duration_s=5)[0]) == 1600
    with pytest.raises(InputError, match=r"1\.00 s long"):
        open_source(path, start_s=2)
    with pytest.raises(OptionError):
        open_source(path, start_s=-1)


@pytest.mark.parametrize("ending", ["ogg", "opus", "mp3"])
def test_start_in_a_lossy_file_is_exact(tmp_path, ending):
    path = store(tmp_path / f"a.{ending}", chirp(48000, 48000), 48000)
    whole, _ = drawn(path)
    part, _ = drawn(path, start_s=0.4)
    assert len(part) == 28800
    assert np.abs(part - whole[19200:]).max() < 0.02


@pytest.mark.parametrize("how", ["same", "symlink", "hardlink", "detour"])
def test_the_input_is_never_overwritten(tmp_path, how):
    path = store(tmp_path / "a.wav", noise(100))
    before = path.read_bytes()
    target = tmp_path / "b.wav"
    if how == "symlink":
        target.symlink_to(path)
    elif how == "hardlink":
        os.link(path, target)
    else:
        target = path if how == "same" else tmp_path / ".." / tmp_path.name / "a.wav"
    with pytest.raises(OutputError, match="input"):
        passed(path, target, force=True)
    assert path.read_bytes() == before


def test_a_target_that_exists_needs_force(tmp_path):
    path = store(tmp_path / "a.wav", noise(100))
    (tmp_path / "b.wav").write_text("mine")
    with pytest.raises(OutputError, match=r"exists; use --force"):
        passed(path, tmp_path / "b.wav")
    assert (tmp_path / "b.wav").read_text() == "mine"
    passed(path, tmp_path / "b.wav", force=True)
    assert (tmp_path / "b.wav").read_bytes()[:4] == b"RIFF"
    with pytest.raises(OutputError, match="folder"):
        passed(path, tmp_path, force=True)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_whatever_goes_wrong_nothing_is_left(tmp_path, error):
    with pytest.raises(error), open_target(tmp_path / "new/er/b.wav", INFO) as target:
        target.write(noise(50))
        raise error
    assert names(tmp_path) == []


def test_the_name_appears_only_when_all_is_written(tmp_path):
    with open_target(tmp_path / "b.wav", INFO) as target:
        target.write(noise(50))
        assert not (tmp_path / "b.wav").exists()
    assert names(tmp_path) == ["b.wav"]


def test_a_target_made_by_somebody_else_meanwhile_is_left_alone(tmp_path):
    with pytest.raises(OutputError, match="exists"), open_target(tmp_path / "b.wav", INFO) as target:
        target.write(noise(50))
        (tmp_path / "b.wav").write_text("mine")
    assert (tmp_path / "b.wav").read_text() == "mine" and names(tmp_path) == ["b.wav"]


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"cannot be written"):
        open_target(tmp_path / "file" / "b.wav", INFO)
    with pytest.raises(OutputError, match=r"/proc/"):
        open_target("/proc/b.wav", INFO)


@pytest.fixture
def tiny_disk(tmp_path):
    """A disk of 64 kB, where this machine lets one be made."""
    (tmp_path / "disk").mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path / "disk")],
        capture_output=True,
        check=False,
    )
    if made.returncode != 0:
        pytest.skip("no right to mount a small disk")
    yield tmp_path / "disk"
    subprocess.run(["umount", str(tmp_path / "disk")], check=False)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg", "a.opus", "a.mp3", "a.aiff"])
def test_a_full_disk_is_said_and_nothing_is_left(tiny_disk, name):
    info = SoundInfo(48000, 1, 480000, "WAV", "PCM_16")
    with (
        pytest.raises(OutputError, match=r"No space left") as caught,
        open_target(tiny_disk / name, info) as target,
    ):
        for _ in range(10):
            target.write(noise(48000))
    assert "\n" not in str(caught.value) and name in str(caught.value)
    assert names(tiny_disk) == []


def test_raw_format_is_checked():
    for bad in ((0, 1, "s16le"), (8000, 0, "s16le"), (8000, 1, "s16be")):
        with pytest.raises(OptionError):
            RawFormat(*bad)
