"""Deep complex U-Net: a U-Net of complex convolutions that estimates a complex mask, so phase is cleaned, too.

Source: Choi et al. 2019, "Phase-aware speech enhancement with deep complex U-Net" (arXiv 1903.03107): layers of its
appendix, mask of section 3.2; the real counterpart has real and imaginary parts as two channels in and two out.
Complex batch normalisation: Trabelsi et al. 2018 (arXiv 1705.09792), section 3.5.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from unnoise.errors import RecipeError
from unnoise.networks.base import WaveformNetwork
from unnoise.networks.layers.stft import Stft

WINDOW_S, HOP_S = 0.064, 0.016
_WIDE, _SMALL = (7, 5), (5, 3)
_BOTH, _BINS = (2, 2), (2, 1)
ENCODERS = {  # kernel and stride over bins and frames, channels in multiples of the first layer's
    10: ((_WIDE, _BOTH, 1.0), (_WIDE, _BOTH, 2.0), (_SMALL, _BOTH, 2.0), (_SMALL, _BOTH, 2.0), (_SMALL, _BINS, 2.0)),
    16: (
        *((_WIDE, _BOTH, 1.0), (_WIDE, _BINS, 1.0), (_WIDE, _BOTH, 2.0), (_SMALL, _BINS, 2.0)),
        *((_SMALL, _BOTH, 2.0), (_SMALL, _BINS, 2.0), (_SMALL, _BOTH, 2.0), (_SMALL, _BINS, 2.0)),
    ),
    20: (
        *(((7, 1), (1, 1), 1.0), ((1, 7), (1, 1), 1.0), (_WIDE, _BOTH, 2.0), (_WIDE, _BINS, 2.0)),
        *((_SMALL, _BOTH, 2.0), (_SMALL, _BINS, 2.0), (_SMALL, _BOTH, 2.0), (_SMALL, _BINS, 2.0)),
        *((_SMALL, _BOTH, 2.0), (_SMALL, _BINS, 2.83)),
    ),
}
HALVINGS = 16  # of frames, by every encoder above
TINY = 1e-5


class ComplexConv(nn.Module):
    """A convolution of (windows, 2, channels, bins, frames) by complex weights, or its transpose."""

    def __init__(self, up: bool, inputs: int, outputs: int, **sizes: Any) -> None:
        super().__init__()
        # Real and imaginary weights are one real convolution with twice the outputs, over the planes as items.
        self.conv = _convolution(up)(inputs, 2 * outputs, **sizes)
        self.outputs = outputs

    def forward(self, x: Tensor) -> Tensor:
        """(windows, 2, inputs, bins, frames) to (windows, 2, outputs, bins', frames')."""
        products = self.conv(x.flatten(0, 1))  # (windows * 2, 2 * outputs, ...)
        real, imaginary = products.reshape(-1, 2, 2, self.outputs, *products.shape[2:]).unbind(1)
        return torch.stack([real[:, 0] - imaginary[:, 1], real[:, 1] + imaginary[:, 0]], dim=1)


class ComplexNorm(nn.Module):
    """Both planes of each channel made uncorrelated and of variance 1/2 by the root of their inverse covariance."""

    running_mean: Tensor
    running_variances: Tensor
    running_covariance: Tensor

    def __init__(self, channels: int, momentum: float = 0.1) -> None:
        super().__init__()
        self.momentum = momentum
        shape = (channels, 1, 1)
        self.real_scale, self.imaginary_scale = (nn.Parameter(torch.full(shape, 0.5**0.5)) for _ in range(2))
        self.cross_scale = nn.Parameter(torch.zeros(shape))
        self.shift = nn.Parameter(torch.zeros(2, *shape))
        self.register_buffer("running_mean", torch.zeros(2, *shape))
        self.register_buffer("running_variances", torch.full((2, *shape), 0.5))
        self.register_buffer("running_covariance", torch.zeros(shape))

    def forward(self, x: Tensor) -> Tensor:
        """(windows, 2, channels, bins, frames), the same shape."""
        kept = (self.running_mean, self.running_variances, self.running_covariance)
        mean, variances, cross = self._statistics(x) if self.training else kept
        # The first touch of a stored statistic is one that exporting does not fold into another constant.
        real, imaginary = torch.maximum(variances, variances.new_full((1,), TINY)).unbind(0)  # (channels, 1, 1)
        root = (real * imaginary - cross * cross).clamp(min=TINY**2).sqrt()
        divisor = root * (real + imaginary + 2 * root).sqrt()
        w_rr, w_ii, w_ri = (imaginary + root) / divisor, (real + root) / divisor, cross / divisor
        # Whitening and the learned symmetric matrix after it, as one matrix a channel.
        rr, ri = self.real_scale * w_rr - self.cross_scale * w_ri, self.cross_scale * w_ii - self.real_scale * w_ri
        ir, ii = (
            self.cross_scale * w_rr - self.imaginary_scale * w_ri,
            self.imaginary_scale * w_ii - self.cross_scale * w_ri,
        )
        a, b = (x - mean).unbind(1)
        return torch.stack([rr * a + ri * b, ir * a + ii * b], dim=1) + self.shift

    def _statistics(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Mean, variances and covariance of this batch, which also move the stored ones."""
        mean = x.mean((0, 3, 4), keepdim=True)[0]
        centred = x - mean
        variances = centred.square().mean((0, 3, 4), keepdim=True)[0]
        cross = (centred[:, 0] * centred[:, 1]).mean((0, 2, 3), keepdim=True)[0]
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)
            self.running_variances.lerp_(variances, self.momentum)
            self.running_covariance.lerp_(cross, self.momentum)
        return mean, variances, cross


class RealNorm(nn.BatchNorm1d):
    """Batch normalisation of (windows, channels, bins, frames); flat, or exporting melts it into the layer before."""

    def forward(self, x: Tensor) -> Tensor:
        """The same shape."""
        return super().forward(x.flatten(2)).reshape(x.shape)


class DCUnet(WaveformNetwork):
    """A U-Net of 10, 16 or 20 layers over the spectrum of `frames` frames; `complex` or its real counterpart.

    `frames` is a multiple of 16, plus 1. Raises RecipeError for other sizes.
    """

    def __init__(
        self, *, layers: int = 10, complex: bool = True, channels: int = 45, rate: int = 16000, frames: int = 129
    ) -> None:
        super().__init__()
        if layers not in ENCODERS or frames % HALVINGS != 1:
            raise RecipeError(
                f"dcunet has 10, 16 or 20 layers and a multiple of {HALVINGS} plus 1 as its frames, "
                f"but got layers = {layers} and frames = {frames}"
            )
        hop = round(rate * HOP_S)
        self.rate, self.complex = rate, complex
        self.window_samples = (frames - 1) * hop
        self.overlap_samples = self.window_samples // 4
        self.stft = Stft(round(rate * WINDOW_S), hop, self.window_samples)
        plan = ENCODERS[layers]
        ends = 1 if complex else 2
        widths = [ends, *(int(channels * multiple) for _, _, multiple in plan)]
        self.encoders, self.decoders = nn.ModuleList(), nn.ModuleList()
        for k, (kernel, stride, _) in enumerate(plan):
            self.encoders.append(self._layer(False, widths[k], widths[k + 1], kernel, stride))
            inputs = widths[k + 1] * (1 if k == len(plan) - 1 else 2)  # all but the deepest take a skip as well
            self.decoders.insert(0, self._layer(True, inputs, widths[k], kernel, stride, last=k == 0))

    def _layer(
        self, up: bool, inputs: int, outputs: int, kernel: tuple[int, int], stride: tuple[int, int], last: bool = False
    ) -> nn.Module:
        padding = (kernel[0] // 2, kernel[1] // 2)
        sizes: dict[str, Any] = {"kernel_size": kernel, "stride": stride, "padding": padding, "bias": last}
        conv = ComplexConv(up, inputs, outputs, **sizes) if self.complex else _convolution(up)(inputs, outputs, **sizes)
        if not last:
            return nn.Sequential(conv, (ComplexNorm if self.complex else RealNorm)(outputs), nn.LeakyReLU(0.01))
        plain = conv.conv if isinstance(conv, ComplexConv) else conv
        assert plain.bias is not None
        with torch.no_grad():  # begins near the identity: a mask of equal numbers, which only turns the sound down
            plain.weight.mul_(0.1)
            plain.bias.copy_(torch.tensor([0.5, -0.5] if self.complex else [1.0, 0.0]))
        return conv

    def run(self, audio: Tensor) -> Tensor:
        """The spectrum times tanh(|M|) M / |M|, where M is what the U-Net gives; sizes are odd, so they come back."""
        tables = self.stft.tables()
        spectrum = self.stft.analyse(audio, tables)  # (windows, 2, bins, frames)
        x = spectrum[:, :, None] if self.complex else spectrum
        skips: list[Tensor] = []
        for encoder in self.encoders:
            x = encoder(x)
            skips.append(x)
        x = self.decoders[0](skips.pop())
        for decoder in self.decoders[1:]:
            x = decoder(torch.cat([x, skips.pop()], dim=-3))
        real, imaginary = (x[:, :, 0] if self.complex else x).unbind(1)  # (windows, bins, frames)
        size = (real * real + imaginary * imaginary + 1e-12).sqrt()
        bounded = torch.tanh(size) / size
        real, imaginary = real * bounded, imaginary * bounded
        a, b = spectrum.unbind(1)
        return self.stft.synthesise(torch.stack([real * a - imaginary * b, real * b + imaginary * a], dim=1), tables)


def _convolution(up: bool) -> type[nn.Conv2d] | type[nn.ConvTranspose2d]:
    return nn.ConvTranspose2d if up else nn.Conv2d
