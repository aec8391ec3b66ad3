"""Reading a bundle: its info without touching the graph, the model's bytes when they are asked for."""

from __future__ import annotations

import importlib.resources
import os
from dataclasses import dataclass
from pathlib import Path

from unnoise.bundle import protobuf
from unnoise.bundle.info import BundleInfo, decode_info
from unnoise.bundle.write import METADATA_KEY, graph_sha256
from unnoise.errors import BundleError


@dataclass(frozen=True)
class Bundle:
    """A model of unnoise on disk."""

    path: Path
    info: BundleInfo

    @property
    def model(self) -> bytes:
        """The serialised ONNX model, read anew each time; raises BundleError when it is gone or damaged."""
        try:
            data = self.path.read_bytes()
            digest = graph_sha256(data)
        except (OSError, ValueError) as error:
            raise BundleError(f"{self.path}: cannot be read as a model: {_reason(error)}.") from error
        if digest != self.info.sha256:
            raise BundleError(
                f"{self.path}: the weights are not those that were written "
                f"(SHA-256 {digest[:12]}, expected {self.info.sha256[:12]}); get the file again."
            )
        return data


def list_bundles() -> list[str]:
    """Names of the models that come with the package, sorted."""
    return sorted(path.stem for path in _shipped().glob("*.onnx"))


def load_bundle(name_or_path: str | os.PathLike[str]) -> Bundle:
    """The model of this name, or in this file (told by a slash, the ending .onnx, or by being there).

    Raises BundleError when there is none, or when the file is broken, foreign or of a format too new.
    """
    path = _resolve(name_or_path)
    try:
        with path.open("rb") as stream:
            texts = [value for key, value, _ in protobuf.metadata(stream) if key == METADATA_KEY]
        if not texts:
            raise ValueError("it does not describe itself as a model of unnoise; make one with: unnoise export")
        info = decode_info(texts[-1])
    except (OSError, ValueError) as error:
        raise BundleError(f"{path}: not a model that unnoise can use: {_reason(error)}.") from error
    return Bundle(path, info)


def _shipped() -> Path:
    return Path(str(importlib.resources.files("unnoise.bundle"))) / "models"


def _resolve(name_or_path: str | os.PathLike[str]) -> Path:
    text = os.fspath(name_or_path)
    path = Path(text).expanduser()
    is_path = not isinstance(name_or_path, str) or path.suffix == ".onnx" or len(path.parts) > 1
    if not is_path and text in list_bundles():
        return _shipped() / f"{text}.onnx"
    if is_path or path.is_file():
        return path
    known = ", ".join(list_bundles()) or "none is installed"
    raise BundleError(f"There is no model named {text!r}. Known models: {known}; or give the path of an .onnx file.")


def _reason(error: Exception) -> str:
    """What went wrong, without the path and the full stop that the caller adds."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return reason.rstrip(".")
