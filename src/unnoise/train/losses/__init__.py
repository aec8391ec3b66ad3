"""Losses by name, a file each; listing them needs no torch, so that recipes are read without it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unnoise.train.losses.base import Loss

LOSSES = {
    "compressed_spectrum": "unnoise.train.losses.compressed_spectrum:CompressedSpectrum",
    "over_attenuation": "unnoise.train.losses.over_attenuation:OverAttenuation",
    "thresholded_snr": "unnoise.train.losses.thresholded_snr:ThresholdedSnr",
}


def make_loss(name: str, rate: int) -> Loss:
    """The loss called `name` for audio at `rate` Hz."""
    module, attribute = LOSSES[name].split(":")
    made: Loss = getattr(import_module(module), attribute)(rate)
    return made
