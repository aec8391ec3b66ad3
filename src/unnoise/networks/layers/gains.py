"""Between powers, decibels and gains."""

from __future__ import annotations

import math

import torch
from torch import Tensor

TINY = 1e-20
DB_PER_NEPER = 10 / math.log(10)  # of a power: ONNX has no log10, and would divide each time


def decibels(power: Tensor) -> Tensor:
    """10 log10 of a power, with a floor of -200 dB."""
    return DB_PER_NEPER * torch.log(power + TINY)


def bounded_gain(x: Tensor) -> Tensor:
    """A sigmoid that reaches 1 and not only nears it, so that clean speech can pass untouched."""
    return (1.06 * torch.sigmoid(x)).clamp(max=1.0)
