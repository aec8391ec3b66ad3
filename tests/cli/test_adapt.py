"""`unnoise adapt` as typed: two lines of figures, or one line of what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")

from tests.sounds import corpus
from unnoise.cli import main
from unnoise.workflows import adapt as workflow
from unnoise.workflows.adapt import Adapted, Figures


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(a) for a in arguments])
    return int(ended.value.code or 0)


@pytest.fixture
def asked(monkeypatch):
    """What the workflow was asked for, in place of doing it."""
    given = {}

    def pretend(model, target, **options):
        given.update(options, model=model, target=target)
        options["say"]("reading recordings")
        own = Figures(5.0, 9.0, 11.25, "own", 0.5)
        return Adapted(target, own, Figures(8.0, 12.0, 11.9, "rain", -0.4), 0.8, 400, 90.0)

    monkeypatch.setattr(workflow, "adapt", pretend)
    return given


def test_gain_and_loss_are_printed(asked, capsys):
    assert run("adapt", "default", "--noise", "sounds/fan.wav", "--clean", "speech", "--minutes", 3) == 0
    assert asked["target"] == Path("default-fan.onnx")
    assert (asked["minutes"], asked["steps"], asked["noisy"]) == (3.0, 400, None)
    out, err = capsys.readouterr()
    assert "400 steps in 1.5 min, 80% of the way" in out
    assert "before 9.0, after 11.2: +2.2 dB" in out
    assert "worst rain -0.4 dB" in out
    assert "reading" in err


def test_a_model_that_is_a_file_gets_its_neighbour(asked, tmp_path, capsys):
    (tmp_path / "mine.onnx").touch()
    assert run("adapt", tmp_path / "mine.onnx", "--noise", "hum", "--noisy", "talks", "--json", "--quiet") == 0
    assert asked["target"] == tmp_path / "mine-hum.onnx"
    out, err = capsys.readouterr()
    told = json.loads(out)
    assert told["path"] == str(tmp_path / "mine-hum.onnx")
    assert told["known"]["worst_db"] == -0.4
    assert told["own"]["gain_db"] == 2.25
    assert err == ""


@pytest.mark.parametrize("given", [(), ("--clean", "a", "--noisy", "b")])
def test_clean_or_noisy_but_not_both(capsys, given):
    assert run("adapt", "default", "--noise", "x", *given) == 2
    assert "--noisy" in capsys.readouterr().err


def test_what_is_missing_is_one_line(tmp_path, capsys):
    clean, _ = corpus(tmp_path, speakers=1)
    assert run("adapt", "no-such-model", "--noise", tmp_path, "--clean", clean) == 1
    said = capsys.readouterr().err
    assert "no-such-model" in said
    assert "Traceback" not in said


def test_a_missing_extra_answers_with_its_install_command(monkeypatch, capsys):
    import builtins

    real = builtins.__import__

    def without(name, *rest):
        if name == "unnoise.workflows.adapt":
            raise ModuleNotFoundError("No module named 'torch'", name="torch")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    assert run("adapt", "default", "--noise", "x", "--clean", "y") == 1
    assert "pip install 'unnoise[train]'" in capsys.readouterr().err
