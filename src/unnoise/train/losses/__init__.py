"""Losses by name, a file each; listing them needs no torch, so that recipes are read without it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from unnoise.train.losses.base import Loss

LOSSES = {
    "compressed_spectrum": "unnoise.train.losses.compressed_spectrum:CompressedSpectrum",
    "constant_q_magnitude": "unnoise.train.losses.constant_q_magnitude:ConstantQMagnitude",
    "deep_features": "unnoise.train.losses.deep_features:DeepFeatures",
    "disturbance": "unnoise.train.losses.disturbance:Disturbance",
    "l1": "unnoise.train.losses.l1:L1",
    "log_magnitude": "unnoise.train.losses.log_magnitude:LogMagnitude",
    "mse": "unnoise.train.losses.mse:Mse",
    "multi_resolution_stft": "unnoise.train.losses.multi_resolution_stft:MultiResolutionStft",
    "over_attenuation": "unnoise.train.losses.over_attenuation:OverAttenuation",
    "picture": "unnoise.train.losses.picture:Picture",
    "quiet_weighted_mse": "unnoise.train.losses.quiet_weighted_mse:QuietWeightedMse",
    "si_sdr": "unnoise.train.losses.si_sdr:SiSdr",
    "thresholded_snr": "unnoise.train.losses.thresholded_snr:ThresholdedSnr",
    "wsdr": "unnoise.train.losses.wsdr:Wsdr",
}


def make_loss(name: str, rate: int) -> Loss:
    """The loss called `name` for audio at `rate` Hz."""
    module, attribute = LOSSES[name].split(":")
    made: Loss = getattr(import_module(module), attribute)(rate)
    return made
