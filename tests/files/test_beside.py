"""Writing beside the target and renaming."""

import os
from pathlib import Path

import pytest

from unnoise.errors import OutputError
from unnoise.files.beside import written


@pytest.fixture(params=[True, False], ids=["links", "no links"])
def links(request, monkeypatch):
    def refused(*paths):
        raise PermissionError("no hard links here")

    if not request.param:
        monkeypatch.setattr(os, "link", refused)


def test_a_new_file_has_its_name_and_nothing_else_is_left(links, tmp_path):
    with written(tmp_path / "sub/new.txt", force=False) as path:
        path.write_text("new")
    assert [p.name for p in (tmp_path / "sub").iterdir()] == ["new.txt"]
    assert (tmp_path / "sub/new.txt").read_text() == "new"


def test_what_appeared_meanwhile_stays(links, tmp_path):
    with pytest.raises(OutputError, match="--force"), written(tmp_path / "a.txt", force=False) as path:
        path.write_text("new")
        (tmp_path / "a.txt").write_text("of the user")
    assert [p.read_text() for p in tmp_path.iterdir()] == ["of the user"]
    with written(tmp_path / "a.txt", force=True) as path:
        path.write_text("new")
    assert [p.read_text() for p in tmp_path.iterdir()] == ["new"]


def test_a_failure_leaves_neither_file_nor_folder(tmp_path):
    with pytest.raises(ZeroDivisionError), written(tmp_path / "sub/new.txt", force=False) as path:
        path.write_text(str(1 / 0))
    assert not list(tmp_path.iterdir())


def test_no_empty_file_is_left_where_renaming_fails(tmp_path, monkeypatch):
    def refused(*paths):
        raise PermissionError("no")

    monkeypatch.setattr(os, "link", refused)
    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(OutputError), written(tmp_path / "a.txt", force=False) as path:
        path.write_text("new")
    assert not list(tmp_path.iterdir())
