"""The one contract between training and cleaning: an .onnx file that says all about itself."""

from unnoise.bundle.info import FORMAT, BundleInfo, ParameterInfo, StateInfo
from unnoise.bundle.read import Bundle, list_bundles, load_bundle
from unnoise.bundle.write import write_bundle

__all__ = [
    "FORMAT",
    "Bundle",
    "BundleInfo",
    "ParameterInfo",
    "StateInfo",
    "list_bundles",
    "load_bundle",
    "write_bundle",
]
