"""`unnoise denoise` and `gate` as typed: where results go, what is said, what is refused, what fails."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf

from tests.sounds import noise, voice
from unnoise.cli import COMMANDS, main
from unnoise.errors import OutputError


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(a) for a in arguments])
    return int(ended.value.code or 0)


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    sf.write("talk.wav", voice(1, 16000) + noise(1, 16000), 16000)
    return tmp_path


class Pipe:
    """Standard input or output of bytes."""

    def __init__(self, data: bytes = b"") -> None:
        self.buffer = io.BytesIO(data)

    def isatty(self) -> bool:
        return False

    def flush(self) -> None:
        pass

    def write(self, text: str) -> int:
        return self.buffer.write(text.encode())


BOTH = pytest.mark.parametrize("command", ["denoise", "gate"])


@BOTH
def test_beside_the_input(here, command, capsys):
    assert run(command, "talk.wav") == 0
    out = sf.info("talk.denoised.wav")
    assert (out.samplerate, out.frames, out.subtype) == (16000, 16000, "PCM_16")
    said = capsys.readouterr().err
    assert "talk.denoised.wav" in said
    assert "real time" in said


@BOTH
def test_never_overwrites_without_force(here, command, capsys):
    (here / "out.wav").write_bytes(b"mine")
    assert run(command, "talk.wav", "-o", "out.wav") == 1
    assert (here / "out.wav").read_bytes() == b"mine"
    assert "--force" in capsys.readouterr().err
    assert run(command, "talk.wav", "-o", "out.wav", "--force") == 0
    assert sf.info("out.wav").frames == 16000


def test_a_folder_is_mirrored_and_goes_on(here, capsys):
    for name in ("in/1.wav", "in/a b/2.flac", "in/a b/ü/3.wav"):
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        sf.write(name, noise(0.3, 8000), 8000)
    assert run("denoise", "in", "-o", "out") == 0
    assert all((here / "out" / n).exists() for n in ("1.wav", "a b/2.flac", "a b/ü/3.wav"))
    before = (here / "out/1.wav").read_bytes()
    (here / "out/a b/2.flac").unlink()
    assert run("denoise", "in", "-o", "out", "--skip-existing") == 0
    assert "2 files were there already" in capsys.readouterr().err
    assert (here / "out/1.wav").read_bytes() == before
    assert (here / "out/a b/2.flac").exists()


def test_several_processes_do_the_same(here):
    (here / "in").mkdir()
    for k in range(3):
        sf.write(f"in/{k}.wav", noise(0.3, 16000, k), 16000)
    assert run("denoise", "in", "-o", "one", "-q") == 0
    assert run("denoise", "in", "-o", "two", "-q", "--jobs", 2) == 0
    for k in range(3):
        assert (here / f"one/{k}.wav").read_bytes() == (here / f"two/{k}.wav").read_bytes()


def test_dry_run_writes_nothing(here, capsys):
    assert run("denoise", "talk.wav", "--dry-run") == 0
    assert "talk.wav -> talk.denoised.wav" in capsys.readouterr().out
    assert not (here / "talk.denoised.wav").exists()


def test_json_reports_every_file(here, capsys):
    (here / "text.wav").write_text("no sound")
    assert run("denoise", "talk.wav", "text.wav", "-o", "out", "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert [("error" in report) for report in told] == [False, True]
    assert told[0]["samples"] == 16000
    assert {"times_real_time", "level_change_db", "notes"} <= told[0].keys()


def test_one_bad_file_does_not_stop_the_others(here, capsys):
    (here / "text.wav").write_text("no sound")
    assert run("denoise", "text.wav", "missing.wav", "talk.wav", "-o", "out") == 1
    said = capsys.readouterr().err
    assert "2 of 3 failed" in said
    assert "missing.wav" in said
    assert [p.name for p in (here / "out").iterdir()] == ["talk.wav"]


@BOTH
def test_residual_and_output_make_the_input(here, command):
    sf.write("f.wav", voice(1, 16000) + noise(1, 16000), 16000, subtype="FLOAT")
    assert run(command, "f.wav", "-o", "o.wav", "--residual", "r.wav") == 0
    heard = [sf.read(name, dtype="float32")[0] for name in ("f.wav", "o.wav", "r.wav")]
    assert np.abs(heard[1] + heard[2] - heard[0]).max() < 1e-6
    assert np.abs(heard[2]).max() > 1e-3


def test_start_and_duration_take_a_piece(here):
    assert run("denoise", "talk.wav", "-o", "o.wav", "--start", 0.25, "--duration", 0.5) == 0
    assert sf.info("o.wav").frames == 8000


@BOTH
def test_pipes(here, command, monkeypatch):
    out = Pipe()
    monkeypatch.setattr(sys, "stdin", Pipe((here / "talk.wav").read_bytes()))
    monkeypatch.setattr(sys, "stdout", out)
    assert run(command, "-", "-o", "-", "-q") == 0
    audio, rate = sf.read(io.BytesIO(out.buffer.getvalue()))
    assert (len(audio), rate) == (16000, 16000)


def test_raw_samples_come_back_as_raw_samples(here, monkeypatch):
    out = Pipe()
    raw = np.round(noise(0.5, 8000) * 32767).astype("<i2").tobytes()
    monkeypatch.setattr(sys, "stdin", Pipe(raw))
    monkeypatch.setattr(sys, "stdout", out)
    assert run("denoise", "-", "--rate", 8000, "--channels", 1, "--format", "s16le", "-q") == 0
    assert len(out.buffer.getvalue()) == len(raw)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--strength", "7"], "strength"),
        (["--max-attenuation-db", "-3"], "max_attenuation_db"),
        (["--rate", "8000"], "--format"),
        (["--link", "some"], "--link"),
        (["--jobs", "0"], "--jobs"),
        (["--no-such-option"], "--no-such-option"),
    ],
)
def test_wrong_usage_is_2(here, arguments, word, capsys):
    assert run("denoise", "talk.wav", *arguments) == 2
    assert word in capsys.readouterr().err
    assert not (here / "talk.denoised.wav").exists()


def test_two_inputs_for_one_name_are_refused(here, capsys):
    for folder in ("a", "b"):
        (here / folder).mkdir()
        sf.write(f"{folder}/same.wav", noise(0.1, 8000), 8000)
    assert run("denoise", "a/same.wav", "b/same.wav", "-o", "out") == 2
    assert "would both be written" in capsys.readouterr().err


def test_several_inputs_need_a_folder(here, capsys):
    sf.write("more.wav", noise(0.1, 8000), 8000)
    assert run("denoise", "talk.wav", "more.wav", "-o", "one.wav") == 2
    assert "name a folder" in capsys.readouterr().err
    assert run("denoise", "talk.wav", "more.wav", "-o", "out", "--residual", "r.wav") == 2


def test_models_that_cannot_be_used(here, capsys):
    (here / "model.onnx").write_bytes(b"not a network")
    assert run("denoise", "talk.wav", "--model", "model.onnx") == 1
    assert run("denoise", "talk.wav", "--model", "no-such") == 1
    said = capsys.readouterr().err
    assert "model.onnx" in said
    assert "no-such" in said
    assert "default" in said


def test_the_strength_for_recognisers_is_the_measured_one(here, capsys):
    pytest.importorskip("onnx")
    from tests.engine import models

    told = models.gain(here, 0.5, card={"asr": {"strength": 0.5}})
    assert run("denoise", "talk.wav", "-o", "out.wav", "--model", told, "--for", "asr") == 0
    assert run("denoise", "talk.wav", "-o", "half.wav", "--model", told, "--strength", 0.5) == 0
    assert Path("out.wav").read_bytes() == Path("half.wav").read_bytes()
    assert run("denoise", "talk.wav", "-o", "x.wav", "--model", told, "--for", "asr", "--strength", 1) == 2
    silent = models.identity(here)
    assert run("denoise", "talk.wav", "-o", "x.wav", "--model", silent, "--for", "asr") == 2
    assert "does not say which strength" in capsys.readouterr().err


def test_odd_sounds(here):
    broken = noise(0.5, 16000)
    broken[100:200] = np.nan
    sf.write("nan.wav", broken, 16000, subtype="FLOAT")
    sf.write("empty.wav", np.zeros(0), 16000)
    sf.write("one.wav", np.zeros(1), 16000)
    sf.write("clipped.wav", np.clip(100 * noise(0.5, 16000), -1, 1), 16000)
    sf.write("wide.wav", np.zeros((800, 64)), 16000)
    sf.write("slow.wav", noise(0.5, 4000), 4000)
    sf.write("fast.wav", noise(0.05, 1000000), 1000000)
    names = ["nan", "empty", "one", "clipped", "wide", "slow", "fast"]
    assert run("denoise", *(f"{n}.wav" for n in names), "-o", "out", "-q") == 0
    for name in names:
        before, after = sf.info(f"{name}.wav"), sf.info(f"out/{name}.wav")
        assert (before.frames, before.channels, before.samplerate) == (after.frames, after.channels, after.samplerate)
        assert np.isfinite(sf.read(f"out/{name}.wav")[0]).all()


def test_what_is_not_finite_is_counted(here, capsys):
    broken = noise(0.5, 16000)
    broken[100:107] = np.inf
    sf.write("inf.wav", broken, 16000, subtype="FLOAT")
    assert run("denoise", "inf.wav") == 0
    assert "7 samples were no finite numbers" in capsys.readouterr().err


def test_a_full_disk_leaves_nothing(here, monkeypatch, capsys):
    from unnoise.files import target as module

    def full(self, block):
        raise OutputError(f"{self.path}: cannot be written (No space left on device)")

    monkeypatch.setattr(module.Target, "write", full)
    before = sorted(here.rglob("*"))
    assert run("denoise", "talk.wav", "-o", "out/o.wav") == 1
    assert "No space left" in capsys.readouterr().err
    assert sorted(here.rglob("*")) == before


def test_interrupted_is_130(here, monkeypatch, capsys):
    from unnoise.apply import file as module

    def interrupted(self, residual):
        raise KeyboardInterrupt

    monkeypatch.setattr(module._Pump, "run", interrupted)
    assert run("denoise", "talk.wav", "-o", "o.wav") == 130
    assert sorted(p.name for p in here.iterdir()) == ["talk.wav"]


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help(command, capsys):
    assert run(command, "--help") == 0
    assert "Usage" in capsys.readouterr().out


def test_gate_keeps_and_takes_noise(here, capsys):
    pause = noise(1, 16000)
    sf.write("p.wav", np.concatenate([pause, voice(1.5, 16000) + noise(1.5, 16000, 5)]), 16000, subtype="FLOAT")
    assert run("gate", "p.wav", "-o", "a.wav", "--save-noise", "n.wav") == 0
    assert sf.info("n.wav").frames > 1600
    assert run("gate", "p.wav", "-o", "b.wav", "--noise-profile", "n.wav") == 0
    assert run("gate", "p.wav", "-o", "c.wav", "--method", "threshold") == 0
    for name in "abc":
        out = sf.read(f"{name}.wav")[0]
        assert np.std(out[1600:14400]) < 0.4 * np.std(pause)
    assert run("gate", "p.wav", "--method", "threshold", "--noise-profile", "n.wav") == 2
    assert run("gate", "p.wav", "--noise-profile", "missing.wav") == 1


def test_models_are_listed(capsys):
    assert run("models") == 0
    assert "default" in capsys.readouterr().out
    assert run("models", "default") == 0
    told = capsys.readouterr().out
    assert "\nweak spots\n- " in told and "figures" in told.splitlines()[-1]
    assert max(map(len, told.splitlines())) < 120
    assert run("models", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told[0]["licence"] == "MIT"
