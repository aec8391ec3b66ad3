"""Running means that stream and export exactly: what makes a network indifferent to loudness and quick to see noise."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

SILENCE_DBFS = -120.0
"""Frames under this hold no sound: they leave running means as they are, so a mute does not drag them down."""


class RunningMeans(nn.Module):
    """Exponential means over frames, one for each memory, with a warm start, written for blocks of any length.

    With flag g (0 on digital silence): w <- a^g w + g, m <- m + g (x - m) / max(w, 1). A block is one product
    with a lower-triangular matrix whose exponents are never negative, so no power grows and no digits are lost.
    """

    log_decay: Tensor

    def __init__(self, hop_ms: float, *memories_s: float) -> None:
        super().__init__()
        self.memory_frames = tuple(1000 * seconds / hop_ms for seconds in memories_s)
        decays = [[[math.log(1 - 1 / frames)]] for frames in self.memory_frames]
        self.register_buffer("log_decay", torch.tensor(decays), persistent=False)  # (memories, 1, 1)

    def forward(self, x: Tensor, sounding: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Values (batch, frames, n), flags (batch, frames), state (batch, memories, n + 1) of means and weights; to
        the means after each frame, (batch, memories, frames, n), and the state after the last."""
        mean, weight = state[:, :, None, :-1], state[:, :, -1:]  # (batch, memories, 1, n), (batch, memories, 1)
        count = torch.cumsum(sounding, dim=1)[:, None]  # (batch, 1, frames)
        age = count[..., None] - count[:, :, None]  # (batch, 1, frames, frames)
        past = (age >= 0).to(x.dtype) * sounding[:, None, None, :]  # a frame that sounds and is to come has less
        decay = torch.exp(age.clamp(min=0) * self.log_decay) * past
        weights = decay.sum(3) + torch.exp(count * self.log_decay[..., 0]) * weight  # (batch, memories, frames)
        with torch.autocast(x.device.type, enabled=False):  # levels need all of float32
            moved = torch.matmul(decay, x[:, None] - mean)
        means = mean + moved / weights.clamp(min=1.0)[..., None]
        return means, torch.cat([means[:, :, -1], weights[:, :, -1:]], dim=2)
