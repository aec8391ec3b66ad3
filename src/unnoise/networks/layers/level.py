"""A running level that streams and exports exactly: what makes a network indifferent to loudness."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

SILENCE_DBFS = -120.0
"""Frames under this hold no sound: they leave the running level as it is, so a mute does not drag it down."""


class RunningLevel(nn.Module):
    """Exponential mean with a warm start of the frames' levels in dB, written for blocks of any length.

    With flag g (0 on digital silence): w <- a^g w + g, m <- m + g (u - m) / max(w, 1). A block is one product
    with a lower-triangular matrix whose exponents are never negative, so no power grows and no digits are lost.
    """

    def __init__(self, hop_ms: float, memory_s: float = 2.0) -> None:
        super().__init__()
        self.memory_frames = 1000 * memory_s / hop_ms
        self.log_decay = math.log(1 - 1 / self.memory_frames)

    def forward(self, level_db: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, frames) levels and state (batch, 2) of mean and weight, to running means and new state."""
        mean, weight = state[:, :1], state[:, 1:]  # (batch, 1)
        sounding = (level_db > SILENCE_DBFS).to(level_db.dtype)
        count = torch.cumsum(sounding, dim=1)  # (batch, frames)
        age = (count[:, :, None] - count[:, None, :]).clamp(min=0)  # (batch, frames, frames)
        frames = torch.arange(0, level_db.shape[1], device=level_db.device)
        past = (frames[:, None] >= frames[None, :]).to(level_db.dtype)
        decay = torch.exp(age * self.log_decay) * past * sounding[:, None, :]
        weights = decay.sum(2) + torch.exp(count * self.log_decay) * weight
        shift = torch.matmul(decay, (level_db - mean)[:, :, None])[:, :, 0]
        means = mean + shift / weights.clamp(min=1.0)
        return means, torch.stack([means[:, -1], weights[:, -1]], dim=1)
