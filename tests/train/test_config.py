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
