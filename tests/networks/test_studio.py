"""The network for files: harmless before it has learned, deaf to nothing, the same at both of its rates."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.sounds import noise, voice  # noqa: E402
from unnoise.errors import RecipeError  # noqa: E402
from unnoise.metrics.si_sdr import si_sdr  # noqa: E402
from unnoise.networks.layers.band_paths import POWER_TO_MEAN_SQUARE  # noqa: E402
from unnoise.networks.studio import Studio  # noqa: E402
from unnoise.signal.resample import resample  # noqa: E402
from unnoise.signal.stft import StftSpec  # noqa: E402
from unnoise.train.transform import Transform  # noqa: E402

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
    low = {name: value.shape for name, value in Studio(rate=16000, frames=64).named_parameters()}
    high = {name: value.shape for name, value in network.named_parameters()}
    assert low.items() <= high.items()
    assert all(name.startswith("high.") for name in high.keys() - low.keys())
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
        if rate == 48000:
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
    for block in Studio(**SMALL).blocks:
        for recurrence, width in ((block.over_time, 8), (block.over_whole, 12)):
            x = torch.randn(5, 6, width)
            with torch.no_grad():
                assert recurrence(x).equal(recurrence.onwards(x)[0])


def test_twins_run_backwards():
    recurrence = shaken().blocks[0].over_time
    turned = type(recurrence)(8)
    turned.onwards, turned.back = recurrence.back, recurrence.onwards
    x = torch.randn(5, 6, 8)
    with torch.no_grad():
        assert torch.allclose(recurrence(x).flip(0), turned(x.flip(0)), atol=1e-6)


def test_levels_are_those_of_the_engine():
    for rate in (16000, 48000):
        network = Studio(**{**SMALL, "rate": rate})
        audio = 0.1 * torch.randn(1, network.window_samples)
        spectrum = network.stft.analyse(audio, network.stft.tables())
        wanted = Transform(StftSpec(16.0), rate).analyse(audio).square().sum(3)
        found = (spectrum.square().sum(1) * 2 / (POWER_TO_MEAN_SQUARE * network.stft.window)).transpose(1, 2)
        assert 10 * torch.log10(found.mean() / wanted.mean()).abs() < 0.05


def test_bands_hear_each_other():
    block = shaken().blocks[0]
    x = torch.randn(4 * 42, 8)
    other = x.clone()
    other[41::42] += 1
    with torch.no_grad():
        assert (block(x, 4)[0] - block(other, 4)[0])[::42].abs().max() > 1e-5


def test_both_rates_do_the_same_to_what_both_hold():
    low, high = shaken(), shaken(rate=48000)
    high.load_state_dict({k: v for k, v in low.state_dict().items() if not k.startswith("stft.")}, strict=False)
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


def test_what_was_trained_at_16_khz_exports():
    pytest.importorskip("onnx")
    from unnoise.export.check import check
    from unnoise.export.onnx import to_onnx

    network = shaken()
    model, _ = to_onnx(network)
    assert check(network, model).torch_to_onnx < 1e-4


def test_silence_gives_silence():
    network = Studio(**SMALL)
    with torch.no_grad():
        assert network(torch.zeros(1, network.window_samples)).abs().max() == 0
