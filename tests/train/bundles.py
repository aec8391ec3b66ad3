"""Bundles of small networks, to try what reads them on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from unnoise.export.bundle import export_network
from unnoise.networks import make_network
from unnoise.networks.base import Network

SMALL = {"width": 4, "whole": 12, "blocks": 1, "high_hidden": 8}


def small_bundle(folder: Path, *, name: str = "small", spread: float = 0.05) -> tuple[Path, Network]:
    """A bundle of a tiny bundled network whose weights were shaken by `spread`, and the network."""
    torch.manual_seed(1)
    network = make_network("dual-path", SMALL)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(spread * torch.randn_like(parameter))
    network(0.02 * torch.randn(4, 50, 257, 2))  # statistics of normalisation
    told: dict[str, Any] = {"name": name, "version": "1", "licence": "MIT", "card": {"hours": 0}}
    export_network(network.state_dict(), "dual-path", SMALL, folder / f"{name}.onnx", **told)
    return folder / f"{name}.onnx", network
