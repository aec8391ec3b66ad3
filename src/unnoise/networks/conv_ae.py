"""The trivial autoencoder: one long convolution, Tanh, one transposed convolution.

Source: the first network of alexander-prutko/mil-audio-denoising on GitHub. It is kept because it fails: with a
stride of 512 samples, 32 channels hold a sixteenth of the numbers that the sound has, so it cannot even learn to give
its input back, and `unnoise train --check identity` says so before a night is spent on it. With a stride of 32 there
are as many numbers as samples, and it comes nearer, slowly.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from unnoise.errors import RecipeError
from unnoise.networks.base import WaveformNetwork


class ConvAutoencoder(WaveformNetwork):
    """`channels` filters of `kernel_samples` every `stride` samples (32 or 512), and the way back."""

    def __init__(
        self,
        *,
        rate: int = 16000,
        stride: int = 512,
        channels: int = 32,
        kernel_samples: int = 2048,
        window_samples: int = 16384,
        overlap_samples: int = 2048,
    ) -> None:
        super().__init__()
        if stride < 2 or window_samples % stride:
            raise RecipeError(f"stride is {stride}; expected a divisor of window_samples, {window_samples}, above 1")
        if kernel_samples < stride or kernel_samples % 2:
            raise RecipeError(f"kernel_samples is {kernel_samples}; expected an even number, at least the stride")
        self.rate, self.window_samples, self.overlap_samples = rate, window_samples, overlap_samples
        padding = kernel_samples // 2 - 1
        self.encoder = nn.Conv1d(1, channels, kernel_samples, stride, padding)
        # The padding of the way in takes two samples from the last stride; they come back here.
        self.decoder = nn.ConvTranspose1d(channels, 1, kernel_samples, stride, padding, output_padding=stride - 2)

    def run(self, audio: Tensor) -> Tensor:
        """(windows, window_samples) to the same."""
        code = torch.tanh(self.encoder(audio[:, None]))  # (windows, channels, window_samples / stride)
        back: Tensor = self.decoder(code)  # (windows, 1, window_samples)
        return back[:, 0]
