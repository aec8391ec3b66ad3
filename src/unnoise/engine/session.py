"""One bundle loaded into onnxruntime: shared by many streams and threads."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unnoise.bundle import Bundle, BundleInfo, load_bundle
from unnoise.errors import BundleError

Spectrum = NDArray[np.float32]


class Session:
    """A network ready to run; it keeps no state between calls, so threads may share it. Pickles by its path.

    Raises BundleError when the bundle's graph is broken or does not keep the contract of `bundle.info`.
    """

    def __init__(self, bundle: Bundle, threads: int = 1) -> None:
        self.bundle = bundle
        self.threads = threads
        self._session = _start(bundle, threads)
        names = [state.name for state in bundle.info.states]
        self._inputs = ["audio" if bundle.info.domain == "waveform" else "spectrum", *names]
        self._outputs = ["clean", *(f"{name}_next" for name in names)]
        self._check_names()

    @property
    def info(self) -> BundleInfo:
        """What the bundle says about itself."""
        return self.bundle.info

    def initial_states(self, channels: int) -> list[NDArray[np.float32]]:
        """What a recording begins from: (channels, *shape) float32 for each state."""
        return [np.full((channels, *state.shape), state.initial, np.float32) for state in self.info.states]

    def run(self, spectrum: Spectrum, states: list[NDArray[np.float32]]) -> tuple[Spectrum, list[NDArray[np.float32]]]:
        """Clean spectrum, as `spectrum` (channels, frames, bins, 2), and the states to go on from."""
        clean, *following = self._run((spectrum, *states))
        return clean, following

    def run_windows(self, audio: NDArray[np.float32]) -> NDArray[np.float32]:
        """Clean windows of (windows, window_samples), of domain "waveform"."""
        return self._run((audio,))[0]

    def _run(self, given: tuple[NDArray[np.float32], ...]) -> list[NDArray[np.float32]]:
        try:
            found: list[NDArray[np.float32]] = self._session.run(
                self._outputs, dict(zip(self._inputs, given, strict=True))
            )
        except Exception as error:  # onnxruntime has a dozen, with no common root but this
            raise BundleError(f"{self.bundle.path}: the model failed: {_first_line(error)}") from error
        if found[0].shape != given[0].shape:
            raise BundleError(
                f"{self.bundle.path}: expected {self._inputs[0]} of {given[0].shape} from the model, "
                f"but {found[0].shape} came; export the model again."
            )
        return found

    def _check_names(self) -> None:
        inputs = {value.name for value in self._session.get_inputs()}
        outputs = {value.name for value in self._session.get_outputs()}
        if inputs != set(self._inputs) or not outputs.issuperset(self._outputs):
            raise BundleError(
                f"{self.bundle.path}: expected a graph from {self._inputs} to {self._outputs}, "
                f"but it goes from {sorted(inputs)} to {sorted(outputs)}; export the model again."
            )

    def __reduce__(self) -> tuple[Callable[..., Session], tuple[Any, ...]]:
        return open_session, (self.bundle, self.threads)


def open_session(model: str | os.PathLike[str] | Bundle = "default", threads: int = 1) -> Session:
    """The session of a model by name, path or bundle; the same one again while its file does not change.

    Raises BundleError as `load_bundle` and `Session` do.
    """
    bundle = model if isinstance(model, Bundle) else load_bundle(model)
    try:
        status = bundle.path.stat()
    except OSError as error:
        raise BundleError(f"{bundle.path}: cannot be read as a model: {error.strerror}.") from error
    return _cached(os.fspath(bundle.path.absolute()), status.st_mtime_ns, status.st_size, threads)


@lru_cache(maxsize=4)
def _cached(path: str, mtime_ns: int, size: int, threads: int) -> Session:
    """Time and size are here as part of the key: a model that was written anew is loaded anew."""
    return Session(load_bundle(path), threads)


def _start(bundle: Bundle, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # idle threads sleep
    options.log_severity_level = 3  # errors: they are raised anyway, and warnings are no user's business
    model = bundle.model
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has a dozen, with no common root but this
        raise BundleError(f"{bundle.path}: onnxruntime cannot load the model: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
