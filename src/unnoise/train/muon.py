"""Muon: momentum whose matrices are made orthogonal before they are stepped, so that all directions are learned.

Sources: the method and the polynomial: Jordan et al. 2024 (kellerjordan.github.io/posts/muon); steps of one size for
all shapes: Liu et al. 2025 (arXiv 2502.16982), eq. 4. torch's own takes single matrices alone, and in bfloat16, which
is slow on many processors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd

MOMENTUM = 0.95
STEP_RMS = 0.4  # of a matrix's step over the rate: about twice AdamW's, at no more noise (docs/experiments.md, row 58)
ROUNDS = 5
POLYNOMIAL = (3.4445, -4.7750, 2.0315)


class Muon(torch.optim.AdamW):
    """Steps the parameters that `shapes` names as matrices of that shape, (..., rows, columns), all others by AdamW."""

    def __init__(self, groups: Iterable[dict[str, Any]], shapes: dict[nn.Parameter, tuple[int, ...]], **options: Any):
        super().__init__(groups, **options)
        self.shapes = shapes

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        """One step of everything that has a gradient."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        held = []
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter in self.shapes and parameter.grad is not None:
                    self._step_matrices(parameter, group["lr"], group["weight_decay"])
                    held.append((parameter, parameter.grad))
                    parameter.grad = None  # AdamW passes it over
        super().step()
        for parameter, gradient in held:
            parameter.grad = gradient
        return loss

    def _step_matrices(self, parameter: nn.Parameter, rate: float, decay: float) -> None:
        assert parameter.grad is not None
        state = self.state[parameter]
        if not state:
            state.update(step=torch.tensor(0.0), exp_avg=torch.zeros_like(parameter))  # AdamW loads none without a step
        mean = state["exp_avg"]
        mean.lerp_(parameter.grad, 1 - MOMENTUM)
        step = orthogonal(parameter.grad.lerp(mean, MOMENTUM).reshape(self.shapes[parameter]))  # Nesterov's
        scale = STEP_RMS * max(step.shape[-2:]) ** 0.5
        parameter.mul_(1 - rate * decay).add_(step.reshape(parameter.shape), alpha=-rate * scale)


def orthogonal(matrices: Tensor) -> Tensor:
    """(..., rows, columns) with all but the smallest singular values brought near 1; a matrix of zeros stays."""
    wide = matrices.mT if matrices.shape[-2] > matrices.shape[-1] else matrices
    x = wide / (wide.norm(dim=(-2, -1), keepdim=True) + 1e-12)
    a, b, c = POLYNOMIAL
    for _ in range(ROUNDS):
        square = x @ x.mT
        x = a * x + (b * square + c * (square @ square)) @ x
    turned: Tensor = x if wide is matrices else x.mT
    return turned


def matrices_of(network: nn.Module) -> dict[nn.Parameter, tuple[int, ...]]:
    """The parameters that are matrices: of recurrences one for each gate, of convolutions one whose rows are the first
    axis."""
    shapes = {}
    for module in network.modules():
        for name, parameter in module.named_parameters(recurse=False):
            shape = tuple(parameter.shape)
            if isinstance(module, nn.RNNBase | nn.RNNCellBase) and name.startswith(("weight_ih", "weight_hh")):
                shape = (shape[0] // module.hidden_size, module.hidden_size, shape[1])
            elif isinstance(module, _ConvNd) and name == "weight":
                shape = (shape[0], parameter[0].numel())
            if len(shape) > 1 and min(shape[-2:]) > 1:
                shapes[parameter] = shape
    return shapes
