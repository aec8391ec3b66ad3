"""What can be measured: each system gives back as many samples, in place."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from tests.engine.models import gain, identity, windows
from tests.files.sounds import store
from tests.sounds import noise, voice
from unnoise.engine.whole import Denoiser
from unnoise.errors import BundleError, InputError, MissingExtraError, OptionError
from unnoise.evaluate import rnnoise, systems
from unnoise.evaluate.pairs import Pair
from unnoise.evaluate.systems import PEERS, Folder, Gate, Model, Noisy, choose_systems, describe, times_real_time

RATE = 16000
NOISY = voice(1.0, RATE) + noise(1.0, RATE, 1)
PAIRS = [Pair("a.wav", "noisy/a.wav"), Pair("b.wav", "noisy/b.wav")]


@pytest.mark.parametrize("rate", [8000, 44100])
@pytest.mark.parametrize("name", ["gate", "noisereduce", "rnnoise"])
@pytest.mark.parametrize("seconds", [0.01, 1.0])
def test_peers_give_as_many_samples_in_place(name, rate, seconds):
    sound = (voice(1.0, rate) + noise(1.0, rate, 1))[: round(seconds * rate)]
    try:
        found = PEERS[name](sound, rate, "").audio
    except MissingExtraError:
        pytest.skip(f"without the package for {name}")
    assert (found.shape, found.dtype) == (sound.shape, np.float32)
    assert np.isfinite(found).all()
    if seconds == 1.0:
        assert systems.delay_of(sound, found, rate) == 0


def test_a_model_is_the_denoiser(tmp_path):
    model = Model("half", Denoiser(gain(tmp_path, 0.5)))
    assert np.allclose(model(NOISY, RATE, "").audio, 0.5 * NOISY, atol=1e-5)
    told = describe(model, NOISY, RATE)
    assert (told.name, told.kind, told.latency_ms) == ("half", "model", pytest.approx(32))
    assert told.times_real_time > 0
    assert "gain 1" in told.note
    assert describe(Model("whole", Denoiser(windows(tmp_path, 4000, 1000))), NOISY, RATE).latency_ms is None


def test_nothing_is_said_of_the_speed_of_finished_files():
    told = describe(Noisy(), NOISY, RATE)
    assert (told.kind, told.latency_ms, told.times_real_time) == ("noisy", None, None)


def test_the_speed_counts_the_processor_alone(monkeypatch):
    clock = iter([0.0, 4.0, 10.0, 12.0, 20.0, 25.0])
    monkeypatch.setattr(systems, "time", SimpleNamespace(process_time=lambda: next(clock)))
    assert times_real_time(Gate(), NOISY, RATE) == systems.SPEED_S / 2.0


@pytest.mark.parametrize("lag", [-160, 0, 320])
def test_finished_files_lose_their_delay(tmp_path, lag):
    late = np.concatenate([np.zeros(max(0, lag), np.float32), NOISY])[max(0, -lag) :]
    store(tmp_path / "a.wav", late, RATE, subtype="FLOAT")
    done = Folder("other", {"a.wav": str(tmp_path / "a.wav")})(NOISY, RATE, "a.wav")
    kept = slice(max(0, -lag), None)
    assert np.array_equal(done.audio[kept], NOISY[kept])
    assert bool(done.notes) == (lag != 0)


def test_finished_files_at_another_rate(tmp_path):
    store(tmp_path / "a.wav", voice(1.0, 48000), 48000)
    done = Folder("other", {"a.wav": str(tmp_path / "a.wav")})(NOISY, RATE, "a.wav")
    assert len(done.audio) == len(NOISY)
    assert "48000 Hz" in done.notes[0]


@pytest.mark.parametrize(("file", "said"), [("a.wav", "0.500 s long"), ("none.wav", "no file of this name")])
def test_finished_files_that_do_not_fit(tmp_path, file, said):
    store(tmp_path / "a.wav", NOISY[: RATE // 2], RATE)
    with pytest.raises(InputError, match=said):
        Folder("other", {"a.wav": str(tmp_path / "a.wav")})(NOISY, RATE, file)


def test_the_order_of_the_table(tmp_path):
    store(tmp_path / "b.flac", NOISY, RATE)
    model = str(identity(tmp_path))
    chosen = choose_systems([model], [("theirs", tmp_path)], ["gate"], PAIRS)
    assert [(one.name, one.kind) for one in chosen] == [
        ("noisy", "noisy"),
        ("identity", "model"),
        ("theirs", "folder"),
        ("gate", "gate"),
    ]
    assert chosen[2].paths == {"b.wav": str(tmp_path / "b.flac")}


@pytest.mark.parametrize(
    ("models", "folders", "against", "error", "said"),
    [
        (["nothing"], [], [], BundleError, "nothing"),
        ([], [("theirs", "empty")], [], InputError, "sound files"),
        ([], [("theirs", "other")], [], InputError, r"such as a\.wav"),
        ([], [], ["noisreduce"], OptionError, "did you mean 'noisereduce'"),
        ([], [], ["gate", "gate"], OptionError, "two systems"),
        ([], [("clean", "mine")], [], OptionError, "another NAME="),
        ([], [("noisy", "mine")], [], OptionError, "another NAME="),
    ],
)
def test_what_cannot_be_measured_is_said_at_once(tmp_path, models, folders, against, error, said):
    for name, file in (("empty", None), ("other", "z.wav"), ("mine", "a.wav")):
        (tmp_path / name).mkdir()
        if file:
            store(tmp_path / name / file, NOISY, RATE)
    with pytest.raises(error, match=said):
        choose_systems(models, [(name, tmp_path / folder) for name, folder in folders], against, PAIRS)


def test_a_missing_package_names_the_extra(monkeypatch):
    monkeypatch.setattr(rnnoise, "find_spec", lambda name: None)
    rnnoise._library.cache_clear()
    with pytest.raises(MissingExtraError, match=r"unnoise\[peers\]"):
        choose_systems([], [], ["rnnoise"], PAIRS)
    monkeypatch.setitem(__import__("sys").modules, "noisereduce", None)
    with pytest.raises(MissingExtraError, match=r"unnoise\[peers\]"):
        choose_systems([], [], ["noisereduce"], PAIRS)
    rnnoise._library.cache_clear()
