"""The complex U-Net: complex arithmetic as torch's own, whitening as defined, every size comes back as it was."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.nn import functional  # noqa: E402

from unnoise.errors import RecipeError  # noqa: E402
from unnoise.export.check import check  # noqa: E402
from unnoise.export.onnx import to_onnx  # noqa: E402
from unnoise.metrics.si_sdr import si_sdr  # noqa: E402
from unnoise.networks.dcunet import ComplexConv, ComplexNorm, DCUnet  # noqa: E402

SMALL = {"channels": 2, "frames": 17}


@pytest.mark.parametrize("up", [False, True])
def test_a_complex_convolution_is_one(up):
    torch.manual_seed(0)
    conv = ComplexConv(up, 3, 4, kernel_size=(5, 3), stride=(2, 1), padding=(2, 1), bias=False)
    x = torch.randn(2, 2, 3, 9, 7)
    weight = torch.complex(*(conv.conv.weight.chunk(2, 1) if up else conv.conv.weight.chunk(2, 0)))
    plain = functional.conv_transpose2d if up else functional.conv2d
    wanted = plain(torch.complex(x[:, 0], x[:, 1]), weight, stride=(2, 1), padding=(2, 1))
    found = conv(x)
    assert (torch.complex(found[:, 0], found[:, 1]) - wanted).abs().max() < 1e-5


def mixed(seed: int) -> torch.Tensor:
    """Planes of different power that resemble each other, (4, 2, 3, 8, 10)."""
    x = torch.randn(4, 2, 3, 8, 10, generator=torch.Generator().manual_seed(seed))
    return torch.stack([2 * x[:, 0] + 1, x[:, 1] - 1.5 * x[:, 0]], dim=1)


def test_normalising_whitens_both_planes():
    rows = ComplexNorm(3)(mixed(0)).detach().permute(2, 1, 0, 3, 4).reshape(3, 2, -1)
    for channel in rows:
        assert torch.allclose(torch.cov(channel, correction=0), 0.5 * torch.eye(2), atol=1e-3)
    assert rows.mean(2).abs().max() < 1e-5


def test_normalising_is_by_the_root_of_the_inverse_covariance():
    norm, x = ComplexNorm(3), mixed(0)
    with torch.no_grad():
        norm.real_scale.fill_(1.3), norm.imaginary_scale.fill_(0.4), norm.cross_scale.fill_(-0.2)
        norm.shift.normal_()
        found = norm(x).permute(2, 1, 0, 3, 4).reshape(3, 2, -1).numpy()
    rows = x.permute(2, 1, 0, 3, 4).reshape(3, 2, -1).double().numpy()
    scale = np.array([[1.3, -0.2], [-0.2, 0.4]])
    for k, channel in enumerate(rows):
        values, vectors = np.linalg.eigh(np.cov(channel, ddof=0))
        root = vectors @ np.diag(values**-0.5) @ vectors.T
        wanted = scale @ root @ (channel - channel.mean(1, keepdims=True)) + norm.shift[:, k, 0].detach().numpy()
        assert np.abs(found[k] - wanted).max() < 1e-4


def test_stored_statistics_become_those_of_the_batches():
    norm, x = ComplexNorm(3), mixed(1)
    for _ in range(200):
        wanted = norm(x)
    assert (norm.eval()(x) - wanted).abs().max() < 1e-4


@pytest.mark.parametrize("complex", [True, False])
@pytest.mark.parametrize("layers", [10, 16, 20])
def test_every_size_comes_back_as_it_was_and_exports(layers, complex):
    pytest.importorskip("onnx")
    torch.manual_seed(0)
    network = DCUnet(layers=layers, complex=complex, **SMALL)
    assert len(network.encoders) + len(network.decoders) == layers
    audio = 0.1 * torch.randn(2, network.window_samples)
    assert network(audio).shape == audio.shape  # and statistics of normalisation
    model, where = to_onnx(network)
    assert check(network, model).torch_to_onnx < 1e-4
    assert set(where) == {name for name in network.state_dict() if not name.endswith("num_batches_tracked")}


def test_the_published_size():
    network = DCUnet()
    assert [layer[0].outputs for layer in network.encoders] == [45, 90, 90, 90, 90]
    assert network.stft.bins == 513  # of 64 ms
    pairs = [(1, 45, 35), (45, 90, 35), (90, 90, 15), (90, 90, 15), (90, 90, 15)]
    skipped = [(90, 1, 35), (180, 45, 35), (180, 90, 15), (180, 90, 15), (90, 90, 15)]
    weights = sum(2 * inputs * outputs * size for inputs, outputs, size in pairs + skipped)
    normed = 5 * (45 + 90 * 4 + 45 + 90 * 3)
    assert sum(p.numel() for p in network.parameters()) == weights + normed + 2


def test_begins_near_the_identity_and_only_turns_down():
    torch.manual_seed(0)
    network = DCUnet(**SMALL)
    audio = 0.1 * torch.randn(2, network.window_samples)
    with torch.no_grad():
        clean = network(audio)
    assert min(si_sdr(a, c) for a, c in zip(audio.numpy(), clean.numpy(), strict=True)) > 10
    tables = network.stft.tables()
    before, after = (network.stft.analyse(x, tables).square().sum((1, 2, 3)) for x in (audio, clean))
    assert (after < before).all()


def test_other_rates_keep_the_length_of_the_window():
    network = DCUnet(rate=48000, **SMALL)
    assert network.stft.window == 3072
    assert network(0.1 * torch.randn(1, network.window_samples)).shape == (1, network.window_samples)


@pytest.mark.parametrize("arguments", [{"layers": 12}, {"frames": 20}])
def test_refuses_sizes_that_do_not_come_back(arguments):
    with pytest.raises(RecipeError, match="10, 16 or 20 layers"):
        DCUnet(**arguments)
