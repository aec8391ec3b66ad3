"""The causal networks on spectra: by blocks as whole, indifferent to loudness, learning."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from unnoise.errors import RecipeError  # noqa: E402
from unnoise.networks import NETWORKS, make_network  # noqa: E402
from unnoise.networks.layers.band_paths import LAST_LEARNED  # noqa: E402
from unnoise.networks.layers.bands import erb_edges, triangles  # noqa: E402
from unnoise.networks.layers.running import SILENCE_DBFS, RunningMeans  # noqa: E402


def shaken(name: str, **arguments):
    """A small network whose every weight matters, in place of the identity that it begins as."""
    torch.manual_seed(0)
    network = make_network(name, arguments)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    network(0.02 * torch.randn(4, 50, 257, 2))  # statistics of normalisation
    return network.eval()


SMALL = {
    "dual-path": {"width": 4, "whole": 12, "blocks": 1, "high_hidden": 8},
}


@pytest.fixture(scope="module", params=SMALL)
def network(request):
    return shaken(request.param, **SMALL[request.param])


@settings(max_examples=15, deadline=None)
@given(cuts=st.lists(st.integers(1, 9), min_size=1, max_size=6), bins=st.sampled_from([257, 385, 769]))
def test_blocks_equal_whole(network, cuts, bins):
    spectrum = 0.02 * torch.randn(2, sum(cuts), bins, 2, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        whole = network(spectrum)[0]
        states, parts, at = network.initial_states(2), [], 0
        for cut in cuts:
            clean, *states = network(spectrum[:, at : at + cut], *states)
            parts.append(clean)
            at += cut
    assert (torch.cat(parts, dim=1) - whole).abs().max() < 1e-6


def test_low_part_is_the_same_at_every_rate(network):
    spectrum = 0.02 * torch.randn(1, 12, 769, 2, generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        low, full = network(spectrum[:, :, :257])[0], network(spectrum)[0]
    assert torch.equal(low, full[:, :, :257])


def test_scaled_in_scaled_out(network):
    spectrum = 0.02 * torch.randn(1, 40, 257, 2, generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        loud, quiet = network(spectrum)[0], network(spectrum * 1e-2)[0] * 1e2
    assert (loud - quiet).abs().max() / loud.abs().max() < 1e-4


def test_channels_do_not_mix(network):
    spectrum = 0.02 * torch.randn(3, 9, 257, 2, generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        together, alone = network(spectrum)[0][1:2], network(spectrum[1:2])[0]
    assert torch.allclose(together, alone, atol=1e-6)


@pytest.mark.parametrize("name", SMALL)
def test_learns(name):
    torch.manual_seed(0)
    network = make_network(name, SMALL[name])
    spectrum = 0.02 * torch.randn(4, 20, 257, 2, generator=torch.Generator().manual_seed(3))
    optimiser = torch.optim.Adam(network.parameters(), 1e-2)
    losses = []
    for _ in range(40):
        loss = (network(spectrum)[0] - 0.5 * spectrum).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.3 * losses[0]


def test_silence_gives_silence(network):
    with torch.no_grad():
        clean, *states = network(torch.zeros(1, 30, 257, 2))
    assert clean.abs().max() == 0
    assert all(torch.isfinite(state).all() for state in states)


@settings(max_examples=20, deadline=None)
@given(cuts=st.lists(st.integers(1, 60), min_size=1, max_size=8), seed=st.integers(0, 99))
def test_a_running_mean_equals_its_recursion(cuts, seed):
    rng = torch.Generator().manual_seed(seed)
    frames = sum(cuts)
    values = -40 + 20 * torch.randn(1, frames, 3, generator=rng)
    sounding = (torch.rand(1, frames, generator=rng) > 0.2).float()
    running = RunningMeans(16.0, 0.3, 2.0)
    state, found, at = torch.zeros(1, 2, 4), [], 0
    for cut in cuts:
        means, state = running(values[:, at : at + cut], sounding[:, at : at + cut], state)
        found.append(means[0])
        at += cut
    for of_memory, memory_frames in zip(torch.cat(found, dim=1).double(), running.memory_frames, strict=True):
        mean, weight, wanted = torch.zeros(3, dtype=torch.float64), 0.0, []
        for value, flag in zip(values[0].double(), sounding[0].tolist(), strict=True):
            if flag:
                weight = (1 - 1 / memory_frames) * weight + 1
                mean = mean + (value - mean) / weight
            wanted.append(mean)
        assert (of_memory - torch.stack(wanted)).abs().max() < 1e-3


def test_digital_silence_holds_the_means(network):
    sound, mute = 0.02 * torch.randn(1, 60, 257, 2), torch.zeros(1, 40, 257, 2)
    assert 10 ** (SILENCE_DBFS / 20) < 1e-5
    with torch.no_grad():
        _, *before = network(sound)
        _, *after = network(mute, *before)
    for k in range(2):  # level and means
        assert torch.equal(before[k], after[k])


def test_bands_cover_every_bin_once():
    matrix = triangles([0.0, 3.0, 10.0, 31.0], 32)
    assert torch.allclose(matrix.sum(0), torch.ones(32))
    assert (matrix.sum(1) > 0).all()
    edges = erb_edges(100, 8000, 24)
    assert edges[0] == pytest.approx(100)
    assert edges[-1] == pytest.approx(8000)


def test_unknown_names_get_the_nearest():
    with pytest.raises(RecipeError, match="did you mean 'dual-path'"):
        make_network("dual-pth")
    with pytest.raises(RecipeError, match="does not take"):
        make_network("dual-path", {"no_such": 1})
    assert list(NETWORKS) == sorted(NETWORKS)


def test_a_band_answers_for_its_own_bins():
    network = shaken("dual-path", groups=((4, 8), (15, 16)), reach=20, width=4, whole=12, blocks=1)
    spectrum = 0.02 * torch.randn(1, 6, 257, 2, generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        before = network(spectrum)[0]
        network.decoder.bias[5] -= 1.0
        changed = (network(spectrum)[0] != before).any(3).any(1)[0].nonzero().flatten()
    assert changed.tolist() == list(range(48, 64))  # after four bands of 8 bins and one of 16


@pytest.mark.parametrize("training", [True, False])
def test_the_last_bins_under_8_khz_take_the_gain_of_the_one_before_in_use_alone(training):
    network = shaken("dual-path", **SMALL["dual-path"]).train(training)
    spectrum = 0.02 * torch.randn(1, 20, 257, 2, generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        gains = (network(spectrum)[0] / spectrum)[..., 0]
    same = torch.isclose(gains[:, :, LAST_LEARNED + 1 :], gains[:, :, [LAST_LEARNED]], rtol=1e-4)
    assert same.all() if not training else same.float().mean() < 0.5
    assert not torch.isclose(gains[:, :, LAST_LEARNED], gains[:, :, LAST_LEARNED - 1], rtol=1e-4).all()


@pytest.mark.parametrize("groups", [((16, 16),), ((8, 8), (8, 30)), ()])
def test_bands_that_leave_bins_out_or_do_not_hear_their_own_are_refused(groups):
    with pytest.raises(RecipeError, match=r"expected at least 257 together, and none of more than reach = 24"):
        make_network("dual-path", {"groups": groups})


@pytest.mark.parametrize("groups", [((6, 4, 1), (20, 16)), ((-1, 4), (20, 16)), ((20, 16.0),)])
def test_groups_of_bands_are_pairs(groups):
    with pytest.raises(RecipeError, match="expected pairs of how many bands"):
        make_network("dual-path", {"groups": groups})
