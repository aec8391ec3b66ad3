"""Tiny models that keep the contract of a bundle, to try the engine on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from unnoise.bundle import BundleInfo, StateInfo, write_bundle

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402

SPECTRUM = ["channels", "frames", "bins", 2]


def _model(nodes, constants=(), states=()):
    """A serialised model from `spectrum` to `clean`, with (name, shape) `states`."""
    value = helper.make_tensor_value_info
    inputs = [value("spectrum", TensorProto.FLOAT, SPECTRUM)]
    inputs += [value(name, TensorProto.FLOAT, ["channels", *shape]) for name, shape in states]
    outputs = [value("clean", TensorProto.FLOAT, SPECTRUM)]
    outputs += [value(f"{name}_next", TensorProto.FLOAT, ["channels", *shape]) for name, shape in states]
    graph = helper.make_graph(
        nodes, "g", inputs, outputs, [numpy_helper.from_array(np.asarray(v), k) for k, v in constants]
    )
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()


def info(name, **changes):
    """What a model named `name` says about itself."""
    return BundleInfo(**{"name": name, "version": "1", "licence": "MIT", **changes})


def identity_bytes():
    """The spectrum as it came."""
    return _model([helper.make_node("Identity", ["spectrum"], ["clean"])])


def identity(folder: Path, **changes):
    """A bundle that changes nothing."""
    return write_bundle(folder / "identity.onnx", identity_bytes(), info("identity", **changes))


def gain(folder: Path, factor: float, **changes):
    """A bundle that multiplies every bin by `factor`."""
    nodes = [helper.make_node("Mul", ["spectrum", "factor"], ["clean"])]
    model = _model(nodes, [("factor", np.float32(factor))])
    return write_bundle(folder / "gain.onnx", model, info("gain", **changes))


def windows(folder: Path, window: int, overlap: int, rate: int = 16000, slope: float = 0.0):
    """A waveform bundle: `slope` times its place in the window is added to each sample; 0 changes nothing."""
    place = np.arange(window, dtype=np.float32) * np.float32(slope)
    added = [helper.make_node("Add", ["audio", "place"], ["clean"])]
    path = folder / f"windows{window}-{overlap}.onnx"
    return _waveform(path, added, [numpy_helper.from_array(place, "place")], window, overlap, rate)


def without_mean(folder: Path, window: int, rate: int = 16000):
    """A waveform bundle that takes the mean of each window away."""
    nodes = [
        helper.make_node("ReduceMean", ["audio"], ["mean"], axes=[1], keepdims=1),
        helper.make_node("Sub", ["audio", "mean"], ["clean"]),
    ]
    return _waveform(folder / f"without-mean{window}.onnx", nodes, [], window, 0, rate)


def _waveform(path: Path, nodes, constants, window: int, overlap: int, rate: int):
    value, shape = helper.make_tensor_value_info, ["windows", window]
    given, found = (value(name, TensorProto.FLOAT, shape) for name in ("audio", "clean"))
    graph = helper.make_graph(nodes, "g", [given], [found], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
    told = info("windows", domain="waveform", causal=False, rate=rate, window_samples=window, overlap_samples=overlap)
    return write_bundle(path, model, told)


def lowpass(folder: Path, bins: int, **changes):
    """A bundle of exactly `bins` bins that keeps the lower half of them."""
    keep = (np.arange(bins) < bins // 2).astype(np.float32)[:, None]
    nodes = [helper.make_node("Mul", ["spectrum", "keep"], ["clean"])]
    changes = {"min_bins": bins, "max_bins": bins, **changes}
    return write_bundle(folder / "lowpass.onnx", _model(nodes, [("keep", keep)]), info("lowpass", **changes))


def recurrent(folder: Path, hidden: int = 4, **changes):
    """A bundle whose gain follows a GRU over the shares of the 16 lowest bins, blind to level."""
    rng = np.random.default_rng(3)
    draw = lambda *shape: rng.normal(0, 0.7, shape).astype(np.float32)  # noqa: E731
    ints = lambda *values: np.array(values, np.int64)  # noqa: E731
    constants = [
        ("from", ints(0)), ("to", ints(16)), ("bins_axis", ints(2)), ("last", ints(3)),
        ("state_axis", ints(0)), ("direction", ints(1)), ("tiny", np.float32(1e-30)),
        ("bias", np.float32(1.0)),
        ("w", draw(1, 3 * hidden, 16)), ("r", draw(1, 3 * hidden, hidden)), ("b", draw(1, 6 * hidden)),
        ("mix", draw(hidden, 1)),
    ]  # fmt: skip
    node = helper.make_node
    nodes = [
        node("Slice", ["spectrum", "from", "to", "bins_axis"], ["low"]),
        node("Mul", ["low", "low"], ["squares"]),
        node("ReduceSum", ["squares", "last"], ["power"], keepdims=0),  # (channels, frames, 16)
        node("ReduceSum", ["power", "bins_axis"], ["total"], keepdims=1),
        node("Add", ["total", "tiny"], ["safe"]),
        node("Div", ["power", "safe"], ["shares"]),
        node("Transpose", ["shares"], ["by_frame"], perm=[1, 0, 2]),
        node("Unsqueeze", ["memory", "state_axis"], ["before"]),
        node("GRU", ["by_frame", "w", "r", "b", "", "before"], ["out", "after"],
             hidden_size=hidden, linear_before_reset=1),
        node("Squeeze", ["after", "state_axis"], ["memory_next"]),
        node("Squeeze", ["out", "direction"], ["flat"]),  # (frames, channels, hidden)
        node("Transpose", ["flat"], ["by_channel"], perm=[1, 0, 2]),
        node("MatMul", ["by_channel", "mix"], ["z"]),
        node("Add", ["z", "bias"], ["zb"]),
        node("Sigmoid", ["zb"], ["g"]),
        node("Unsqueeze", ["g", "last"], ["gain"]),
        node("Mul", ["spectrum", "gain"], ["clean"]),
    ]  # fmt: skip
    changes = {"min_bins": 17, "states": (StateInfo("memory", (hidden,)),), **changes}
    model = _model(nodes, constants, [("memory", (hidden,))])
    return write_bundle(folder / "recurrent.onnx", model, info("recurrent", **changes))
