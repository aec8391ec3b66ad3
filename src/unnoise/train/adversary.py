"""A least-squares adversary: a small network that learns to tell cleaned sound from clean.

Sources: least squares in place of cross entropy: Mao et al. 2017 (arXiv 1611.04076), eq. 9 with a = 0, b = c = 1; a
verdict for each patch of the picture: Isola et al. 2017 (arXiv 1611.07004), section 3.2.2; layers held to a norm of
one: Miyato et al. 2018 (arXiv 1802.05957).
"""

from __future__ import annotations

import itertools
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

WINDOW_S = 0.032
LAYERS = 4


class Discriminator(nn.Module):
    """Patches of the log spectrogram of sound at unit speech level, each with a verdict: near 1 clean, near 0 not."""

    window: Tensor

    def __init__(self, rate: int, channels: int) -> None:
        super().__init__()
        self.register_buffer("window", torch.hann_window(2 * round(rate * WINDOW_S / 2)), persistent=False)
        widths = [1, *(channels * 2 ** min(k, 2) for k in range(LAYERS))]
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise(widths):
            layers += [spectral_norm(nn.Conv2d(before, after, 5, stride=2, padding=2)), nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, spectral_norm(nn.Conv2d(widths[-1], 1, 3, padding=1)))

    def forward(self, audio: Tensor) -> Tensor:
        """(items, samples) to verdicts (items, 1, bins / 16, frames / 16)."""
        samples = len(self.window)
        spectra = torch.stft(audio, samples, samples // 2, window=self.window, return_complex=True)
        power = spectra.real.square() + spectra.imag.square()  # (items, bins, frames)
        verdicts: Tensor = self.layers(torch.log10(power + 1e-4)[:, None] / 2)
        return verdicts


class Rival(nn.Module):
    """A discriminator and its own Adam, stepped beside the denoiser's optimiser."""

    def __init__(self, rate: int, channels: int, learning_rate: float) -> None:
        super().__init__()
        self.judge = Discriminator(rate, channels)
        self._optimiser = torch.optim.Adam(self.judge.parameters(), lr=learning_rate, betas=(0.5, 0.9))

    def learn(self, estimate: Tensor, clean: Tensor) -> Tensor:
        """One step towards telling them apart; the loss before it. Both are (items, samples)."""
        with torch.enable_grad():
            told = self.judge(torch.cat([clean, estimate.detach()]))
            of_clean, of_estimate = told.chunk(2)
            loss: Tensor = 0.5 * ((of_clean - 1).square().mean() + of_estimate.square().mean())
            self._optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        return loss.detach()

    def verdict(self, estimate: Tensor) -> Tensor:
        """How far the judge is from taking `estimate` for clean; its gradient reaches the estimate alone."""
        self.judge.requires_grad_(False)
        try:
            found: Tensor = (self.judge(estimate) - 1).square().mean()
        finally:
            self.judge.requires_grad_(True)
        return found

    def state(self) -> dict[str, Any]:
        """The optimiser's part of a checkpoint; the weights are in the module's."""
        return self._optimiser.state_dict()

    def load(self, state: dict[str, Any]) -> None:
        """Go on from `state`, where the weights lie now."""
        self._optimiser.load_state_dict(state)
