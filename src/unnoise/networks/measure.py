"""What a network costs and how far it hears, found by running it and not by what it says of itself."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from unnoise.networks.base import Network, SpectrumNetwork, WaveformNetwork

LONGEST_MS = 6000.0
"""A network on spectra that still hears a frame after this time is taken to hear it for ever."""


@dataclass(frozen=True)
class Measured:
    """The figures of one network."""

    parameters: int
    multiply_adds_per_s: float
    """For a second of sound: products of matrices, convolutions and recurrences. A network on spectra is counted frame
    by frame at its most bins and without the engine's transform; one on waveforms with the overlap of its windows."""
    receptive_field_ms: float | None
    """Of the sound that can change a sample of the output; None: everything before it."""
    latency_ms: float
    """From a sample's arrival to its output: one window."""
    causal: bool
    """Runs on streams: it is on spectra, frame by frame with its states."""
    rate: int | None
    """Hz; None: any."""


def measure_network(network: Network) -> Measured:
    """Count and probe `network`, which is in evaluation mode afterwards.

    How far it hears is found with a NaN: whatever depends on that sample or frame is none either, however little it
    depends on it. The level by which networks on waveforms divide a window is left out.
    """
    network.eval()
    parameters = sum(parameter.numel() for parameter in network.parameters())
    if isinstance(network, SpectrumNetwork):
        with _counting() as counter:
            network.run(_frame(network), *network.initial_states(1))
        per_frame = counter.get_total_flops() / 2
        field_ms = _frames_heard_ms(network)
        return Measured(parameters, per_frame * 1000 / network.hop_ms, field_ms, 2 * network.hop_ms, True, None)
    with _counting() as counter:
        field_samples = _samples_heard(network)
    windows_per_s = network.rate / (network.window_samples - network.overlap_samples)
    to_ms = 1000 / network.rate
    return Measured(
        parameters,
        counter.get_total_flops() / 2 * windows_per_s,
        field_samples * to_ms,
        network.window_samples * to_ms,
        False,
        network.rate,
    )


@contextmanager
def _counting() -> Iterator[FlopCounterMode]:
    """Counts what is computed within; attention is computed as plain products there, which can be counted."""
    rest = {torch.ops.aten.mkldnn_rnn_layer: _lstm_flops}
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False, custom_mapping=rest) as counter:
        yield counter


def _lstm_flops(steps: Any, from_input: Any, from_memory: Any, *others: Any, **more: Any) -> int:
    """Of shapes (steps, items, inputs), (4 units, inputs) and (4 units, units)."""
    return 2 * int(math.prod(steps[:2]) * (math.prod(from_input) + math.prod(from_memory)))


def _samples_heard(network: WaveformNetwork) -> int:
    """Samples of the output that one in the middle of a window changes: as many as an output hears."""
    audio = _noise(1, network.window_samples)
    audio[0, network.window_samples // 2] = math.nan
    # Where gradients are wanted, layers of torch take no short cuts that the counter does not see.
    reached = network.run(audio.requires_grad_())[0].isnan().nonzero().flatten().tolist()
    return reached[-1] - reached[0] + 1 if reached else 0


@torch.no_grad()
def _frames_heard_ms(network: SpectrumNetwork) -> float | None:
    """From the start of the first frame that one hears to its own end; None where the first one is never forgotten."""
    following: list[Tensor] = network.initial_states(1)
    last, frames = -1, math.ceil(LONGEST_MS / network.hop_ms)
    for at in range(frames):
        spectrum = _frame(network)
        clean, *following = network.run(spectrum * math.nan if at == 0 else spectrum, *following)
        if clean.isnan().any():
            last = at
    return None if last == frames - 1 else (last + 2) * network.hop_ms  # a frame is two hops of sound


def _frame(network: SpectrumNetwork) -> Tensor:
    return _noise(1, 1, network.max_bins, 2)


def _noise(*shape: int) -> Tensor:
    return 0.1 * torch.randn(shape, generator=torch.Generator().manual_seed(0))
