"""The network for files: it hears a stretch of sound as a whole, forwards and backwards in time and over bands.

Spectra are split into bands, narrow ones below; each becomes a vector, the recurrences run over the frames of each
band and over the bands of each frame in turn, and each band's vector becomes gains that reach 1 and a complex
correction, which is zero at first: before training, the sound comes out as it went in, only quieter.

Sources: bands: Luo and Yu 2023 (arXiv 2209.15174), section II; two directions in turn: Luo, Chen and Yoshioka 2020
(arXiv 1910.06379). Normalisation and residuals around the recurrences as in the bundled network.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from unnoise.networks.base import WaveformNetwork
from unnoise.networks.layers.bands import BandMatrices
from unnoise.networks.layers.gains import bounded_gain, decibels
from unnoise.networks.layers.recurrence import spread_memories
from unnoise.networks.layers.stft import Stft

RATE, WINDOW, HOP = 48000, 1536, 768  # 32 ms: bins of 31.25 Hz
GROUPS = ((8, 4), (8, 8), (6, 16), (2, 32), (4, 64), (2, 128))  # bands and bins of each: to 1, 3, 6, 8, 16 and 24 kHz
BANDS = sum(bands for bands, _ in GROUPS)
BINS = sum(bands * bins for bands, bins in GROUPS)  # all but the last one, which does as its neighbour
FEATURES, ANSWERS = 4, 3  # a bin
TYPICAL_DB = -50.0  # of a bin when the sound has the level that it is brought to: features lie around zero
MOMENTUM = 0.02  # of the statistics of a batch in the running ones


class BothWays(nn.Module):
    """Recurrences from both ends, around which the input flows on, normalised."""

    def __init__(self, width: int) -> None:
        super().__init__()
        # Two layers and not one of two directions, so that each parameter is found again in an exported model.
        self.onwards, self.back = nn.GRU(width, width), nn.GRU(width, width)
        self.norm = nn.BatchNorm1d(width, momentum=MOMENTUM)
        for layer in (self.onwards, self.back):
            spread_memories(layer)

    def forward(self, x: Tensor) -> Tensor:
        """(steps, rows, width), the same shape."""
        mixed = x + self.onwards(x)[0] + self.back(x.flip(0))[0].flip(0)
        normed: Tensor = self.norm(mixed.reshape(-1, x.shape[2]))
        return normed.reshape(x.shape)


class Studio(WaveformNetwork):
    """Gains and complex corrections from `layers` recurrences of `width` each over time and over bands.

    It sees `frames` hops of 16 ms at once, at 48 kHz; sound of lower rates has nothing in its upper bands.
    """

    def __init__(self, *, width: int = 64, layers: int = 4, frames: int = 128) -> None:
        super().__init__()
        self.rate, self.window_samples, self.overlap_samples = RATE, frames * HOP, frames // 8 * HOP
        self.frames = frames + 1
        self.stft = Stft(WINDOW, HOP, self.window_samples, shape="root_hann")
        self.norm = nn.BatchNorm1d(FEATURES * BINS, momentum=MOMENTUM)
        self.encoders = nn.ModuleList(BandMatrices(bands, FEATURES * bins, width) for bands, bins in GROUPS)
        self.encoded = nn.BatchNorm1d(width, momentum=MOMENTUM)
        self.over_time = nn.ModuleList(BothWays(width) for _ in range(layers))
        self.over_bands = nn.ModuleList(BothWays(width) for _ in range(layers))
        decoders = [BandMatrices(bands, width, ANSWERS * bins) for bands, bins in GROUPS]
        with torch.no_grad():
            for decoder, (_, bins) in zip(decoders, GROUPS, strict=True):
                decoder.weight.zero_()
                decoder.bias[:, :, :bins] = 2.0  # a gain of 0.93: nearer to 1, and nothing would be learned from it
        self.decoders = nn.ModuleList(decoders)

    def run(self, audio: Tensor) -> Tensor:
        """The spectrum times a complex mask."""
        tables = self.stft.tables()
        spectrum = self.stft.analyse(audio, tables)  # (windows, 2, bins + 1, frames)
        x = self._encoded(self._features(spectrum[:, :, :BINS]))  # (bands, windows * frames, width)
        for over_time, over_bands in zip(self.over_time, self.over_bands, strict=True):
            x = _turned(over_time(_turned(x, self.frames)), BANDS)
            x = over_bands(x)
        real, imaginary = self._mask(x).unbind(1)
        a, b = spectrum.unbind(1)
        return self.stft.synthesise(torch.stack([real * a - imaginary * b, real * b + imaginary * a], dim=1), tables)

    def _features(self, spectrum: Tensor) -> Tensor:
        """Log energy, how far it is above its mean over the stretch, and the compressed parts; (windows, 4 * bins,
        frames), normalised."""
        power = spectrum.square().sum(1)  # (windows, bins, frames)
        energy = ((decibels(power) - TYPICAL_DB) / 20).clamp(-3, 3)
        compressed = spectrum * (power[:, None] + 1e-8) ** -0.35  # magnitudes to the power 0.3
        features = torch.cat([torch.stack([energy, energy - energy.mean(2, keepdim=True)], dim=1), compressed], dim=1)
        normed: Tensor = self.norm(features.flatten(1, 2))
        return normed

    def _encoded(self, features: Tensor) -> Tensor:
        """(windows, 4 * bins, frames) to a vector a band, (bands, windows * frames, width)."""
        planes = features.reshape(-1, FEATURES, BINS, self.frames)
        vectors, at = [], 0
        for encoder, (bands, bins) in zip(self.encoders, GROUPS, strict=True):
            cut = planes[:, :, at : at + bands * bins].reshape(-1, FEATURES, bands, bins, self.frames)
            rows = cut.permute(2, 0, 4, 1, 3).reshape(bands, -1, FEATURES * bins)
            vectors.append(functional.relu(encoder(rows)))
            at += bands * bins
        x = torch.cat(vectors)
        normed: Tensor = self.encoded(x.reshape(-1, x.shape[2]))
        return normed.reshape(x.shape)

    def _mask(self, x: Tensor) -> Tensor:
        """(bands, windows * frames, width) to (windows, 2, bins + 1, frames)."""
        answers, at = [], 0
        for decoder, (bands, bins) in zip(self.decoders, GROUPS, strict=True):
            rows = decoder(x[at : at + bands]).reshape(bands, -1, self.frames, ANSWERS, bins)
            answers.append(rows.permute(1, 3, 0, 4, 2).reshape(-1, ANSWERS, bands * bins, self.frames))
            at += bands
        gains, real, imaginary = torch.cat([*answers, answers[-1][:, :, -1:]], dim=2).unbind(1)
        return torch.stack([bounded_gain(gains) + real, imaginary], dim=1)


def _turned(x: Tensor, rows: int) -> Tensor:
    """(steps, windows * rows, width) to (rows, windows * steps, width): from bands to frames, and from frames back."""
    return x.reshape(x.shape[0], -1, rows, x.shape[2]).transpose(0, 2).reshape(rows, -1, x.shape[2])
