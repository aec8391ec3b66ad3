"""What a bundle says about itself: the JSON under the key "unnoise" in the metadata of its .onnx.

The graph's side of the contract, domain "spectrum": inputs `spectrum` (channels, frames, bins, 2) float32 and
each state by its name (channels, *shape); outputs `clean`, of the shape of `spectrum`, and `<state>_next` for
each state, in the order of `states`. Channels, frames and bins are dynamic. Spectra are those of `StftSpec`.
Domain "waveform": input `audio` (windows, window_samples) float32 at `rate` Hz, output `clean` of the same shape; the
number of windows is dynamic, no window knows of another, and nothing is carried over.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

FORMAT = 1
"""The newest format of this JSON that this version reads, and the one that it writes."""

_Positive = Annotated[int, msgspec.Meta(ge=1)]


class StateInfo(msgspec.Struct, frozen=True):
    """One tensor that the graph carries from block to block."""

    name: str
    shape: tuple[_Positive, ...]
    """Without the leading axis, which counts channels."""
    initial: float = 0.0


class ParameterInfo(msgspec.Struct, frozen=True):
    """Where a parameter of the torch network is found in the graph."""

    initialiser: str
    transform: str = ""
    """What export did to it, such as "transpose"; empty when nothing."""


class BundleInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a bundle says about itself; keys that this version does not know are ignored."""

    format: int = FORMAT
    name: str
    version: str
    licence: str
    domain: Literal["spectrum", "waveform"] = "spectrum"
    hop_ms: Annotated[float, msgspec.Meta(gt=0)] = 16.0
    """Milliseconds from frame to frame; the window is twice as long. Of domain "spectrum" only, as are the bins."""
    min_bins: _Positive = 1
    """The fewest bins that the graph takes; the engine fills up with zeros."""
    max_bins: _Positive = 1 << 20
    """The most bins that the graph takes; the engine carries the last gain on to bins above."""
    states: tuple[StateInfo, ...] = ()
    causal: bool = True
    """Whether no frame depends on later ones, so that the graph can run on a stream."""
    sha256: str = ""
    """Of the graph with its weights, in hex; `write_bundle` fills it in."""
    network: str = ""
    """Name of the network in `unnoise.networks`, or FILE.py:CLASS or MODULE:CLASS of one that is not ours, whose code
    runs when it is brought back to torch; empty when no way leads back."""
    arguments: dict[str, Any] = {}
    """What the network was built with."""
    parameters: dict[str, ParameterInfo] = {}
    """From each parameter of the torch network to its initialiser in the graph."""
    card: dict[str, Any] = {}
    """Data, recipe, hours and figures."""
    rate: _Positive | None = None
    """Hz; of domain "waveform" only."""
    window_samples: _Positive | None = None
    """Samples of one window; of domain "waveform" only."""
    overlap_samples: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Samples that neighbouring windows share, one fading into the other; of domain "waveform" only."""

    def __post_init__(self) -> None:
        if self.causal != (self.domain == "spectrum"):
            raise ValueError("models of domain 'spectrum' are causal, those of domain 'waveform' are not")
        if self.domain == "waveform" and (self.rate is None or self.window_samples is None):
            raise ValueError("a model of domain 'waveform' needs rate and window_samples")
        if self.min_bins > self.max_bins:
            raise ValueError(f"min_bins is {self.min_bins}, above max_bins, which is {self.max_bins}")


class _Format(msgspec.Struct):
    format: int


def encode_info(info: BundleInfo) -> bytes:
    """The JSON of `info`."""
    return msgspec.json.encode(info)


def decode_info(text: bytes) -> BundleInfo:
    """The info in a JSON; raises ValueError with the reason when it is broken or of a newer format."""
    newest = msgspec.json.decode(text, type=_Format).format
    if newest > FORMAT:
        raise ValueError(
            f"its format is {newest} and this version reads up to {FORMAT}; upgrade with: pip install --upgrade unnoise"
        )
    return msgspec.json.decode(text, type=BundleInfo)
