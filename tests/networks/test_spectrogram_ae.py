"""The autoencoder on pictures: why it fails as published, and what the wishes of its author change."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from tests.sounds import voice  # noqa: E402
from unnoise.errors import RecipeError  # noqa: E402
from unnoise.export.check import check  # noqa: E402
from unnoise.export.onnx import to_onnx  # noqa: E402
from unnoise.metrics.si_sdr import si_sdr  # noqa: E402
from unnoise.networks.spectrogram_ae import SpectrogramAutoencoder, _between  # noqa: E402

MEMORIES = ["none", "recurrent", "attention"]


def spoken(network) -> torch.Tensor:
    return torch.from_numpy(voice(network.window_samples / 16000 + 0.01, 16000))[None, : network.window_samples].float()


def test_pictures_and_latents_have_the_published_size_and_a_larger_one():
    shapes = {}
    for version in ("published", "improved"):
        network = SpectrogramAutoencoder(version=version, iterations=0)
        seen = []
        network.encoder.register_forward_hook(lambda _, given, out, seen=seen: seen.append((given[0].shape, out.shape)))
        with torch.no_grad():
            network(spoken(network))
        shapes[version] = seen[0]
    assert shapes["published"] == ((1, 1, 128, 128), (1, 64, 16, 16))
    assert shapes["improved"] == ((1, 1, 256, 256), (1, 64, 32, 256))


def test_the_published_one_fails_even_when_it_paints_the_very_same_picture():
    network = SpectrogramAutoencoder()
    network.encoder, network.decoder = nn.Identity(), nn.Module()
    network.decoder.forward = lambda picture: torch.logit(picture.clamp(1e-6, 1 - 1e-6))
    audio = spoken(network)
    with torch.no_grad():
        clean = network(audio)
    assert si_sdr(audio[0].numpy(), clean[0].numpy()) < 0
    loudness = clean.square().mean() / audio.square().mean()
    assert 0.1 < loudness < 10  # it is that voice all the same


@pytest.mark.parametrize("memory", MEMORIES)
def test_the_improved_one_begins_better_than_that(memory):
    torch.manual_seed(0)
    network = SpectrogramAutoencoder(version="improved", memory=memory, frames=128)
    audio = spoken(network)
    with torch.no_grad():
        assert si_sdr(audio[0].numpy(), network(audio)[0].numpy()) > 15


@pytest.mark.parametrize("memory", MEMORIES)
def test_memory_reaches_over_time(memory):
    torch.manual_seed(0)
    network = SpectrogramAutoencoder(version="improved", memory=memory)
    picture = torch.rand(1, 256, 64)
    other = picture.clone()
    other[:, :, 48:] = 0
    with torch.no_grad():
        begins, ends = (network._through(p)[:, :, :24] for p in (picture, other))
    assert torch.equal(begins, ends) == (memory == "none")


@pytest.mark.parametrize("memory", MEMORIES)
def test_every_memory_exports(memory):
    pytest.importorskip("onnx")
    torch.manual_seed(0)
    network = SpectrogramAutoencoder(version="improved", memory=memory, frames=16)
    model, _ = to_onnx(network)
    assert check(network, model).torch_to_onnx < 1e-4


@pytest.mark.parametrize(("features", "rows"), [("mel", 48), ("mfcc", 24)])
def test_mel_bands_and_cepstra_are_seen_and_lead_to_gains_of_bins(features, rows):
    pytest.importorskip("onnx")
    torch.manual_seed(0)
    network = SpectrogramAutoencoder(version="improved", features=features, frames=16)
    seen = []
    network.encoder.register_forward_hook(lambda _, given, out: seen.append(given[0].shape))
    audio = spoken(network)
    with torch.no_grad():
        assert si_sdr(audio[0].numpy(), network(audio)[0].numpy()) > 15
        assert seen == [(1, 1, rows, 16)]
        picture = torch.rand(1, 48, 16)
        network._through = lambda x: x  # what is seen comes back at the bins, smoothed
        back = network._painted(picture)[0]
    peaks = network.mel.argmax(1)
    off = (back[peaks] - picture[0]).abs().mean()
    assert off < (0.05 if features == "mel" else 0.25)
    assert back.shape == (257, 16)
    del network._through
    model, _ = to_onnx(network)
    assert check(network, model).torch_to_onnx < 1e-4


def test_the_search_finds_a_phase_that_suits_the_magnitudes_better():
    off = {}
    for iterations in (0, 8):
        network = SpectrogramAutoencoder(iterations=iterations, frames=32)
        tables = network.stft.tables()
        size = network.stft.analyse(spoken(network), tables).square().sum(1).sqrt()
        again = network.stft.analyse(network._sound(size, tables), tables).square().sum(1).sqrt()
        off[iterations] = float((again - size).square().sum() / size.square().sum())
    assert off[8] < 0.5 * off[0]


def test_reading_between_values_is_linear():
    places = torch.tensor([0.0, 0.25, 2.5, 4.0])
    assert torch.allclose(_between(places, 5) @ (3 * torch.arange(5.0) + 1), 3 * places + 1)


def test_silence_gives_silence():
    for version in ("published", "improved"):
        network = SpectrogramAutoencoder(version=version, frames=16)
        with torch.no_grad():
            assert network(torch.zeros(1, network.window_samples)).abs().max() == 0


@pytest.mark.parametrize(
    "arguments",
    [
        {"version": "best"},
        {"memory": "recurrent"},
        {"frames": 20},
        {"version": "improved", "features": "mell"},
        {"features": "mel"},
    ],
)
def test_refuses_other_versions(arguments):
    with pytest.raises(RecipeError, match="spectrogram-ae"):
        SpectrogramAutoencoder(**arguments)
