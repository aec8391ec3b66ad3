"""Autoencoder on pictures of spectrograms, as it was published and with what its author wished for afterwards.

Published: grey pictures of 128 by 128 with logarithmic frequency, halved three times, painted anew and turned back into
sound with a phase found from the magnitudes alone. It fails: too few points, and no phase. Improved: the spectrogram
is as fine as the transform, halved over frequency only (a larger latent), and what is painted are gains, so the phase
of the input is kept; recurrences or attention over time between encoder and decoder. What it sees may be the levels of
bins, of mel bands, or mel cepstra; gains of mel bands are read between the bands for each bin.

Sources: github.com/RHartung-ND/Data-Denoising; phase: Griffin and Lim 1984; attention: Vaswani et al. 2017
(arXiv 1706.03762), eq. 1; mel cepstra: Davis and Mermelstein 1980, eq. 1.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from unnoise.errors import RecipeError
from unnoise.networks.base import WaveformNetwork
from unnoise.networks.layers.gains import bounded_gain, decibels
from unnoise.networks.layers.recurrence import BothWays
from unnoise.networks.layers.stft import Stft, Tables
from unnoise.signal.cepstra import cosines, mel_filters

RATE = 16000
RANGE_DB = 80.0  # from black to white
PICTURE = 128  # rows and columns of the published one
LINEAR_HZ = 65.0  # the rows are spaced evenly below, logarithmically above
MEL_BANDS, CEPSTRA = 48, 24  # multiples of 8: halved three times
FEATURES = ("levels", "mel", "mfcc")
CHANNELS = (1, 16, 32, 64)
HEADS = 4


class Recurrent(BothWays):
    """Memory over time: a recurrence from either end, added to what goes in."""

    def forward(self, x: Tensor) -> Tensor:
        """(frames, rows, width), the same shape."""
        return x + super().forward(x)


class Attention(nn.Module):
    """Memory over time: each frame takes from those that resemble it, added to what goes in."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.ask, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        """(frames, rows, width), the same shape."""
        frames, _, width = x.shape
        heads = [
            part(x).reshape(frames, -1, width // HEADS).transpose(0, 1) for part in (self.ask, self.key, self.value)
        ]
        ask, key, value = heads  # (rows * heads, frames, width / heads)
        shares = torch.softmax(ask @ key.transpose(1, 2) / math.sqrt(width // HEADS), dim=2)
        out: Tensor = x + self.out((shares @ value).transpose(0, 1).reshape(frames, -1, width))
        return out


MEMORIES = {"none": None, "recurrent": Recurrent, "attention": Attention}


class SpectrogramAutoencoder(WaveformNetwork):
    """`version` "published" or "improved", the latter with `memory` over time: "none", "recurrent" or "attention".

    `features` of the improved one are "levels" of bins, "mel" (levels of 48 bands) or "mfcc" (24 cepstra of these).
    The published one searches a phase in `iterations` (60 there, to the same end); `frames` are seen at once, 128 or
    256. RecipeError for other names and sizes.
    """

    first_phase: Tensor
    rows: Tensor
    bins: Tensor
    mel: Tensor
    cosines: Tensor

    def __init__(
        self,
        *,
        version: Literal["published", "improved"] = "published",
        memory: str = "none",
        features: str = "levels",
        iterations: int = 4,
        frames: int | None = None,
    ) -> None:
        super().__init__()
        self.published, self.iterations = version == "published", iterations
        if version not in ("published", "improved") or memory not in MEMORIES or (self.published and memory != "none"):
            raise RecipeError(
                "spectrogram-ae is of version 'published' without memory, or 'improved' with memory 'none', "
                f"'recurrent' or 'attention', but got {version!r} with {memory!r}"
            )
        if features not in FEATURES or (self.published and features != "levels"):
            raise RecipeError(
                f"spectrogram-ae of version 'improved' sees one of {', '.join(FEATURES)}, the published one levels, "
                f"but got {features!r}"
            )
        self.features = features
        window, usual = (2048, PICTURE) if self.published else (512, 256)
        frames = frames or usual
        if frames % 8:
            raise RecipeError(f"spectrogram-ae: expected frames to be a multiple of 8, such as {usual}, got {frames}")
        self.rate, self.window_samples = RATE, (frames - 1) * window // 4
        self.overlap_samples = self.window_samples // 8
        self.stft = Stft(window, window // 4, self.window_samples)
        self.stride = (2, 2) if self.published else (2, 1)
        self.encoder, self.decoder = self._encoder(), self._decoder()
        kind = MEMORIES[memory]
        self.memory = kind(CHANNELS[-1]) if kind else None
        if self.published:
            self._prepare_pictures()
        elif features != "levels":
            self._prepare_mel()

    def _encoder(self) -> nn.Sequential:
        steps: list[nn.Module] = []
        for inputs, outputs in pairwise(CHANNELS):
            steps += [nn.Conv2d(inputs, outputs, 3, stride=self.stride, padding=1), nn.ReLU()]
        return nn.Sequential(*steps)

    def _decoder(self) -> nn.Sequential:
        """To the last convolution; what follows is a sigmoid for pictures, gains that reach 1 otherwise."""
        more = (1, self.stride[1] - 1)
        steps: list[nn.Module] = []
        for inputs, outputs in pairwise(CHANNELS[::-1]):
            conv = nn.ConvTranspose2d(inputs, outputs, 3, stride=self.stride, padding=1, output_padding=more)
            steps += [conv, nn.ReLU()]
        return nn.Sequential(*steps[:-1])

    def _prepare_pictures(self) -> None:
        """Matrices between bins and rows, and the phase that the search begins with."""
        nyquist, last = RATE / 2, self.stft.bins - 1
        top = math.log1p(nyquist / LINEAR_HZ)
        hz = LINEAR_HZ * torch.expm1(torch.linspace(0, top, PICTURE))
        bin_rows = torch.log1p(torch.linspace(0, nyquist, last + 1) / LINEAR_HZ) * ((PICTURE - 1) / top)
        self.register_buffer("rows", _between(hz * (last / nyquist), last + 1), persistent=False)
        self.register_buffer("bins", _between(bin_rows, PICTURE), persistent=False)
        angle = 2 * math.pi * torch.rand(last + 1, self.stft.frames, generator=torch.Generator().manual_seed(0))
        self.register_buffer("first_phase", torch.stack([angle.cos(), angle.sin()]), persistent=False)

    def _prepare_mel(self) -> None:
        """From powers of bins to bands, from levels of bands to cepstra, and from bands back to bins."""
        filters = mel_filters(RATE, self.stft.bins, MEL_BANDS)
        shares = torch.from_numpy(filters / filters.sum(1, keepdims=True)).float()
        mel = torch.log1p(torch.linspace(0, RATE / 2, self.stft.bins) / 700)
        places = (mel / mel[-1] * (MEL_BANDS + 1) - 1).clamp(0, MEL_BANDS - 1)
        self.register_buffer("mel", shares, persistent=False)  # (bands, bins)
        self.register_buffer("bins", _between(places, MEL_BANDS), persistent=False)  # (bins, bands)
        self.register_buffer("cosines", torch.from_numpy(cosines(MEL_BANDS, CEPSTRA).T).float(), persistent=False)

    def run(self, audio: Tensor) -> Tensor:
        """Through a picture to sound, or gains on the spectrum."""
        tables = self.stft.tables()
        spectrum = self.stft.analyse(audio, tables)  # (windows, 2, bins, frames)
        size = (spectrum.square().sum(1) + 1e-12).sqrt()
        loudest = size.amax((1, 2), keepdim=True)
        power = (size / loudest).square()
        if self.features != "levels":
            power = self.mel @ power
        picture = decibels(power).clamp(min=-RANGE_DB) / RANGE_DB + 1  # 0 ... 1
        if self.published:
            painted = self.bins @ torch.sigmoid(self._through(self.rows @ picture))
            heard = (loudest > 2e-6).to(size.dtype)  # a black picture has a loudest point, too
            return self._sound(loudest * heard * 10 ** ((painted - 1) * (RANGE_DB / 20)), tables)
        gains = bounded_gain(1 + self._painted(picture))
        return self.stft.synthesise(spectrum * gains[:, None], tables)

    def _painted(self, picture: Tensor) -> Tensor:
        """What the decoder says of each bin, (windows, bins, frames)."""
        if self.features == "mel":
            return self.bins @ self._through(picture)
        if self.features == "mfcc":
            return self.bins @ (self.cosines.T @ self._through(self.cosines @ picture))
        painted = self._through(picture[:, :-1])
        return torch.cat([painted, painted[:, -1:]], dim=1)  # the uppermost bin does as its neighbour: even halvings

    def _through(self, picture: Tensor) -> Tensor:
        """Encoder, memory, decoder; (windows, rows, columns) as they were."""
        latent = self.encoder(picture[:, None])  # (windows, 64, rows, columns)
        if self.memory is not None:
            _, channels, rows, columns = latent.shape
            sequence = latent.permute(3, 0, 2, 1).reshape(columns, -1, channels)
            latent = self.memory(sequence).reshape(columns, -1, rows, channels).permute(1, 3, 2, 0)
        out: Tensor = self.decoder(latent)[:, 0]
        return out

    def _sound(self, size: Tensor, tables: Tables) -> Tensor:
        """Magnitudes (windows, bins, frames) to sound, with the phase that suits them; no gradient goes through it."""
        phase = self.first_phase
        with torch.no_grad():
            for _ in range(self.iterations):
                again = self.stft.analyse(self.stft.synthesise(size[:, None] * phase, tables), tables)
                phase = again / (again.square().sum(1, keepdim=True) + 1e-12).sqrt()
        return self.stft.synthesise(size[:, None] * phase, tables)


def _between(places: Tensor, count: int) -> Tensor:
    """(len(places), count): the matrix that reads `count` values at fractional `places`, linearly."""
    return functional.relu(1 - (places[:, None] - torch.arange(count)[None, :]).abs())
