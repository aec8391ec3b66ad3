"""Networks by name; listing them needs no torch, because each is imported when it is asked for."""

from __future__ import annotations

import difflib
from importlib import import_module
from typing import TYPE_CHECKING, Any

from unnoise.errors import MissingExtraError, RecipeError

if TYPE_CHECKING:
    from unnoise.networks.base import SpectrumNetwork

NETWORKS = {
    "fullband": "unnoise.networks.fullband:FullBand",
}


def make_network(name: str, arguments: dict[str, Any] | None = None) -> SpectrumNetwork:
    """The network called `name`, built with `arguments`; RecipeError for an unknown name or argument."""
    if name not in NETWORKS:
        near = difflib.get_close_matches(name, NETWORKS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise RecipeError(f"Unknown network {name!r}; known are {', '.join(sorted(NETWORKS))}{hint}")
    module, attribute = NETWORKS[name].split(":")
    try:
        network = getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        if error.name == "torch":
            raise MissingExtraError("torch", "train") from None
        raise
    try:
        made: SpectrumNetwork = network(**(arguments or {}))
    except TypeError as error:
        raise RecipeError(f"Network {name!r} does not take these arguments: {error}") from None
    return made
