"""The whole path in a minute: folders, training, resuming, exporting, cleaning a file with the result."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

pytest.importorskip("torch")
pytest.importorskip("lightning")

from tests.sounds import corpus, noise, voice
from unnoise import Denoiser
from unnoise.cli import main
from unnoise.train import load

RECIPE = """
name = "tiny"
steps = 8
batch = 2
valid_every = 4

[network]
name = "dual-path"
[network.arguments]
width = 16

[data.mix]
seconds = 1.0

[data]
speeds = [1.0]
noise_speeds = [1.0]
rooms = 2
room_s = 0.1
synthetic_s = 80.0
babble_s = 80.0
valid_items = 2
valid_seconds = 2.0
"""


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(a) for a in arguments])
    return int(ended.value.code or 0)


@pytest.fixture(scope="module")
def trained(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("path")
    clean, noisy = corpus(folder)
    (folder / "tiny.toml").write_text(RECIPE)
    options = ["--clean", clean, "--noise", noisy, "-o", folder / "run", "--quiet", "--device", "cpu"]
    assert run("train", folder / "tiny.toml", *options, "--steps", 4) == 0
    assert run("train", folder / "tiny.toml", *options) == 0  # goes on from last.ckpt
    return folder


def test_training_leaves_checkpoints_and_a_log(trained):
    lines = [json.loads(line) for line in (trained / "run/log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if "valid_score" in line] == [4, 8]
    assert (trained / "run/last.ckpt").exists()
    assert (trained / "run/best.ckpt").exists()
    assert json.loads((trained / "run/recipe.json").read_text())["name"] == "tiny"


def test_the_export_cleans_a_file(trained, capsys):
    bundle = trained / "tiny.onnx"
    assert run("export", trained / "run/best.ckpt", "-o", bundle, "--licence", "MIT") == 0
    sf.write(trained / "noisy.wav", voice(2, 44100) + noise(2, 44100), 44100, subtype="PCM_24")
    assert run("denoise", trained / "noisy.wav", "-o", trained / "out.wav", "--model", bundle) == 0
    before, after = sf.info(trained / "noisy.wav"), sf.info(trained / "out.wav")
    assert (before.samplerate, before.frames, before.subtype) == (after.samplerate, after.frames, after.subtype)
    info = Denoiser(bundle).info
    assert info.network == "dual-path"
    assert set(info.parameters) == {name for name in load(bundle).state_dict() if "num_batches" not in name}
    assert run("export", trained / "run/best.ckpt", "-o", bundle) == 1  # never overwrites
    assert "--force" in capsys.readouterr().err


def test_resumed_equals_unbroken(trained, tmp_path):
    import torch

    from unnoise.train.config import load_recipe
    from unnoise.train.folders import Folders
    from unnoise.train.run import train

    recipe = load_recipe(trained / "tiny.toml")
    folders = Folders(trained / "clean", trained / "noise", trained / "run/cache")

    def killed(text: str) -> None:
        if text.startswith("step 4 "):
            raise RuntimeError("killed")

    options = {"device": "cpu", "threads": 1, "progress": False}
    train(recipe, folders, tmp_path / "unbroken", say=lambda text: None, **options)
    with pytest.raises(RuntimeError, match="killed"):
        train(recipe, folders, tmp_path / "resumed", say=killed, **options)
    train(recipe, folders, tmp_path / "resumed", say=lambda text: None, **options)
    unbroken, resumed = (
        torch.load(tmp_path / name / "last.ckpt", weights_only=False) for name in ("unbroken", "resumed")
    )
    assert unbroken["global_step"] == resumed["global_step"] == 8
    for name, value in unbroken["state_dict"].items():
        assert torch.equal(value, resumed["state_dict"][name]), name


def test_a_broken_checkpoint_is_said(tmp_path, capsys):
    (tmp_path / "x.ckpt").write_bytes(b"nothing")
    assert run("export", tmp_path / "x.ckpt", "-o", tmp_path / "x.onnx") == 1
    assert "x.ckpt" in capsys.readouterr().err


def test_the_network_in_the_bundle_is_the_trained_one(trained):
    audio = (voice(1, 16000) + noise(1, 16000)).astype(np.float32)
    out = Denoiser(trained / "tiny.onnx")(audio, 16000)
    assert out.shape == audio.shape
    assert np.isfinite(out).all()


def test_a_packed_state_goes_on(trained, tmp_path):
    import runpy
    import sys

    script = Path(__file__).parents[2] / "bench/pack_state.py"
    (tmp_path / "run").mkdir()
    arguments = [str(script), str(trained / "run/last.ckpt"), str(tmp_path / "run/last.ckpt")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", arguments)
        runpy.run_path(str(script), run_name="__main__")
    assert (tmp_path / "run/last.ckpt").stat().st_size < 0.7 * (trained / "run/last.ckpt").stat().st_size
    options = ["--clean", trained / "clean", "--noise", trained / "noise", "--cache", trained / "run/cache"]
    wanted = [*options, "-o", tmp_path / "run", "--quiet", "--device", "cpu", "--steps", 10]
    assert run("train", trained / "tiny.toml", *wanted) == 0
    last = [json.loads(line) for line in (tmp_path / "run/log.jsonl").read_text().splitlines()][-1]
    assert last["step"] == 10
    assert np.isfinite(last["valid_si_sdr"])
