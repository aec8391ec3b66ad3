"""Make a first checkpoint for a recipe from what another run ended with: the same network, or `studio` of `dual-path`.

    python bench/grow.py runs/default/best.ckpt studio-start.ckpt --recipe studio
    python bench/grow.py runs/studio/best.ckpt studio-high-start.ckpt --recipe studio-high --head default
    python bench/grow.py runs/default/best.ckpt default-high-start.ckpt --recipe default-high --head default

`studio` comes with nearly the gains of `dual-path`: what runs backwards in time, and what is compared with what comes,
begins at zero. The head above 8 kHz comes along where both have one, or from the bundle that --head names.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import msgspec
import torch
from torch import Tensor

from unnoise.networks import make_network
from unnoise.train import load
from unnoise.train.checkpoint import load_checkpoint
from unnoise.train.config import load_recipe
from unnoise.train.module import FORMAT

State = dict[str, Tensor]


def both_ways(old: State, new: State) -> State:
    """`old`, of `dual-path`, with the names and shapes of a `studio` like `new`."""

    def widened(value: Tensor, place: str, axis: int) -> Tensor:
        missing = list(new[place].shape)
        missing[axis] -= value.shape[axis]
        return torch.cat([value, value.new_zeros(missing)], dim=axis)

    moved = {}
    for name, value in old.items():
        place = re.sub(r"\.over_(time|whole)\.", r".over_\1.onwards.", name) if name.startswith("blocks.") else name
        if name.startswith("norm.") and value.ndim:  # what comes is spread like what was
            value = torch.cat([value, value[len(value) // 3 :]])
        elif name in ("encoder.weight", "decoder.weight", "decoder.bias"):
            value = widened(value, name, 1 if name == "encoder.weight" else 2)
        moved[place] = value
    return moved


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--recipe", required=True)
    parser.add_argument("--head", metavar="MODEL")
    options = parser.parse_args()
    torch.manual_seed(0)
    recipe = load_recipe(options.recipe)
    network = make_network(recipe.network.name, recipe.network.arguments)
    stored, new = load_checkpoint(options.checkpoint), network.state_dict()
    old = stored["averaged"]
    if (name := stored["recipe"].network.name) not in ("dual-path", "studio"):
        parser.error(f"{options.checkpoint}: expected dual-path or studio, and it is {name}")
    if (name, recipe.network.name) == ("dual-path", "studio"):
        old = both_ways(old, new)
    if options.head is not None:
        old |= {name: value for name, value in load(options.head).state_dict().items() if name.startswith("high.")}
    old.pop("stft.counted", None)  # a window, at either rate its own
    try:
        network.load_state_dict(new | {name: value for name, value in old.items() if name in new})
    except RuntimeError as error:
        parser.error(
            f"{options.checkpoint}: expected width, whole, blocks and groups of the recipe {options.recipe} ({error})"
        )
    both = {f"{part}.{k}": v for part in ("network", "averaged") for k, v in network.state_dict().items()}
    made = {"recipe": msgspec.to_builtins(recipe), "format": FORMAT, "global_step": 0, "state_dict": both}
    torch.save(made, options.target)


if __name__ == "__main__":
    main()
