"""Make a checkpoint small enough to keep: weights as they are, averages and moments in half precision, no paths.

    python bench/pack_state.py runs/default/last.ckpt training/default.ckpt

To go on from it, copy it to RUN/last.ckpt and run `unnoise train RECIPE -o RUN ...` again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("target", type=Path)
    options = parser.parse_args()
    stored = torch.load(options.checkpoint, map_location="cpu", weights_only=False)
    state = stored["state_dict"]
    for name, value in state.items():
        if name.startswith("averaged.") and value.is_floating_point():
            state[name] = value.half()
    for optimiser in stored["optimizer_states"]:
        for moments in optimiser["state"].values():
            for name in moments.keys() & {"exp_avg", "exp_avg_sq"}:
                moments[name] = moments[name].bfloat16()  # squares of gradients need the range
    stored["callbacks"] = {}  # they hold the paths of the machine
    stored["carried"] = None
    options.target.parent.mkdir(parents=True, exist_ok=True)
    torch.save(stored, options.target)
    print(f"{options.target}: {options.target.stat().st_size / 1e6:.1f} MB at step {stored['global_step']}")


if __name__ == "__main__":
    main()
