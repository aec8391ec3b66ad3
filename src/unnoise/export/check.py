"""Does the exported model compute what the network computes, at several lengths, and by blocks as whole?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from unnoise.errors import ExportError
from unnoise.networks.base import Network, SpectrumNetwork, WaveformNetwork

LENGTHS = (1, 7, 100)  # 7 is the traced one: an exporter can bake a length in without a word
TOLERANCE = 1e-4
CHUNKS = (1, 2, 37, 60)


@dataclass(frozen=True)
class Checked:
    """Largest differences, relative to the largest output."""

    torch_to_onnx: float
    whole_to_blocks: float | None
    """None where there are no blocks: networks on waveforms take whole windows."""


def check(network: Network, model: bytes) -> Checked:
    """Compare `model` with `network`, and by blocks with whole where it has states.

    Raises ExportError where they differ by over 1e-4, or are no numbers.
    """
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    generator = torch.Generator().manual_seed(0)
    if isinstance(network, WaveformNetwork):
        return Checked(_agreed(_windows(session, network, generator)), None)
    apart = []
    for length in LENGTHS:
        for bins in sorted({network.min_bins, network.max_bins}):
            for channels in (1, 3):
                spectrum = 0.05 * torch.randn(channels, length, bins, 2, generator=generator)
                with torch.no_grad():
                    wanted = network(spectrum)
                found = _run(session, network, spectrum.numpy(), _fresh(network, channels))
                apart += [_difference(ours, theirs.numpy()) for ours, theirs in zip(found, wanted, strict=True)]
    blocks = _blocks_against_whole(session, network, generator)
    if not blocks <= TOLERANCE:
        raise ExportError(
            f"By blocks the exported model differs from itself as a whole by {blocks:.1e}; allowed is "
            f"{TOLERANCE:.0e}. A causal network must carry everything it needs in its states."
        )
    return Checked(_agreed(apart), blocks)


def _agreed(differences: Sequence[float]) -> float:
    apart = float(np.max(differences))  # NaN where one is
    if not apart <= TOLERANCE:
        raise ExportError(f"The exported model differs from the network by {apart:.1e}; allowed is {TOLERANCE:.0e}.")
    return apart


def _windows(
    session: onnxruntime.InferenceSession, network: WaveformNetwork, generator: torch.Generator
) -> list[float]:
    """Of one window and of three."""
    apart = []
    for count in (1, 3):
        audio = 0.1 * torch.randn(count, network.window_samples, generator=generator)
        with torch.no_grad():
            wanted = network(audio).numpy()
        apart.append(_difference(session.run(None, {"audio": audio.numpy()})[0], wanted))
    return apart


def _blocks_against_whole(
    session: onnxruntime.InferenceSession, network: SpectrumNetwork, generator: torch.Generator
) -> float:
    spectrum = (0.05 * torch.randn(1, sum(CHUNKS), network.max_bins, 2, generator=generator)).numpy()
    whole = _run(session, network, spectrum, _fresh(network, 1))[0]
    states, parts, at = _fresh(network, 1), [], 0
    for chunk in CHUNKS:
        clean, *states = _run(session, network, spectrum[:, at : at + chunk], states)
        parts.append(clean)
        at += chunk
    return _difference(np.concatenate(parts, axis=1), whole)


def _fresh(network: SpectrumNetwork, channels: int) -> list[NDArray[np.float32]]:
    return [state.numpy() for state in network.initial_states(channels)]


def _run(
    session: onnxruntime.InferenceSession,
    network: SpectrumNetwork,
    spectrum: NDArray[np.float32],
    states: Sequence[NDArray[np.float32]],
) -> list[NDArray[np.float32]]:
    names = [state.name for state in network.states]
    return list(session.run(None, {"spectrum": spectrum, **dict(zip(names, states, strict=True))}))


def _difference(found: NDArray[np.float32], wanted: NDArray[np.float32]) -> float:
    return float(np.abs(found - wanted).max() / max(float(np.abs(wanted).max()), 1e-9))
