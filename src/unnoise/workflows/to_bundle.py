"""From a checkpoint to a bundle, with what the run knows in its card."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from unnoise.export.bundle import export_network
from unnoise.export.check import Checked
from unnoise.files.beside import written
from unnoise.train.run import load_checkpoint


def export_checkpoint(
    checkpoint: Path,
    target: Path,
    *,
    name: str,
    version: str = "1",
    licence: str = "unstated",
    card: Mapping[str, Any] | None = None,
    force: bool = False,
) -> Checked:
    """Write the averaged network of `checkpoint` as the bundle `target`; `card` adds to recipe and step.

    Returns how far ONNX is from torch, and blocks from the whole. Raises as `load_checkpoint`, `export_network` and,
    where `target` exists and `force` is not given, `written`.
    """
    stored = load_checkpoint(checkpoint)
    recipe = stored["recipe"]
    told = {"recipe": msgspec.to_builtins(recipe), "step": stored["step"], **(card or {})}
    with written(target, force=force) as path:
        return export_network(
            stored["averaged"],
            recipe.network.name,
            recipe.network.arguments,
            path,
            name=name,
            version=version,
            licence=licence,
            card=told,
        )
