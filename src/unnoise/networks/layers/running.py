"""Running means that stream and export exactly: what makes a network indifferent to loudness and quick to see noise."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

SILENCE_DBFS = -120.0
"""Frames under this hold no sound: they leave running means as they are, so a mute does not drag them down."""


class RunningMean(nn.Module):
    """Exponential means over frames with a warm start, written for blocks of any length.

    With flag g (0 on digital silence): w <- a^g w + g, m <- m + g (x - m) / max(w, 1). A block is one product
    with a lower-triangular matrix whose exponents are never negative, so no power grows and no digits are lost.
    """

    def __init__(self, hop_ms: float, memory_s: float) -> None:
        super().__init__()
        self.memory_frames = 1000 * memory_s / hop_ms
        self.log_decay = math.log(1 - 1 / self.memory_frames)

    def forward(self, x: Tensor, sounding: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Values (batch, frames, n), flags (batch, frames), state (batch, n + 1) of means and weight; to the first
        and last of these."""
        mean, weight = state[:, None, :-1], state[:, -1:]  # (batch, 1, n), (batch, 1)
        count = torch.cumsum(sounding, dim=1)  # (batch, frames)
        age = (count[:, :, None] - count[:, None, :]).clamp(min=0)  # (batch, frames, frames)
        frames = torch.arange(0, x.shape[1], device=x.device)
        past = (frames[:, None] >= frames[None, :]).to(x.dtype)
        decay = torch.exp(age * self.log_decay) * past * sounding[:, None, :]
        weights = decay.sum(2) + torch.exp(count * self.log_decay) * weight  # (batch, frames)
        means = mean + torch.matmul(decay, x - mean) / weights.clamp(min=1.0)[:, :, None]
        return means, torch.cat([means[:, -1], weights[:, -1:]], dim=1)
