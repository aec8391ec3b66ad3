"""Training: recipes, data, losses and the loop (Lightning).

`load` brings a bundle back to torch. It is imported when it is first used, so that recipes are read without torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unnoise.train.from_bundle import load

__all__ = ["load"]


def __getattr__(name: str) -> Any:
    if name != "load":
        raise AttributeError(f"module 'unnoise.train' has no attribute {name!r}")
    from unnoise.errors import MissingExtraError

    try:
        from unnoise.train.from_bundle import load
    except ModuleNotFoundError as error:
        if error.name in ("torch", "onnx"):
            raise MissingExtraError(error.name, "train") from None
        raise
    return load
