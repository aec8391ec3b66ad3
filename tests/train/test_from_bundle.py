"""A bundle leads back to the network that it was exported from."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

import unnoise.train  # noqa: E402
from tests.engine import models  # noqa: E402
from tests.sounds import noise, voice  # noqa: E402
from tests.train.bundles import SMALL, small_bundle  # noqa: E402
from unnoise import BundleError, Denoiser, load_bundle  # noqa: E402
from unnoise.bundle import write_bundle  # noqa: E402
from unnoise.train.transform import way_through  # noqa: E402

RATE = 16000


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return small_bundle(tmp_path_factory.mktemp("bundles"))


def changed(path, target, **changes):
    """The bundle at `path` that says something else about itself."""
    bundle = load_bundle(path)
    return write_bundle(target, bundle.model, msgspec.structs.replace(bundle.info, **changes))


def test_every_tensor_comes_back(made):
    path, network = made
    loaded = unnoise.train.load(path)
    assert not loaded.training
    for name, value in network.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            found = loaded.state_dict()[name]
            assert found.dtype == torch.float32
            # Statistics are stored in full; they are large, where weights are not.
            exactly = value if name.endswith(("running_mean", "running_var")) else value.half().float()
            assert torch.equal(found, exactly), name


def test_it_computes_what_the_engine_computes(made):
    path, _ = made
    audio = voice(2.0, RATE) + noise(2.0, RATE)
    network = unnoise.train.load(str(path))
    with torch.no_grad():
        found, _ = way_through(network, RATE)(network, torch.from_numpy(audio)[None], network.initial_states(1))
    assert np.abs(found[0].numpy() - Denoiser(path)(audio, RATE)).max() < 1e-5


def test_gradients_flow_to_weights_and_input(made):
    network = unnoise.train.load(load_bundle(made[0]))
    spectrum = torch.randn(1, 9, network.max_bins, 2, requires_grad=True)
    network(spectrum)[0].square().sum().backward()
    assert spectrum.grad is not None
    assert torch.isfinite(spectrum.grad).all()
    assert all(p.grad is not None for p in network.parameters())


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"network": ""}, "unnoise export"),
        ({"parameters": {}}, "unnoise export"),
        ({"network": "dual-pth"}, "did you mean 'dual-path'"),
        ({"arguments": {"width": 17}}, "shape"),
        ({"arguments": {"no_such": 1}}, "no_such"),
        ({"arguments": SMALL | {"blocks": 2}}, "another one when it was exported"),
    ],
)
def test_what_does_not_lead_back_is_said(made, tmp_path, changes, word):
    path = changed(made[0], tmp_path / "other.onnx", **changes)
    with pytest.raises(BundleError, match=word) as raised:
        unnoise.train.load(path)
    assert "other.onnx" in str(raised.value)


def test_a_network_of_ones_own_is_run_only_when_trusted(made, tmp_path):
    code = tmp_path / "own.py"
    code.write_text("from unnoise.networks.dual_path import DualPath\n\n\nclass Own(DualPath):\n    pass\n")
    path = changed(made[0], tmp_path / "own.onnx", network=f"{code}:Own")
    with pytest.raises(BundleError, match="--trust"):
        unnoise.train.load(path)
    assert type(unnoise.train.load(path, trust=True)).__name__ == "Own"


def test_an_unknown_transform_asks_for_a_newer_version(made, tmp_path):
    parameters = dict(load_bundle(made[0]).info.parameters)
    parameters["decoder.weight"] = msgspec.structs.replace(parameters["decoder.weight"], transform="folded")
    with pytest.raises(BundleError, match="newer"):
        unnoise.train.load(changed(made[0], tmp_path / "new.onnx", parameters=parameters))


def test_a_bundle_of_something_else_is_said(tmp_path):
    with pytest.raises(BundleError, match="unnoise export"):
        unnoise.train.load(models.gain(tmp_path, 0.5))


def test_other_names_are_unknown():
    with pytest.raises(AttributeError, match="lod"):
        _ = unnoise.train.lod
