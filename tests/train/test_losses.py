"""Losses: least at the target, higher for what is worse, finite for silence, with gradients."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from tests.sounds import noise, voice  # noqa: E402
from unnoise.train.losses import LOSSES, make_loss  # noqa: E402

RATE = 16000


@pytest.fixture(scope="module")
def sounds():
    clean = torch.from_numpy(voice(2, RATE))[None]
    clean = clean / clean.square().mean().sqrt()
    return clean, clean + 10 * torch.from_numpy(noise(2, RATE))[None]


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_the_target_is_best_and_silence_is_legal(name, sounds):
    clean, noisy = sounds
    loss = make_loss(name, RATE)
    best = float(loss(clean, clean, noisy))
    worse = [float(loss(0.5 * clean, clean, noisy)), float(loss(0.1 * clean, clean, noisy))]
    assert best < worse[0] < worse[1]
    estimate = torch.zeros_like(noisy, requires_grad=True)
    value = loss(estimate, torch.zeros_like(clean), noisy)
    value.backward()
    assert torch.isfinite(value)
    assert torch.isfinite(estimate.grad).all()


def test_over_attenuation_does_not_punish_noise(sounds):
    clean, noisy = sounds
    loss = make_loss("over_attenuation", RATE)
    assert float(loss(noisy, clean, noisy)) < 0.2 * float(loss(0.3 * clean, clean, noisy))


def test_snr_costs_level_errors(sounds):
    clean, noisy = sounds
    loss = make_loss("thresholded_snr", RATE)
    assert float(loss(clean, clean, noisy)) < -3
    assert float(loss(0.9 * clean, clean, noisy)) == pytest.approx(-2, abs=0.1)
