"""The network for files: the bundled one's way through bands, but forwards and backwards in time.

Each recurrence has a twin that runs from the end of a stretch to its beginning, and each bin's energy is compared with
its means over what comes, too, not only over what was. The rest is as in `dual_path`: vectors of bands, a recurrence
over time that all bands share, one over all bands together, and a gain a bin that its own numbers reach. So its
training can begin where that network's ended (bench/grow.py).

Source: recurrences in both directions: Schuster and Paliwal 1997 (doi 10.1109/78.650093); the others are named in
`dual_path`.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from unnoise.errors import RecipeError
from unnoise.networks.base import WaveformNetwork
from unnoise.networks.layers.band_paths import (
    BIN_HZ,
    GROUPS,
    HIGH_BINS,
    HOP_MS,
    LOW_BINS,
    POWER_TO_MEAN_SQUARE,
    BandBlock,
    BandPaths,
    energy_of,
    loudness_of,
)
from unnoise.networks.layers.high_head import HighHead
from unnoise.networks.layers.recurrence import BothWays, spread_memories
from unnoise.networks.layers.running import RunningMeans
from unnoise.networks.layers.stft import Stft

FEATURES = 5  # a bin: its energy, how far it is above its means over what was, and over what comes
RATES = (16000, 48000)
FAINT_DB = 50.0
"""Frames that lie further under the loudest of a window are taken as silence: the floor of a long pause would be most
of what the level is, and speech would be too far above it to be told from a noise."""


class Twins(BothWays):
    """A recurrence and its twin from the end, which is silent at first."""

    def __init__(self, width: int) -> None:
        super().__init__(width)
        for layer in (self.onwards, self.back):
            spread_memories(layer)
        with torch.no_grad():
            for parameter in self.back.parameters():
                parameter[2 * width :] = 0.0  # of what it would remember


class Block(BandBlock):
    """Two recurrences in both directions."""

    def __init__(self, bands: int, width: int, whole: int) -> None:
        super().__init__(bands, width, whole, Twins(width), Twins(whole))

    def forward(self, x: Tensor, frames: int) -> tuple[Tensor, Tensor]:
        """(frames * windows * bands, width) to the same shape, and what was heard in whole frames, (frames * windows,
        whole)."""
        x, heard = self.together(x, self.over_time(x.reshape(frames, -1, self.width)))
        heard = heard + self.over_whole(heard.reshape(frames, -1, self.whole)).reshape(-1, self.whole)
        return self.told(x, heard), heard


class Studio(BandPaths, WaveformNetwork):
    """One gain a bin from `blocks` of recurrences in both directions, of `width` in each band and of `whole` over whole
    frames; `groups` and `reach` as in `dual_path`.

    It sees `frames` hops of 16 ms at once, at `rate` 16000 or 48000 Hz. What it learns at 16000 holds at 48000, where a
    small head carries the gains on from 8 to 24 kHz. RecipeError for another rate, and for groups that do not fit.
    """

    level = "none"  # everything inside is relative to the level of a window already

    def __init__(
        self,
        *,
        rate: int = 48000,
        frames: int = 512,
        width: int = 32,
        whole: int = 128,
        blocks: int = 2,
        groups: Sequence[Sequence[int]] = GROUPS,
        reach: int = 24,
        fast_s: float = 0.32,
        slow_s: float = 1.92,
        high_bands: int = 20,
        high_features: int = 48,
        high_hidden: int = 48,
    ) -> None:
        super().__init__()
        if rate not in RATES:
            raise RecipeError(f"the network studio runs at {' or '.join(map(str, RATES))} Hz; rate is {rate}")
        hop = round(rate * HOP_MS / 1000)
        self.rate, self.window_samples, self.overlap_samples = rate, frames * hop, frames // 8 * hop
        self.whole, self.high_hidden = whole, high_hidden
        self.stft = Stft(2 * hop, hop, self.window_samples, shape="root_hann")
        self.means = RunningMeans(HOP_MS, fast_s, slow_s)
        self.lay_paths(
            groups, reach, width, FEATURES, lambda bands: [Block(bands, width, whole) for _ in range(blocks)]
        )
        if rate > RATES[0]:
            self.high = HighHead(
                whole, LOW_BINS, HIGH_BINS, BIN_HZ, bands=high_bands, features=high_features, hidden=high_hidden
            )

    def run(self, audio: Tensor) -> Tensor:
        """The spectrum times one gain a bin."""
        tables = self.stft.tables()
        spectrum = self.stft.analyse(audio, tables)  # (windows, 2, bins, frames)
        # Scaled as the engine's transform is, so that all levels mean what they do in `dual_path`, whatever the rate.
        power = spectrum.square().sum(1).transpose(1, 2) * (2 / (POWER_TO_MEAN_SQUARE * self.stft.window))
        low = power[:, :, :LOW_BINS]  # (windows, frames, 257)
        loudness, sounding = loudness_of(power)  # (windows, frames)
        sounding = sounding * (loudness > loudness.amax(1, keepdim=True) - FAINT_DB).to(sounding.dtype)
        level_db = (loudness * sounding).sum(1, keepdim=True) / sounding.sum(1, keepdim=True).clamp(min=1)
        energy = energy_of(low, level_db[:, :, None])
        was = self._above_means(energy, sounding)
        comes = self._above_means(energy.flip(1), sounding.flip(1)).flip(2)
        features = torch.cat([energy[:, None], was, comes], dim=1)  # (windows, 5, frames, 257)
        rows = features.permute(2, 0, 1, 3).reshape(-1, FEATURES * LOW_BINS)  # frames and windows
        x = self.vectors(rows)
        for block in self.blocks:
            x, heard = block(x, self.stft.frames)
        gains = self.gains(x, rows)
        if not self.training:
            gains = gains.index_select(0, self.used)
        gains = gains.reshape(LOW_BINS, self.stft.frames, -1).permute(2, 0, 1)
        if self.stft.bins > LOW_BINS:
            top = self._top_gains(power[:, :, LOW_BINS:], level_db, heard.reshape(self.stft.frames, -1, self.whole))
            gains = torch.cat([gains, top], dim=1)
        return self.stft.synthesise(spectrum * gains[:, None], tables)

    def _above_means(self, energy: Tensor, sounding: Tensor) -> Tensor:
        """Energies (windows, frames, 257) over their running means, (windows, 2, frames, 257)."""
        begin = energy.new_zeros(energy.shape[0], 2, LOW_BINS + 1)
        means: Tensor = self.means(energy, sounding, begin)[0]
        return energy[:, None] - means

    def _top_gains(self, power: Tensor, level_db: Tensor, heard: Tensor) -> Tensor:
        """Gains of the bins above 8 kHz, (windows, 512, frames)."""
        level = level_db[:, :, None].expand(-1, self.stft.frames, 1)
        begin = power.new_zeros(power.shape[0], self.high_hidden)
        gains: Tensor = self.high(power, level, heard, begin)[0]  # (windows, frames, bins, 2)
        return gains[..., 0].transpose(1, 2)
