"""The network for files: harmless before it has learned, deaf to nothing, small enough."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from tests.sounds import noise, voice  # noqa: E402
from unnoise.metrics.si_sdr import si_sdr  # noqa: E402
from unnoise.networks.studio import BANDS, BINS, GROUPS, Studio, _turned  # noqa: E402

SMALL = {"width": 8, "layers": 1, "frames": 32}


def noisy(network) -> torch.Tensor:
    seconds = network.window_samples / network.rate
    return torch.from_numpy(voice(seconds, network.rate) + noise(seconds, network.rate))[None].float()


def test_sizes():
    network = Studio()
    assert sum(p.numel() for p in network.parameters()) <= 1_500_000
    assert network.stft.bins == BINS + 1
    assert BANDS == sum(bands for bands, _ in GROUPS) == 30
    assert network.window_samples == 2.048 * 48000


@pytest.mark.parametrize("training", [True, False])
def test_before_training_the_sound_is_only_quieter(training):
    network = Studio(**SMALL).train(training)
    audio = noisy(network)
    with torch.no_grad():
        clean = network(audio)
    assert si_sdr(audio[0].numpy(), clean[0].numpy()) > 60
    assert 0.8 < clean.square().mean() / audio.square().mean() < 1


def test_gains_reach_one():
    network = Studio(**SMALL)
    with torch.no_grad():
        for decoder, (_, bins) in zip(network.decoders, GROUPS, strict=True):
            decoder.bias[:, :, :bins] = 6.0
        audio = noisy(network)
        assert (network(audio) - audio).abs().max() < 1e-5


def shaken() -> Studio:
    """A network whose decoders answer to what it hears."""
    torch.manual_seed(0)
    network = Studio(**SMALL).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    return network


def test_hears_what_comes_later():
    network = shaken()
    audio = 0.1 * torch.randn(1, network.window_samples)
    other = audio.clone()
    other[:, -4 * 768 :] = other[:, -4 * 768 :].flip(1)  # the same level: only the content changes
    with torch.no_grad():
        assert (network.run(audio) - network.run(other))[:, : 4 * 768].abs().max() > 1e-5


def test_bands_hear_each_other():
    network = shaken()
    spectrum = network.stft.analyse(0.1 * torch.randn(1, network.window_samples), network.stft.tables())
    with torch.no_grad():
        features = network._features(spectrum[:, :, :BINS])
        x = network._encoded(features)
        other = x.clone()
        other[-1] += 1
        first, second = (network.over_bands[0](given)[0] for given in (x, other))
    assert (first - second).abs().max() > 1e-5


def test_turning_twice_is_nothing():
    x = torch.randn(30, 2 * 7, 3)
    turned = _turned(x, 7)
    assert turned.shape == (7, 2 * 30, 3)
    assert torch.equal(turned[4, 30 + 5], x[5, 7 + 4])  # second window, fifth frame, sixth band
    assert torch.equal(_turned(turned, 30), x)


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
    assert losses[-1] < 0.3 * losses[0]


def test_silence_gives_silence():
    network = Studio(**SMALL)
    with torch.no_grad():
        assert network(torch.zeros(1, network.window_samples)).abs().max() == 0
