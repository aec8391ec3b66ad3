"""An evaluation from folders to tables: what is measured, what is left out, and what is said of it."""

from __future__ import annotations

import csv
import io
import json
import math
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.files.sounds import store
from tests.sounds import noise, voice
from unnoise.errors import InputError, MissingExtraError, OptionError, OutputError
from unnoise.evaluate import run
from unnoise.evaluate.pairs import find_pairs
from unnoise.evaluate.run import Measuring, choose_metrics, evaluate, told
from unnoise.evaluate.systems import Folder, Gate, Noisy
from unnoise.evaluate.table import (
    as_csv,
    as_json,
    check_folder,
    higher_is_better,
    labelled,
    rivals,
    scores_of,
    table,
    write_scores,
)
from unnoise.metrics import METRICS

RATE = 8000
MEASURES = ("si_sdr", "speech_loss_db")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Four pairs, the third with a silent clean side, and finished files of the first two."""
    root = tmp_path_factory.mktemp("bench")
    for name in ("clean", "noisy", "done"):
        (root / name).mkdir()
    for k in range(4):
        clean = voice(1.0, RATE, k)
        added = noise(1.0, RATE, 10 + k) * np.float32(0.2 * (k + 1))
        store(root / f"noisy/{k} & <b>.wav", clean + added, RATE)
        store(root / f"clean/{k} & <b>.wav", clean * (k != 2), RATE)
        if k < 2:
            store(root / f"done/{k} & <b>.wav", clean + 0.1 * added, RATE)
    return root


@pytest.fixture(scope="module")
def pairs(folders):
    return find_pairs(folders / "noisy", folders / "clean")[0]


@pytest.fixture(scope="module")
def runners(folders, pairs):
    paths = {pair.file: str(folders / "done" / pair.file) for pair in pairs[:2]}
    return [Noisy(), Folder("done", paths), Gate()]


@pytest.fixture(scope="module")
def found(pairs, runners):
    return evaluate(pairs, runners, MEASURES)


def test_a_row_a_system_and_file(found, pairs):
    assert [(row.system, row.file[0]) for row in found.rows] == [
        *(("noisy", str(k)) for k in range(4)),
        *(("done", str(k)) for k in range(2)),
        *(("gate", str(k)) for k in range(4)),
    ]
    assert {row.seconds for row in found.rows} == {1.0}
    scores = scores_of(found)
    assert all(
        better > worse
        for better, worse in zip(scores["done"]["si_sdr"][:2], scores["noisy"]["si_sdr"][:2], strict=True)
    )
    assert scores["noisy"]["si_sdr"][0] > scores["noisy"]["si_sdr"][1] > scores["noisy"]["si_sdr"][3]


def test_what_was_left_out_is_said(found):
    assert any("silent" in note and "2 & <b>.wav" in note for note in found.notes)
    assert any(note.startswith("done: left out") and "2 & <b>.wav, 3 & <b>.wav" in note for note in found.notes)
    silent = next(row for row in found.rows if row.system == "noisy" and row.file.startswith("2"))
    assert all(math.isnan(value) for value in silent.scores.values())
    assert silent.snr_db is None


def test_the_number_of_processes_changes_nothing(found, pairs, runners):
    again = evaluate(pairs, runners, MEASURES, jobs=2)
    assert as_csv(again) == as_csv(found)
    assert again.notes == found.notes


def test_the_work_pickles(runners, pairs):
    work = pickle.loads(pickle.dumps(Measuring(tuple(runners), MEASURES)))
    assert len(work(pairs[0])[0]) == 3


def test_sounds_are_those_that_were_measured(found, pairs):
    from unnoise.metrics import measure

    file = pairs[0].file
    clean, rate = found.sounds("clean", file)
    for row in found.rows:
        if row.file == file:
            sound, _ = found.sounds(row.system, file)
            assert measure("si_sdr", clean, sound, rate) == row.scores["si_sdr"]
    for system, name in (("other", file), ("clean", "other.wav")):
        with pytest.raises(InputError, match="of this evaluation"):
            found.sounds(system, name)


def test_pairs_that_do_not_fit_are_left_out(tmp_path, pairs, runners):
    store(tmp_path / "short.wav", noise(0.3, RATE), RATE)
    broken = replace(pairs[0], clean=str(tmp_path / "short.wav"))
    some = evaluate([broken, pairs[1]], runners[:1], MEASURES)
    assert [row.file for row in some.rows] == [pairs[1].file]
    assert any("left out: expected lengths" in note for note in some.notes)
    with pytest.raises(InputError, match="none of the 1 pairs"):
        evaluate([broken], runners[:1], MEASURES)


def test_without_clean_only_what_needs_no_reference(folders, monkeypatch):
    monkeypatch.setattr(run, "_probe", lambda name: None)
    pairs, _ = find_pairs(folders / "noisy", None)
    free = [name for name, metric in METRICS.items() if "reference" not in metric.needs]
    assert list(choose_metrics(None, with_reference=False)[0]) == free
    found = evaluate(pairs, [Noisy()], ())
    assert {row.snr_db for row in found.rows} == {None}
    with pytest.raises(InputError, match="no clean"):
        found.sounds("clean", pairs[0].file)
    with pytest.raises(OptionError, match="--clean"):
        choose_metrics(["si_sdr"], with_reference=False)


def test_a_missing_package_is_said_and_refused_where_it_was_asked_for(monkeypatch):
    def lacking(name):
        if name == "stoi":
            raise MissingExtraError("pystoi", "measure")

    monkeypatch.setattr(run, "_probe", lacking)
    chosen, notes = choose_metrics(None, with_reference=True)
    assert "si_sdr" in chosen
    assert "stoi" not in chosen
    assert notes == ["left out: stoi: " + str(MissingExtraError("pystoi", "measure"))]
    with pytest.raises(MissingExtraError, match=r"pip install 'unnoise\[measure\]'"):
        choose_metrics(["stoi"], with_reference=True)
    with pytest.raises(OptionError, match="did you mean 'si_sdr'"):
        choose_metrics(["si_sdrr"], with_reference=True)


def test_remarks_are_gathered():
    remarks = [("late", name) for name in "abcde"] + [("odd", "b")]
    assert told(remarks) == ["late (a, b, c and 2 more)", "odd (b)"]


def test_the_csv(found):
    rows = list(csv.DictReader(io.StringIO(as_csv(found))))
    assert list(rows[0]) == ["system", "file", *MEASURES, "seconds", "rate", "snr_db", "noise"]
    assert [row["file"] for row in rows[:4]] == [f"{k} & <b>.wav" for k in range(4)]
    assert rows[2]["si_sdr"] == rows[2]["snr_db"] == ""
    assert float(rows[0]["si_sdr"]) == pytest.approx(found.rows[0].scores["si_sdr"], rel=1e-5)


def test_the_json(found):
    told = json.loads(json.dumps(as_json(found, "unnoise evaluate"), allow_nan=False))
    assert told["command"] == "unnoise evaluate"
    assert told["files"] == 4
    mean = told["means"]["noisy"]["si_sdr"]
    assert mean["files"] == 3
    assert mean["low"] < mean["mean"] < mean["high"]
    assert told["wins"]["noisy"]["done"]["si_sdr"]["share"] == 1.0
    assert told["wins"]["noisy"]["done"]["si_sdr"]["files"] == 2
    assert "numpy" in told["versions"]
    assert [system["name"] for system in told["systems"]] == ["noisy", "done", "gate"]
    assert told["notes"] == list(found.notes)


def test_the_table(found):
    text = table(found)
    assert rivals(found) == ["noisy"]
    assert "4 files" in text
    assert "better than noisy" in text
    assert "100 % +" in text
    line = next(line for line in text.splitlines() if line.startswith("si_sdr, dB"))
    mean, low, high = (as_json(found)["means"]["noisy"]["si_sdr"][key] for key in ("mean", "low", "high"))
    assert f"{mean:.2f} [{low:.2f}, {high:.2f}] of 3" in line


def test_directions_are_marked():
    assert not higher_is_better("words_wrong")  # what the table of measures does not know counts errors
    assert labelled("words_wrong").endswith("(lower is better)")
    assert labelled("stoi") == "stoi"


def test_what_is_there_stays(found, tmp_path):
    write_scores(found, tmp_path / "new/report")
    before = (tmp_path / "new/report/scores.csv").read_text(encoding="utf-8")
    with pytest.raises(OutputError, match="--force"):
        write_scores(found, tmp_path / "new/report")
    with pytest.raises(OutputError, match="--force"):
        check_folder(tmp_path / "new/report", ["scores.csv"], force=False)
    check_folder(tmp_path / "new/report", ["scores.csv"], force=True)
    write_scores(found, tmp_path / "new/report", force=True)
    assert (tmp_path / "new/report/scores.csv").read_text(encoding="utf-8") == before
    assert sorted(path.name for path in (tmp_path / "new/report").iterdir()) == ["scores.csv", "scores.json"]
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="this is a file"):
        check_folder(tmp_path / "file", [], force=True)


class Counting:
    """Hears as many words as the sound is loud: enough to try what is made of them."""

    name = "counting"

    def words(self, audio, rate):
        return ["a"] * round(float(np.abs(audio).mean()) * 2000)


@pytest.mark.parametrize(
    ("names", "columns"), [(1, ["wer_pseudo"]), (2, ["wer_pseudo_counting", "wer_pseudo_counting_2"])]
)
def test_word_errors_become_columns(found, names, columns):
    pytest.importorskip("jiwer")
    from unnoise.evaluate.words import Listeners

    more = Listeners((Counting(),) * names, None).add_to(found, with_clean=True)
    assert list(more.metrics[2:]) == columns
    by_system = scores_of(more)
    assert by_system["done"][columns[0]][0] < by_system["noisy"][columns[0]][0]
    assert math.isnan(by_system["noisy"][columns[0]][2])  # the silent one
    assert any("over all words together: noisy" in note for note in more.notes)
    assert "wer_pseudo" in table(more)


def test_sounds_pickle(found, pairs):
    again = pickle.loads(pickle.dumps(found.sounds))
    assert np.array_equal(again("gate", pairs[0].file)[0], found.sounds("gate", pairs[0].file)[0])


@pytest.mark.parametrize("name", METRICS)
def test_the_page_lists_every_measure_with_its_direction(name):
    page = (Path(__file__).parents[2] / "docs/evaluate.md").read_text(encoding="utf-8")
    row = next(line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
    assert row.split(" | ")[1] == (METRICS[name].unit or "–")
    assert row.split(" | ")[3] == ("higher" if METRICS[name].higher_is_better else "lower")
