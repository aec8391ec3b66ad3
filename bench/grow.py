"""Make a first checkpoint of a larger network from one of a smaller: before it learns, it does nearly the same.

    python bench/grow.py runs/default/best.ckpt deeper.ckpt --recipe default --set network.arguments.blocks=3
    python bench/grow.py runs/default/best.ckpt studio-start.ckpt --recipe studio
    python bench/grow.py runs/studio/best.ckpt studio-high-start.ckpt --recipe studio-high --head default

CHECKPOINT is of `dual-path` or of `studio`, and so is the network of the recipe, which may have more blocks. The new
ones come after the first and pass on what they hear; what runs backwards in time, and what is compared with what
comes, begins at zero. The head above 8 kHz comes along where both have one, or from the bundle that --head names.
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


def blocks_of(state: State) -> int:
    return len({name.split(".")[1] for name in state if name.startswith("blocks.")})


def deeper(old: State, new: State) -> State:
    """`old` with as many blocks as `new` has; those between pass on what comes."""
    added = blocks_of(new) - blocks_of(old)
    moved = {re.sub(r"^blocks\.([1-9]\d*)", lambda m: f"blocks.{int(m[1]) + added}", k): v for k, v in old.items()}
    for block in range(1, 1 + added):
        mine = {name: value.clone() for name, value in new.items() if name.startswith(f"blocks.{block}.")}
        for name, value in mine.items():
            if ".over_time." in name:
                value[2 * len(value) // 3 :] = 0.0  # what it would remember
            elif ".up." in name:
                value.zero_()
            elif ".norm_whole." not in name and ".norm" in name and value.ndim:  # scaled as what comes is
                scale, shift = (old[f"blocks.0.norm_out.{part}"].float() for part in ("weight", "bias"))
                of = {"weight": scale.abs(), "bias": shift, "running_mean": shift, "running_var": scale.square()}
                value.copy_(of[name.rpartition(".")[2]])
        moved |= mine
    return moved


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
    parser.add_argument("--set", dest="changes", action="append", default=[])
    options = parser.parse_args()
    torch.manual_seed(0)
    recipe = load_recipe(options.recipe, options.changes)
    network = make_network(recipe.network.name, recipe.network.arguments)
    old, new = load_checkpoint(options.checkpoint)["averaged"], network.state_dict()
    if blocks_of(old) > blocks_of(new):
        parser.error(f"{options.checkpoint}: has {blocks_of(old)} blocks, and {options.recipe} has {blocks_of(new)}")
    old = deeper(old, new)
    if recipe.network.name == "studio" and "stft.counted" not in old:
        old = both_ways(old, new)
    if options.head is not None:
        old |= {name: value for name, value in load(options.head).state_dict().items() if name.startswith("high.")}
    old.pop("stft.counted", None)  # a window, at either rate its own
    try:
        network.load_state_dict(new | {name: value for name, value in old.items() if name in new})
    except RuntimeError as error:
        parser.error(
            f"{options.checkpoint}: expected a network with the width, whole and groups of {options.recipe}, and no "
            f"more blocks ({error})"
        )
    both = {f"{part}.{k}": v for part in ("network", "averaged") for k, v in network.state_dict().items()}
    stored = {"recipe": msgspec.to_builtins(recipe), "format": FORMAT, "global_step": 0, "state_dict": both}
    torch.save(stored, options.target)


if __name__ == "__main__":
    main()
