"""The engine's framing in torch, for whole batches: frames for networks on spectra, windows for those on waveforms."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from unnoise.errors import RecipeError
from unnoise.networks.base import Network, SpectrumNetwork, WaveformNetwork
from unnoise.signal.stft import StftSpec
from unnoise.train.losses.frames import half_overlapping


class Transform(nn.Module):
    """Analysis and synthesis at one rate, frames from one hop before the first sample; the window is `StftSpec`'s."""

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


class OverSpectra(nn.Module):
    """Sound through a network on spectra, with its states."""

    def __init__(self, hop_ms: float, rate: int) -> None:
        super().__init__()
        self.transform = Transform(StftSpec(hop_ms), rate)

    def forward(self, network: SpectrumNetwork, audio: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """(items, samples) and states to the cleaned sound and the states to go on from."""
        clean, *following = network(self.transform.analyse(audio), *states)
        return self.transform.synthesise(clean, audio.shape[1]), following


class OverWindows(nn.Module):
    """Sound through a network on waveforms: side by side in training, where every sample should count once,
    overlapping and faded as in the engine otherwise, but for silence behind the end in place of the mirror image."""

    def forward(self, network: WaveformNetwork, audio: Tensor, states: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """(items, samples) to the cleaned sound; there are no states."""
        items, samples = audio.shape
        window = network.window_samples
        overlap = 0 if network.training else network.overlap_samples
        step = window - overlap
        count = max(1, -(-(samples - overlap) // step))
        padded = functional.pad(audio, (0, count * step + overlap - samples))
        clean = network(padded.unfold(1, window, step).reshape(-1, window)).reshape(items, count, window)
        if overlap:
            rise = (torch.arange(overlap, device=audio.device) + 0.5) / overlap
            faded = clean[:, 1:, :overlap] * rise + clean[:, :-1, step:] * (1 - rise)
            clean = torch.cat([clean[:, :1], torch.cat([faded, clean[:, 1:, overlap:]], dim=2)], dim=1)
        joined = torch.cat([clean[:, :, :step].flatten(1), clean[:, -1, step:]], dim=1)
        return joined[:, :samples], []


def way_through(network: Network, rate: int) -> OverSpectra | OverWindows:
    """How sound at `rate` Hz goes through a network; RecipeError where the network is for another rate."""
    if isinstance(network, SpectrumNetwork):
        return OverSpectra(network.hop_ms, rate)
    if rate != network.rate:
        raise RecipeError(
            f"The recipe's data are at {rate} Hz, and its network works at {network.rate} Hz; "
            f"write rate = {network.rate} under [data], or give the network another rate"
        )
    return OverWindows()


def states_before(
    network: Network, noisy: Tensor, last: list[Tensor] | None, carry_share: float, generator: torch.Generator
) -> list[Tensor]:
    """The states that sounds (items, samples) start from in training: fresh ones, or in `carry_share` of all cases the
    `last` ones of as many other sounds, dealt out anew."""
    items = len(noisy)
    states = network.initial_states(items)
    carried = float(torch.rand((), generator=generator)) < carry_share
    if carried and last and len(last[0]) == items:
        order = torch.randperm(items, generator=generator)
        states = [state[order] for state in last]
    loudness_db = 10 * torch.log10(noisy.square().mean(1) + 1e-10)
    return network.random_past(states, loudness_db, generator)
