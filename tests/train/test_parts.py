"""Optimisers, the adversary and the range of features, each by itself."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from tests.train.tiny import Tiny  # noqa: E402
from unnoise.train.adversary import Rival  # noqa: E402
from unnoise.train.config import OPTIMISERS, Optimiser  # noqa: E402
from unnoise.train.features import learn_feature_range  # noqa: E402
from unnoise.train.module import follow  # noqa: E402
from unnoise.train.optimisers import make_optimiser  # noqa: E402


@pytest.mark.parametrize("name", OPTIMISERS)
def test_every_optimiser_goes_down(name):
    torch.manual_seed(0)
    network = nn.Linear(4, 1)
    given = torch.randn(64, 4)
    wanted = given @ torch.ones(4, 1)
    optimiser = make_optimiser(Optimiser(name=name, learning_rate=0.02), network)
    losses = []
    for _ in range(40):
        loss = (network(given) - wanted).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.8 * losses[0]


def test_what_is_decoupled_decays_unasked_and_only_what_is_trained_is_stepped():
    network = nn.Linear(4, 1)
    decays = {
        name: [group["weight_decay"] for group in make_optimiser(Optimiser(name=name), network).param_groups]
        for name in OPTIMISERS
    }
    assert decays.pop("adamw") == decays.pop("muon") == [0.02, 0.0]
    assert set(map(tuple, decays.values())) == {(0.0, 0.0)}
    asked = make_optimiser(Optimiser(name="sgd", weight_decay=0.1), network)
    assert [group["weight_decay"] for group in asked.param_groups] == [0.1, 0.0]
    network.bias.requires_grad_(False)
    assert sum(len(group["params"]) for group in make_optimiser(Optimiser(), network).param_groups) == 1


def test_the_rival_learns_to_tell_and_its_verdict_leads_to_clean():
    torch.manual_seed(0)
    rival = Rival(8000, 4, 2e-3)
    clean, noise = torch.sin(torch.arange(4000) / 10.0)[None].repeat(2, 1), torch.randn(2, 4000)
    losses = [float(rival.learn(clean + noise, clean)) for _ in range(30)]
    assert losses[-1] < 0.8 * losses[0]
    estimate = (clean + noise).requires_grad_()
    before = rival.verdict(estimate)
    assert before > rival.verdict(clean)
    before.backward()
    assert estimate.grad.abs().max() > 0
    assert all(p.requires_grad for p in rival.judge.parameters())
    again = Rival(8000, 4, 2e-3)
    again.load_state_dict(rival.state_dict())
    again.load(rival.state())
    one, two = (r.learn(clean + noise, clean) for r in (rival, again))
    assert torch.equal(one, two)


class Side:
    """Mixtures of ramps from -k to k."""

    class drawer:
        @staticmethod
        def batch(indices):
            return list(indices)

    @staticmethod
    def mixer(device):
        class Mixer:
            @staticmethod
            def render(drawn):
                ramp = torch.linspace(-1, 1, 5000)
                noisy = torch.stack([k * ramp for k in drawn])
                return type("Batch", (), {"noisy": noisy, "clean": 2 * noisy})

        return Mixer


def test_the_range_is_that_of_all_mixtures_and_targets():
    network = Tiny()
    assert learn_feature_range(network, Side, items=5, batch=2) == (-8.0, 8.0)
    assert network.range_db.tolist() == [-8.0, 8.0]
    assert learn_feature_range(nn.Linear(2, 2), Side, items=5, batch=2) is None


def test_an_average_follows_weights_and_statistics_alike():
    averaged, network = Tiny(), Tiny()
    network.norm.running_mean.fill_(1.0)
    network.norm.num_batches_tracked.fill_(7)
    with torch.no_grad():
        network.back.weight.copy_(averaged.back.weight + 1)
    before = averaged.back.weight.clone()
    follow(averaged, network, 0.75)
    torch.testing.assert_close(averaged.back.weight, before + 0.25)
    torch.testing.assert_close(averaged.norm.running_mean, torch.full((4,), 0.25))
    assert averaged.norm.num_batches_tracked == 7
    follow(averaged, network, 0.0)
    assert all(value.equal(network.state_dict()[name]) for name, value in averaged.state_dict().items())
