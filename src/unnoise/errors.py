"""Every error that unnoise raises on purpose.

::

    UnnoiseError
    ├── AudioShapeError (ValueError)      an array of the wrong shape, type or number of channels
    ├── OptionError (ValueError)          an option out of its range, or two that exclude each other
    ├── InputError (OSError)              a file or folder that is missing, empty, cut or no sound
    ├── OutputError (OSError)             a target that exists, cannot be written or hold the sound
    ├── BundleError (ValueError)          a model that is unknown, broken, foreign or of another format
    ├── RecipeError (ValueError)          a recipe with an unknown key or an impossible value
    ├── TrainingError (RuntimeError)      training that cannot start or go on
    ├── ExportError (RuntimeError)        an export that does not compute what the network computes
    └── MissingExtraError (ImportError)   an optional package that is not installed

Each message says what was expected, what came, and what to do.
"""


class UnnoiseError(Exception):
    """Root of the tree: catch it to catch every error that unnoise raises on purpose."""


class AudioShapeError(UnnoiseError, ValueError):
    """The array is not (samples,) or (samples, channels), or has an unsupported type."""


class OptionError(UnnoiseError, ValueError):
    """An option is out of its range, or two options exclude each other."""


class InputError(UnnoiseError, OSError):
    """A file or folder is missing, empty, cut short, or holds no sound."""


class OutputError(UnnoiseError, OSError):
    """A target exists already, cannot be written, or cannot hold the sound."""


class BundleError(UnnoiseError, ValueError):
    """A model is unknown, broken, not a bundle of unnoise, or of a format too new."""


class RecipeError(UnnoiseError, ValueError):
    """A recipe has an unknown key or an impossible value."""


class TrainingError(UnnoiseError, RuntimeError):
    """Training cannot start or cannot go on."""


class ExportError(UnnoiseError, RuntimeError):
    """An exported model does not compute what its network computes."""


class MissingExtraError(UnnoiseError, ImportError):
    """An optional package is not installed; the message gives the install command."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"{package} is not installed, and this needs it. Install it with: pip install 'unnoise[{extra}]'"
        )
