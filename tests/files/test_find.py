"""From arguments to files."""

from pathlib import Path

import pytest

from unnoise.errors import InputError
from unnoise.files import find_inputs

from .sounds import noise, store


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "in/a b/ü").mkdir(parents=True)
    (tmp_path / "in/.cache").mkdir()
    for name in ("in/2.wav", "in/1.wav", "in/a b/3.FLAC", "in/a b/ü/4.wav", "in/.cache/5.wav", "in/.6.wav"):
        store(tmp_path / name, noise(1), format="WAV")
    (tmp_path / "in/notes.txt").write_text("no sound")
    return tmp_path / "in"


def test_a_folder_gives_its_tree_in_order(tree):
    found = find_inputs([str(tree)], suffix_to_skip=None)
    assert [str(f.relative) for f in found] == ["1.wav", "2.wav", "a b/3.FLAC", "a b/ü/4.wav"]
    assert all(Path(f.path).is_file() for f in found)


def test_each_file_once_in_the_order_of_the_arguments(tree):
    two, one = str(tree / "2.wav"), str(tree / "1.wav")
    (tree / "link.wav").symlink_to(one)
    found = find_inputs([two, str(tree / "link.wav"), one, "-", str(tree / "*.wav")], suffix_to_skip=None)
    assert [Path(f.path).name for f in found] == ["2.wav", "link.wav", "-"]


def test_patterns(tree, monkeypatch):
    monkeypatch.chdir(tree)
    assert [f.path for f in find_inputs(["*.wav"], suffix_to_skip=None)] == ["1.wav", "2.wav"]
    assert len(find_inputs(["**/*.*"], suffix_to_skip=None)) == 4  # the text is no sound


def test_a_name_with_brackets_is_a_name_first(tmp_path):
    store(tmp_path / "take [1].wav", noise(1))
    (found,) = find_inputs([str(tmp_path / "take [1].wav")], suffix_to_skip=None)
    assert found.relative == Path("take [1].wav")


def test_results_of_an_earlier_run_are_left_out(tree):
    store(tree / "1.denoised.wav", noise(1))
    names = [f.relative.name for f in find_inputs([str(tree)], suffix_to_skip=".denoised")]
    assert "1.wav" in names and "1.denoised.wav" not in names
    named = find_inputs([str(tree / "1.denoised.wav")], suffix_to_skip=".denoised")
    assert len(named) == 1  # who names it means it


@pytest.mark.parametrize("name", ["missing.wav", "empty", "nothing*.wav"])
def test_what_is_not_there_is_named(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=name.replace("*", r"\*")):
        find_inputs([str(tmp_path / name)], suffix_to_skip=None)


@pytest.mark.parametrize(("argument", "output"), [("in", "in"), ("in", "."), ("in", ".."), ("in/*.wav", ".")])
def test_an_output_around_the_input_hides_nothing(tree, monkeypatch, argument, output):
    monkeypatch.chdir(tree.parent)
    assert len(find_inputs([argument], folder_to_skip=Path(output))) == (2 if "*" in argument else 4)


def test_an_output_inside_is_left_out_and_no_input_alone(tree, monkeypatch):
    monkeypatch.chdir(tree.parent)
    assert [f.relative.name for f in find_inputs(["in"], folder_to_skip=Path("in/a b"))] == ["1.wav", "2.wav"]
    with pytest.raises(InputError, match="only those in the output"):
        find_inputs(["."], folder_to_skip=Path("in"))
