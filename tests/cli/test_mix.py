"""`unnoise mix` as a user types it."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile as sf

from tests.sounds import corpus
from unnoise.cli import main


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return corpus(tmp_path_factory.mktemp("mix"))


@pytest.fixture
def mix(folders, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main(["mix", *map(str, arguments)])
        return ended.value.code, capsys.readouterr().err

    return run


def _files(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_a_data_set(mix, folders, tmp_path):
    code, said = mix(folders[0], "out", "--noise", folders[1], "--noise", "hum", "--snr", "0,10", "--with-clean")
    assert code == 0
    assert "out: 8 mixtures" in said
    assert len(_files(tmp_path / "out/noisy")) == len(_files(tmp_path / "out/clean")) == 8
    assert _files(tmp_path / "out/noisy") == _files(tmp_path / "out/clean")
    lines = [json.loads(line) for line in (tmp_path / "out/manifest.jsonl").read_text().splitlines()]
    assert {line["snr_db"] for line in lines} == {0.0, 10.0}
    code, said = mix("--recipe", "out/manifest.jsonl", "again", "--format", "wav")
    assert code == 0
    for name in _files(tmp_path / "out/noisy"):
        one, two = (tmp_path / f for f in (f"out/noisy/{name}", f"again/noisy/{name[:-4]}wav"))
        assert np.array_equal(sf.read(one, dtype="int16")[0], sf.read(two, dtype="int16")[0])


def test_a_split_and_a_subsample(mix, folders, tmp_path):
    assert mix(folders[0], "out", "--damage", "clip", "--split", "50/25/25", "--subsample", 6)[0] == 0
    assert len(_files(tmp_path / "out/noisy")) == 6
    subsets = {name.split("/")[0] for name in _files(tmp_path / "out/noisy")}
    assert subsets == {"train", "valid", "test"}


def test_failures_set_the_exit_status_and_are_counted(mix, tmp_path):
    (tmp_path / "clean").mkdir()
    sf.write(tmp_path / "clean/silent one.wav", np.zeros(8000), 16000)
    sf.write(tmp_path / "clean/good.wav", 0.1 * np.sin(np.arange(8000) / 7), 16000)
    (tmp_path / "clean/broken.wav").write_text("no sound")
    code, said = mix("clean", "out", "--noise", "white")
    assert code == 1
    assert "broken.wav" in said
    assert "silent one.wav: expected speech" in said
    assert "1 mixtures" in said
    assert "1 failed" in said


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["clean", "out", "--noise", "whiet"], 2, "did you mean 'white'"),
        (["clean", "out", "--noise", "band:lo_hz=3"], 2, "did you mean 'low_hz'"),
        (["clean", "out", "--damage", "clipp"], 2, "did you mean 'clip'"),
        (["clean", "out", "--noise", "band:low_hz=9000,high_hz=12000"], 2, "above"),
        (["clean", "out"], 2, "Nothing to mix"),
        (["clean", "clean/out", "--noise", "white"], 2, "lies in CLEAN"),
        (["nowhere", "out", "--noise", "white"], 1, "nowhere"),
        (["clean", "--noise", "white"], 2, "two folders"),
        (["clean", "out", "--noise", "white", "--snr", "20:0"], 2, "lowest comes first"),
        (["clean", "out", "--noise", "white", "--snr", "loud"], 2, "LO:HI"),
        (["clean", "out", "--noise", "white", "--split", "100"], 2, "80/10/10"),
        (["clean", "out", "--noise", "white", "--speed", "3"], 2, "0.5 to 2"),
        (["clean", "out", "--noise", "highband"], 2, "give a folder"),
        (["clean", "out", "--noise", "white", "--gender", "f"], 1, "let none"),
        (["--recipe", "nowhere.jsonl", "out"], 1, "nowhere.jsonl"),
        (["--recipe", "out/manifest.jsonl", "again", "--seed", "0", "--snr", "5"], 2, "--snr, --seed"),
        (["clean", "out", "--noise", "no/where"], 1, "nothing of this name"),
        (["clean", "out", "--noise", "white", "--snr", ","], 2, "with commas"),
        (["clean", "out", "--noise", "white", "--snr", "nan"], 2, "expected -120 to 120"),
        (["clean", "out", "--noise", "white", "--seconds", "inf"], 2, "expected 0.001 to 86400"),
        (["clean", "out", "--noise", "white", "--pause=-2:-1"], 2, "expected 0 to 3600"),
        (["clean", "out", "--noise", "white", "--subsample", "nan"], 2, "a share up to 1"),
        (["clean", "out", "--noise", "impulses:per_second=1e30"], 2, "from 0 to 10000"),
        (["clean", "out", "--rooms", "simulated:cuont=3"], 2, "count=N"),
        (["clean", "out", "--rooms", "simulated:count=0"], 2, "count=N"),
        (["clean", "out", "--damage", "codec:codec=mp5"], 2, "one of mp3"),
        (["clean", "out", "--damage", "clip:in_target=no"], 2, "true or false"),
        (["clean", "out", "--noise", "clean", "--split", "50/50"], 2, "both hold"),
        (["clean", "out", "--noise", "white", "--moved", "a", "b"], 2, "--recipe"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(mix, folders, arguments, code, said):
    arguments = [a.replace("clean", str(folders[0])) if a.startswith("clean") else a for a in arguments]
    ended, text = mix(*arguments)
    assert said in text
    assert ended == code
    assert "Traceback" not in text


@pytest.mark.parametrize("name", ["007", "1e3", "true", "a,b=c", "my:noise"])
def test_folders_with_names_like_numbers_or_parameters(mix, folders, tmp_path, name):
    (tmp_path / name).mkdir()
    sf.write(tmp_path / name / "n.wav", 0.1 * np.random.default_rng(0).standard_normal(8000), 16000)
    assert mix(folders[0], "out", "--noise", name, "--rooms", tmp_path / name, "--subsample", 1.9)[0] == 0


def test_the_noise_must_not_hold_the_results(mix, folders, tmp_path):
    sf.write(tmp_path / "n.wav", 0.1 * np.random.default_rng(0).standard_normal(8000), 16000)
    code, said = mix(folders[0], "out", "--noise", ".")
    assert code == 2
    assert "lies in --noise" in said


def test_what_is_left_out_is_counted(mix, tmp_path):
    (tmp_path / "clean").mkdir()
    sf.write(tmp_path / "clean/good.wav", 0.1 * np.sin(np.arange(8000) / 7), 16000)
    for k in range(12):
        (tmp_path / f"clean/broken {k}.wav").write_text("no sound")
    code, said = mix("clean", "out", "--noise", "white")
    assert code == 0
    assert "1 mixtures" in said
    assert said.count("left out: left") == 0
    assert "left out: 2 more" in said
    assert "; 12 left out" in said


def test_another_data_set_in_the_folder_is_kept(mix, folders):
    assert mix(folders[0], "out", "--noise", "white")[0] == 0
    code, said = mix(folders[0], "out", "--noise", "white", "--seed", 1)
    assert code == 1
    assert "--force" in said
    assert mix(folders[0], "out", "--noise", "white", "--seed", 1, "--force")[0] == 0


def test_a_manifest_whose_files_are_gone(mix, folders, tmp_path):
    assert mix(folders[0], "out", "--noise", "white", "--subsample", 2)[0] == 0
    lines = (tmp_path / "out/manifest.jsonl").read_text().replace(str(folders[0]), "/gone")
    (tmp_path / "gone.jsonl").write_text(lines)
    code, said = mix("--recipe", "gone.jsonl", "again")
    assert code == 1
    assert said.count("there is none") == 2
    assert mix("--recipe", "gone.jsonl", "again", "--moved", "/gone", folders[0])[0] == 0


def test_a_preview(mix, folders, tmp_path):
    pytest.importorskip("matplotlib")
    code, _ = mix(folders[0], "out", "--noise", "hum", "--preview", 2)
    assert code == 0
    assert _files(tmp_path / "out") == ["preview.png"]
