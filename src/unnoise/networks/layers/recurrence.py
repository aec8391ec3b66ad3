"""Gated recurrences: from both ends, and how they begin."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class BothWays(nn.Module):
    """A recurrence from either end, added."""

    def __init__(self, width: int) -> None:
        super().__init__()
        # Two layers and not one of two directions, so that each parameter is found again in an exported model.
        self.onwards, self.back = nn.GRU(width, width), nn.GRU(width, width)

    def forward(self, x: Tensor) -> Tensor:
        """(frames, rows, width), the same shape."""
        out: Tensor = self.onwards(x)[0] + self.back(x.flip(0))[0].flip(0)
        return out


def spread_memories(layer: nn.GRU) -> None:
    """Give a gated recurrence memories from one step to a hundred: left to itself, it remembers two.

    Source: Tallec and Ollivier 2018 (arXiv 1804.11188), eq. 16.
    """
    own, width = dict(layer.named_parameters()), layer.hidden_size
    with torch.no_grad():
        own["bias_ih_l0"].zero_()
        own["bias_hh_l0"].zero_()
        own["bias_ih_l0"][width : 2 * width] = torch.log(1 + 99 * torch.rand(width))
        for gate in own["weight_hh_l0"].chunk(3):
            nn.init.orthogonal_(gate)
