"""Networks by name; listing them needs no torch, because each is imported when it is asked for.

A network of somebody's own needs no line in the table: "folder/file.py:Class" names it in a file, its path counted
from the working directory, and "package.module:Class" in an installed package.
"""

from __future__ import annotations

import difflib
import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from unnoise.errors import MissingExtraError, RecipeError

if TYPE_CHECKING:
    from unnoise.networks.base import Network

NETWORKS = {
    "conv-ae": "unnoise.networks.conv_ae:ConvAutoencoder",
    "conv1d-ae": "unnoise.networks.conv1d_ae:Conv1dAutoencoder",
    "conv2d-ae": "unnoise.networks.conv2d_ae:Conv2dAutoencoder",
    "dcunet": "unnoise.networks.dcunet:DCUnet",
    "dense-ae": "unnoise.networks.dense_ae:DenseAutoencoder",
    "dilated-conv": "unnoise.networks.dilated_conv:DilatedConv",
    "dual-path": "unnoise.networks.dual_path:DualPath",
    "spectrogram-ae": "unnoise.networks.spectrogram_ae:SpectrogramAutoencoder",
    "studio": "unnoise.networks.studio:Studio",
    "wavenet": "unnoise.networks.wavenet:Wavenet",
}


def make_network(name: str, arguments: dict[str, Any] | None = None) -> Network:
    """The network called `name`, built with `arguments`.

    `name` is one of NETWORKS, or FILE.py:CLASS or MODULE:CLASS for a network of one's own, whose code is run.
    RecipeError for an unknown name, file, class or argument.
    """
    place = NETWORKS.get(name, name)
    if ":" not in place:
        near = difflib.get_close_matches(name, NETWORKS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise RecipeError(
            f"Unknown network {name!r}; known are {', '.join(sorted(NETWORKS))}, and FILE.py:CLASS for your own{hint}"
        )
    try:
        network = _class_at(place)
    except ModuleNotFoundError as error:
        if error.name == "torch":
            raise MissingExtraError("torch", "train") from None
        raise RecipeError(f"Network {name!r}: {error}; is it installed?") from None
    try:
        made: Network = network(**(arguments or {}))
    except TypeError as error:
        raise RecipeError(f"Network {name!r} does not take these arguments: {error}") from None
    return _complete(made, name)


def _class_at(place: str) -> type[Network]:
    """The class at MODULE:CLASS or FILE.py:CLASS; nothing else is called, because bundles name networks, too."""
    module_name, _, class_name = place.rpartition(":")
    module = _module_of(Path(module_name)) if module_name.endswith(".py") else import_module(module_name)
    found = getattr(module, class_name, None)
    from unnoise.networks.base import SpectrumNetwork, WaveformNetwork

    if isinstance(found, type) and issubclass(found, (SpectrumNetwork, WaveformNetwork)):
        return found
    what = "has nothing of that name" if found is None else "is no SpectrumNetwork and no WaveformNetwork"
    raise RecipeError(f"Network {place!r}: expected a class derived from one in unnoise.networks.base, but it {what}")


def _module_of(path: Path) -> ModuleType:
    """A file run as a module, anew at each call, so that what was edited counts."""
    if not path.is_file():
        raise RecipeError(f"{path}: no such file; its path counts from the working directory, {Path.cwd()}")
    spec = spec_from_file_location(f"own_network_{path.stem}", path)
    assert spec is not None and spec.loader is not None  # it ends in .py
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look for the names in their annotations
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise RecipeError(f"{error.filename}, line {error.lineno}: {error.msg}") from None
    return module


def _complete(network: Network, name: str) -> Network:
    """The same network, once it is sure that it says what training, export and engine ask it for."""
    from unnoise.networks.base import SpectrumNetwork, WaveformNetwork

    spectra = isinstance(network, SpectrumNetwork)
    needed = ("hop_ms", "min_bins", "max_bins", "states") if spectra else ("rate", "window_samples", "overlap_samples")
    missing = [attribute for attribute in needed if not hasattr(network, attribute)]
    if missing:
        raise RecipeError(f"Network {name!r} must set {', '.join(missing)}, as the class it derives from says")
    if isinstance(network, SpectrumNetwork) and network.state_above not in (None, *(s.name for s in network.states)):
        raise RecipeError(
            f"Network {name!r}: expected state_above to be None or one of its states, "
            f"{', '.join(s.name for s in network.states)}; got {network.state_above!r}"
        )
    if isinstance(network, WaveformNetwork) and not 0 <= network.overlap_samples <= network.window_samples // 2:
        raise RecipeError(
            f"Network {name!r}: expected overlap_samples of 0 to half of window_samples = {network.window_samples}, "
            f"got {network.overlap_samples}"
        )
    return network
