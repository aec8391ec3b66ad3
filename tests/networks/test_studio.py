"""The network for files: harmless before it has learned, deaf to nothing, the same at both of its rates."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.sounds import noise, voice  # noqa: E402
from unnoise.errors import RecipeError  # noqa: E402
from unnoise.metrics.si_sdr import si_sdr  # noqa: E402
from unnoise.networks.studio import Studio  # noqa: E402
from unnoise.signal.resample import resample  # noqa: E402

SMALL = {"rate": 16000, "width": 8, "whole": 12, "blocks": 1, "frames": 32}


def noisy(network: Studio) -> torch.Tensor:
    seconds = network.window_samples / network.rate
    return torch.from_numpy(voice(seconds, network.rate) + noise(seconds, network.rate))[None].float()


def shaken(**arguments) -> Studio:
    """A network whose gains answer to what it hears, by the same amounts whatever the arguments."""
    torch.manual_seed(0)
    network = Studio(**{**SMALL, **arguments}).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    return network


def test_sizes():
    network = Studio()
    assert sum(p.numel() for p in network.parameters()) <= 1_500_000
    assert network.window_samples == 8.192 * 48000
    other = Studio(rate=16000, frames=64)
    assert {n: p.shape for n, p in network.named_parameters()} == {n: p.shape for n, p in other.named_parameters()}
    with pytest.raises(RecipeError, match="16000 or 48000 Hz; rate is 44100"):
        Studio(rate=44100)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("rate", [16000, 48000])
def test_before_training_the_sound_is_only_quieter(training, rate):
    network = Studio(**{**SMALL, "rate": rate}).train(training)
    audio = noisy(network)
    with torch.no_grad():
        clean = network(audio)
    assert si_sdr(audio[0].numpy(), clean[0].numpy()) > 60
    assert 0.5 < clean.square().mean() / audio.square().mean() < 1


@pytest.mark.parametrize("rate", [16000, 48000])
def test_gains_reach_one(rate):
    network = Studio(**{**SMALL, "rate": rate})
    with torch.no_grad():
        network.decoder.bias[:, :, : network.most] = 6.0
        network.high.gains.bias.fill_(6.0)
        audio = noisy(network)
        assert (network(audio) - audio).abs().max() < 1e-5


def test_hears_what_comes_later():
    network = shaken()
    audio = 0.1 * torch.randn(1, network.window_samples)
    other = audio.clone()
    other[:, -4 * 256 :] = other[:, -4 * 256 :].flip(1)  # the same level: only the content changes
    with torch.no_grad():
        assert (network(audio) - network(other))[:, : 4 * 256].abs().max() > 1e-5


def test_what_runs_backwards_says_nothing_at_first():
    network = Studio(**SMALL)
    x = torch.randn(5, 6, 8)
    for block in network.blocks:
        with torch.no_grad():
            assert block.over_time(x).equal(block.over_time.onwards(x)[0])


def test_bands_hear_each_other():
    block = shaken().blocks[0]
    x = torch.randn(4 * 42, 8)
    other = x.clone()
    other[41::42] += 1
    with torch.no_grad():
        assert (block(x, 4)[0] - block(other, 4)[0])[::42].abs().max() > 1e-5


def test_both_rates_do_the_same_to_what_both_hold():
    low, high = shaken(), shaken(rate=48000)
    high.load_state_dict(low.state_dict() | {"stft.counted": high.state_dict()["stft.counted"]})
    spectrum = np.fft.rfft(noisy(low)[0].numpy() * np.hanning(low.window_samples))
    spectrum[np.arange(len(spectrum)) > 0.8 * len(spectrum)] = 0  # without the resampler's edge
    audio = np.fft.irfft(spectrum).astype(np.float32)
    with torch.no_grad():
        at_low = low(torch.from_numpy(audio)[None])[0].numpy()
        at_high = high(torch.from_numpy(resample(audio, 16000, 48000))[None])[0].numpy()
    assert si_sdr(at_low, resample(at_high, 48000, 16000)) > 40


def test_learns():
    torch.manual_seed(0)
    network = Studio(**{**SMALL, "frames": 16})
    audio = noisy(network)
    clean = torch.from_numpy(voice(network.window_samples / network.rate, network.rate))[None].float()
    optimiser = torch.optim.Adam(network.parameters(), 1e-2)
    losses = []
    for _ in range(25):
        loss = (network(audio) - clean).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.5 * losses[0]


def test_silence_gives_silence():
    network = Studio(**SMALL)
    with torch.no_grad():
        assert network(torch.zeros(1, network.window_samples)).abs().max() == 0
