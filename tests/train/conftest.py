"""What trainings in tests share: one small corpus, decoded once."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def tiny_folders(tmp_path_factory):
    pytest.importorskip("torch")
    from tests.train.tiny import folders

    return folders(tmp_path_factory.mktemp("tiny"))


@pytest.fixture
def train_tiny(tiny_folders, tmp_path):
    """Trains the tiny recipe with changes into a folder; returns what was said."""
    pytest.importorskip("lightning")
    from tests.train.tiny import recipe
    from unnoise.train.run import train

    def run(name: str, *changes: str, **options) -> list[str]:
        said: list[str] = []
        options = {"device": "cpu", "threads": 1, "progress": False, "say": said.append} | options
        train(recipe(tmp_path, *changes), options.pop("folders", tiny_folders), tmp_path / name, **options)
        return said

    return run
