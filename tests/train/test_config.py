"""Recipes: every shipped one is parsed and builds its network; what is wrong is said with the nearest name."""

from __future__ import annotations

import pytest

from unnoise.errors import RecipeError
from unnoise.train.config import load_recipe, shipped_recipes


@pytest.mark.parametrize("path", sorted(shipped_recipes().rglob("*.toml")), ids=lambda p: p.stem)
def test_shipped_recipes_parse_and_build(path):
    pytest.importorskip("torch")
    from unnoise.networks import make_network
    from unnoise.train.losses import LOSSES

    recipe = load_recipe(path)
    assert make_network(recipe.network.name, recipe.network.arguments)
    assert set(recipe.losses) <= set(LOSSES)


def test_unknown_keys_and_names(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('name = "mine"\nsteps = 3\nbach = 4\n')
    with pytest.raises(RecipeError, match="did you mean 'batch'"):
        load_recipe(path)
    path.write_text('name = "mine"\nsteps = "many"\n')
    with pytest.raises(RecipeError, match="steps"):
        load_recipe(path)
    for wrong in (
        "steps = 0",
        "steps = 3\nbatch = 0",
        "steps = 3\n[losses]\nnope = 1.0",
        "steps = 3\n[data]\nrate = 10",
        "steps = 3\nlosses = {}",
        'steps = 3\ntarget = "dirty"',
        "steps = 3\n[[stages]]\nbatch = 2",
    ):
        steps = "" if "steps" in wrong else "steps = 3\n"
        path.write_text(f'name = "mine"\n{steps}{wrong}\n')
        with pytest.raises(RecipeError, match=r"mine\.toml"):
            load_recipe(path)
    path.write_text("name = ")
    with pytest.raises(RecipeError, match="not TOML"):
        load_recipe(path)
    with pytest.raises(RecipeError, match="default"):
        load_recipe("no-such")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('[network]\nname = "dual-pth"', "'dual-path'"),
        ("[losses]\nmsee = 1.0", "'mse'"),
        ("[[stages]]\nsteps = 1\nlosses = {si_sdrr = 1.0}", "'si_sdr'"),
        ("[[stages]]\nsteps = 1\nlearning_rat = 1.0", "'learning_rate'"),
        ('[optimiser]\nname = "adamm"', "'adam"),
        ('[optimiser]\nschedule = "plato"', "'plateau'"),
        ("[adversary]\nwight = 1.0", "'weight'"),
    ],
)
def test_the_nearest_name_is_said(tmp_path, text, hint):
    path = tmp_path / "mine.toml"
    path.write_text(f'name = "mine"\nsteps = 3\n{text}\n')
    with pytest.raises(RecipeError, match=rf"mine\.toml.*did you mean {hint}"):
        load_recipe(path)


def test_changes_stand_in_for_keys(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('name = "mine"\nsteps = 3\n[optimiser]\nlearning_rate = 0.5\n')
    recipe = load_recipe(path, ["optimiser.name=sgd", "batch=4", "data.mix.snr_db=[0, 5]", 'best_by = "loss"'])
    assert (recipe.optimiser.name, recipe.optimiser.learning_rate) == ("sgd", 0.5)
    assert (recipe.batch, recipe.best_by, recipe.data.mix.snr_db) == (4, "loss", (0.0, 5.0))
    assert load_recipe(path, ["optimiser.rate_per_256=true"]).optimiser.rate_per_256 is True
    for wrong in ("batch", "batch=[1", "=3"):
        with pytest.raises(RecipeError, match="key=value"):
            load_recipe(path, [wrong])
    with pytest.raises(RecipeError, match="did you mean 'batch'"):
        load_recipe(path, ["bach=4"])


def test_a_shipped_recipe_is_found_without_its_folder(tmp_path, monkeypatch):
    from unnoise.train import config

    (tmp_path / "systems").mkdir()
    (tmp_path / "systems/z-method.toml").write_text('name = "z"\nsteps = 3\n')
    monkeypatch.setattr(config, "shipped_recipes", lambda: tmp_path)
    assert load_recipe("z-method") == load_recipe("systems/z-method")
    with pytest.raises(RecipeError, match="did you mean 'z-method'"):
        load_recipe("z-metod")


@pytest.mark.parametrize("change", ["data.speeds=[]", "data.noise_speeds=[0.9, 1.0]", "data.synthetic=[]"])
def test_data_that_could_not_be_mixed_is_refused(change):
    with pytest.raises(RecipeError, match=change.partition("=")[0].removeprefix("data.")):
        load_recipe("default", [change])
    assert load_recipe("default", ["data.synthetic=[]", "data.noise_shares=[0.9, 0.0, 0.1]"])
