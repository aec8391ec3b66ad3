"""A network and folders so small that a training takes a second; the network draws from chance, as dropout does."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from tests.sounds import corpus
from unnoise.networks.base import WaveformNetwork
from unnoise.train.config import Recipe, load_recipe
from unnoise.train.folders import Folders

RECIPE = """
name = "tiny"
steps = 6
batch = 2
valid_every = 2
carry_share = 0.0
losses = {mse = 1.0}
loss_warm_up = {}

[network]
name = "tests.train.tiny:Tiny"

[optimiser]
warm_up_steps = 0
learning_rate = 1e-2

[data]
speeds = [1.0]
noise_speeds = [1.0]
rooms = 0
synthetic_s = 20.0
babble_s = 20.0
valid_items = 2
valid_seconds = 1.0

[data.mix]
seconds = 0.5
room_share = 0.0
"""


class Tiny(WaveformNetwork):
    """A filter of 9 taps, half of its 4 channels dropped."""

    def __init__(self, *, channels: int = 4, dropout: float = 0.5, momentum: float = 0.1) -> None:
        super().__init__()
        self.rate, self.window_samples, self.overlap_samples = 16000, 2000, 0
        self.into = nn.Conv1d(1, channels, 9, padding=4)
        self.norm = nn.BatchNorm1d(channels, momentum=momentum)
        self.drop = nn.Dropout(dropout)
        self.back = nn.Conv1d(channels, 1, 9, padding=4)
        self.register_buffer("range_db", torch.zeros(2))

    def run(self, audio: Tensor) -> Tensor:
        clean: Tensor = self.back(self.drop(torch.tanh(self.norm(self.into(audio[:, None])))))
        return clean[:, 0]

    def feature_range_db(self, audio: Tensor) -> tuple[float, float]:
        assert audio.shape[1] == self.window_samples
        return float(audio.min()), float(audio.max())

    def set_feature_range_db(self, low_db: float, high_db: float) -> None:
        self.range_db.copy_(torch.tensor([low_db, high_db]))


def recipe(folder: Path, *changes: str) -> Recipe:
    """The tiny recipe with lines of TOML in place of its own."""
    path = folder / "tiny.toml"
    path.write_text(RECIPE)
    return load_recipe(path, changes)


def folders(place: Path) -> Folders:
    """A corpus below `place`."""
    clean, noise = corpus(place)
    return Folders(clean, noise, place / "cache")
