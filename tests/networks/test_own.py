"""Networks that are named by their file or module: found, checked, and nothing else called."""

from __future__ import annotations

import sys

import pytest

torch = pytest.importorskip("torch")

from unnoise.errors import RecipeError  # noqa: E402
from unnoise.networks import make_network  # noqa: E402

FILE = """
from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from unnoise.networks.base import SpectrumNetwork, WaveformNetwork


@dataclass(frozen=True)
class Shape:
    rate: int = 16000


class Mine(WaveformNetwork):
    def __init__(self, *, gain: float = 0.5):
        super().__init__()
        self.rate, self.window_samples, self.overlap_samples = Shape().rate, 400, 0
        self.gain = nn.Parameter(nn.init.constant_(nn.Parameter(nn.Linear(1, 1).weight).detach(), gain))

    def run(self, audio):
        return audio * self.gain


class NoWindow(WaveformNetwork):
    rate = 16000

    def run(self, audio):
        return audio


class NoStates(SpectrumNetwork):
    hop_ms = 16.0
    min_bins = max_bins = 257

    def run(self, spectrum):
        return (spectrum,)


class NoRun(WaveformNetwork):
    pass


def function(**anything):
    raise AssertionError("called")
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "nets" / "mine.py"
    path.parent.mkdir()
    path.write_text(FILE)
    return path


@pytest.mark.parametrize("place", ["nets/mine.py", "{file}", "own_package_for_tests.mine"])
def test_a_file_or_a_module(file, place, monkeypatch):
    (file.parent.parent / "own_package_for_tests").symlink_to(file.parent)
    monkeypatch.syspath_prepend(file.parent.parent)
    network = make_network(f"{place.format(file=file)}:Mine", {"gain": 0.25})
    assert torch.allclose(network(torch.ones(1, 400)), torch.full((1, 400), 0.25))
    sys.modules.pop("own_package_for_tests", None)


def test_what_was_edited_counts(file):
    assert make_network("nets/mine.py:Mine").window_samples == 400
    file.write_text(FILE.replace("400, 0", "800, 0"))
    assert make_network("nets/mine.py:Mine").window_samples == 800


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere.py:Mine", r"nowhere.py: no such file; its path counts from"),
        ("nets/mine.py:Other", r"has nothing of that name"),
        ("nets/mine.py:function", r"is no SpectrumNetwork and no WaveformNetwork"),
        ("nets/mine.py:Shape", r"is no SpectrumNetwork and no WaveformNetwork"),
        ("os:system", r"is no SpectrumNetwork and no WaveformNetwork"),
        ("nets/mine.py:NoWindow", r"must set window_samples, overlap_samples"),
        ("nets/mine.py:NoStates", r"must set states"),
        ("nets/mine.py:NoRun", r"abstract"),
        ("unnoise.networks.conv1d_ae:Conv1dAutoencoder", r"overlap_samples of 0 to half of window_samples = 1024"),
        ("no_such_package:Mine", r"no_such_package"),
    ],
)
def test_what_is_wrong_is_said(file, name, said):
    with pytest.raises(RecipeError, match=said):
        make_network(name, {"os": {"command": "exit 1"}, "un": {"overlap_samples": 513}}.get(name[:2]))


def test_unknown_arguments_and_broken_files(file):
    with pytest.raises(RecipeError, match=r"does not take these arguments: .*width"):
        make_network("nets/mine.py:Mine", {"width": 3})
    file.write_text("class Mine(:\n")
    with pytest.raises(RecipeError, match=r"mine.py, line 1"):
        make_network("nets/mine.py:Mine")
