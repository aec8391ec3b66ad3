"""What holds for every network by being registered: it learns, exports, cleans at any rate, and comes back to torch."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from tests.sounds import noise, voice  # noqa: E402
from unnoise import Denoiser  # noqa: E402
from unnoise.export.bundle import export_network  # noqa: E402
from unnoise.export.check import check  # noqa: E402
from unnoise.export.onnx import to_onnx  # noqa: E402
from unnoise.networks import NETWORKS, make_network  # noqa: E402
from unnoise.networks.base import WaveformNetwork, normalisations  # noqa: E402
from unnoise.train import load  # noqa: E402
from unnoise.train.transform import way_through  # noqa: E402

SMALL = {
    "conv-ae": {"window_samples": 4096, "overlap_samples": 512},
    "conv1d-ae": {},
    "conv2d-ae": {"width": 4, "seconds": 0.9},
    "dcunet": {"channels": 4, "frames": 17},
    "dense-ae": {},
    "dilated-conv": {"channels": 6, "dilations": 5, "window_samples": 2048, "overlap_samples": 256},
    "dual-path": {"width": 4, "whole": 12, "blocks": 1, "high_hidden": 8},
    "spectrogram-ae": {"version": "improved"},
    "studio": {"width": 4, "whole": 12, "blocks": 1, "frames": 16, "high_hidden": 8},
    "wavenet": {"channels": 6, "stacks": 1, "dilations": 5, "window_samples": 2048, "overlap_samples": 256},
}
"""A size of each that takes no time; a new network adds its own."""


def sounds(rate: int, items: int = 2, seconds: float = 1.0) -> tuple[torch.Tensor, torch.Tensor]:
    """Noisy and clean, (items, samples)."""
    clean = np.stack([voice(seconds, rate, seed) for seed in range(items)])
    noisy = clean + np.stack([noise(seconds, rate, seed) for seed in range(items)])
    return torch.from_numpy(noisy.astype(np.float32)), torch.from_numpy(clean)


@pytest.fixture(scope="module", params=sorted(NETWORKS))
def made(request):
    """Name, arguments, and a network whose weights all matter, with statistics of its normalisation."""
    torch.manual_seed(0)
    network = make_network(request.param, SMALL[request.param])
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.02 * torch.randn_like(parameter))
    rate = getattr(network, "rate", 16000)
    noisy, _ = sounds(rate)
    way_through(network, rate)(network, noisy, network.initial_states(2))
    return request.param, SMALL[request.param], network.eval()


def test_every_network_has_a_small_size_here():
    assert set(SMALL) == set(NETWORKS)


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_a_step_lowers_the_loss(name):
    torch.manual_seed(0)
    network = make_network(name, SMALL[name])
    rate = getattr(network, "rate", 16000)
    way = way_through(network, rate)
    noisy, clean = sounds(rate)

    def loss() -> torch.Tensor:
        torch.manual_seed(1)  # the same dropout before and after
        return (way(network, noisy, network.initial_states(2))[0] - clean).square().mean()

    optimiser = torch.optim.Adam(network.parameters(), 1e-4)
    before = loss()
    before.backward()
    optimiser.step()
    with torch.no_grad():
        assert loss() < before


@pytest.mark.parametrize("name", sorted(NETWORKS))
def test_held_normalisations_keep_their_statistics(name):
    network = make_network(name, SMALL[name]).train()
    for part in normalisations(network):
        part.eval()
    before = {key: value.clone() for key, value in network.named_buffers()}
    rate = getattr(network, "rate", 16000)
    noisy, _ = sounds(rate)
    way_through(network, rate).train()(network, noisy, network.initial_states(2))
    for key, value in network.named_buffers():
        assert value.equal(before[key]), key


def test_the_exported_model_computes_the_same(made):
    _, _, network = made
    model, where = to_onnx(network)
    checked = check(network, model)
    assert checked.torch_to_onnx < 1e-4
    assert (checked.whole_to_blocks is None) == isinstance(network, WaveformNetwork)
    assert (checked.whole_to_blocks or 0.0) < 1e-4
    assert set(where) == {name for name in network.state_dict() if not name.endswith("num_batches_tracked")}


def test_a_bundle_cleans_at_any_rate_and_leads_back_to_torch(made, tmp_path):
    name, arguments, network = made
    bundle = tmp_path / "made.onnx"
    told = {"name": "made", "version": "1", "licence": "MIT", "card": {}}
    export_network(network.state_dict(), name, arguments, bundle, **told)
    denoiser = Denoiser(bundle)
    for rate in (8000, 44100):
        noisy = (voice(1.3, rate) + noise(1.3, rate))[:-7]
        clean = denoiser(noisy, rate)
        assert clean.shape == noisy.shape
        assert clean.dtype == np.float32
        assert np.isfinite(clean).all()
        assert np.abs(clean - noisy).max() > 1e-3
    back = load(bundle)
    assert type(back) is type(network)
    for key, stored in network.state_dict().items():
        if not key.endswith("num_batches_tracked"):
            found = back.state_dict()[key]
            assert found.dtype == torch.float32
            assert torch.allclose(found, stored, rtol=1e-3, atol=1e-6), key  # rounded to half precision and no more


def test_the_parts_of_a_recording_do_not_meet(made):
    """One item of a batch, one window of a recording, says nothing to another."""
    _, _, network = made
    rate = getattr(network, "rate", 16000)
    way = way_through(network, rate)
    noisy, _ = sounds(rate, items=3)
    with torch.no_grad():
        together = way(network, noisy, network.initial_states(3))[0][1]
        alone = way(network, noisy[1:2], network.initial_states(1))[0][0]
    assert (together - alone).abs().max() < 1e-4 * together.abs().max()


def test_loudness_makes_no_difference(made):
    _, _, network = made
    rate = getattr(network, "rate", 16000)
    way = way_through(network, rate)
    noisy, _ = sounds(rate, items=1)
    with torch.no_grad():
        loud, quiet = (way(network, noisy * gain, network.initial_states(1))[0] / gain for gain in (1.0, 0.02))
    assert (loud - quiet).abs().max() < 2e-3 * loud.abs().max()
