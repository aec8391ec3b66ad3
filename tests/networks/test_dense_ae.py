"""The dense autoencoders: published sizes counted, overlap that adds up, a sign that a sigmoid keeps."""

from __future__ import annotations

import os

import pytest

torch = pytest.importorskip("torch")

from unnoise.errors import RecipeError  # noqa: E402
from unnoise.networks import make_network  # noqa: E402


def widths(network):
    matrices = [layer for layer in network.layers if isinstance(layer, torch.nn.Linear)]
    return [matrices[0].in_features, *(layer.out_features for layer in matrices)]


@pytest.mark.parametrize(
    "variant, wanted, millions",
    [
        ("seconds", [16000, 1024, 512, 256, 512, 1024, 16000], 34.1),
        ("clips", [70000, 4096, 512, 4096, 70000], 577.7),
    ],
)
def test_published_sizes(variant, wanted, millions):
    with torch.device("meta"):  # counted without a byte of memory
        network = make_network("dense-ae", {"variant": variant, "size": "published"})
    assert widths(network) == wanted
    assert sum(p.numel() for p in network.parameters()) / 1e6 == pytest.approx(millions, abs=0.1)


@pytest.mark.parametrize("variant", ["seconds", "clips"])
def test_the_reduced_size_squeezes_less_and_is_small(variant):
    network = make_network("dense-ae", {"variant": variant})
    assert widths(network)[0] / min(widths(network)) < 2
    assert sum(p.numel() for p in network.parameters()) < 3e6


@pytest.mark.parametrize("variant", ["seconds", "clips"])
def test_stretches_add_up_to_the_sound(variant):
    network = make_network("dense-ae", {"variant": variant})
    network.layers = torch.nn.Identity()
    audio = 0.1 * torch.randn(3, network.window_samples, generator=torch.Generator().manual_seed(3))
    assert (network(audio) - audio).abs().max() < 1e-5


def test_a_change_reaches_two_stretches_and_no_further():
    torch.manual_seed(0)
    network = make_network("dense-ae").eval()
    audio = 0.1 * torch.randn(1, 16000)
    with torch.no_grad():
        before = network.run(audio)
        audio[0, 8100] += 0.1
        changed = ((network.run(audio) - before)[0].abs() > 0).nonzero().flatten()
    assert changed.min() >= 7750
    assert changed.max() < 8500


def test_clips_end_in_a_sigmoid_that_keeps_both_half_waves():
    torch.manual_seed(0)
    network = make_network("dense-ae", {"variant": "clips"}).eval()
    x = torch.tensor([[-40.0, -1.0, 0.0, 1.0, 40.0]])
    assert torch.allclose(network.layers[-1](x), torch.tanh(x / 2), atol=1e-6)
    assert [layer.p for layer in network.layers if isinstance(layer, torch.nn.Dropout)] == [0.3] * 3
    assert network.level == "peak"


def test_the_published_clips_make_a_step():
    """578 million parameters and their gradients: 4.6 GB."""
    if os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") < 7e9:
        pytest.skip("needs 7 GB of free memory")
    torch.manual_seed(0)
    with torch.device("meta"):
        network = make_network("dense-ae", {"variant": "clips", "size": "published", "dropout": 0.0})
    network.to_empty(device="cpu")
    drawn = 0.01 * torch.randn(70001)  # drawing them all would take longer than the step
    with torch.no_grad():
        for parameter in network.parameters():
            for part in parameter.view(-1).split(len(drawn)):
                part.copy_(drawn[: len(part)])
    audio = 0.3 * torch.randn(1, 70000)
    loss = (network(audio) - audio).square().mean()
    loss.backward()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.sub_(parameter.grad)
        assert (network(audio) - audio).square().mean() < loss


def test_what_does_not_exist_is_refused():
    with pytest.raises(RecipeError, match="there are variant 'seconds' with size 'published'"):
        make_network("dense-ae", {"size": "tiny"})
