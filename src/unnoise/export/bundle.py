"""From a checkpoint to a bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from unnoise.bundle import BundleInfo, StateInfo, write_bundle
from unnoise.errors import RecipeError
from unnoise.export.check import Checked, check
from unnoise.export.onnx import to_onnx
from unnoise.networks import make_network
from unnoise.networks.base import Network, WaveformNetwork


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
        **_shape(model),
        network=network,
        arguments=arguments,
        parameters=parameters,
        card=card,
    )
    write_bundle(target, graph, info)
    return checked


def _shape(network: Network) -> dict[str, Any]:
    """What the engine must know to run it."""
    if isinstance(network, WaveformNetwork):
        return {
            "domain": "waveform",
            "causal": False,
            "rate": network.rate,
            "window_samples": network.window_samples,
            "overlap_samples": network.overlap_samples,
        }
    states = tuple(StateInfo(name=s.name, shape=s.shape, initial=s.initial) for s in network.states)
    return {
        "hop_ms": network.hop_ms, "min_bins": network.min_bins, "max_bins": network.max_bins, "states": states,
    }  # fmt: skip
