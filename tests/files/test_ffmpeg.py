"""m4a, mp4, webm: through ffmpeg where there is one, else a line that says what to install."""

import json
import shutil
import subprocess

import numpy as np
import pytest

from unnoise.errors import InputError, OutputError
from unnoise.files import SoundInfo, open_source, open_target

from .sounds import chirp, drawn, lag, noise, passed, store

needs_ffmpeg = pytest.mark.skipif(not shutil.which("ffmpeg") or not shutil.which("ffprobe"), reason="no ffmpeg")


def make(path, *options):
    """A second of sound through ffmpeg; options come before the sound."""
    wav = store(path.parent / "made.wav", chirp(48000, 48000), 48000)
    subprocess.run(["ffmpeg", "-v", "error", "-y", *options, "-i", wav, "-metadata", "title=Ü", path], check=True)
    return path


@needs_ffmpeg
@pytest.mark.parametrize(("ending", "exact"), [("m4a", True), ("mka", False), ("webm", False), ("aac", False)])
def test_the_same_kind_comes_out_without_lag(tmp_path, ending, exact):
    source = make(tmp_path / f"a.{ending}")
    passed(source, tmp_path / f"b.{ending}")
    x, first = drawn(source)
    y, second = drawn(tmp_path / f"b.{ending}")
    assert lag(y[:, 0], x[:, 0]) == 0 and abs(len(x) - len(y)) <= (0 if exact else 1024)
    assert first.info.subtype == second.info.subtype and first.info.rate == second.info.rate
    assert not exact or (len(x) == first.info.samples == 48000 and second.texts["title"] == "Ü")


@needs_ffmpeg
def test_the_pictures_of_a_video_are_kept(tmp_path):
    source = make(tmp_path / "a.mp4", "-f", "lavfi", "-i", "testsrc=d=1:s=32x32")
    assert passed(source, tmp_path / "b.mp4") == []
    told = ["ffprobe", "-v", "error", "-show_entries", "stream=codec_type", "-of", "json", tmp_path / "b.mp4"]
    kinds = [s["codec_type"] for s in json.loads(subprocess.run(told, capture_output=True).stdout)["streams"]]
    assert kinds == ["video", "audio"]
    (note,) = passed(source, tmp_path / "c.mp4", start_s=0.2, duration_s=0.5)
    assert "pictures" in note and len(drawn(tmp_path / "c.mp4")[0]) == 24000


@needs_ffmpeg
def test_between_ffmpeg_and_libsndfile(tmp_path):
    source = make(tmp_path / "a.m4a")
    passed(source, tmp_path / "b.wav")
    passed(tmp_path / "b.wav", tmp_path / "c.m4a")
    x, y = drawn(source)[0], drawn(tmp_path / "c.m4a")[0]
    assert len(x) == len(y) and lag(x[:, 0], y[:, 0]) == 0


@needs_ffmpeg
def test_what_ffmpeg_cannot_read_is_refused_in_one_line(tmp_path):
    (tmp_path / "a.m4a").write_text("no sound")
    with pytest.raises(InputError, match=r"a\.m4a") as caught:
        open_source(tmp_path / "a.m4a")
    assert "\n" not in str(caught.value)
    assert passed(store(tmp_path / "a.wav", noise(9000)), tmp_path / "b.m4a") == []


@needs_ffmpeg
def test_a_failure_leaves_nothing(tmp_path):
    info = SoundInfo(16000, 1, 9, "WAV", "PCM_16")
    with pytest.raises(KeyboardInterrupt), open_target(tmp_path / "b.m4a", info) as target:
        target.write(noise(100))
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_without_ffmpeg_the_line_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "a.m4a").write_bytes(b"\0\0\0\x20ftypM4A ")
    with pytest.raises(InputError, match="install"):
        open_source(tmp_path / "a.m4a")
    with pytest.raises(OutputError, match="install"):
        open_target(tmp_path / "b.m4a", SoundInfo(16000, 1, 9, "WAV", "PCM_16"))
    assert np.all([p.name == "a.m4a" for p in tmp_path.iterdir()])
