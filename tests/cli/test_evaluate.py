"""`unnoise evaluate` as typed: what is written and printed, and what is refused."""

from __future__ import annotations

import csv
import json

import pytest

from tests.files.sounds import store
from tests.sounds import noise, voice
from unnoise.cli import main

RATE = 16000
BASE = ("--clean", "clean", "--noisy", "noisy", "--metrics", "si_sdr,speech_loss_db", "--jobs", "1", "--no-page")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evaluate")
    for name in ("clean", "noisy", "other", "empty"):
        (folder / name).mkdir()
    for k in range(2):
        speech = voice(0.5, RATE, k)
        store(folder / f"clean/talk {k}.wav", speech, RATE)
        store(folder / f"noisy/talk {k}.wav", speech + 0.3 * noise(0.5, RATE, k), RATE)
        store(folder / f"other/{k}.wav", speech, RATE)
    return folder


@pytest.fixture
def evaluate(made, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(made)

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main(["evaluate", *map(str, arguments)])
        return (ended.value.code or 0), *capsys.readouterr()

    return run


def test_tables_and_scores(evaluate, tmp_path):
    report = tmp_path / "new/report"
    code, out, err = evaluate(*BASE, "--against", "gate", "--enhanced", "theirs=clean", "-o", report)
    assert code == 0, err
    assert "scores.csv, scores.json written" in err
    for part in (
        "si_sdr, dB",
        "better than noisy",
        "better than default: files, mean difference  theirs",
        "latency, ms",
        "gate",
        "theirs",
    ):
        assert part in out
    rows = list(csv.DictReader((report / "scores.csv").open()))
    assert [(row["system"], row["file"]) for row in rows] == [
        (system, f"talk {k}.wav") for system in ("noisy", "default", "theirs", "gate") for k in range(2)
    ]
    told = json.loads((report / "scores.json").read_text())
    assert [system["kind"] for system in told["systems"]] == ["noisy", "model", "folder", "gate"]
    assert told["metrics"]["si_sdr"]["unit"] == "dB"


def test_quiet_prints_the_table_alone_and_nothing_is_written_over(evaluate, tmp_path):
    assert evaluate(*BASE, "-o", tmp_path, "-q")[::2] == (0, "")
    code, _, err = evaluate(*BASE, "-o", tmp_path)
    assert (code, "--force" in err) == (1, True)
    assert evaluate(*BASE, "-o", tmp_path, "--force")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["--noisy", "noisy"], 2, "--output"),
        ([*BASE, "-o", "out", "--metrics", "pesk_wb"], 2, "did you mean 'pesq_wb'"),
        ([*BASE, "-o", "out", "--metrics", ","], 2, "expected names"),
        ([*BASE, "-o", "out", "--against", "krisp"], 2, "gate, noisereduce, rnnoise"),
        ([*BASE, "-o", "out", "--enhanced", "clean"], 2, "NAME=DIR"),
        ([*BASE, "-o", "out", "--enhanced", "noisy=clean"], 2, "two systems"),
        ([*BASE, "-o", "out", "--enhanced", "x=other"], 1, "named as the noisy ones"),
        ([*BASE, "-o", "out", "--model", "nothing.onnx"], 1, "nothing.onnx"),
        ([*BASE, "-o", "out", "--listen"], 2, "--no-page"),
        ([*BASE, "-o", "clean/talk 0.wav"], 1, "this is a file"),
        (["--noisy", "noisy", "--metrics", "si_sdr", "-o", "out"], 2, "give --clean DIR"),
        (["--noisy", "noisy", "--clean", "other", "-o", "out"], 1, "noisy are talk 0.wav, talk 1.wav; clean are 0.wav"),
        (["--noisy", "empty", "-o", "out"], 1, "found none"),
        (["--noisy", "nowhere", "-o", "out"], 1, "nowhere"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(evaluate, made, arguments, status, said):
    code, _, err = evaluate(*arguments)
    assert (code, said in err) == (status, True), err
    assert not (made / "out").exists()


def test_a_recogniser_that_hears_nothing_right_leaves_its_column_empty(evaluate, tmp_path):
    pytest.importorskip("pocketsphinx")
    pytest.importorskip("jiwer")
    (tmp_path / "texts").mkdir()
    for k in range(2):
        (tmp_path / f"texts/talk {k}.txt").write_text("seven green bottles hanging on the wall")
    options = ("--transcripts", tmp_path / "texts", "--recogniser", "pocketsphinx", "-o", tmp_path / "report")
    code, out, err = evaluate(*BASE, *options)
    assert code == 0, err
    rows = list(csv.DictReader((tmp_path / "report/scores.csv").open()))
    assert {row["wer"] for row in rows} == {""}
    assert "wer" in out
    assert "wrong" in err
