"""The pages name every key of a recipe and every option, and the recipes that they show are recipes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from unnoise.cli import adapt, networks, train
from unnoise.mix.draw import MixSpec
from unnoise.mix.plan import Plan
from unnoise.train.config import OPTIMISERS, SCHEDULES, Adversary, Data, Network, Optimiser, Recipe, Stage

DOCS = Path(__file__).parents[2] / "docs"
TABLES = {
    "–": Recipe,
    "`[network]`": Network,
    "`[data]`": Data,
    "`[data.mix]`": MixSpec,
    "`[data.plan]`": Plan,
    "`[optimiser]`": Optimiser,
    "`[[stages]]`": Stage,
    "`[adversary]`": Adversary,
}
INNER = {"network", "data", "optimiser", "mix", "plan", "adversary", "stages"}


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("table", TABLES)
def test_every_key_is_on_the_page(table):
    (row,) = re.findall(rf"^\| {re.escape(table)} \| (`.*`) \|$", page("command-line.md"), re.MULTILINE)
    inner = INNER if TABLES[table] in (Recipe, Data) else set()
    assert sorted(re.findall(r"`(\w+)`", row)) == sorted(set(TABLES[table].__struct_fields__) - inner)


def test_the_page_on_training_names_optimisers_and_schedules():
    for name in (*OPTIMISERS, *SCHEDULES):
        assert f"`{name}`" in page("train.md"), name


@pytest.mark.parametrize(
    ("command", "name"),
    [(train.command, "command-line.md"), (networks.command, "command-line.md"), (adapt.command, "adapt.md")],
)
def test_every_option_is_on_the_page(command, name):
    for parameter in command.params:
        if parameter.param_type_name == "option":
            assert any(f"`{flag}" in page(name) for flag in parameter.opts), parameter.opts


@pytest.mark.parametrize("name", ["train.md", "losses.md", "own-network.md"])
def test_the_recipes_on_the_page_are_recipes(name):
    shown = re.findall(r"^```toml\n(.*?)^```$", page(name), re.MULTILINE | re.DOTALL)
    assert shown
    for text in shown:
        msgspec.convert({"name": "shown", "steps": 1, **tomllib.loads(text)}, Recipe)
