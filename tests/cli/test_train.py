"""`unnoise train` and `export` as typed: what is wrong is one line."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")
pytest.importorskip("lightning")

from tests.sounds import corpus
from unnoise.cli import main


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(a) for a in arguments])
    return int(ended.value.code or 0)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"--clean": "nowhere"}, "nowhere"),
        ({"--noise": "nowhere"}, "nowhere"),
        ({"--rooms": "nowhere"}, "nowhere"),
        ({"recipe": "no-such"}, "no-such"),
        ({"--start-from": "no.ckpt"}, "no.ckpt"),
    ],
)
def test_what_is_missing_is_named(tmp_path, monkeypatch, capsys, change, word):
    monkeypatch.chdir(tmp_path)
    clean, noisy = corpus(tmp_path, speakers=2)
    (tmp_path / "tiny.toml").write_text(
        'name = "t"\nsteps = 1\n[data]\nspeeds = [1.0]\nrooms = 1\nroom_s = 0.1\nsynthetic_s = 20.0\nbabble_s = 20.0'
    )
    options = {"recipe": "tiny.toml", "--clean": clean, "--noise": noisy, "-o": "run", "--cache": "c"} | change
    arguments = [options.pop("recipe"), *(part for pair in options.items() for part in pair)]
    assert run("train", *arguments, "--quiet") == 1
    said = capsys.readouterr().err
    assert word in said
    assert "Traceback" not in said


def test_a_missing_extra_answers_with_its_install_command(tmp_path, monkeypatch, capsys):
    import builtins

    real = builtins.__import__

    def without(name, *rest):
        if name.startswith("unnoise.train.run"):
            raise ModuleNotFoundError("No module named 'torch'", name="torch")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    assert run("train", "default", "--clean", tmp_path, "--noise", tmp_path) == 1
    assert "pip install 'unnoise[train]'" in capsys.readouterr().err


@pytest.mark.parametrize("folders", [(), ("--clean", "a", "--noisy", "b")])
def test_speech_is_either_clean_or_noisy(capsys, folders):
    assert run("train", "default", *folders) == 2
    assert "--noisy DIR" in capsys.readouterr().err


@pytest.mark.parametrize(("passed", "status"), [(True, 0), (False, 1)])
def test_a_check_says_pass_or_fail_in_one_line(monkeypatch, capsys, tmp_path, passed, status):
    from unnoise.train import checks

    def found(name, recipe, folders, *, device, threads, say):
        return checks.Checked(name, passed, 12.0, 30.0, "12.0 dB after 3 steps")

    monkeypatch.setattr(checks, "run_check", found)
    assert run("train", "default", "--clean", tmp_path, "--check", "identity") == status
    out = capsys.readouterr().out
    assert out == f"identity: {'passed' if passed else 'failed'}: 12.0 dB after 3 steps\n"


def test_flags_reach_the_training(monkeypatch, tmp_path):
    from unnoise.train import run as module

    given = {}

    def train(recipe, folders, place, **options):
        given.update(options, recipe=recipe, folders=folders)
        return place / "best.ckpt"

    monkeypatch.setattr(module, "train", train)
    flags = ["--nodes", 2, "--precision", "bf16", "--tensorboard", "--set", "optimiser.name=sgd", "--steps", 7]
    assert run("train", "default", "--noisy", tmp_path, *flags) == 0
    assert (given["nodes"], given["precision"], given["tensorboard"]) == (2, "bf16", True)
    assert (given["recipe"].optimiser.name, given["recipe"].steps, given["recipe"].target) == ("sgd", 7, "noisy")
    assert given["folders"].clean == tmp_path
