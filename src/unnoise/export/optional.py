"""A part of a graph that runs only where it has something to do."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from onnx import GraphProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

from unnoise.errors import ExportError


def leave_out_above(graph: GraphProto, state: str, min_bins: int) -> None:
    """Put what cleans the bins above `min_bins` into a branch that is taken where there are any.

    It is what alone leads to the last of what is joined to "clean", and to the next `state`. At 16 kHz that is a fifth
    of the nodes of the bundled network, and in a stream a node costs more than its arithmetic. Raises ExportError where
    "clean" is not joined.
    """
    joint = next(node for node in graph.node if "clean" in node.output)
    if joint.op_type != "Concat":
        raise ExportError(
            f"state_above is {state!r}, so `run` must end in torch.cat([low, above], dim=2), and it ends in "
            f"{joint.op_type}; end it so, or leave state_above out."
        )
    results = [joint.input[-1], f"{state}_next"]
    part = _only_for(graph, results)
    then = helper.make_graph(
        [node for node in graph.node if _name(node) in part], "above", [], [_value(name) for name in results]
    )
    bounds = {"/above/from": [min_bins], "/above/to": [np.iinfo(np.int64).max], "/above/axis": [2]}
    nothing = ["/above/nothing", "/above/kept"]
    otherwise = helper.make_graph(
        [
            helper.make_node("Slice", ["spectrum", *bounds], nothing[:1]),
            helper.make_node("Identity", [state], nothing[1:]),
        ],
        "nothing_above",
        [],
        [_value(name) for name in nothing],
    )
    choice = [
        helper.make_node("Shape", ["spectrum"], ["/above/bins"], start=2, end=3),
        helper.make_node("Greater", ["/above/bins", "/above/from"], ["/above/any"]),
        helper.make_node("If", ["/above/any"], results, then_branch=then, else_branch=otherwise),
    ]
    nodes = [node for node in graph.node if _name(node) not in part and node != joint]
    del graph.node[:]
    graph.node.extend([*nodes, *choice, joint])
    graph.initializer.extend(numpy_helper.from_array(np.array(value), name) for name, value in bounds.items())


def _only_for(graph: GraphProto, results: list[str]) -> set[str]:
    """The first outputs of the nodes that nothing but `results` needs."""
    users = defaultdict(set)
    for node in graph.node:
        for name in node.input:
            users[name].add(_name(node))
    outputs = {value.name for value in graph.output}
    part: set[str] = set()
    for node in reversed(graph.node):  # users come after what they use
        made = [name for name in node.output if name not in results]
        ends = len(made) < len(node.output)
        needed = {user for name in made for user in users[name]}
        if outputs.isdisjoint(made) and needed <= part and (needed or ends):
            part.add(_name(node))
    return part


def _name(node: NodeProto) -> str:
    name: str = node.output[0]
    return name


def _value(name: str) -> ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, None)
