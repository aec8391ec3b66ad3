"""unnoise cleans noisy recordings of speech.

Names load when they are first used, so that `import unnoise` costs next to nothing; none of them needs torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from unnoise.errors import (
    AudioShapeError,
    BundleError,
    ExportError,
    InputError,
    MissingExtraError,
    OptionError,
    OutputError,
    RecipeError,
    TrainingError,
    UnnoiseError,
)

if TYPE_CHECKING:
    from unnoise.apply.file import FileReport, denoise_file
    from unnoise.bundle import Bundle, load_bundle
    from unnoise.engine.stream import Stream
    from unnoise.engine.whole import Denoiser, denoise

    __version__: str

__all__ = [
    "AudioShapeError",
    "Bundle",
    "BundleError",
    "Denoiser",
    "ExportError",
    "FileReport",
    "InputError",
    "MissingExtraError",
    "OptionError",
    "OutputError",
    "RecipeError",
    "Stream",
    "TrainingError",
    "UnnoiseError",
    "__version__",
    "denoise",
    "denoise_file",
    "load_bundle",
]

_HOMES = {
    "Bundle": "unnoise.bundle",
    "Denoiser": "unnoise.engine.whole",
    "FileReport": "unnoise.apply.file",
    "Stream": "unnoise.engine.stream",
    "denoise": "unnoise.engine.whole",
    "denoise_file": "unnoise.apply.file",
    "load_bundle": "unnoise.bundle",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            value: Any = version("unnoise")
        except PackageNotFoundError:  # run from a checkout that was never installed
            value = "0+unknown"
    elif name in _HOMES:
        value = getattr(import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module 'unnoise' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
