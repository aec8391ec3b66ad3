"""Writing a bundle: the info goes into the metadata of the model, the file appears whole or not at all."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from pathlib import Path

import msgspec

from unnoise.bundle import protobuf
from unnoise.bundle.info import BundleInfo, encode_info
from unnoise.errors import BundleError, OutputError

METADATA_KEY = "unnoise"


def graph_sha256(model: bytes) -> str:
    """SHA-256 in hex of the graph, weights included, of a serialised ONNX model; metadata does not count."""
    digest = hashlib.sha256()
    for field in protobuf.fields(io.BytesIO(model)):
        if field.number == protobuf.GRAPH:
            digest.update(memoryview(model)[field.payload : field.end])
    return digest.hexdigest()


def bundle_bytes(model: bytes, info: BundleInfo) -> bytes:
    """The serialised ONNX `model` with `info` in its metadata, in place of a former; fills in `sha256`."""
    info = msgspec.structs.replace(info, sha256=graph_sha256(model))
    former = [field for key, _, field in protobuf.metadata(io.BytesIO(model)) if key == METADATA_KEY]
    kept, at = [], 0
    for field in former:
        kept.append(model[at : field.start])
        at = field.end
    return b"".join([*kept, model[at:], protobuf.metadata_entry(METADATA_KEY, encode_info(info))])


def write_bundle(path: str | os.PathLike[str], model: bytes, info: BundleInfo) -> Path:
    """Write the serialised ONNX `model` with `info` as a bundle to `path`, replacing what is there.

    Raises BundleError when `model` is no ONNX model and OutputError when `path` cannot be written.
    """
    path = Path(path)
    try:
        data = bundle_bytes(model, info)
    except ValueError as error:
        raise BundleError(f"{path}: the model to be written is broken: {error}.") from error
    try:
        _replace(path, data)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}.") from error
    return path


def _replace(path: Path, data: bytes) -> None:
    """Write beside, then rename: nobody ever sees half a file."""
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(beside).chmod(0o644)  # mkstemp makes files that only the owner reads
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
