"""The strided autoencoder: published sizes, windows that know of no other, dropout only in training."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from unnoise.errors import RecipeError  # noqa: E402
from unnoise.networks import make_network  # noqa: E402


@pytest.fixture
def network():
    torch.manual_seed(0)
    return make_network("conv1d-ae").eval()


def test_layers_are_those_published(network):
    shapes = [tuple(layer.weight.shape) for layer in (*network.encoder, *network.decoder, network.mix)]
    encoder, decoder = [(8, 1, 2), (16, 8, 2), (32, 16, 2)], [(32, 16, 2), (16, 8, 2), (8, 1, 2)]
    assert shapes == [*encoder, *decoder, (1024, 1024)]
    assert (network.rate, network.window_samples) == (16000, 1024)


def test_eight_samples_meet_before_the_matrix_and_all_in_it(network):
    audio = 0.1 * torch.randn(1, 1024)
    with torch.no_grad():
        network.mix.weight.copy_(torch.eye(1024))
        before = network.run(audio)
        audio[0, 19] += 0.1
        changed = (network.run(audio) - before)[0].abs() > 1e-9
    assert changed.nonzero().flatten().tolist() == list(range(16, 24))


def test_dropout_ends_with_training(network):
    audio = 0.1 * torch.randn(2, 1024)
    with torch.no_grad():
        assert torch.equal(network(audio), network(audio))
        network.train()
        assert not torch.equal(network(audio), network(audio))


def test_a_window_that_cannot_be_halved_so_often_is_refused():
    with pytest.raises(RecipeError, match="multiple of 8"):
        make_network("conv1d-ae", {"window_samples": 1020})
