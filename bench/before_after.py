"""Draw docs/images/before-after.png: waveform and spectrogram of the example, before and after.

    python bench/before_after.py [--model NAME|PATH]

Needs matplotlib beside unnoise.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import soundfile as sf

from unnoise import Denoiser

ROOT = Path(__file__).parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="default")
    options = parser.parse_args()
    noisy, rate = sf.read(ROOT / "examples/noisy.flac", dtype="float32")
    clean = Denoiser(options.model)(noisy, rate)
    figure, axes = plt.subplots(2, 2, figsize=(11, 4.6), sharex=True, height_ratios=(1, 2), layout="constrained")
    seconds = np.arange(len(noisy)) / rate
    top = 1.05 * np.abs(noisy).max()
    for column, (title, audio) in enumerate((("before", noisy), ("after", clean))):
        wave, picture = axes[:, column]
        wave.plot(seconds, audio, linewidth=0.3, color="#2b5c8a")
        wave.set(title=title, ylim=(-top, top))
        picture.specgram(audio, NFFT=1024, Fs=rate, noverlap=768, cmap="magma", vmin=-130, vmax=-40)
        picture.set(ylim=(0, 12000), xlabel="seconds")
    axes[0, 0].set_ylabel("amplitude")
    axes[1, 0].set_ylabel("Hz")
    target = ROOT / "docs/images/before-after.png"
    figure.savefig(target, dpi=110)
    print(target.relative_to(ROOT))


if __name__ == "__main__":
    main()
