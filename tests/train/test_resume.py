"""A run killed at any step and resumed ends with the weights of an unbroken one."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("lightning")

CHANGES = (
    "steps=7",
    'optimiser.schedule="plateau"',
    "optimiser.patience=1",
    "optimiser.final_share=0.0",
    'best_by="loss"',
    "stages=[{steps=3, batch=3}, {steps=4, snr_db=[0, 5], losses={mse=0.5, l1=1.0}}]",
    "adversary.weight=0.1",
    "adversary.channels=2",
    "adversary.from_share=0.3",
)


class Killed(Exception):
    pass


def weights(path):
    stored = torch.load(path, weights_only=False)
    return stored["state_dict"] | {f"rate{k}": torch.tensor(g["lr"]) for k, g in _groups(stored)}


def _groups(stored):
    return enumerate(stored["optimizer_states"][0]["param_groups"])


@pytest.fixture(scope="module")
def unbroken(tiny_folders, tmp_path_factory):
    from tests.train.tiny import recipe
    from unnoise.train.run import train

    place = tmp_path_factory.mktemp("unbroken")
    quiet = {"device": "cpu", "threads": 1, "progress": False, "say": lambda text: None}
    train(recipe(place, *CHANGES), tiny_folders, place / "run", **quiet)
    return place / "run"


@pytest.mark.parametrize("step", [1, 3, 5])
def test_killed_and_resumed(train_tiny, unbroken, tmp_path, monkeypatch, step):
    from unnoise.train.data import Staged

    real = Staged.__getitem__

    def dying(self, k):
        if k == step:
            raise Killed
        return real(self, k)

    monkeypatch.setattr(Staged, "__getitem__", dying)
    with pytest.raises(Killed):
        train_tiny("run", *CHANGES)
    assert (tmp_path / "run/last.ckpt").exists() == (step >= 2)
    monkeypatch.setattr(Staged, "__getitem__", real)
    torch.rand(step)  # chance elsewhere must not matter
    train_tiny("run", *CHANGES)
    for name in ("last.ckpt", "best.ckpt"):
        wanted, found = weights(unbroken / name), weights(tmp_path / "run" / name)
        assert wanted.keys() == found.keys()
        for key in wanted:
            assert torch.equal(wanted[key], found[key]), (name, key)


def test_dropout_and_stages_count_in_what_is_compared(train_tiny, unbroken, tmp_path):
    """Or the test above would compare nothing."""
    train_tiny("other", *CHANGES, "seed=2")
    before, after = weights(unbroken / "last.ckpt"), weights(tmp_path / "other/last.ckpt")
    assert not torch.equal(before["network.into.weight"], after["network.into.weight"])


def test_a_run_is_lengthened_and_a_finished_one_stays(train_tiny, tmp_path):
    train_tiny("run", "steps=3")
    before = (tmp_path / "run/last.ckpt").read_bytes()
    train_tiny("run", "steps=3")
    assert torch.load(tmp_path / "run/last.ckpt", weights_only=False)["global_step"] == 3
    train_tiny("run", "steps=5")
    assert torch.load(tmp_path / "run/last.ckpt", weights_only=False)["global_step"] == 5
    assert (tmp_path / "run/last.ckpt").read_bytes() != before


def test_a_state_whose_best_lies_elsewhere_leaves_a_best(train_tiny, tmp_path):
    train_tiny("run", "steps=2")
    stored = torch.load(tmp_path / "run/last.ckpt", weights_only=False)
    stored["patience"]["best"] = 1e9
    (tmp_path / "other").mkdir()
    torch.save(stored, tmp_path / "other/last.ckpt")
    train_tiny("other", "steps=4")
    assert torch.load(tmp_path / "other/best.ckpt", weights_only=False)["global_step"] > 2
