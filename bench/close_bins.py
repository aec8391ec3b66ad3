"""Close the bins that a network keeps open in steady noise, where they are heard as faint whistling.

    python bench/close_bins.py runs/default/last.ckpt closed.ckpt [--bins 4 27 39]

Over-attenuation counts bands, and networks found that one open bin makes a band look fuller (docs/experiments.md,
rows 86 and 94). The bins whose mean gain in coloured noise stands out on both sides, or those of --bins, and the two
beside each, get the answers of their neighbours in the same band. CHECKPOINT is of `dual-path` or of `studio`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from unnoise.networks import make_network
from unnoise.networks.dual_path import DualPath
from unnoise.networks.layers.band_paths import LOW_BINS
from unnoise.networks.studio import Studio
from unnoise.signal.stft import StftSpec
from unnoise.train.checkpoint import load_checkpoint
from unnoise.train.transform import Transform, way_through

RATE, SECONDS, EDGE_FRAMES = 16000, 8.192, 60
TILTS = (0.0, 0.5, 1.0)  # of the noise's spectrum: white, pink, brown
STANDS_OUT_DB, LEAST_DB, APART = 6.0, -40.0, 3
AWAY = (2, 3)


def highest_gains_db(network: DualPath | Studio) -> np.ndarray:
    """Of each bin up to 8 kHz, its mean gain in the noise that it lets through best, (257,)."""
    transform, found = Transform(StftSpec(16.0), RATE), []
    for tilt in TILTS:
        spectrum = np.fft.rfft(np.random.default_rng(0).standard_normal(round(RATE * SECONDS)))
        audio = np.fft.irfft(spectrum / (np.arange(len(spectrum)) + 50.0) ** tilt)
        noise = torch.from_numpy((0.05 * audio / np.sqrt(np.mean(audio**2))).astype(np.float32))[None]
        with torch.no_grad():
            clean, _ = way_through(network, RATE)(network, noise, network.initial_states(1))
        before, after = (
            transform.analyse(sound).square().sum(3)[0, EDGE_FRAMES:-EDGE_FRAMES] for sound in (noise, clean)
        )
        found.append((10 * torch.log10(after / (before + 1e-20) + 1e-10)).mean(0).numpy())
    highest: np.ndarray = np.max(found, axis=0)
    return highest


def open_bins(gains_db: np.ndarray) -> list[int]:
    """Peaks over what lies APART bins away: the window spreads an open bin over its neighbours."""
    padded = np.pad(gains_db, APART, constant_values=-np.inf)
    beside, away = (np.maximum(padded[APART - n :][:LOW_BINS], padded[APART + n :][:LOW_BINS]) for n in (1, APART))
    return [
        int(k) for k in np.flatnonzero((gains_db > np.maximum(beside, LEAST_DB)) & (gains_db > away + STANDS_OUT_DB))
    ]


@torch.no_grad()
def close(network: DualPath | Studio, bins: list[int]) -> None:
    """Give `bins` and those beside them, which opened a little, too, the mean answers of what lies AWAY from them in
    the same band; those that have no such neighbours stay."""
    answers = (1 + network.features) * network.most
    places = [divmod(int(own), answers) for own in network.own]  # band, and place in it
    opened = {k + side for k in bins for side in (-1, 0, 1)}
    before = {tensor: tensor.clone() for tensor in (network.decoder.weight, network.decoder.bias)}
    for k in bins:
        near = [i for away in AWAY for i in (k - away, k + away) if 0 <= i < LOW_BINS and i not in opened]
        for band, place in (places[i] for i in (k - 1, k, k + 1) if 0 <= i < LOW_BINS):
            taken = [at for other, at in (places[i] for i in near) if other == band]
            for part in range(0, answers if taken else 0, network.most):
                for tensor, old in before.items():
                    tensor[band, :, part + place] = old[band][:, [part + at for at in taken]].mean(1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--bins", type=int, nargs="*", default=[])
    options = parser.parse_args()
    recipe = load_checkpoint(options.checkpoint)["recipe"]
    stored = torch.load(options.checkpoint, map_location="cpu", weights_only=False)
    arguments = recipe.network.arguments | ({"rate": RATE, "frames": 512} if recipe.network.name == "studio" else {})
    for part in ("network", "averaged"):
        network = make_network(recipe.network.name, arguments)
        if not isinstance(network, DualPath | Studio):
            parser.error(f"{options.checkpoint}: expected dual-path or studio, and it is {recipe.network.name}")
        names = network.state_dict().keys() - {"stft.counted"}
        network.load_state_dict({name: stored["state_dict"][f"{part}.{name}"] for name in names}, strict=False)
        network.eval()
        bins = options.bins or open_bins(highest_gains_db(network))
        close(network, bins)
        print(f"{part}: closed {bins}")
        for name in ("decoder.weight", "decoder.bias"):
            stored["state_dict"][f"{part}.{name}"] = network.state_dict()[name]
    torch.save(stored, options.target)


if __name__ == "__main__":
    main()
