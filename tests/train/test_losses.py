"""Losses: least at the target, higher for what is worse, finite for silence, with gradients, at any rate and length."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from tests.sounds import noise, voice  # noqa: E402
from unnoise.train.losses import LOSSES, make_loss  # noqa: E402

RATE = 16000
PAGE = Path(__file__).parents[2] / "docs/losses.md"
LEVEL_BLIND = {"si_sdr"}
every_loss = pytest.mark.parametrize("name", sorted(LOSSES))


def mixture(seconds: float = 2, rate: int = RATE):
    clean = torch.from_numpy(voice(seconds, rate))[None]
    clean = clean / clean.square().mean().sqrt()
    return clean, clean + 10 * torch.from_numpy(noise(seconds, rate))[None]


@pytest.fixture(scope="module")
def sounds():
    return mixture()


@every_loss
def test_the_target_is_best_and_silence_is_legal(name, sounds):
    clean, noisy = sounds
    loss = make_loss(name, RATE)
    best = float(loss(clean, clean, noisy))
    if name not in LEVEL_BLIND:
        worse = [float(loss(0.5 * clean, clean, noisy)), float(loss(0.1 * clean, clean, noisy))]
        assert best < worse[0] < worse[1]
    estimate = torch.zeros_like(noisy, requires_grad=True)
    value = loss(estimate, torch.zeros_like(clean), noisy)
    value.backward()
    assert torch.isfinite(value)
    assert torch.isfinite(estimate.grad).all()


@every_loss
def test_all_silence_and_the_target_itself_have_finite_slopes(name, sounds):
    clean, noisy = sounds
    silence = torch.zeros_like(clean)
    for wanted, heard in ((silence, silence), (clean, clean), (clean, noisy)):
        estimate = wanted.clone().requires_grad_()
        make_loss(name, RATE)(estimate, wanted, heard).backward()
        assert torch.isfinite(estimate.grad).all()


@every_loss
def test_going_down_the_slope_brings_the_estimate_nearer(name, sounds):
    clean, noisy = sounds
    if name == "over_attenuation":
        noisy = 0.5 * noisy  # it sees only what is missing
    loss, estimate = make_loss(name, RATE), noisy.clone().requires_grad_()
    before = loss(estimate, clean, noisy)
    before.backward()
    slope = estimate.grad / estimate.grad.norm()
    assert float(loss(noisy - 0.5 * slope, clean, noisy)) < float(before.detach())


@every_loss
@pytest.mark.parametrize("rate", [8000, 11025, 44100, 48000])
def test_any_rate_and_any_length(name, rate):
    loss = make_loss(name, rate)
    clean, noisy = mixture(1.1, rate)
    for samples in (clean.shape[1], 300, 1):
        value = loss(noisy[:, :samples], clean[:, :samples], noisy[:, :samples])
        assert value.shape == ()
        assert torch.isfinite(value), samples


@every_loss
def test_a_loss_has_nothing_to_train_and_nothing_to_store(name):
    loss = make_loss(name, RATE)
    assert not list(loss.parameters())
    assert not loss.state_dict()


@every_loss
def test_what_a_batch_is_filled_up_with_does_not_count(name):
    (long_clean, long), (short_clean, short) = mixture(1.0), mixture(0.6)
    loss, fill = make_loss(name, RATE), (0, long.shape[1] - short.shape[1])
    alone = [loss(0.7 * long, long_clean, long), loss(0.7 * short, short_clean, short)]

    def filled(audio, longer, value):
        return torch.cat([longer, torch.nn.functional.pad(audio, fill, value=value)])

    noisy = filled(short, long, 3.0)
    estimate = (0.7 * noisy).requires_grad_()
    samples = torch.tensor([long.shape[1], short.shape[1]])
    together = loss.of_padded(estimate, filled(short_clean, long_clean, -2.0), noisy, samples)
    assert float(together.detach()) == pytest.approx(float(sum(alone)) / 2, rel=1e-5)
    together.backward()
    assert not estimate.grad[1, short.shape[1] :].any()
    assert estimate.grad[1, : short.shape[1]].any()


def test_empty_items_do_not_count(sounds):
    clean, noisy = (torch.cat([audio, audio]) for audio in sounds)
    loss = make_loss("mse", RATE)
    whole = float(loss(noisy, clean, noisy))
    assert float(loss.of_padded(noisy, clean, noisy, torch.tensor([clean.shape[1], 0]))) == pytest.approx(whole)
    assert float(loss.of_padded(noisy, clean, noisy, torch.tensor([0, 0]))) == 0


def test_over_attenuation_does_not_punish_noise(sounds):
    clean, noisy = sounds
    loss = make_loss("over_attenuation", RATE)
    assert float(loss(noisy, clean, noisy)) < 0.2 * float(loss(0.3 * clean, clean, noisy))


def test_over_attenuation_gives_nothing_for_bins_left_open():
    at = torch.arange(RATE)[None] / RATE
    clean, beside = (sum(torch.sin(2 * torch.pi * (hz + by) * at) for hz in (1000, 2000, 3000)) for by in (0, 125))
    loss = make_loss("over_attenuation", RATE)
    missing, whistling = (float(loss(0.1 * clean + by * beside, clean, clean)) for by in (0, 1))
    assert whistling == pytest.approx(missing, rel=0.02)


def test_over_attenuation_doubles_quiet_speech_and_lets_floors_go():
    noise = torch.randn(1, 4 * RATE, generator=torch.Generator().manual_seed(4))
    loss = make_loss("over_attenuation", RATE)

    def of_second_half(level_db: float) -> float:
        """The loss of a second half at this level taken away, over its share of the whole's compressed squares."""
        fades = torch.where(torch.arange(4 * RATE) < 2 * RATE, 1.0, 10 ** (level_db / 20))
        kept = torch.where(torch.arange(4 * RATE) < 2 * RATE, 1.0, 0.0)
        return float(loss(kept * noise, fades * noise, noise)) / float(10 ** (0.03 * level_db))

    loud, quiet, floor = (of_second_half(level_db) for level_db in (-5, -25, -40))
    assert 1.4 < quiet / loud < 2.5  # over the squares of both halves, so not quite 2
    assert floor < 0.05 * quiet


def test_snr_costs_level_errors(sounds):
    clean, noisy = sounds
    loss = make_loss("thresholded_snr", RATE)
    assert float(loss(clean, clean, noisy)) < -3
    assert float(loss(0.9 * clean, clean, noisy)) == pytest.approx(-2, abs=0.1)


def test_the_code_on_the_page_runs(sounds):
    clean, noisy = sounds
    said: dict[str, object] = {}
    for code in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        exec(code, said)
    assert -1 < float(said["value"]) < 0
    own = said["EnergyRatio"](RATE)
    assert float(own(clean, clean, noisy)) == 0 < float(own(noisy, clean, noisy))


@every_loss
def test_the_page_says_what_it_is(name):
    assert f"| `{name}` |" in PAGE.read_text(encoding="utf-8")
