"""Sixteen dilated convolutions: published sizes and reach, adaptive normalisation, both kinds exported."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from unnoise.errors import RecipeError  # noqa: E402
from unnoise.networks import make_network  # noqa: E402
from unnoise.networks.dilated_conv import AdaptiveNorm  # noqa: E402

SMALL = {"channels": 4, "dilations": 4, "window_samples": 256, "overlap_samples": 32}


def test_layers_are_those_published():
    network = make_network("dilated-conv")
    layers = [*network.convolutions, network.last]
    assert len(layers) == 16
    assert [layer.dilation[0] for layer in layers] == [1, *(2**k for k in range(13)), 1, 1]
    assert [layer.out_channels for layer in layers] == [64] * 15 + [1]
    assert {layer.kernel_size for layer in layers} == {(3,)}


def test_it_hears_as_far_to_both_sides_as_its_dilations_add_up_to():
    torch.manual_seed(0)
    network = make_network("dilated-conv", SMALL).double().eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    audio = torch.randn(1, 256, dtype=torch.float64, requires_grad=True)
    network.run(audio)[0, 100].backward()
    heard = audio.grad[0].nonzero().flatten()
    reach = 1 + (1 + 2 + 4 + 8) + 1 + 1
    assert (heard[0].item(), heard[-1].item()) == (100 - reach, 100 + reach)


@pytest.mark.parametrize("arguments", [SMALL, SMALL | {"channels": 5}, {}])
def test_it_begins_as_the_identity(arguments):
    network = make_network("dilated-conv", arguments)
    audio = 0.1 * torch.randn(2, network.window_samples)
    assert torch.allclose(network.run(audio), audio, atol=1e-6)


def test_normalisation_is_a_weighed_sum():
    norm, x = AdaptiveNorm(3, adaptive=True), 5 + 2 * torch.randn(4, 3, 50)
    assert torch.equal(norm(x), x)  # as it begins
    with torch.no_grad():
        norm.plain.fill_(0.5)
        norm.normed.fill_(2.0)
    normed = (x - x.mean((0, 2), keepdim=True)) / (x.var((0, 2), keepdim=True, correction=0) + 1e-5).sqrt()
    assert torch.allclose(norm(x), 0.5 * x + 2 * normed, atol=1e-5)
    plain = AdaptiveNorm(3, adaptive=False)
    assert torch.allclose(plain(x), normed, atol=1e-5)
    assert {name for name, _ in plain.named_parameters()} == {"norm.weight", "norm.bias"}


def test_plain_batch_normalisation_leads_back_to_torch_too():
    pytest.importorskip("onnx")
    from unnoise.export.check import check
    from unnoise.export.onnx import to_onnx

    torch.manual_seed(0)
    network = make_network("dilated-conv", {**SMALL, "norm": "batch"})
    network(0.1 * torch.randn(4, 256))  # statistics of normalisation
    model, where = to_onnx(network)
    assert check(network, model).torch_to_onnx < 1e-5
    assert set(where) == {name for name in network.state_dict() if not name.endswith("num_batches_tracked")}


def test_other_normalisations_are_refused():
    with pytest.raises(RecipeError, match="'adaptive' or 'batch'"):
        make_network("dilated-conv", {"norm": "layer"})
