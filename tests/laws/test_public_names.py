"""The public names are those of `__all__`, sorted, and every one is there; so are the extras that errors name."""

import pickle
import re
from importlib.metadata import metadata
from pathlib import Path

import pytest

import unnoise
from unnoise import errors


def test_all_is_sorted_and_complete():
    assert unnoise.__all__ == sorted(unnoise.__all__)
    public = {name for name in dir(errors) if isinstance(getattr(errors, name), type)}
    assert public < set(unnoise.__all__)
    assert set(unnoise.__all__) <= set(dir(unnoise))


@pytest.mark.parametrize("name", unnoise.__all__)
def test_every_name_loads(name):
    assert getattr(unnoise, name) is getattr(unnoise, name)


def test_unknown_names_are_unknown():
    with pytest.raises(AttributeError, match="denoize"):
        _ = unnoise.denoize


@pytest.mark.parametrize("name", [n for n in unnoise.__all__ if n.endswith("Error") and n != "MissingExtraError"])
def test_errors_are_of_one_tree_and_survive_pickling(name):
    error = getattr(unnoise, name)("why")
    assert isinstance(error, unnoise.UnnoiseError)
    assert str(pickle.loads(pickle.dumps(error))) == "why"


def test_every_extra_that_an_error_names_can_be_installed():
    sources = Path(unnoise.__file__).parent.rglob("*.py")
    calls = [re.findall(r'MissingExtraError\([^)]*?"([\w-]+)"\)', path.read_text(encoding="utf-8")) for path in sources]
    named = {extra for found in calls for extra in found}
    assert {"train", "measure", "recognisers"} <= named
    assert named <= set(metadata("unnoise").get_all("Provides-Extra") or [])
