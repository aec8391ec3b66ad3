"""Half-overlapping frames whose gradient is cheap, and their spectra."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

POWER_FLOOR = 1e-6
"""60 dB under what noise at the active speech level has in each bin: nothing below it is heard beside speech."""


def half_overlapping(audio: Tensor, size: int) -> Tensor:
    """(items, samples) to (items, frames, size), hop size / 2, the remainder dropped; at least one frame.

    Two slices joined, and not `unfold`: its gradient is a scatter that costs more than the network.
    """
    hop = size // 2
    if audio.shape[1] < 2 * hop:
        audio = functional.pad(audio, (0, 2 * hop - audio.shape[1]))
    count = audio.shape[1] // hop
    blocks = audio[:, : count * hop].reshape(len(audio), count, hop)
    return torch.cat([blocks[:, :-1], blocks[:, 1:]], dim=2)


def energy_window(rate: int, seconds: float) -> Tensor:
    """A periodic Hann window of an even number of samples, of unit energy: white noise keeps its power in each bin."""
    window = torch.hann_window(2 * round(rate * seconds / 2))
    unit: Tensor = window / window.square().sum().sqrt()
    return unit


def spectra(audio: Tensor, window: Tensor) -> Tensor:
    """Complex values (items, frames, bins) of half-overlapping frames of (items, samples)."""
    values: Tensor = torch.fft.rfft(half_overlapping(audio, len(window)) * window, dim=2)
    return values


def bin_powers(audio: Tensor, window: Tensor, floor: float = POWER_FLOOR) -> Tensor:
    """Powers above a floor, (items, frames, bins), of half-overlapping frames of (items, samples)."""
    values = spectra(audio, window)
    powers: Tensor = values.real.square() + values.imag.square() + floor
    return powers
