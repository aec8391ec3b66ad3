"""The Wavenet: the paper's sizes and reach, its gate, and a look both ways."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from unnoise.errors import RecipeError  # noqa: E402
from unnoise.networks import make_network  # noqa: E402
from unnoise.networks.wavenet import Layer  # noqa: E402


def test_the_paper_s_sizes():
    with torch.device("meta"):
        network = make_network("wavenet", {"size": "paper"})
    dilated = [layer.dilated for layer in network.layers]
    assert [layer.dilation[0] for layer in dilated] == 3 * [2**k for k in range(10)]
    assert {(layer.in_channels, layer.kernel_size[0]) for layer in dilated} == {(128, 3)}
    head = [(layer.out_channels, layer.kernel_size[0]) for layer in network.head if hasattr(layer, "kernel_size")]
    assert head == [(2048, 3), (256, 3), (1, 1)]
    # The authors' 6,342,657 less their conditioning by the speaker: five bits to every layer.
    conditioning = 5 * (128 + 30 * 256 + 2048 + 256)
    assert sum(p.numel() for p in network.parameters()) == pytest.approx(6_342_657 - conditioning, rel=1e-3)


def test_any_number_can_be_given_by_itself():
    network = make_network("wavenet", {"size": "reduced", "channels": 4, "stacks": 1, "dilations": 3})
    assert [layer.dilated.in_channels for layer in network.layers] == [4, 4, 4]
    with pytest.raises(RecipeError, match="expected paper or reduced"):
        make_network("wavenet", {"size": "huge"})


def test_it_hears_as_far_to_both_sides_as_its_dilations_add_up_to():
    torch.manual_seed(0)
    network = make_network(
        "wavenet", {"stacks": 2, "dilations": 4, "window_samples": 512, "overlap_samples": 0}
    ).double()
    audio = torch.randn(1, 512, dtype=torch.float64, requires_grad=True)
    network.run(audio)[0, 200].backward()
    heard = audio.grad[0].nonzero().flatten()
    reach = 2 * (1 + 2 + 4 + 8) + 1 + 2  # stacks, the first convolution, the two wide ones at the end
    assert (heard[0].item(), heard[-1].item()) == (200 - reach, 200 + reach)


def test_a_layer_is_a_gated_convolution_with_a_way_around_it():
    torch.manual_seed(0)
    layer = Layer(3, 2, dilation=4)
    x = torch.randn(1, 3, 40)
    passed, skipped = layer(x)
    padded = torch.nn.functional.pad(x, (4, 4))
    taps = torch.stack([padded[..., 4 * k : 4 * k + 40] for k in range(3)], dim=-1)  # (1, 3, 40, 3)
    both = torch.einsum("ock,bctk->bot", layer.dilated.weight, taps)
    out = torch.einsum("oc,bct->bot", layer.out.weight[..., 0], both[:, :3].tanh() * both[:, 3:].sigmoid())
    assert torch.allclose(passed, x + out[:, :3], atol=1e-6)
    assert torch.allclose(skipped, out[:, 3:], atol=1e-6)
