"""A causal dual-path network: recurrences over time in each band, with the same weights, and over whole frames.

The log energy of each bin, and how far it is above its own means over a short and a long while, make a vector of each
band, from the bins of a stretch around it. In each of a few blocks one small recurrence, the same for all bands,
follows every band over time, and a wider one follows all bands together and tells each what it heard. What is learned
in one band so holds in all: half the data to the same loss as with recurrences over whole frames alone
(docs/experiments.md). Each band's vector becomes a gain a bin, and factors by which the bin's own three numbers reach
its gain: what is fine in a spectrum need not pass through the recurrences. Everything is relative to a running level,
so loudness makes no difference. A small head carries the gains on from 8 to 24 kHz.

Sources: recurrences over time and over bands in turn: Luo, Chen and Yoshioka 2020 (arXiv 1910.06379); the same one for
all bands beside one that hears all: Hao et al. 2021 (arXiv 2010.15508). Batch normalisation: Ioffe and Szegedy 2015
(arXiv 1502.03167).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from unnoise.networks.base import SpectrumNetwork, StateSpec
from unnoise.networks.layers.band_paths import (
    BIN_HZ,
    GROUPS,
    HIGH_BINS,
    HOP_MS,
    LOW_BINS,
    BandBlock,
    BandPaths,
    energy_of,
    loudness_of,
)
from unnoise.networks.layers.high_head import HighHead
from unnoise.networks.layers.recurrence import spread_memories
from unnoise.networks.layers.running import RunningMeans

FEATURES = 3  # a bin


class Block(BandBlock):
    """Two recurrences that carry states."""

    def __init__(self, bands: int, width: int, whole: int) -> None:
        over_time, over_whole = nn.GRU(width, width), nn.GRU(whole, whole)
        spread_memories(over_time)
        spread_memories(over_whole)
        super().__init__(bands, width, whole, over_time, over_whole)

    def forward(self, x: Tensor, state: Tensor, whole_state: Tensor, frames: int) -> tuple[Tensor, ...]:
        """(frames * batch * bands, width) and states (batch, bands * width) and (batch, whole) to the same shapes, and
        in second place what was heard in whole frames, (frames * batch, whole)."""
        out, last = self.over_time(x.reshape(frames, -1, self.width), state.reshape(1, -1, self.width))
        x, heard = self.together(x, out)
        out, whole_last = self.over_whole(heard.reshape(frames, -1, self.whole), whole_state[None])
        heard = heard + out.reshape(-1, self.whole)
        return self.told(x, heard), heard, last.reshape(-1, self.bands * self.width), whole_last[0]


class DualPath(BandPaths, SpectrumNetwork):
    """One gain a bin from `blocks` of recurrences, of `width` in each band and of `whole` over whole frames.

    `groups` says how many bands there are of how many bins, from the lowest up; a band's vector is made of the `reach`
    bins around its middle.
    """

    twice: Tensor

    def __init__(
        self,
        *,
        width: int = 32,
        whole: int = 128,
        blocks: int = 2,
        groups: Sequence[Sequence[int]] = GROUPS,
        reach: int = 24,
        level_s: float = 2.0,
        fast_s: float = 0.32,
        slow_s: float = 1.92,
        high_bands: int = 20,
        high_features: int = 48,
        high_hidden: int = 48,
    ) -> None:
        super().__init__()
        self.hop_ms, self.min_bins, self.max_bins = HOP_MS, LOW_BINS, LOW_BINS + HIGH_BINS
        self.level, self.means = RunningMeans(HOP_MS, level_s), RunningMeans(HOP_MS, fast_s, slow_s)
        self.whole = whole
        self.lay_paths(
            groups, reach, width, FEATURES, lambda bands: [Block(bands, width, whole) for _ in range(blocks)]
        )
        self.register_buffer("twice", self.used.repeat_interleave(2), persistent=False)
        self.high = HighHead(
            whole, LOW_BINS, HIGH_BINS, BIN_HZ, bands=high_bands, features=high_features, hidden=high_hidden
        )
        self.states = (
            StateSpec("level", (1, 2)),
            StateSpec("means", (2, LOW_BINS + 1)),
            *(StateSpec(f"bands{k}", (self.bands * width,)) for k in range(blocks)),
            *(StateSpec(f"whole{k}", (whole,)) for k in range(blocks)),
            StateSpec("high", (high_hidden,)),
        )
        self.state_above = "high"

    def random_past(self, states: list[Tensor], loudness_db: Tensor, generator: torch.Generator) -> list[Tensor]:
        """A level that began just now (30 %) or has run for up to its memory, some decibels off."""
        batch = len(loudness_db)
        begun = torch.rand(batch, generator=generator) < 0.3
        weight = 1 + torch.rand(batch, generator=generator) * (self.level.memory_frames[0] - 1)
        mean_db = loudness_db.cpu() + 6 * torch.randn(batch, generator=generator)
        level = torch.where(begun[:, None], 0.0, torch.stack([mean_db, weight], dim=1))
        return [level[:, None].to(states[0].device), *states[1:]]

    def run(self, spectrum: Tensor, *states: Tensor) -> tuple[Tensor, ...]:
        """Clean spectrum (batch, frames, bins, 2) and new states; `bins` from 257 to 769."""
        level, means, *hidden, high = states
        frames = spectrum.shape[1]
        low = spectrum[:, :, :LOW_BINS]
        power = low.square().sum(3)  # (batch, frames, 257)
        loudness, sounding = loudness_of(power)
        levels_db, level = self.level(loudness[:, :, None], sounding, level)
        mean_db = levels_db[:, 0]  # (batch, frames, 1)
        energy = energy_of(power, mean_db)
        running, means = self.means(energy, sounding, means)  # (batch, 2, frames, 257)
        features = torch.cat([energy[:, None], energy[:, None] - running], dim=1)
        rows = features.permute(2, 0, 1, 3).reshape(-1, FEATURES * LOW_BINS)  # frames and batch

        x = self.vectors(rows)
        count = len(self.blocks)
        following, following_whole = [], []
        for block, own, whole in zip(self.blocks, hidden[:count], hidden[count:], strict=True):
            x, heard, last, whole_last = block(x, own, whole, frames)
            following.append(last)
            following_whole.append(whole_last)
        gains = self.gains(x, rows)
        # In use one step: a factor spread in a product is slow in runtimes.
        gains = gains.repeat_interleave(2, 0).T if self.training else gains.index_select(0, self.twice).T
        clean = low * gains.reshape(frames, -1, LOW_BINS, 2).transpose(0, 1)
        if spectrum.shape[2] > LOW_BINS:
            heard = heard.reshape(frames, -1, self.whole)
            top, high = self._above(spectrum[:, :, LOW_BINS:], mean_db, heard, high)
            clean = torch.cat([clean, top], dim=2)
        return clean, level, means, *following, *following_whole, high

    def _above(self, top: Tensor, mean_db: Tensor, heard: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Bins above 8 kHz times the high head's gains; the padding lets one graph take any number of bins."""
        power = functional.pad(top.square().sum(3), (0, HIGH_BINS))[:, :, :HIGH_BINS]
        gains, state = self.high(power, mean_db, heard, state)
        return top * gains[:, :, : top.shape[2]], state
