"""Train as `unnoise train --precision bf16` does, with recurrences compiled for this processor.

    python bench/train_fast.py default -o RUN --clean DIR --noise DIR --rooms DIR --precision bf16 --threads 1
    python bench/train_fast.py --check

Takes the arguments of `unnoise train`; without --precision bf16, and on accelerators, nothing changes. Needs a C++
compiler, `pip install ninja`, and an x86 processor. One that multiplies bfloat16 (AVX-512) did 68 seconds of `default`
in a second on one core, and 46 without both. On Linux, MALLOC_MMAP_THRESHOLD_=4000000000 and
MALLOC_TRIM_THRESHOLD_=8000000000 in the environment save a tenth of that time at a few gigabytes. Checkpoints are those
of `unnoise train`: either goes on from the other's. --check compares with torch.
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
    """nn.GRU's where it learns in bfloat16 and is simple; what else there is runs as ever."""
    simple = self.num_layers == 1 and not (self.batch_first or self.bidirectional) and self.bias
    learns = self.training and torch.is_grad_enabled() and torch.is_autocast_enabled("cpu")
    if not (simple and learns and x.device.type == "cpu"):
        return plain(self, x, state)
    if state is None:
        state = self.bias_hh_l0.new_zeros(1, x.shape[1], self.hidden_size)
    weights = self.weight_ih_l0, self.weight_hh_l0, self.bias_ih_l0, self.bias_hh_l0
    out, last = Recurrence.apply(x, state[0].float(), *weights)
    return out, last[None]


def check() -> None:
    """Print how far outputs and gradients are from torch's, relative to their size."""
    for width in (24, 32, 128):
        torch.manual_seed(0)
        layer, x, state = nn.GRU(width, width), torch.randn(50, 20, width), torch.randn(1, 20, width)
        given = [tensor.requires_grad_() for tensor in (x, state, *layer.parameters())]
        found = []
        for way in (plain, forward):
            with torch.autocast("cpu", torch.bfloat16, enabled=way is forward):
                out, last = way(layer, x, state)
            found.append([out, *torch.autograd.grad(out.sin().sum() + last.cos().sum(), given)])
        apart = [float((a - b).detach().norm() / a.norm()) for a, b in zip(*found, strict=True)]
        print(f"width {width}: " + " ".join(f"{value:.4f}" for value in apart))
        if max(apart) > 0.02:
            raise SystemExit("the compiled recurrence does not compute what torch's does")


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        check()
    else:
        nn.GRU.forward = forward  # type: ignore[method-assign]
        main(["train", *sys.argv[1:]])
