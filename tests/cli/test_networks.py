"""`unnoise networks` as typed: every name, figures where torch is, and the page that shows them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from unnoise.cli import main
from unnoise.networks import NETWORKS

PAGE = Path(__file__).parents[2] / "docs/networks.md"


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["networks", *map(str, arguments)])
    return int(ended.value.code or 0)


@pytest.fixture
def without_torch(monkeypatch):
    import builtins

    real = builtins.__import__

    def refuse(name, *rest):
        if name == "unnoise.networks.measure":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)


def test_the_list_and_its_page(capsys):
    pytest.importorskip("torch")
    assert run() == 0
    said = capsys.readouterr()
    titles, *lines = said.out.splitlines()
    listed = [line.split()[0] for line in lines]
    left_out = [line.split()[0] for line in said.err.splitlines()]
    assert sorted(listed + left_out) == sorted(NETWORKS)
    page = PAGE.read_text()
    for line in (titles, *lines):
        assert line.rstrip() in page, f"docs/networks.md: put the output of `unnoise networks` there again: {line}"


def test_names_alone_need_no_torch(without_torch, capsys):
    assert run() == 0
    said = capsys.readouterr()
    assert said.out.split() == list(NETWORKS)
    assert "pip install 'unnoise[train]'" in said.err
    assert run("--json") == 0
    assert [one["name"] for one in json.loads(capsys.readouterr().out)] == list(NETWORKS)


def test_figures_need_it(without_torch, capsys):
    assert run("dual-path") == 1
    assert "pip install 'unnoise[train]'" in capsys.readouterr().err


def test_exact_figures(capsys):
    pytest.importorskip("torch")
    assert run("dual-path", "--json", "--argument", "width=4", "--argument", "whole=16") == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found.pop("parameters") > 10_000
    assert 10_000 * 62.5 < found.pop("multiply_adds_per_s") < 200_000 * 62.5
    assert found == {
        "name": "dual-path",
        "receptive_field_ms": None,
        "latency_ms": 32.0,
        "causal": True,
        "rate": None,
    }


def test_a_recipe_stands_for_its_network_and_arguments(tmp_path, capsys):
    pytest.importorskip("torch")
    recipe = tmp_path / "small.toml"
    recipe.write_text('name = "x"\nsteps = 1\n[network]\nname = "dual-path"\narguments = { width = 32 }\n')
    assert run(recipe, "--json") == 0
    assert run("dual-path", "--argument", "width=32", "--json") == 0
    first, second = capsys.readouterr().out.replace("]\n[", "]\0[").split("\0")
    assert json.loads(first)[0]["parameters"] == json.loads(second)[0]["parameters"]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["dual-pth"], 1, "did you mean 'dual-path'"),
        (["nowhere.toml"], 1, "nowhere.toml"),
        (["nowhere.py:Mine"], 1, "no such file"),
        (["dual-path", "--argument", "wide=3"], 1, "wide"),
        (["dual-path", "--argument", "width"], 2, "KEY=VALUE"),
        (["--argument", "width=3"], 2, "one NETWORK"),
    ],
)
def test_what_is_wrong_is_one_line(arguments, status, said, capsys):
    pytest.importorskip("torch")
    assert run(*arguments) == status
    text = capsys.readouterr()
    assert said in text.err
    assert text.out == ""


def test_one_that_cannot_be_built_is_left_out_with_a_note(monkeypatch, capsys):
    pytest.importorskip("torch")
    monkeypatch.setattr("unnoise.networks.NETWORKS", {"gone": "unnoise.networks.gone:Gone"})
    assert run() == 0
    text = capsys.readouterr()
    assert text.out == ""
    assert text.err.startswith("gone is left out: ")
    assert "No module named 'unnoise.networks.gone'" in text.err
