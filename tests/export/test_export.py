"""Exporting refuses what does not compute the same, and stores what leads back to torch."""

from __future__ import annotations

import io

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

import onnxruntime  # noqa: E402

from unnoise.errors import ExportError  # noqa: E402
from unnoise.export.check import check  # noqa: E402
from unnoise.export.onnx import to_onnx  # noqa: E402
from unnoise.networks import make_network  # noqa: E402
from unnoise.networks.base import SpectrumNetwork, StateSpec, WaveformNetwork  # noqa: E402

SMALL = {"width": 4, "whole": 12, "blocks": 1, "high_hidden": 8}


@pytest.fixture(scope="module")
def exported():
    torch.manual_seed(1)
    network = make_network("dual-path", SMALL)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    network(0.02 * torch.randn(4, 50, 257, 2))  # statistics of normalisation
    return network, *to_onnx(network)


def test_the_model_computes_what_the_network_computes(exported):
    network, model, _ = exported
    checked = check(network, model)
    assert checked.torch_to_onnx < 1e-5
    assert checked.whole_to_blocks < 1e-5


def test_every_parameter_is_found_in_half_precision(exported):
    network, model, where = exported
    statistics = {name for name in network.state_dict() if name.endswith(("running_mean", "running_var"))}
    assert len(statistics) == 10
    assert set(where) == {name for name, _ in network.named_parameters()} | statistics
    stored = {i.name: i for i in onnx.load_from_string(model).graph.initializer}
    for name, info in where.items():
        if name in statistics:
            kept = onnx.numpy_helper.to_array(stored[info.initialiser])
            assert np.array_equal(kept, network.state_dict()[name].numpy())
            continue
        half = onnx.numpy_helper.to_array(stored[f"{info.initialiser}_half"])
        assert half.dtype == np.float16, name
    transforms = {info.transform for info in where.values()}
    assert {"transpose", "gru_gates", "gru_bias_first", "gru_bias_second"} <= transforms


def test_what_is_above_8_khz_runs_only_where_there_is_any(exported):
    network, model, _ = exported
    graph = onnx.load_from_string(model).graph
    (choice,) = (node for node in graph.node if node.op_type == "If")
    branches = {branch.name: [node.op_type for node in branch.g.node] for branch in choice.attribute}
    assert branches["then_branch"].count("GRU") == 1
    assert branches["else_branch"] == ["Slice", "Identity"]
    assert [node.op_type for node in graph.node].count("GRU") == 2
    session = onnxruntime.InferenceSession(model)
    states = {s.name: torch.randn(1, *s.shape).numpy() for s in network.states}
    found = {}
    for bins in (257, 258):
        given = {"spectrum": 0.02 * torch.randn(1, 3, bins, 2).numpy(), **states}
        found[bins] = session.run(["clean", "high_next"], given)
        assert found[bins][0].shape == (1, 3, bins, 2)
    assert np.array_equal(found[257][1], states["high"])
    assert not np.array_equal(found[258][1], states["high"])


def test_other_weights_are_noticed(exported):
    network, model, _ = exported
    other = make_network("dual-path", SMALL)
    other.load_state_dict(network.state_dict())
    with torch.no_grad():
        other.decoder.bias.add_(0.1)
    with pytest.raises(ExportError, match="differs from the network"):
        check(other.eval(), model)


def test_a_baked_in_length_is_noticed(exported):
    network, _, _ = exported
    out = io.BytesIO()
    names = [s.name for s in network.states]
    spectrum = torch.zeros(1, 7, 769, 2)
    torch.onnx.export(
        network,
        (spectrum, *network.initial_states(1)),
        out,
        input_names=["spectrum", *names],
        output_names=["clean", *(f"{n}_next" for n in names)],
        opset_version=17,
        dynamo=False,
    )
    with pytest.raises(Exception, match=r"(?i)invalid|dimension|differs"):
        check(network, out.getvalue())


class Plain(WaveformNetwork):
    """One part that sees each window as a row."""

    def __init__(self, part):
        super().__init__()
        self.rate, self.window_samples, self.overlap_samples, self.part = 16000, 12, 0, part

    def run(self, audio):
        found = self.part(audio[:, None])
        return (found[0] if isinstance(found, tuple) else found)[:, 0, :12]


class Determinant(torch.nn.Module):
    def forward(self, x):
        return x * torch.linalg.svdvals(x)[:, :, None].sum(1, keepdim=True)


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (torch.nn.LSTM(12, 12, batch_first=True), r"no trace of 'part.weight_ih_l0'.*LSTM"),
        (torch.nn.LSTM(12, 13, batch_first=True), r"no trace of 'part.weight_ih_l0'.*LSTM"),
        (torch.nn.Sequential(torch.nn.Conv1d(1, 1, 1), torch.nn.BatchNorm1d(1)), r"no trace of 'part.0.weight'"),
        (Determinant(), r"torch cannot write this network as ONNX 17: .*svd"),
    ],
)
def test_what_cannot_be_exported_is_said(part, said):
    with pytest.raises(ExportError, match=said):
        to_onnx(Plain(part))


class Halves(SpectrumNetwork):
    """A gain below and a running gain above; the state's last node comes after the join, as users would write it."""

    def __init__(self, joined=True):
        super().__init__()
        self.hop_ms, self.min_bins, self.max_bins, self.joined = 16.0, 4, 9, joined
        self.states, self.state_above = (StateSpec("bins", (1,)),), "bins"
        self.gain = torch.nn.Parameter(torch.tensor([0.5]))

    def run(self, spectrum, bins):
        low = spectrum[:, :, :4] * self.gain
        if spectrum.shape[2] <= self.min_bins:
            return low, bins
        sums = bins[:, None] + torch.cumsum(spectrum.square().sum((2, 3))[:, :, None], dim=1)
        clean = torch.cat([low, spectrum[:, :, 4:] / (1 + sums[..., None])], dim=2)
        return clean if self.joined else clean * self.gain, sums[:, -1]


def test_a_part_above_of_a_users_own_is_a_branch_too():
    model, _ = to_onnx(Halves())
    assert check(Halves(), model).torch_to_onnx < 1e-6
    with pytest.raises(ExportError, match=r"must end in torch\.cat.*ends in Mul"):
        to_onnx(Halves(joined=False))


def test_what_is_no_number_is_refused():
    network = Plain(torch.nn.Conv1d(1, 1, 1))
    with torch.no_grad():
        network.part.weight.fill_(1e6)  # infinite in half precision
    model, _ = to_onnx(network)
    with pytest.raises(ExportError, match="nan"):
        check(network, model)
