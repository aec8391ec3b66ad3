"""From a few numbers a bin to a vector a band, and from the bands' vectors back to a gain a bin."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from unnoise.errors import RecipeError
from unnoise.networks.layers.bands import BandMatrices
from unnoise.networks.layers.gains import bounded_gain, decibels
from unnoise.networks.layers.running import SILENCE_DBFS

LOW_BINS = 257  # 0-8 kHz at BIN_HZ a bin
HIGH_BINS = 512  # 8-24 kHz
HOP_MS = 16.0
BIN_HZ = 500 / HOP_MS
LOUDNESS_BINS = slice(3, 129)  # 0.1-4 kHz: present at every rate, so the level means the same everywhere
POWER_TO_MEAN_SQUARE = 2 / 1.2337  # one-sided, and pi^2 / 8 for the window: a level in dBFS
TYPICAL_DB = -40.0  # of one bin under the level of all: features lie around zero
GROUPS = ((12, 2), (12, 4), (12, 8), (6, 16))  # bands and bins of each: to 0.75, 2.25, 5.25 and 8 kHz
LAST_LEARNED = 245
"""What is recorded or resampled at 16 kHz holds no speech in the bins above, from 7.7 kHz on, so that networks learn to
close them whatever else they hear: in use they take the gain of this one."""
MOMENTUM = 0.02  # of the statistics of a batch in the running ones


def loudness_of(power: Tensor) -> tuple[Tensor, Tensor]:
    """Powers (batch, frames, bins) to levels in dBFS and to which frames sound, 1 or 0; both (batch, frames)."""
    loudness = decibels(power[:, :, LOUDNESS_BINS].sum(2) * POWER_TO_MEAN_SQUARE)
    return loudness, (loudness > SILENCE_DBFS).to(power.dtype)


def energy_of(power: Tensor, level_db: Tensor) -> Tensor:
    """Powers relative to a level in dBFS, in units of 20 dB around what is typical, from -3 to 3."""
    return ((decibels(power) - level_db - TYPICAL_DB) / 20).clamp(-3, 3)


class BandBlock(nn.Module):
    """What lies around two recurrences, over time in each of `bands` with the same weights, and over time in all of
    them together: the inputs flow on, normalised, and what was heard in all is told to each."""

    def __init__(self, bands: int, width: int, whole: int, over_time: nn.Module, over_whole: nn.Module) -> None:
        super().__init__()
        self.bands, self.width, self.whole = bands, width, whole  # and not shapes, which a graph would compute
        self.over_time, self.over_whole = over_time, over_whole
        self.down, self.up = nn.Linear(bands * width, whole), nn.Linear(whole, bands * width)
        self.norm, self.norm_whole, self.norm_out = (
            nn.BatchNorm1d(size, momentum=MOMENTUM) for size in (width, whole, width)
        )

    def together(self, x: Tensor, out: Tensor) -> tuple[Tensor, Tensor]:
        """Vectors (rows * bands, width) and what their recurrence said of them, to their sum, and to what goes into the
        recurrence over all bands, (rows, whole)."""
        x = self.norm(x + out.reshape(-1, self.width))
        return x, self.norm_whole(functional.relu(self.down(x.reshape(-1, self.bands * self.width))))

    def told(self, x: Tensor, heard: Tensor) -> Tensor:
        """Vectors (rows * bands, width), and in each what was heard in all, (rows, whole)."""
        normed: Tensor = self.norm_out(x + self.up(heard).reshape(-1, self.width))
        return normed


class BandPaths(nn.Module):
    """What networks have in common whose bands' vectors become gains, and steer how a bin's own numbers reach its gain:
    what is fine in a spectrum need not pass through recurrences.

    To inherit from, not to hold: `lay_paths` comes first.
    """

    around: Tensor
    own: Tensor
    factors: Tensor
    used: Tensor

    def lay_paths(
        self,
        groups: Sequence[Sequence[int]],
        reach: int,
        width: int,
        features: int,
        between: Callable[[int], Iterable[nn.Module]],
    ) -> None:
        """Bands as `groups` says, from the lowest up: how many there are of how many bins. A band's vector of `width`
        is made of the `reach` bins around its middle, `features` numbers each. `between` makes `blocks`, which lie
        between the vectors and the gains, for a number of bands. RecipeError for groups that do not fit."""
        around, own, factors, self.most = band_bins(groups, reach, features)
        self.bands = sum(count for count, _ in groups)
        self.reach, self.width, self.features = reach, width, features
        self.register_buffer("around", around, persistent=False)
        self.register_buffer("own", own, persistent=False)
        self.register_buffer("factors", factors, persistent=False)
        self.register_buffer("used", torch.arange(LOW_BINS).clamp(max=LAST_LEARNED), persistent=False)
        self.norm = nn.BatchNorm1d(features * LOW_BINS, momentum=MOMENTUM)
        self.encoder = BandMatrices(self.bands, features * reach, width)
        self.encoded = nn.BatchNorm1d(width, momentum=MOMENTUM)
        self.blocks = nn.ModuleList(between(self.bands))
        self.decoder = BandMatrices(self.bands, width, (1 + features) * self.most)
        with torch.no_grad():
            self.decoder.weight.zero_()
            self.decoder.bias[:, :, : self.most] = 1.0

    def vectors(self, rows: Tensor) -> Tensor:
        """(rows, features * 257) to a vector a band, (rows * bands, width)."""
        # Bins first: runtimes copy whole rows many times faster than single numbers.
        stretches = self.norm(rows).T.index_select(0, self.around)
        vectors = functional.relu(self.encoder.turned(stretches.reshape(self.bands, self.features * self.reach, -1)))
        normed: Tensor = self.encoded(vectors.permute(2, 0, 1).reshape(-1, self.width))
        return normed

    def gains(self, x: Tensor, rows: Tensor) -> Tensor:
        """(rows * bands, width) and what went into `vectors` to gains in [0, 1], (257, rows)."""
        answers = self.decoder(x.reshape(-1, self.bands, self.width).transpose(0, 1)).transpose(1, 2)
        answers = answers.reshape(self.bands * (1 + self.features) * self.most, -1)
        steered = (answers.index_select(0, self.factors) * rows.T).reshape(self.features, LOW_BINS, -1).sum(0)
        return bounded_gain(answers.index_select(0, self.own) + steered)


def band_bins(groups: Sequence[Sequence[int]], reach: int, features: int) -> tuple[Tensor, Tensor, Tensor, int]:
    """Which features each band sees, (bands * features * reach,); which of the answers of all bands are each bin's own
    number, (bins,), and which its features' factors, (features * bins,); and for how many bins each band has answers:
    as many as the widest has. RecipeError for groups that do not cover the bins or are wider than `reach`."""
    if not all(len(group) == 2 and all(isinstance(n, int) and n > 0 for n in group) for group in groups):
        raise RecipeError(f"groups is {groups!r}; expected pairs of how many bands and of how many bins each")
    widths = [bins for bands, bins in groups for _ in range(bands)]
    most = max(widths, default=0)
    if sum(widths) < LOW_BINS or most > reach:
        raise RecipeError(
            f"groups has bands of {sum(widths)} bins together and of up to {most} each; expected at least {LOW_BINS} "
            f"together, and none of more than reach = {reach}"
        )
    firsts = [sum(widths[:k]) for k in range(len(widths))]
    lasts = [min(first + bins, LOW_BINS) - 1 for first, bins in zip(firsts, widths, strict=True)]
    middles = [(first + last) / 2 for first, last in zip(firsts, lasts, strict=True)]
    around = [[min(max(round(m - (reach - 1) / 2) + k, 0), LOW_BINS - 1) for k in range(reach)] for m in middles]
    seen = LOW_BINS * torch.arange(features)[:, None] + torch.tensor(around)[:, None]  # (bands, features, reach)
    places = [band * (1 + features) * most + k for band, bins in enumerate(widths) for k in range(bins)]
    own = torch.tensor(places[:LOW_BINS])
    factors = own + most * torch.arange(1, 1 + features)[:, None]  # (features, bins)
    return seen.flatten(), own, factors.flatten(), most
