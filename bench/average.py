"""Average the weights of runs that grew from one checkpoint; what else a run goes on with is the first one's.

    python bench/average.py runs/a/last.ckpt runs/b/last.ckpt [--share 0.5] -o joined.ckpt

--share: of the first checkpoint; the others have the rest in equal parts.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoints", type=Path, nargs="+")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--share", type=float)
    options = parser.parse_args()
    if len(options.checkpoints) < 2:
        parser.error("expected two checkpoints or more, and there is one")
    first, *others = (torch.load(path, map_location="cpu", weights_only=False) for path in options.checkpoints)
    shapes = [{name: value.shape for name, value in each["state_dict"].items()} for each in (first, *others)]
    if any(each != shapes[0] for each in shapes):
        parser.error("the checkpoints are not of one network; give those of runs that grew from one")
    share = 1 / (1 + len(others)) if options.share is None else options.share
    for name, value in first["state_dict"].items():
        if value.is_floating_point():
            rest = torch.stack([other["state_dict"][name].float() for other in others]).mean(0)
            first["state_dict"][name] = share * value.float() + (1 - share) * rest
    torch.save(first, options.output)


if __name__ == "__main__":
    main()
