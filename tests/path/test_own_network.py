"""The page on a network of one's own, done as it says: its files, its commands."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

pytest.importorskip("torch")
pytest.importorskip("lightning")

from tests.sounds import corpus, noise, voice
from unnoise.bundle import load_bundle
from unnoise.cli import main

PAGE = Path(__file__).parents[2] / "docs/own-network.md"
FILES = re.compile(r"^`([\w.]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHORT = (
    "--steps 3 --set batch=2 --set data.speeds=[1.0] --set data.noise_speeds=[1.0] --set data.rooms=1 "
    "--set data.room_s=0.1 --set data.synthetic_s=20.0 --set data.babble_s=20.0 --set data.valid_items=2"
)
WITHOUT_TORCH = (
    "import sys; sys.modules['torch'] = None\n"
    "from unnoise.cli import main; main('denoise talk.wav -o again.wav --model tiny.onnx'.split())"
)


def run(line: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(shlex.split(line)[1:])
    return int(ended.value.code or 0)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The reader's: what the page names, and speech and noise."""
    monkeypatch.chdir(tmp_path)
    clean, _ = corpus(tmp_path, speakers=3)
    clean.rename("speech")
    sf.write("talk.wav", np.stack([voice(2, 44100) + noise(2, 44100), noise(2, 44100)], axis=1), 44100)
    for name, body in FILES.findall(PAGE.read_text()):
        Path(name).write_text(body)
    return tmp_path


def commands() -> list[str]:
    return [line for kind, body in BLOCKS.findall(PAGE.read_text()) if kind == "bash" for line in body.splitlines()]


def test_it_is_sixty_lines():
    files = [body for _, body in FILES.findall(PAGE.read_text())]
    assert len(files) == 2
    assert sum(len(text.splitlines()) for text in files) + len(commands()) <= 60


def test_every_command_runs(folder, capsys):
    shown = commands()
    assert [line.split()[1] for line in shown] == ["networks", "train", "train", "train", "export", "denoise"]
    for line in shown:
        short = f" {SHORT}" if line.startswith("unnoise train") and "--check" not in line else ""
        assert run(line + short) == 0, f"{line}\n{capsys.readouterr()}"
    said = capsys.readouterr().out
    assert "identity: passed" in said
    assert "overfit: passed" in said
    info = load_bundle("tiny.onnx").info
    assert (info.network, info.causal) == ("tiny_gains.py:TinyGains", True)
    noisy, _ = sf.read("talk.wav")
    cleaned, rate = sf.read("talk.denoised.wav")
    assert (cleaned.shape, rate) == (noisy.shape, 44100)
    assert np.isfinite(cleaned).all()
    assert np.abs(cleaned - noisy).max() > 1e-3
    Path("tiny_gains.py").unlink()  # as at somebody's who only has the bundle
    subprocess.run([sys.executable, "-c", WITHOUT_TORCH], check=True, capture_output=True)
    assert np.array_equal(sf.read("again.wav")[0], cleaned)


def test_the_one_on_waveforms(folder):
    import torch

    from unnoise.export.check import check
    from unnoise.export.onnx import to_onnx
    from unnoise.networks import make_network

    (body,) = [b for kind, b in BLOCKS.findall(PAGE.read_text()) if kind == "python" and "WaveformNetwork):" in b]
    Path("tiny_waves.py").write_text(body)
    network = make_network("tiny_waves.py:TinyWaves", {"channels": 4})
    assert network(torch.zeros(2, 16000)).shape == (2, 16000)
    model, _ = to_onnx(network)
    assert check(network, model).torch_to_onnx < 1e-4


def test_links_lead_somewhere():
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", PAGE.read_text())
    assert all((PAGE.parent / target).exists() for target in targets)
