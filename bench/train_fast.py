"""Train as `unnoise train` does, with recurrences compiled for this processor: about half the time a step.

    python bench/train_fast.py default -o RUN --clean DIR --noise DIR --rooms DIR --precision bf16 --threads 1

Takes the arguments of `unnoise train`. Needs a C++ compiler and `pip install ninja`; the sums of bfloat16 products pay
on processors that compute them. On Linux, MALLOC_MMAP_THRESHOLD_=4000000000 MALLOC_TRIM_THRESHOLD_=8000000000 in the
environment saves a further tenth. Checkpoints are those of `unnoise train`: either goes on from the other's.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.cpp_extension import load

from unnoise.cli import main

FLAGS = ["-O3", "-march=native", "-ffast-math", "-mprefer-vector-width=512"]
compiled = load("recurrence", [str(Path(__file__).with_name("recurrence.cpp"))], extra_cflags=FLAGS)
plain = nn.GRU.forward


class Recurrence(torch.autograd.Function):
    """One layer of nn.GRU over (frames, rows, inputs) and a state (rows, width): matrices in bfloat16, states not."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, state: Tensor, *weights: Tensor) -> tuple[Tensor, Tensor]:
        inwards, own, *biases = weights
        ctx.kind = x.dtype
        x, inwards = x.bfloat16().contiguous(), inwards.bfloat16()
        out, *kept = compiled.forward(x, state, inwards, own, *biases)
        ctx.save_for_backward(x, state, inwards, own, out, *kept)
        return out, out[-1].clone()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, ...]:
        of_out, of_last = gradients
        of_x, *others = compiled.backward(of_out.float(), of_last, *ctx.saved_tensors)
        return of_x.to(ctx.kind), *others


def forward(self: nn.GRU, x: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """nn.GRU's where it learns and is simple; what else there is runs as ever."""
    simple = self.num_layers == 1 and not (self.batch_first or self.bidirectional) and self.bias
    if state is None or not (simple and self.training and torch.is_grad_enabled()):
        return plain(self, x, state)
    weights = self.weight_ih_l0, self.weight_hh_l0, self.bias_ih_l0, self.bias_hh_l0
    out, last = Recurrence.apply(x, state[0].float(), *weights)
    return out, last[None]


if __name__ == "__main__":
    nn.GRU.forward = forward  # type: ignore[method-assign]
    main(["train", *sys.argv[1:]])
