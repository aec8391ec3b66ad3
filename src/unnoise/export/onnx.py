"""A network of `unnoise.networks` as a serialised ONNX model, its parameters stored in half precision."""

from __future__ import annotations

import io
import warnings

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from unnoise.bundle import ParameterInfo
from unnoise.errors import ExportError
from unnoise.export.optional import leave_out_above
from unnoise.networks.base import Network, SpectrumNetwork, WaveformNetwork

OPSET = 17
TRACED_FRAMES = 7
GRU_PARTS = {
    ".weight_ih_": "gru_gates",
    ".weight_hh_": "gru_gates",
    ".bias_ih_": "gru_bias_first",
    ".bias_hh_": "gru_bias_second",
}
"""What exporting does to a parameter of a GRU, by what its name holds."""


def to_onnx(network: Network) -> tuple[bytes, dict[str, ParameterInfo]]:
    """The model, and where each parameter and each statistic of the network is found in it.

    The network's own weights are rounded to half precision first, so that it and the model stay equal. Raises
    ExportError for what ONNX cannot express, and where a parameter is not found again.
    """
    network.eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(parameter.half().float())
    model = _traced(network)
    if isinstance(network, SpectrumNetwork) and network.state_above is not None:
        leave_out_above(model.graph, network.state_above, network.min_bins)
    where = _locate(network, model)
    _store_as_half(model, {where[name].initialiser for name, _ in network.named_parameters()})
    onnx.checker.check_model(model)
    return model.SerializeToString(), where


def _traced(network: Network) -> onnx.ModelProto:
    if isinstance(network, WaveformNetwork):
        given: tuple[torch.Tensor, ...] = (torch.randn(2, network.window_samples) * 0.1,)
        inputs, outputs = ["audio"], ["clean"]
        axes = {"audio": {0: "windows"}, "clean": {0: "windows"}}
    else:
        given = (torch.randn(2, TRACED_FRAMES, network.max_bins, 2) * 0.01, *network.initial_states(2))
        names = [state.name for state in network.states]
        inputs, outputs = ["spectrum", *names], ["clean", *(f"{name}_next" for name in names)]
        axes = {name: {0: "channels"} for name in (*inputs, *outputs)}
        axes |= {name: {0: "channels", 1: "frames", 2: "bins"} for name in ("spectrum", "clean")}
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of every shape that the check below proves dynamic
        try:
            torch.onnx.export(
                network,
                given,
                out,  # type: ignore[arg-type]  # a stream works with this exporter
                input_names=inputs,
                output_names=outputs,
                dynamic_axes=axes,
                opset_version=OPSET,
                dynamo=False,
            )
        except (RuntimeError, ValueError) as error:
            why = str(error).strip().partition("\n")[0]
            raise ExportError(
                f"torch cannot write this network as ONNX {OPSET}: {why} Use other operations (docs/own-network.md); "
                "what is over 2 GiB cannot be exported."
            ) from None
    return onnx.load_from_string(out.getvalue())


def _locate(network: Network, model: onnx.ModelProto) -> dict[str, ParameterInfo]:
    """Find each stored tensor among the initialisers by value, under what exporting does to it."""
    arrays = {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
    where = {}
    stored = network.state_dict()
    for name in stored:
        if name.endswith("num_batches_tracked"):
            continue
        value = stored[name].numpy()
        for transform, wanted in _transformed(name, value).items():
            found = next((k for k, a in arrays.items() if _holds(a, wanted, transform)), None)
            if found is not None:
                where[name] = ParameterInfo(initialiser=found, transform=transform)
                break
        else:
            raise ExportError(
                f"The exporter left no trace of {name!r}, so no way leads back to torch. It changes the weights of an "
                "LSTM, of a normalisation right after a convolution, and those that are computed with before they are "
                "used; docs/own-network.md says what to write instead."
            )
    return where


def _transformed(name: str, value: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """What may have become of a parameter. ONNX orders the gates of a GRU z, r, n; torch r, z, n."""
    for part, transform in GRU_PARTS.items():
        if part in name and len(value) % 3 == 0:  # an LSTM has four gates, and no way back
            return {transform: _reordered(value)[None]}
    return {"": value} if value.ndim < 2 else {"": value, "transpose": value.swapaxes(-2, -1)}


def _reordered(value: NDArray[np.float32]) -> NDArray[np.float32]:
    reset, update, new = np.split(value, 3)
    return np.concatenate([update, reset, new])


def _holds(array: NDArray[np.float32], wanted: NDArray[np.float32], transform: str) -> bool:
    if transform.startswith("gru_bias") and array.ndim == 2:
        half = array.shape[1] // 2
        array = array[:, :half] if transform == "gru_bias_first" else array[:, half:]
    return array.shape == wanted.shape and np.array_equal(array, wanted)


def _store_as_half(model: onnx.ModelProto, names: set[str]) -> None:
    """Store initialisers as fp16 behind a cast, which onnxruntime folds away when it loads."""
    casts = []
    for initialiser in model.graph.initializer:
        if initialiser.name not in names:
            continue
        name = initialiser.name
        half = numpy_helper.from_array(numpy_helper.to_array(initialiser).astype(np.float16), f"{name}_half")
        initialiser.CopyFrom(half)
        casts.append(helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
