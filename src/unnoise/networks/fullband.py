"""The bundled network: a stack of recurrences over the whole frame, with residuals and normalisation.

The log energy of each bin, and how far it is above its own means over a short and a long while, go through a few
recurrent layers to one gain a bin: the means show steady noise from the first frame on, so the recurrences need
not learn to measure it. Each bin's own three numbers also reach its gain directly, by factors that the recurrences
set: what is fine in a spectrum need not pass through them. Everything is relative to a running level, so loudness
makes no difference. A small head carries the gains on from 8 to 24 kHz.

Batch normalisation and residuals around the recurrences: a third of the steps to the same loss (docs/experiments.md).
Source of batch normalisation: Ioffe and Szegedy 2015 (arXiv 1502.03167).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from unnoise.networks.base import SpectrumNetwork, StateSpec
from unnoise.networks.layers.gains import bounded_gain, decibels
from unnoise.networks.layers.high_head import HighHead
from unnoise.networks.layers.recurrence import spread_memories
from unnoise.networks.layers.running import SILENCE_DBFS, RunningMean

LOW_BINS = 257  # 0-8 kHz at BIN_HZ a bin
HIGH_BINS = 512  # 8-24 kHz
HOP_MS = 16.0
BIN_HZ = 500 / HOP_MS
LOUDNESS_BINS = slice(3, 129)  # 0.1-4 kHz: present at every rate, so the level means the same everywhere
POWER_TO_MEAN_SQUARE = 2 / 1.2337  # one-sided, and pi^2 / 8 for the window: a level in dBFS
TYPICAL_DB = -40.0  # of one bin under the level of all: features lie around zero
MOMENTUM = 0.02  # of the statistics of a batch in the running ones


class Recurrence(nn.Module):
    """A gated recurrence around which its input flows on, normalised."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.over_time = nn.GRU(width, width)
        self.norm = nn.BatchNorm1d(width, momentum=MOMENTUM)
        spread_memories(self.over_time)

    def forward(self, x: Tensor, state: Tensor, frames: int) -> tuple[Tensor, Tensor]:
        """(frames * batch, width) and state (batch, width) to the same two."""
        out, last = self.over_time(x.reshape(frames, -1, x.shape[1]), state[None])
        return self.norm(x + out.reshape(-1, x.shape[1])), last[0]


class FullBand(SpectrumNetwork):
    """One gain a bin from recurrences of `width` over whole frames."""

    def __init__(
        self,
        *,
        width: int = 256,
        layers: int = 3,
        level_s: float = 2.0,
        fast_s: float = 0.32,
        slow_s: float = 1.92,
        high_bands: int = 20,
        high_features: int = 48,
        high_hidden: int = 48,
    ) -> None:
        super().__init__()
        self.hop_ms, self.min_bins, self.max_bins = HOP_MS, LOW_BINS, LOW_BINS + HIGH_BINS
        self.level, self.fast, self.slow = (RunningMean(HOP_MS, seconds) for seconds in (level_s, fast_s, slow_s))
        self.encoder = nn.Sequential(
            nn.BatchNorm1d(3 * LOW_BINS, momentum=MOMENTUM),
            nn.Linear(3 * LOW_BINS, width),
            nn.ReLU(),
            nn.BatchNorm1d(width, momentum=MOMENTUM),
        )
        self.layers = nn.ModuleList(Recurrence(width) for _ in range(layers))
        self.gains = nn.Linear(width, LOW_BINS)
        nn.init.constant_(self.gains.bias, 1.0)
        self.steering = nn.Linear(width, 3 * LOW_BINS)
        nn.init.zeros_(self.steering.weight)
        nn.init.zeros_(self.steering.bias)
        self.high = HighHead(
            width, LOW_BINS, HIGH_BINS, BIN_HZ, bands=high_bands, features=high_features, hidden=high_hidden
        )
        self.states = (
            StateSpec("level", (2,)),
            StateSpec("fast", (LOW_BINS + 1,)),
            StateSpec("slow", (LOW_BINS + 1,)),
            *(StateSpec(f"layer{k}", (width,)) for k in range(layers)),
            StateSpec("high", (high_hidden,)),
        )

    def random_past(self, states: list[Tensor], loudness_db: Tensor, generator: torch.Generator) -> list[Tensor]:
        """A level that began just now (30 %) or has run for up to its memory, some decibels off."""
        batch = len(loudness_db)
        begun = torch.rand(batch, generator=generator) < 0.3
        weight = 1 + torch.rand(batch, generator=generator) * (self.level.memory_frames - 1)
        mean_db = loudness_db.cpu() + 6 * torch.randn(batch, generator=generator)
        level = torch.where(begun[:, None], 0.0, torch.stack([mean_db, weight], dim=1))
        return [level.to(states[0].device), *states[1:]]

    def run(self, spectrum: Tensor, *states: Tensor) -> tuple[Tensor, ...]:
        """Clean spectrum (batch, frames, bins, 2) and new states; `bins` from 257 to 769."""
        level, fast, slow, *hidden, high = states
        frames = spectrum.shape[1]
        # Real and imaginary planes: runtimes multiply long rows many times faster than pairs.
        planes = spectrum.transpose(2, 3)  # (batch, frames, 2, bins)
        low = planes[..., :LOW_BINS]
        power = low.square().sum(2)  # (batch, frames, 257)
        loudness = decibels(power[:, :, LOUDNESS_BINS].sum(2) * POWER_TO_MEAN_SQUARE)
        sounding = (loudness > SILENCE_DBFS).to(power.dtype)  # (batch, frames)
        mean_db, level = self.level(loudness[:, :, None], sounding, level)
        energy = ((decibels(power) - mean_db - TYPICAL_DB) / 20).clamp(-3, 3)
        over_fast, fast = self.fast(energy, sounding, fast)
        over_slow, slow = self.slow(energy, sounding, slow)
        features = torch.cat([energy, energy - over_fast, energy - over_slow], dim=2)

        # Rows of frames and batch: a plain product of two matrices is one fused operation where it runs.
        rows = features.transpose(0, 1).reshape(-1, 3 * LOW_BINS)
        x = self.encoder(rows)
        following = []
        for layer, state in zip(self.layers, hidden, strict=True):
            x, last = layer(x, state, frames)
            following.append(last)
        steered = (self.steering(x) * rows).reshape(-1, 3, LOW_BINS).sum(1)
        gains = bounded_gain(self.gains(x) + steered).reshape(frames, -1, 1, LOW_BINS).transpose(0, 1)
        clean = low * gains
        if planes.shape[3] > LOW_BINS or not self.training:  # training at 16 kHz saves itself the head
            top, high = self._above(planes[..., LOW_BINS:], mean_db, x, high)
            clean = torch.cat([clean, top], dim=3)
        return clean.transpose(2, 3), level, fast, slow, *following, high

    def _above(self, top: Tensor, mean_db: Tensor, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Bins above 8 kHz times the high head's gains; the padding lets one graph take any number of bins."""
        power = functional.pad(top.square().sum(2), (0, HIGH_BINS))[:, :, :HIGH_BINS]
        gains, state = self.high(power, mean_db, x, state)
        return top * gains[:, :, None, : top.shape[3]], state
