"""The trivial autoencoder: published sizes, in place at both strides, too narrow to pass its input on."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from unnoise.errors import RecipeError  # noqa: E402
from unnoise.networks import make_network  # noqa: E402


@pytest.mark.parametrize("stride", [32, 512])
def test_layers_are_those_published(stride):
    network = make_network("conv-ae", {"stride": stride})
    for layer in (network.encoder, network.decoder):
        assert sorted(layer.weight.shape) == [1, 32, 2048]
        assert (layer.stride, layer.padding) == ((stride,), (1023,))


@pytest.mark.parametrize("stride", [32, 512])
def test_what_goes_in_comes_out_in_its_place(stride):
    network = make_network("conv-ae", {"stride": stride, "window_samples": 4096})
    with torch.no_grad():
        for layer in (network.encoder, network.decoder):
            layer.weight.zero_()
            layer.bias.zero_()
            layer.weight[0, 0, 1023] = 1.0
    audio = torch.zeros(1, 4096)
    audio[0, ::stride] = 1e-3 * torch.randn(4096 // stride)  # so quiet that Tanh changes nothing
    with torch.no_grad():
        assert torch.allclose(network.run(audio), audio, atol=1e-6)


def test_the_code_is_narrower_than_the_sound():
    """What makes it fail: a sixteenth of the numbers, so what it gives lies in a space of that size."""
    torch.manual_seed(0)
    sizes = {"window_samples": 2048, "overlap_samples": 0, "kernel_samples": 512, "stride": 128, "channels": 8}
    network = make_network("conv-ae", sizes)
    with torch.no_grad():
        network.decoder.bias.zero_()
        found = network.run(0.1 * torch.randn(300, 2048))
    assert torch.linalg.matrix_rank(found) <= 2048 // 128 * 8


@pytest.mark.parametrize(
    "arguments, wrong",
    [({"stride": 500}, "stride"), ({"stride": 1}, "stride"), ({"kernel_samples": 256}, "kernel_samples"),
     ({"kernel_samples": 2047}, "kernel_samples")],
)  # fmt: skip
def test_sizes_that_do_not_fit_are_refused(arguments, wrong):
    with pytest.raises(RecipeError, match=f"^{wrong} is"):
        make_network("conv-ae", arguments)
