"""Write mixtures of the recordings that a training holds out, as folders for bench/quality.py and `unnoise evaluate`.

    python bench/held_out.py default --clean DIR --noise DIR --rooms DIR --cache DIR -o OUT [--only librispeech]
    python bench/quality.py --bench OUT --set held-out --model NAME|PATH

The same folders hold out the same speakers and recordings as they do in `unnoise train`. --only: speakers of these
folders of speech alone. Writes OUT/held-out/clean and noisy (16 bit, the rate of the recipe).
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import msgspec
import soundfile as sf
import torch

from unnoise.mix.draw import Drawer
from unnoise.train.config import load_recipe
from unnoise.train.data import Side, prepare
from unnoise.train.folders import Folders


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    for name in ("clean", "noise", "rooms", "cache"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--items", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    recipe = load_recipe(options.recipe)
    folders = Folders(clean=options.clean, noise=options.noise, rooms=options.rooms, cache=options.cache)
    _, side = prepare(recipe, folders, print)
    if not isinstance(side, Side):
        raise SystemExit(f"{options.recipe}: its mixtures follow a plan; write them with unnoise mix")
    clips = [c for c in side.speech.clips if not options.only or c.name.split("/")[0] in options.only]
    if not clips:
        raise SystemExit(f"--only {' '.join(options.only)}: no held-out speaker lies in a folder of that name")
    spec = msgspec.structs.replace(side.drawer.spec, seconds=options.seconds)
    noises = list(zip(side.noises, recipe.data.noise_shares, strict=True))
    drawer = Drawer(spec, side.speech.only(clips), noises, len(side.rooms), options.seed)
    torch.set_num_threads(1)
    batch = replace(side, drawer=drawer).mixer(torch.device("cpu")).render(drawer.batch(range(options.items)))
    for kind, sounds in (("clean", batch.clean), ("noisy", batch.noisy)):
        folder = options.output / "held-out" / kind
        folder.mkdir(parents=True, exist_ok=True)
        for number, sound in enumerate(sounds.numpy()):
            sf.write(folder / f"{number:03}.flac", sound, recipe.data.rate, subtype="PCM_16")


if __name__ == "__main__":
    main()
