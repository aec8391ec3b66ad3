"""From a checkpoint to a bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from unnoise.bundle import BundleInfo, StateInfo, write_bundle
from unnoise.errors import RecipeError
from unnoise.export.check import Checked, check
from unnoise.export.onnx import to_onnx
from unnoise.networks import make_network


def export_network(
    weights: dict[str, Any],
    network: str,
    arguments: dict[str, Any],
    target: Path,
    *,
    name: str,
    version: str,
    licence: str,
    card: dict[str, Any],
) -> Checked:
    """Write a network with `weights` (a state dict) as the bundle `target`, after checking it against torch."""
    model = make_network(network, arguments)
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise RecipeError(f"The weights do not fit the network {network!r}: {error}") from None
    graph, parameters = to_onnx(model)
    checked = check(model, graph)
    info = BundleInfo(
        name=name,
        version=version,
        licence=licence,
        hop_ms=model.hop_ms,
        min_bins=model.min_bins,
        max_bins=model.max_bins,
        states=tuple(StateInfo(name=s.name, shape=s.shape, initial=s.initial) for s in model.states),
        network=network,
        arguments=arguments,
        parameters=parameters,
        card=card,
    )
    write_bundle(target, graph, info)
    return checked
