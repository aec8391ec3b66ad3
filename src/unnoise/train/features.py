"""The range of a network's features over the training set, for networks that scale them by it."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor
from torch.nn import functional

from unnoise.networks.base import Network
from unnoise.train.data import AnySide


@runtime_checkable
class ScalesFeatures(Protocol):
    """A waveform network that takes the least and the greatest value of its features from the training set."""

    window_samples: int

    def feature_range_db(self, audio: Tensor) -> tuple[float, float]:
        """Of (windows, window_samples)."""

    def set_feature_range_db(self, low_db: float, high_db: float) -> None:
        """Scale by these from now on; they are kept with the weights."""


@torch.no_grad()
def learn_feature_range(network: Network, training: AnySide, items: int, batch: int) -> tuple[float, float] | None:
    """Take the range from `items` mixtures and their targets, where the network wants one; (least, greatest) in dB.

    One range for all of training and for every recording later: statistics of a whole file would make the beginning
    of a recording depend on its end.
    """
    if not isinstance(network, ScalesFeatures):
        return None
    mixer: Any = training.mixer(torch.device("cpu"))
    lows, highs = [], []
    for first in range(0, items, batch):
        made = mixer.render(training.drawer.batch(range(first, min(items, first + batch))))
        for audio in (made.noisy, made.clean):
            low_db, high_db = network.feature_range_db(_windows(audio, network.window_samples))
            lows.append(low_db)
            highs.append(high_db)
    network.set_feature_range_db(min(lows), max(highs))
    return min(lows), max(highs)


def _windows(audio: Tensor, samples: int) -> Tensor:
    """(items, samples of an item) to windows side by side, the last filled up with zeros."""
    count = -(-audio.shape[1] // samples)
    return functional.pad(audio, (0, count * samples - audio.shape[1])).reshape(-1, samples)
