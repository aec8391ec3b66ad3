"""A few steps from given weights: repeatable, bounded in time, statistics untouched."""

from __future__ import annotations

import copy
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.sounds import noise, voice  # noqa: E402
from tests.train.bundles import small_bundle  # noqa: E402
from unnoise import Denoiser, TrainingError  # noqa: E402
from unnoise.mix.draw import Drawer, MixSpec  # noqa: E402
from unnoise.train.device_mix import DeviceMixer  # noqa: E402
from unnoise.workflows import fine_tune as module  # noqa: E402
from unnoise.workflows.fine_tune import FineTuning, between, cleaner, fine_tune  # noqa: E402
from unnoise.workflows.own_sounds import Piece, noise_bank, speech_bank  # noqa: E402

RATE = 16000
CPU = torch.device("cpu")
NOWHERE = 2**62


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return small_bundle(tmp_path_factory.mktemp("small"))


def tuning(steps: int) -> FineTuning:
    speech = speech_bank([Piece(voice(4, RATE, k), str(k)) for k in range(3)], RATE)
    bank = noise_bank([noise(20, RATE)], RATE, 1, "own")
    drawer = Drawer(MixSpec(seconds=0.5), speech, [(bank, 1.0)], 0, 1)
    rooms = np.zeros((0, 160), np.float32)
    mixer = DeviceMixer(RATE, drawer.samples, speech.samples, [bank.samples], rooms, CPU)
    return FineTuning(drawer, mixer, RATE, steps, time.perf_counter() + 600, 1, CPU, NOWHERE)


def silent(text: str) -> None:
    pass


def test_weights_move_and_statistics_stay(small):
    network, twin = copy.deepcopy(small[1]), copy.deepcopy(small[1])
    assert fine_tune(network, tuning(3), silent) == 3
    assert fine_tune(twin, tuning(3), silent) == 3
    for name, before in small[1].state_dict().items():
        after = network.state_dict()[name]
        assert torch.equal(after, twin.state_dict()[name]), name
        stays = "running_" in name or "num_batches" in name or name.startswith("high.")
        assert torch.equal(before, after) == stays, name


def test_in_old_noise_the_network_stays_what_it_was(small):
    audio = np.stack([voice(1, RATE, 7) + noise(1, RATE, 7)])
    before = cleaner(small[1], RATE, CPU)(audio)
    moved = {}
    for old_from in (NOWHERE, 0):
        network = copy.deepcopy(small[1])
        fine_tune(network, replace(tuning(12), old_from=old_from), silent)
        moved[old_from] = np.abs(cleaner(network, RATE, CPU)(audio) - before).mean()
    assert moved[0] < 0.5 * moved[NOWHERE]


def test_old_is_what_has_no_other_noise():
    draw = tuning(1).drawer.batch(range(3))
    draw.noise_start[:], draw.noise_gain_db[:] = 100, 0
    draw.noise_start[1, 0] = 99
    draw.noise_start[2, 0], draw.noise_gain_db[2, 0] = 99, -200
    assert module._old(draw, replace(tuning(1), old_from=100)).tolist() == [[True], [False], [True]]
    assert not module._old(draw, tuning(1)).any()


def clock(monkeypatch, *seconds: float) -> None:
    """Each look at the clock says the next of `seconds`, and from then on the last."""
    said = iter(seconds)
    monkeypatch.setattr(module, "time", SimpleNamespace(perf_counter=lambda: next(said, seconds[-1])))


@pytest.mark.parametrize(("left_s", "steps"), [(30.0, 35), (96.0, 100), (1e6, 100)])
def test_no_more_steps_are_planned_than_there_is_time_for(monkeypatch, left_s, steps):
    wanted = replace(tuning(100), until=1000 + left_s)
    clock(monkeypatch, 1000.0)
    assert module._affordable(wanted, 1.0) == steps


def test_too_little_time_is_said(monkeypatch):
    wanted = replace(tuning(100), until=1030.0)
    clock(monkeypatch, 1000.0)
    with pytest.raises(TrainingError, match=r"A step takes 3\.0 s here.*give 2 more"):
        module._affordable(wanted, 3.0)


def test_it_stops_when_the_time_is_over(small, monkeypatch):
    monkeypatch.setattr(module, "LEAST_STEPS", 1)
    wanted = replace(tuning(50), until=10.0)
    clock(monkeypatch, 0.0, 0.0, 11.0)
    assert fine_tune(copy.deepcopy(small[1]), wanted, silent) == 2


def test_a_loss_that_is_no_number_stops(small):
    network = copy.deepcopy(small[1])
    with torch.no_grad():
        network.decoder.bias[0] = float("nan")
    with pytest.raises(TrainingError, match="step 1 "):
        fine_tune(network, tuning(2), silent)


def test_a_cleaner_is_the_engine(small):
    audio = np.stack([voice(1, RATE, k) + noise(1, RATE, k) for k in range(5)])
    denoiser = Denoiser(small[0])
    network = unrounded(small)
    found = cleaner(network, RATE, CPU)(audio)
    assert np.abs(found - np.stack([denoiser(item, RATE) for item in audio])).max() < 1e-5


def unrounded(small):
    """The network with the weights as they are stored."""
    from unnoise.train import load

    return load(small[0])


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_between_is_a_straight_line(share):
    start, end = ({"a": torch.full((2,), v), "n": torch.tensor(int(v))} for v in (1.0, 3.0))
    found = between(start, end, share)
    assert torch.allclose(found["a"], torch.full((2,), 1 + 2 * share))
    assert found["n"] == 1
