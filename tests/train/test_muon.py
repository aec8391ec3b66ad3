"""Muon beside torch's own, and what it takes for a matrix."""

from __future__ import annotations

import copy

import pytest

torch = pytest.importorskip("torch")

from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from torch import nn  # noqa: E402

from unnoise.train.muon import MOMENTUM, STEP_RMS, Muon, matrices_of, orthogonal  # noqa: E402


@given(rows=st.integers(2, 40), columns=st.integers(2, 40), scale=st.floats(1e-6, 1e6), seed=st.integers(0, 99))
def test_directions_come_out_equally_long(rows, columns, scale, seed):
    matrices = torch.randn(3, rows, columns, generator=torch.Generator().manual_seed(seed))
    found = torch.linalg.svdvals(orthogonal(matrices * scale))
    assert found.max() < 1.25
    kept = torch.linalg.svdvals(matrices)
    assert (found[kept > 0.05 * kept[:, :1]] > 0.5).all()
    assert not orthogonal(torch.zeros(2, 3)).any()


def test_a_matrix_is_stepped_as_by_torch_up_to_bfloat16():
    torch.manual_seed(0)
    ours, theirs = nn.Parameter(torch.zeros(24, 10)), nn.Parameter(torch.zeros(24, 10))
    optimiser = Muon([{"params": [ours]}], {ours: (24, 10)}, lr=0.1, weight_decay=0.02)
    other = torch.optim.Muon(
        [theirs], lr=0.1 * STEP_RMS / 0.2, weight_decay=0.01, momentum=MOMENTUM, adjust_lr_fn="match_rms_adamw"
    )
    for _ in range(5):
        ours.grad = torch.randn(24, 10)
        theirs.grad = ours.grad.clone()
        optimiser.step()
        other.step()
    assert (ours - theirs).norm() < 0.02 * theirs.norm()


def test_gates_are_matrices_of_their_own_and_vectors_go_by_adamw():
    network = nn.ModuleList(
        [nn.GRU(6, 4), nn.Linear(4, 3), nn.Conv1d(2, 5, 3), nn.LSTM(6, 4), nn.Linear(4, 1), nn.GRUCell(6, 4)]
    )
    shapes = {name: matrices_of(network).get(parameter) for name, parameter in network.named_parameters()}
    assert shapes["0.weight_ih_l0"] == (3, 4, 6)
    assert shapes["1.weight"] == (3, 4)
    assert shapes["2.weight"] == (5, 6)
    assert shapes["3.weight_hh_l0"] == (4, 4, 4)
    assert shapes["5.weight_ih"] == (3, 4, 6)
    assert shapes["4.weight"] is None  # one row is no matrix
    assert all(shapes[name] is None for name in shapes if "bias" in name)
    line = nn.Linear(4, 3)
    optimiser = Muon([{"params": list(line.parameters())}], matrices_of(line), lr=0.1)
    adamw_bias = nn.Parameter(line.bias.detach().clone())
    adamw = torch.optim.AdamW([adamw_bias], lr=0.1)
    line(torch.ones(2, 4)).square().sum().backward()
    adamw_bias.grad = line.bias.grad.clone()
    gradient = line.weight.grad
    optimiser.step()
    adamw.step()
    assert torch.equal(line.bias, adamw_bias)
    assert line.weight.grad is gradient  # what looks at gradients after a step still finds them


def test_it_goes_on_from_its_state_as_if_nothing_had_happened():
    def stepped(line, optimiser, times):
        for k in range(times):
            optimiser.zero_grad()
            line(torch.full((2, 4), 1.0 + k)).square().sum().backward()
            optimiser.step()

    torch.manual_seed(0)
    one = nn.Linear(4, 3)
    other = nn.Linear(4, 3)
    first = Muon(one.parameters(), matrices_of(one))
    stepped(one, first, 3)
    other.load_state_dict(one.state_dict())
    again = Muon(other.parameters(), matrices_of(other))
    again.load_state_dict(copy.deepcopy(first.state_dict()))
    stepped(one, first, 2)
    stepped(other, again, 2)
    assert torch.equal(one.weight, other.weight)
    assert torch.equal(one.bias, other.bias)
