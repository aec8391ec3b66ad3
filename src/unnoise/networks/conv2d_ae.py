"""Convolutional autoencoder on spectrograms: the magnitudes of 5 s as a picture of 600 by 264, the phase kept.

The picture is in decibels under its loudest point, scaled to 0 ... 1 by the smallest and largest value of the
training set. Source: github.com/piotrwojslawski/AudioDenoisingModel (layers, transform and scaling). What is painted is
under the loudest point of the noisy sound, so that the level is kept, and in use no point becomes louder than it was:
one that is painted wrongly at the edge of the picture would drown the speech.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from unnoise.errors import RecipeError
from unnoise.networks.base import WaveformNetwork
from unnoise.networks.layers.gains import decibels
from unnoise.networks.layers.stft import Stft

RATE, WINDOW, HOP = 16000, 1199, 304
RANGE_DB = 80.0  # what lies further under the loudest point is raised to there
TINY = 1e-12


class Conv2dAutoencoder(WaveformNetwork):
    """Three halvings of `width`, 2 and 4 `width` channels, 8 `width` within, and three doublings back."""

    low_db: Tensor
    span_db: Tensor

    def __init__(self, *, width: int = 64, dropout: float = 0.1, seconds: float = 5.0) -> None:
        super().__init__()
        self.rate, self.window_samples = RATE, round(seconds * RATE)
        self.overlap_samples = self.window_samples // 8
        self.stft = Stft(WINDOW, HOP, self.window_samples)
        if self.stft.frames % 8:
            raise RecipeError(
                f"conv2d-ae: seconds = {seconds} makes {self.stft.frames} frames; expected a multiple of 8, as of "
                "seconds = 0.9 or 5.0"
            )
        halvings: list[nn.Module] = []
        for inputs, outputs in ((1, width), (width, 2 * width), (2 * width, 4 * width)):
            halvings += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(outputs)]
            halvings += [nn.MaxPool2d(2), nn.Dropout(dropout)]
        self.encoder = nn.Sequential(*halvings, nn.Conv2d(4 * width, 8 * width, 3, padding=1), nn.ReLU())
        doublings: list[nn.Module] = []
        for inputs, outputs in ((8 * width, 4 * width), (4 * width, 2 * width), (2 * width, width)):
            doublings += [nn.ConvTranspose2d(inputs, outputs, 3, stride=2, padding=1, output_padding=1), nn.ReLU()]
            doublings += [nn.BatchNorm2d(outputs), nn.Dropout(dropout)]
        self.decoder = nn.Sequential(*doublings, nn.Conv2d(width, 1, 3, padding=1), nn.Sigmoid())
        # A part of the weights, so that checkpoints and bundles carry them.
        self.register_buffer("low_db", torch.tensor([-RANGE_DB]))
        self.register_buffer("span_db", torch.tensor([RANGE_DB]))

    def feature_range_db(self, audio: Tensor) -> tuple[float, float]:
        """Smallest and largest value of the pictures of (windows, window_samples), in dB."""
        picture = self._picture_db(self._size(self.stft.analyse(audio, self.stft.tables())))
        return float(picture.min()), float(picture.max())

    def set_feature_range_db(self, low_db: float, high_db: float) -> None:
        """Scale pictures from these to 0 ... 1: the range of noisy and clean sound of the training set."""
        self.low_db.fill_(low_db)
        self.span_db.fill_(max(high_db - low_db, 1.0))

    def run(self, audio: Tensor) -> Tensor:
        """The noisy spectrum with the magnitudes that the decoder paints."""
        tables = self.stft.tables()
        spectrum = self.stft.analyse(audio, tables)  # (windows, 2, 600, frames)
        size = self._size(spectrum)
        picture = (self._picture_db(size) - self.low_db) / self.span_db
        painted = self.decoder(self.encoder(picture[:, None]))[:, 0]
        clean = size.amax((1, 2), keepdim=True) * 10 ** ((painted * self.span_db + self.low_db) / 20)
        gain = clean / size
        if not self.training:  # there, what is too loud would teach nothing any more
            gain = gain.clamp(max=1.0)
        return self.stft.synthesise(spectrum * gain[:, None], tables)

    @staticmethod
    def _size(spectrum: Tensor) -> Tensor:
        return (spectrum.square().sum(1) + TINY).sqrt()

    @staticmethod
    def _picture_db(size: Tensor) -> Tensor:
        relative: Tensor = size / size.amax((1, 2), keepdim=True)  # (windows, bins, frames)
        return decibels(relative.square()).clamp(min=-RANGE_DB)
