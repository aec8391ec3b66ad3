"""The checks before a training tell a network that can learn from one that cannot."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.sounds import corpus  # noqa: E402
from unnoise import InputError, OptionError, TrainingError  # noqa: E402
from unnoise.metrics.si_sdr import si_sdr  # noqa: E402
from unnoise.networks.base import WaveformNetwork  # noqa: E402
from unnoise.train import checks  # noqa: E402
from unnoise.train.checks import CHECKS, run_check, with_noise  # noqa: E402
from unnoise.train.config import Data, Network, Recipe  # noqa: E402
from unnoise.train.folders import Folders  # noqa: E402

RATE = 8000


class Toy(WaveformNetwork):
    """A gain a sample of a short window; with `blur`, after two neighbours were made one."""

    def __init__(self, blur: bool) -> None:
        super().__init__()
        self.rate, self.window_samples, self.overlap_samples, self.level, self.blur = RATE, 50, 10, "none", blur
        self.gain = torch.nn.Parameter(torch.linspace(0.1, 1, 50))

    def run(self, audio):
        if self.blur:
            audio = audio.unflatten(1, (-1, 2)).mean(2).repeat_interleave(2, 1)
        return audio * self.gain


@pytest.fixture
def folders(tmp_path):
    clean, _ = corpus(tmp_path)
    return Folders(clean, None, tmp_path / "cache")


@pytest.fixture
def toy(monkeypatch):
    """The recipe's network is a toy; its arguments are the toy's."""
    monkeypatch.setattr(checks, "make_network", lambda name, arguments: Toy(**arguments))
    monkeypatch.setattr(checks, "LEARNING_RATE", 0.03)
    monkeypatch.setitem(checks.CHECKS, "identity", checks.Check(4, 64, False, 80, 30.0, "it loses something for good"))
    return lambda blur: Recipe(name="t", steps=1, network=Network(arguments={"blur": blur}), data=Data(rate=RATE))


def quietly(name, recipe, folders):
    return run_check(name, recipe, folders, device="cpu", say=lambda text: None)


def test_a_network_that_passes_sound_on_passes(toy, folders):
    said: list[str] = []
    checked = run_check("identity", toy(False), folders, device="cpu", say=said.append)
    assert checked.passed
    assert checked.figure_db >= checked.wanted_db == 30
    assert "\n" not in checked.reason
    assert said[0].startswith("step 0 of 80: ")


def test_a_network_that_loses_something_fails_with_the_reason(toy, folders):
    checked = quietly("identity", toy(True), folders)
    assert not checked.passed
    assert checked.figure_db < 30
    assert "loses something for good" in checked.reason
    assert "after 80 steps on 4 clips, 30 dB wanted" in checked.reason


@pytest.mark.parametrize(
    ("figures", "reason"),
    [
        ([5.0, 9.0, 14.0, 19.0, 24.0], "it rose by 10.0 dB in the second half of the steps, so it may only be slow"),
        ([5.0, 11.0, 14.0, 15.0, 16.0], "it does not pass clean speech on, so it loses something for good"),
        ([5.0], "it does not pass clean speech on, so it loses something for good"),
    ],
)
def test_a_slow_network_is_not_called_unable(figures, reason):
    checked = checks._judged("identity", CHECKS["identity"], figures)
    assert not checked.passed
    assert checked.reason.endswith(reason)


def test_overfit_needs_more_than_passing_on(toy, folders, monkeypatch):
    monkeypatch.setitem(checks.CHECKS, "overfit", checks.Check(8, 0, True, 40, 15.0, "it does not learn"))
    checked = quietly("overfit", toy(False), folders)
    assert not checked.passed
    assert "it does not learn" in checked.reason


def test_clips_learned_by_heart_do_not_pass(toy, folders, monkeypatch):
    class Heart(Toy):
        """Gives back the one clip that it knows best, whatever comes in."""

        def __init__(self, blur):
            super().__init__(blur)
            self.known = torch.nn.Parameter(0.01 * torch.randn(8, RATE))
            self.window_samples = RATE

        def run(self, audio):
            return torch.softmax(1e3 * audio @ self.known.T, 1) @ self.known + 0 * self.gain.sum()

    monkeypatch.setattr(checks, "make_network", lambda name, arguments: Heart(**arguments))
    checked = quietly("identity", toy(False), folders)
    assert checked.figure_db < 3


def test_the_bundled_network_passes_identity_at_once(folders):
    small = Network("dual-path", {"width": 8, "whole": 16, "high_hidden": 8})
    assert quietly("identity", Recipe(name="t", steps=1, network=small), folders).passed


def test_noisy_clips_have_the_snr_and_differ():
    clean = np.stack([np.random.default_rng(0).standard_normal(4 * RATE).astype(np.float32) * 0.05] * 3)
    noisy = with_noise(clean, RATE)
    assert [si_sdr(c, n) for c, n in zip(clean, noisy, strict=True)] == pytest.approx([10] * 3, abs=0.5)
    assert not np.allclose(noisy[0], noisy[1])


def test_the_same_seed_gives_the_same_figure(toy, folders):
    assert quietly("identity", toy(True), folders) == quietly("identity", toy(True), folders)


def test_an_unknown_check_names_those_that_are(folders):
    with pytest.raises(OptionError, match="identity, overfit"):
        quietly("copy", Recipe(name="t", steps=1), folders)
    assert list(CHECKS) == ["identity", "overfit"]


def test_too_little_speech_is_said(tmp_path, toy):
    clean, _ = corpus(tmp_path, speakers=1)
    with pytest.raises(InputError, match=r"expected 8 clips of 1\.0 s with speech, and found \d;"):
        quietly("overfit", toy(False), Folders(clean, None, tmp_path / "cache"))


def test_a_loss_that_is_no_number_stops(toy, folders, monkeypatch):
    monkeypatch.setattr(checks, "LEARNING_RATE", float("inf"))
    with pytest.raises(TrainingError, match="step 2 "):
        quietly("identity", toy(False), folders)


def test_a_device_that_is_not_there_is_said(toy, folders):
    if torch.cuda.is_available():
        pytest.skip("there is one")
    with pytest.raises(TrainingError, match="--device cpu"):
        run_check("identity", toy(False), folders, device="cuda", say=print)
