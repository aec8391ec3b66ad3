import dataclasses
import json

import numpy as np
import pytest
import soundfile as sf

from unnoise.apply.inspect import Inspection, Inspector, advice, inspect_file
from unnoise.errors import AudioShapeError, InputError

from .inspect_sounds import coloured, mains, voice

KEYS = [
    "rate",
    "channels",
    "seconds",
    "bandwidth_hz",
    "clipped",
    "dc",
    "speech_level_dbfs",
    "snr_db",
    "noise_kind",
    "advice",
]


def inspected(sound, rate, channels=1, size=8000):
    inspector = Inspector(rate, channels)
    for at in range(0, len(sound), size):
        inspector.add(sound[at : at + size])
    return inspector.result()


def noisy(rate, seconds, snr_db, noise, seed=0):
    return voice(rate, seconds, seed) + noise * 10 ** ((-23 - snr_db) / 20)


def test_keys_are_the_promised_ones(tmp_path):
    sf.write(tmp_path / "a.wav", voice(16000, 2.0), 16000)
    found = dataclasses.asdict(inspect_file(tmp_path / "a.wav"))
    assert list(found) == KEYS
    assert json.loads(json.dumps(found)) == found


def test_facts_of_a_file(tmp_path):
    sound = np.stack([voice(44100, 2.0), voice(44100, 2.0) + 0.05], axis=1)
    sound[1000:1020] = 1.0
    sf.write(tmp_path / "a.flac", sound, 44100, subtype="PCM_24")
    found = inspect_file(tmp_path / "a.flac")
    assert (found.rate, found.channels, found.seconds) == (44100, 2, pytest.approx(2.0))
    assert found.clipped == pytest.approx(20 / 88200, rel=0.01)
    assert found.dc == pytest.approx(0.05, abs=0.005)


@pytest.mark.parametrize("rate", [16000, 48000])
def test_snr_follows_the_noise(rate):
    noise = coloured(rate, 4.0, -4)
    found = [inspected(noisy(rate, 4.0, snr_db, noise), rate).snr_db for snr_db in (-5, 5, 15, 35)]
    assert found == sorted(found)
    assert found[0] < 5 and found[3] > 15


@pytest.mark.parametrize("rate", [16000, 48000])
@pytest.mark.parametrize(
    ("kind", "noise"),
    [
        ("hum", lambda rate: mains(rate, 4.0, 50)),
        ("hum", lambda rate: mains(rate, 4.0, 60)),
        ("hiss", lambda rate: coloured(rate, 4.0, 2)),
        ("steady", lambda rate: coloured(rate, 4.0, -4.5)),
    ],
)
def test_kinds_of_noise(kind, noise, rate):
    assert inspected(noisy(rate, 4.0, 5, noise(rate)), rate).noise_kind == kind


def test_blocks_do_not_matter():
    sound = noisy(16000, 2.0, 10, coloured(16000, 2.0, -3))
    one, many = inspected(sound, 16000, size=10**9), inspected(sound, 16000, size=333)
    assert one.snr_db == pytest.approx(many.snr_db, abs=1e-6)
    assert one.noise_kind == many.noise_kind and one.clipped == many.clipped


def test_level_does_not_matter():
    sound = noisy(16000, 3.0, 10, coloured(16000, 3.0, -3))
    loud, quiet = inspected(sound, 16000), inspected(sound / 100, 16000)
    assert quiet.snr_db == pytest.approx(loud.snr_db, abs=0.5)
    assert loud.speech_level_dbfs - quiet.speech_level_dbfs == pytest.approx(40, abs=0.5)


@pytest.mark.parametrize("sound", [np.zeros(0), np.zeros(1), np.zeros(30000), np.full(20000, np.nan)])
def test_silence(sound):
    found = inspected(sound, 16000)
    assert found.snr_db is None and found.noise_kind == "none" and found.speech_level_dbfs == -120.0
    assert "not worth it" in found.advice and found.bandwidth_hz == 0.0


@pytest.mark.parametrize("rate", [2000, 8000, 1_000_000])
@pytest.mark.parametrize("samples", [1, 50, 4000])
def test_short_and_odd(rate, samples):
    found = inspected(0.1 * np.random.default_rng(0).standard_normal((samples, 3)), rate, 3)
    assert found.snr_db is None or -15 <= found.snr_db <= 45
    assert 0 <= found.bandwidth_hz <= rate / 2


def test_offset_alone_is_no_speech():
    found = inspected(np.full(32000, 0.25), 16000)
    assert found.dc == pytest.approx(0.25) and np.isfinite(found.bandwidth_hz)


def test_advice_grows_with_the_noise():
    texts = [advice(snr_db, "steady") for snr_db in (30.0, 15.0, 8.0, -3.0)]
    assert len(set(texts)) == 4
    assert ["not worth it" in text for text in texts] == [True, False, False, False]
    assert all(text.endswith(".") and text.count(". ") == 0 for text in texts)
    assert "clipped" in advice(8.0, "hum", 0.02) and "clipped" not in advice(8.0, "hum", 0.0)


def test_wrong_channels_are_refused():
    with pytest.raises(AudioShapeError, match="2"):
        Inspector(16000, 2).add(np.zeros((10, 3)))


def test_missing_file():
    with pytest.raises(InputError):
        inspect_file("nowhere.wav")


def test_the_record_is_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Inspection(1, 1, 0.0, 0.0, 0.0, 0.0, 0.0, None, "none", "").rate = 2


def test_channels_that_cancel_are_no_silence():
    voice = 0.1 * np.random.default_rng(1).standard_normal(16000)
    inspector = Inspector(16000, 2)
    inspector.add(np.stack([voice, -voice], axis=1))
    assert "cancel" in inspector.result().advice
