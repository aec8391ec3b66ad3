"""The engine's framing in torch, for whole batches: frames begin one hop before the first sample."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from unnoise.signal.stft import StftSpec
from unnoise.train.losses.frames import half_overlapping


class Transform(nn.Module):
    """Analysis and synthesis at one rate; the window comes from `StftSpec` alone."""

    window: Tensor

    def __init__(self, spec: StftSpec, rate: int) -> None:
        super().__init__()
        self.hop = spec.hop(rate)
        self.scale = spec.scale(rate)
        self.register_buffer("window", torch.from_numpy(spec.window(rate)), persistent=False)

    def analyse(self, audio: Tensor) -> Tensor:
        """(items, samples) to spectra (items, frames, bins, 2)."""
        frames = -(-audio.shape[1] // self.hop) + 1
        padded = functional.pad(audio, (self.hop, frames * self.hop - audio.shape[1]))
        cut = half_overlapping(padded, 2 * self.hop)
        return torch.view_as_real(torch.fft.rfft(cut * (self.window / self.scale), dim=2))

    def synthesise(self, spectra: Tensor, samples: int) -> Tensor:
        """(items, frames, bins, 2) to (items, samples)."""
        frames = torch.fft.irfft(torch.view_as_complex(spectra.contiguous()), 2 * self.hop, dim=2)
        frames = frames * (self.window * self.scale)
        first, second = frames[:, :, : self.hop], frames[:, :, self.hop :]
        joined = first[:, 1:] + second[:, :-1]  # (items, frames - 1, hop)
        audio: Tensor = joined.flatten(1)[:, :samples]
        return audio
