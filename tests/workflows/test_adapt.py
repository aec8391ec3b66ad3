"""Adapting: what is gained is measured on what is written, and nothing is written where nothing is gained."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("pyroomacoustics")

from tests.engine import models  # noqa: E402
from tests.sounds import noise, voice  # noqa: E402
from tests.train.bundles import small_bundle  # noqa: E402
from unnoise import BundleError, Denoiser, OptionError, OutputError, TrainingError, load_bundle  # noqa: E402
from unnoise.mix.draw import MixSpec  # noqa: E402
from unnoise.mix.noises import make_noise  # noqa: E402
from unnoise.workflows import adapt as module  # noqa: E402
from unnoise.workflows.adapt import adapt, told_apart  # noqa: E402
from unnoise.workflows.own_sounds import Piece  # noqa: E402

RATE = 16000
QUICK = {"steps": 25, "device": "cpu", "minutes": 30.0, "say": lambda text: None}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A bundle that denoises hardly at all, a noise, speech, and speech with noise."""
    folder = tmp_path_factory.mktemp("adapting")
    small_bundle(folder, spread=0.01)
    hum = make_noise("hum", 12 * RATE, RATE, np.random.default_rng(5))
    sf.write(folder / "hum.wav", hum, RATE)
    for speaker in range(3):
        for name, added in (("clean", 0), ("noisy", 0.1)):
            where = folder / name / f"speaker{speaker}"
            where.mkdir(parents=True)
            sound = voice(4, RATE, speaker) + added * hum[: 4 * RATE]
            sf.write(where / "0.wav", sound, RATE)
    return folder


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Few rooms, tracks and items, and larger steps: seconds in place of minutes."""
    for name, value in (("ROOMS", 1), ("OLD_TRACKS", 1), ("ITEMS", 3), ("MIXTURES", MixSpec(seconds=1.0))):
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr("unnoise.workflows.fine_tune.LEARNING_RATE", 3e-3)


@pytest.mark.parametrize("mode", ["clean", "noisy"])
def test_the_gain_is_that_of_the_bundle_that_is_written(place, tmp_path, mode):
    target = tmp_path / "hum.onnx"
    done = adapt(place / "small.onnx", target, noise=place / "hum.wav", **{mode: place / mode}, **QUICK)
    assert done.own.gain_db > 0
    assert done.steps == 25
    assert 0 < done.share <= 1
    old, new = load_bundle(place / "small.onnx"), load_bundle(target)
    assert (new.info.network, new.info.arguments, new.info.licence) == ("dual-path", old.info.arguments, "MIT")
    told = new.info.card["adapting"]
    assert told["mode"] == mode
    assert told["own_noise"]["after_db"] == pytest.approx(done.own.after_db)
    assert told["other_noise"]["worst"] == done.known.worst
    assert new.info.card["adapted_from"]["sha256"] == old.info.sha256
    # Not the torch network, but the file: cleaned as anybody would.
    audio = voice(2, RATE) + noise(2, RATE)
    assert not np.allclose(Denoiser(target)(audio, RATE), Denoiser(place / "small.onnx")(audio, RATE))


def test_estimates_add_up_to_the_recording(place):
    heard = [Piece(voice(2, RATE, k) + noise(2, RATE, k), str(k)) for k in range(2)]
    speech, rest = told_apart(load_bundle(place / "small.onnx"), heard, RATE)
    for piece, estimate, residual in zip(heard, speech, rest, strict=True):
        assert estimate.group == piece.group
        assert np.allclose(estimate.sound + residual, piece.sound, atol=1e-6)


def test_a_model_that_takes_nothing_away_leaves_nothing_to_remix(tmp_path):
    bundle = load_bundle(models.identity(tmp_path))
    with pytest.raises(OptionError, match="--clean"):
        told_apart(bundle, [Piece(voice(2, RATE), "a")], RATE)


def test_where_nothing_is_gained_nothing_is_written(place, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "fine_tune", lambda network, wanted, say: 0)  # weights stay as they were
    target = tmp_path / "hum.onnx"
    with pytest.raises(TrainingError, match="does not help"):
        adapt(place / "small.onnx", target, noise=place / "hum.wav", clean=place / "clean", **QUICK)
    assert list(tmp_path.iterdir()) == []


def test_weights_that_forget_are_not_taken(place, tmp_path, monkeypatch):
    def deafened(network, wanted, say):
        """Takes everything above the hum away: a gain on a hum, a loss elsewhere."""
        with torch.no_grad():
            network.decoder.bias[:] = -8.0
        return 1

    monkeypatch.setattr(module, "fine_tune", deafened)
    with pytest.raises(TrainingError, match="on other noises"):
        adapt(place / "small.onnx", tmp_path / "x.onnx", noise=place / "hum.wav", clean=place / "clean", **QUICK)


@pytest.mark.parametrize("given", [(), ("clean", "noisy")])
def test_clean_or_noisy_but_not_both(place, tmp_path, given):
    with pytest.raises(OptionError, match="--noisy"):
        adapt(place / "small.onnx", tmp_path / "x.onnx", noise=place / "hum.wav", **{k: place / k for k in given})


def test_what_is_there_is_not_written_over(place, tmp_path):
    (tmp_path / "x.onnx").write_bytes(b"mine")
    with pytest.raises(OutputError, match="--force"):
        adapt(place / "small.onnx", tmp_path / "x.onnx", noise=place / "hum.wav", clean=place / "clean")


def test_a_bundle_without_a_way_back_is_refused(place, tmp_path):
    with pytest.raises(BundleError, match="no way leads back"):
        adapt(models.identity(tmp_path), tmp_path / "x.onnx", noise=place / "hum.wav", clean=place / "clean")
