"""Make a first checkpoint of the network `studio`: from one of `dual-path`, or from one of its own at the other rate.

    python bench/studio_start.py training/default.ckpt studio-start.ckpt
    python bench/studio_start.py runs/studio/best.ckpt studio-high-start.ckpt --recipe studio-high

From `dual-path` it comes with nearly the same gains: what runs backwards, and what is compared with what comes, begins
at zero.
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


def widened(old: Tensor, new: Tensor, axis: int) -> Tensor:
    """`old` at the beginning of `axis` of a tensor like `new`, and zeros behind."""
    missing = list(new.shape)
    missing[axis] -= old.shape[axis]
    return torch.cat([old, old.new_zeros(missing)], dim=axis)


def moved(old: dict[str, Tensor], new: dict[str, Tensor]) -> dict[str, Tensor]:
    """The state of a `studio` like `new` that does as what has the state `old`."""
    if "stft.counted" in old:
        return old | {"stft.counted": new["stft.counted"]}
    out = dict(new)
    for name, value in old.items():
        place = name.replace("over_time.", "over_time.onwards.") if name.startswith("blocks.") else name
        place = place.replace("over_whole.", "over_whole.onwards.")
        if name.startswith("norm."):  # what comes is spread like what was
            value = value if value.ndim == 0 else torch.cat([value, value[len(value) // 3 :]])
        elif name == "encoder.weight":
            value = widened(value, new[place], 1)
        elif name in ("decoder.weight", "decoder.bias"):
            value = widened(value, new[place], 2)
        if new[place].shape != value.shape:
            raise SystemExit(f"{name} is {tuple(value.shape)} and {place} is {tuple(new[place].shape)}")
        out[place] = value
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--recipe", default="studio")
    options = parser.parse_args()
    torch.manual_seed(0)
    recipe = load_recipe(options.recipe)
    network = Studio(**recipe.network.arguments)
    old = {name: value.float() for name, value in load_checkpoint(options.checkpoint)["averaged"].items()}
    state = moved(old, network.state_dict())
    network.load_state_dict(state)
    both = {f"{part}.{name}": value for part in ("network", "averaged") for name, value in state.items()}
    torch.save({"recipe": msgspec.to_builtins(recipe), "global_step": 0, "state_dict": both}, options.target)


if __name__ == "__main__":
    main()
