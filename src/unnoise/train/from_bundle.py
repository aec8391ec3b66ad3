"""From a bundle back to torch: the network with the bundle's weights, to go on training or to differentiate through."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray

from unnoise.bundle import Bundle, BundleInfo, load_bundle
from unnoise.errors import BundleError, RecipeError
from unnoise.networks import NETWORKS, make_network
from unnoise.networks.base import Network

Array = NDArray[Any]


def load(bundle: str | os.PathLike[str] | Bundle, *, trust: bool = False) -> Network:
    """The torch network of a bundle (a name, a path, or one that is open), in float32, in evaluation mode.

    Gradients flow through it, and `.train()` makes it ready to be trained on. Weights are those that the bundle
    stores, rounded to half precision as they are there. A bundle may name a network outside of this package,
    FILE.py:CLASS or MODULE:CLASS, whose code is then run: only with `trust`. Raises BundleError where no way leads
    back: a bundle that is broken, not trusted, or not exported from a network that this version knows.
    """
    opened = bundle if isinstance(bundle, Bundle) else load_bundle(bundle)
    network = _made(opened, trust)
    stored = {i.name: i for i in onnx.load_from_string(opened.model).graph.initializer}
    weights = {
        name: torch.from_numpy(_back(name, opened, stored, tuple(value.shape)))
        for name, value in network.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    network.load_state_dict(weights, strict=False)  # all but those counters are there
    return network.eval()


def _made(bundle: Bundle, trust: bool) -> Network:
    info: BundleInfo = bundle.info
    if not info.network or not info.parameters:
        raise BundleError(
            f"{bundle.path}: no way leads back to torch: it does not say which network it is. Export it with "
            "unnoise export from a checkpoint."
        )
    if info.network not in NETWORKS and ":" in info.network and not trust:
        raise BundleError(
            f"{bundle.path}: its network is {info.network!r}, code of its own that would be run. Where you trust it, "
            "say so with trust=True, or --trust on the command line."
        )
    try:
        return make_network(info.network, dict(info.arguments))
    except RecipeError as error:
        raise BundleError(
            f"{bundle.path}: no way leads back to torch: {error}. Use the version of unnoise that exported it, or "
            "another bundle."
        ) from None


def _back(name: str, bundle: Bundle, stored: dict[str, onnx.TensorProto], shape: tuple[int, ...]) -> NDArray[Any]:
    """The stored tensor of the network's `name`, in float32 and the network's layout."""
    found = bundle.info.parameters.get(name)
    places = (f"{found.initialiser}_half", found.initialiser) if found else ()
    tensor = next((stored[place] for place in places if place in stored), None)
    if found is None or tensor is None:
        raise BundleError(
            f"{bundle.path}: no way leads back to torch: its network {bundle.info.network!r} was another one when it "
            f"was exported, without {name!r}. Use the version of unnoise that exported it, or another bundle."
        )
    if found.transform not in _UNDONE:
        raise BundleError(
            f"{bundle.path}: {name!r} is stored as {found.transform!r}, which this version does not know; "
            f"known are {', '.join(repr(known) for known in _UNDONE)}. Use a newer unnoise."
        )
    value: Array = _UNDONE[found.transform](onnx.numpy_helper.to_array(tensor))
    if value.shape != shape:
        raise BundleError(
            f"{bundle.path}: {name!r} has the shape {value.shape}, and the network {bundle.info.network!r} expects "
            f"{shape}. Use the version of unnoise that exported it, or another bundle."
        )
    return np.ascontiguousarray(value, np.float32).copy()


def _gates(value: Array) -> Array:
    """ONNX orders the gates of a GRU z, r, n; torch r, z, n."""
    update, reset, new = np.split(value, 3)
    return np.concatenate([reset, update, new])


def _half(value: Array, which: int) -> Array:
    """ONNX keeps both biases of a GRU in one row."""
    return value[0, : value.shape[1] // 2] if which == 0 else value[0, value.shape[1] // 2 :]


_UNDONE: dict[str, Callable[[Array], Array]] = {
    "": lambda value: value,
    "transpose": lambda value: value.swapaxes(-2, -1),
    "gru_gates": lambda value: _gates(value[0]),
    "gru_bias_first": lambda value: _gates(_half(value, 0)),
    "gru_bias_second": lambda value: _gates(_half(value, 1)),
}
"""What exporting did to a parameter, undone."""
