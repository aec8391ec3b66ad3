"""A short-time Fourier transform inside a network, in real arithmetic, because graphs hold no complex numbers.

For networks on waveforms that work on spectra of their own: each repeats a published window, counted in samples,
which the engine's transform (`unnoise.signal.stft`) does not know.
"""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from unnoise.errors import RecipeError

Tables = tuple[Tensor, Tensor]


class Stft(nn.Module):
    """Sound (windows, samples) to spectra (windows, 2, bins, frames), real and imaginary, and exactly back.

    Frames lie around the samples 0, hop, 2 hop ..., with silence before the first sample and after the last. Scaled so
    that the mean square of a bin is that of the sound when the sound is white noise.
    Reference: Griffin and Lim 1984, eq. 6 (least squares: overlap-add divided by the sum of the squared windows).
    Raises RecipeError where there are no `samples`.
    """

    counted: Tensor
    basis: Tensor
    gain: Tensor
    weights: Tensor

    def __init__(self, window: int, hop: int, samples: int, *, shape: Literal["hann", "root_hann"] = "hann") -> None:
        super().__init__()
        self.window, self.hop, self.margin, self.bins = window, hop, window // 2, window // 2 + 1
        self.shape = shape
        self.frames = (samples + 2 * self.margin - window) // hop + 1
        self.missing = samples - ((self.frames - 1) * hop - 2 * self.margin + window)
        if samples < 1:
            raise RecipeError(f"a network sees {samples} samples, which hold no frame; let it see more at once")
        counted = torch.arange(window, dtype=torch.float64)
        basis, gain = self._made(counted)
        share = torch.full((self.bins, 1), 2.0 / window)  # a real sound's bins stand for their mirrors, too
        share[0] /= 2
        if window % 2 == 0:
            share[-1] /= 2
        self.register_buffer("counted", counted.float())  # stored, as a graph's way to the two that follow
        self.register_buffer("basis", basis.float(), persistent=False)
        self.register_buffer("gain", gain.float(), persistent=False)
        self.register_buffer("weights", share, persistent=False)

    def tables(self) -> Tables:
        """What `analyse` and `synthesise` multiply with; asked for once in a run, so that a graph holds them once.

        A graph does not even hold them but how they are made, which a runtime does when it loads: kilobytes in place of
        megabytes. Exporting folds what it can into constants, but not what follows a rectifier.
        """
        if torch.onnx.is_in_onnx_export():
            return self._made(functional.relu(self.counted))
        return self.basis, self.gain

    def analyse(self, audio: Tensor, tables: Tables) -> Tensor:
        """(windows, samples) to (windows, 2, bins, frames)."""
        with torch.autocast(audio.device.type, enabled=False):  # spectra need all of float32
            planes = functional.conv1d(audio[:, None].float(), tables[0], stride=self.hop, padding=self.margin)
        spectra: Tensor = planes.reshape(-1, 2, self.bins, self.frames)
        return spectra

    def synthesise(self, spectra: Tensor, tables: Tables) -> Tensor:
        """(windows, 2, bins, frames) to (windows, samples)."""
        planes = (spectra * self.weights).reshape(-1, 2 * self.bins, self.frames)
        with torch.autocast(planes.device.type, enabled=False):
            return self._joined(planes.float(), tables[0]) * tables[1]

    def _made(self, counted: Tensor) -> Tables:
        """From 0, 1, ... window - 1 to (2 * bins, 1, window), a cosine and a negative sine for each bin under the
        window, and (samples,), what overlap-added frames are multiplied by."""
        taper = torch.sin(counted * (math.pi / self.window))
        taper = (
            taper * (2 / self.window) ** 0.5
            if self.shape == "root_hann"
            else (taper * taper * (8 / (3 * self.window)) ** 0.5)
        )  # of energy 1
        # Turns are counted in samples and without full ones: exact, where large angles would not be.
        place = torch.remainder(torch.arange(self.bins, dtype=counted.dtype)[:, None] * counted, self.window)
        angle = place * (2 * math.pi / self.window)
        basis = (torch.cat([torch.cos(angle), -torch.sin(angle)]) * taper)[:, None]
        covered = self._joined(torch.ones(1, 1, self.frames, dtype=counted.dtype), (taper * taper)[None, None])
        return basis, 1 / covered[0]

    def _joined(self, values: Tensor, kernel: Tensor) -> Tensor:
        """Frames overlap-added, (windows, n, frames) by (n, 1, window) to (windows, samples)."""
        return functional.conv_transpose1d(
            values, kernel, stride=self.hop, padding=self.margin, output_padding=self.missing
        )[:, 0]
