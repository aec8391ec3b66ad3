"""Make a first checkpoint of the network `studio`: from one of `dual-path`, or from one of its own at the other rate.

    python bench/studio_start.py training/default.ckpt studio-start.ckpt
    python bench/studio_start.py runs/studio/best.ckpt studio-high-start.ckpt --recipe studio-high

From `dual-path` it comes with nearly the same gains: what runs backwards, and what is compared with what comes, begins
at zero. The head above 8 kHz comes along where both have one.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec
import torch
from torch import Tensor

from unnoise.networks.studio import Studio
from unnoise.train.checkpoint import load_checkpoint
from unnoise.train.config import load_recipe
from unnoise.train.module import FORMAT


def widened(old: Tensor, new: Tensor, axis: int) -> Tensor:
    """`old` at the beginning of `axis` of a tensor like `new`, and zeros behind."""
    missing = list(new.shape)
    missing[axis] -= old.shape[axis]
    return torch.cat([old, old.new_zeros(missing)], dim=axis)


def moved(old: dict[str, Tensor], new: dict[str, Tensor]) -> dict[str, Tensor]:
    """The state of a `studio` like `new` that does as what has the state `old`; what only one of them has is new."""
    found = {}
    for name, value in old.items():
        place, own = name, "stft.counted" in old
        if name.startswith("blocks.") and not own:
            place = name.replace("over_time.", "over_time.onwards.").replace("over_whole.", "over_whole.onwards.")
        if place not in new or place == "stft.counted":  # the head at 16 kHz, a window at the other rate
            continue
        if name.startswith("norm.") and value.ndim and not own:  # what comes is spread like what was
            value = torch.cat([value, value[len(value) // 3 :]])
        elif name == "encoder.weight" and not own:
            value = widened(value, new[place], 1)
        elif name in ("decoder.weight", "decoder.bias") and not own:
            value = widened(value, new[place], 2)
        found[place] = value
    return new | found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--recipe", default="studio")
    options = parser.parse_args()
    torch.manual_seed(0)
    recipe = load_recipe(options.recipe)
    network = Studio(**recipe.network.arguments)
    state = moved(load_checkpoint(options.checkpoint)["averaged"], network.state_dict())
    try:
        network.load_state_dict(state)
    except RuntimeError as error:
        parser.error(
            f"{options.checkpoint}: expected dual-path or studio with width, whole, blocks and groups of the recipe "
            f"{options.recipe} ({error})"
        )
    state = network.state_dict()
    both = {f"{part}.{name}": value for part in ("network", "averaged") for name, value in state.items()}
    stored = {"recipe": msgspec.to_builtins(recipe), "format": FORMAT, "global_step": 0, "state_dict": both}
    torch.save(stored, options.target)


if __name__ == "__main__":
    main()
