"""Every container: the same container, subtype, rate, channels and samples out; and conversions."""

import numpy as np
import pytest
import soundfile

from unnoise.errors import OutputError
from unnoise.files import SoundInfo, is_audio, media_suffixes, open_target
from unnoise.files.formats import shape_for

from .sounds import chirp, drawn, lag, noise, passed, store

ENDINGS = [
    "wav",
    "flac",
    "ogg",
    "opus",
    "mp3",
    "aiff",
    "caf",
    "w64",
    "rf64",
    "au",
    "voc",
    "nist",
    "sf",
    "paf",
]
LOSSY = {"ogg", "opus", "mp3"}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("samples", [1, 577, 16001])
def test_the_same_file_comes_out(tmp_path, ending, samples):
    source = store(tmp_path / f"a.{ending}", chirp(samples, 16000, 2))
    assert passed(source, tmp_path / f"b.{ending}") == []
    a, b = soundfile.info(source), soundfile.info(tmp_path / f"b.{ending}")
    for what in ("format", "subtype", "samplerate", "channels", "frames", "endian"):
        assert getattr(a, what) == getattr(b, what), what
    assert a.frames == samples
    x, y = soundfile.read(source)[0][:, 0], soundfile.read(tmp_path / f"b.{ending}")[0][:, 0]
    if ending in LOSSY:
        assert samples < 16001 or (lag(y, x) == 0 and np.corrcoef(x, y)[0, 1] > 0.98)
    else:
        assert np.array_equal(x, y)


@pytest.mark.parametrize("ending", ["mp3", "ogg", "opus"])
@pytest.mark.parametrize("samples", [1151, 1152, 4801, 12345])
def test_lossy_lengths_are_exact(tmp_path, ending, samples):
    source = store(tmp_path / f"a.{ending}", chirp(samples, 48000), 48000)
    passed(source, tmp_path / f"b.{ending}")
    assert len(drawn(tmp_path / f"b.{ending}")[0]) == samples


@pytest.mark.parametrize("ending", ["wav", "flac", "aiff", "caf", "w64", "au", "ogg"])
def test_zero_samples_pass(tmp_path, ending):
    passed(store(tmp_path / "a.wav", noise(0)), tmp_path / f"b.{ending}")
    passed(tmp_path / f"b.{ending}", tmp_path / f"c.{ending}")
    assert drawn(tmp_path / f"c.{ending}")[0].shape == (0, 1)


def test_zero_samples_into_a_coder_that_has_no_such_thing(tmp_path):
    store(tmp_path / "a.wav", noise(0))
    with pytest.raises(OutputError, match="zero samples"):
        passed(tmp_path / "a.wav", tmp_path / "b.mp3")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.wav"]


@pytest.mark.parametrize(
    ("subtype", "ending", "expected"),
    [
        ("FLOAT", "flac", "PCM_24"),
        ("DOUBLE", "flac", "PCM_24"),
        ("PCM_32", "flac", "PCM_24"),
        ("PCM_16", "flac", "PCM_16"),
        ("PCM_U8", "flac", "PCM_S8"),
        ("PCM_24", "wav", "PCM_24"),
        ("FLOAT", "aiff", "FLOAT"),
    ],
)
def test_a_subtype_that_does_not_fit_is_replaced_and_said(tmp_path, subtype, ending, expected):
    source = store(tmp_path / "a.wav", noise(100), subtype=subtype)
    notes = passed(source, tmp_path / f"b.{ending}")
    assert soundfile.info(tmp_path / f"b.{ending}").subtype == expected
    assert (len(notes) == 1) == (expected != subtype)


@pytest.mark.parametrize(
    ("rate", "ending", "expected"), [(44100, "opus", 48000), (96000, "mp3", 48000), (11000, "mp3", 11025)]
)
def test_a_rate_that_does_not_fit_is_changed_without_lag(tmp_path, rate, ending, expected):
    source = store(tmp_path / "a.wav", chirp(rate, rate), rate)
    (note,) = passed(source, tmp_path / f"b.{ending}")
    assert str(rate) in note and str(expected) in note
    y, out = drawn(tmp_path / f"b.{ending}")
    assert (out.info.rate, len(y)) == (expected, expected)
    assert abs(lag(y[:, 0], chirp(expected, expected)[:, 0])) <= 1


def test_channels_that_do_not_fit_are_refused(tmp_path):
    info = SoundInfo(16000, 9, 10, "WAV", "PCM_16")
    with pytest.raises(OutputError, match="8 channels, got 9"):
        open_target(tmp_path / "a.flac", info)


def test_many_channels_and_odd_rates(tmp_path):
    for rate, channels in ((4000, 64), (1_000_000, 1), (192000, 2)):
        source = store(tmp_path / f"{rate}.wav", noise(100, channels), rate)
        passed(source, tmp_path / f"{rate}.out.wav")
        out = soundfile.info(tmp_path / f"{rate}.out.wav")
        assert (out.samplerate, out.channels, out.frames) == (rate, channels, 100)


def test_only_past_4_gib_a_wav_becomes_rf64(tmp_path):
    short = SoundInfo(48000, 2, 2**30 - 2**25, "WAV", "PCM_16")
    assert shape_for("a.wav", short).format == "WAV"
    assert shape_for("a.wav", SoundInfo(48000, 2, 2**30, "WAV", "PCM_16")).format == "RF64"
    assert shape_for("a.wav", SoundInfo(48000, 2, 2**30, "WAVEX", "PCM_16")).format == "RF64"
    assert shape_for("a.wav", SoundInfo(48000, 2, 100, "RF64", "PCM_16")).format == "RF64"
    with pytest.raises(OutputError, match="4 GiB"):
        shape_for("a.aiff", SoundInfo(48000, 2, 2**30, "AIFF", "PCM_16"))


def test_byte_order_is_kept(tmp_path):
    source = store(tmp_path / "a.wav", noise(50), endian="BIG")
    passed(source, tmp_path / "b.wav")
    assert (tmp_path / "b.wav").read_bytes()[:4] == b"RIFX"


def test_an_unknown_ending_keeps_the_container(tmp_path):
    source = store(tmp_path / "a.flac", noise(50))
    passed(source, tmp_path / "b.sound")
    assert soundfile.info(tmp_path / "b.sound").format == "FLAC"


@pytest.mark.parametrize("ending", ["mp3", "ogg", "opus"])
@pytest.mark.parametrize("level", [0.1, 0.8])
def test_the_bit_rate_stays_near(tmp_path, ending, level):
    kind = {"mp3": ("MP3", "MPEG_LAYER_III"), "ogg": ("OGG", "VORBIS"), "opus": ("OGG", "OPUS")}[ending]
    path = tmp_path / f"a.{ending}"
    with soundfile.SoundFile(path, "w", 48000, 1, kind[1], format=kind[0], compression_level=level) as sound:
        sound.write(noise(96000) * (1 + np.sin(np.arange(96000) / 4000))[:, None])
    passed(path, tmp_path / f"b.{ending}")
    ratio = (tmp_path / f"b.{ending}").stat().st_size / path.stat().st_size
    assert 0.8 < ratio < 1.35


def test_the_same_input_gives_the_same_bytes(tmp_path, monkeypatch):
    for name, how in {
        "a.wav": {"subtype": "FLOAT"},
        "a.ogg": {},
        "a.opus": {},
        "a.mp3": {},
        "a.flac": {},
    }.items():
        source = store(tmp_path / name, noise(5000), **how)
        first, second = tmp_path / f"1{name}", tmp_path / f"2{name}"
        passed(source, first)
        monkeypatch.setattr("time.time", lambda: 0)
        passed(source, second)
        assert first.read_bytes() == second.read_bytes(), name


def test_endings():
    assert is_audio("x/Y.WAV") and is_audio("a.webm") and not is_audio("notes.txt")
    assert {".wav", ".flac", ".mp3", ".opus", ".m4a"} <= media_suffixes()
