"""`unnoise reproduce` as typed."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("lightning")
pytest.importorskip("onnx")

from tests.sounds import corpus
from unnoise.cli import main
from unnoise.workflows import reproduce as workflow


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(a) for a in arguments])
    return int(ended.value.code or 0)


@pytest.mark.parametrize("flag", ["--restart", "--force"])
def test_options_reach_the_workflow(monkeypatch, capsys, flag):
    given = {}

    def pretend(letters, out, **options):
        given.update(options, letters=letters, out=out)
        options["say"]("working")
        return out / "systems.md"

    monkeypatch.setattr(workflow, "reproduce", pretend)
    options = ["--clean", "s", "--noise", "n", "-o", "out", "--steps", 7, "--seed", 3, "--threads", 2, flag]
    assert run("reproduce", "a", "b", *options) == 0
    assert given.pop("say")
    assert given == {
        "letters": ("a", "b"), "out": Path("out"), "clean": Path("s"), "noise": Path("n"), "steps": 7, "seed": 3,
        "threads": 2, "restart": True, "progress": False,
    }  # fmt: skip
    assert capsys.readouterr().err == f"working\n{Path('out/systems.md')}: written\n"
    assert run("reproduce", "--clean", "s", "-o", "out", "--quiet") == 0
    assert (given["letters"], given["noise"], given["progress"]) == ((), None, False)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("wanted", "status", "words"),
    [
        (("wavenet",), 2, "did you mean 'b'"),
        (("b",), 2, "--noise DIR"),
        (("a", "--clean", "nowhere"), 1, "nowhere"),
        (("a", "--seed", -1), 2, "--seed"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path, monkeypatch, capsys, wanted, status, words):
    monkeypatch.chdir(tmp_path)
    clean, _ = corpus(tmp_path, speakers=1)
    assert run("reproduce", "--clean", clean, "-o", "out", *wanted) == status
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said
    assert not (tmp_path / "out").exists()


def test_a_missing_extra_answers_with_its_install_command(monkeypatch, capsys):
    import builtins

    real = builtins.__import__

    def without(name, *rest):
        if name == "unnoise.workflows.reproduce":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    assert run("reproduce", "--clean", "x", "-o", "y") == 1
    assert "pip install 'unnoise[train]'" in capsys.readouterr().err
