"""Losses by name, a file each; every one takes audio (items, samples) scaled to unit active speech level."""

from __future__ import annotations

from importlib import import_module

from torch import Tensor, nn

LOSSES = {
    "compressed_spectrum": "unnoise.train.losses.compressed_spectrum:CompressedSpectrum",
    "over_attenuation": "unnoise.train.losses.over_attenuation:OverAttenuation",
    "thresholded_snr": "unnoise.train.losses.thresholded_snr:ThresholdedSnr",
}


class Loss(nn.Module):
    """A distance of an estimate from its target, one number a batch."""

    def forward(self, estimate: Tensor, clean: Tensor, noisy: Tensor) -> Tensor:
        """Mean over the batch; all three are (items, samples)."""
        raise NotImplementedError


def make_loss(name: str, rate: int) -> Loss:
    """The loss called `name` for audio at `rate` Hz."""
    module, attribute = LOSSES[name].split(":")
    made: Loss = getattr(import_module(module), attribute)(rate)
    return made
