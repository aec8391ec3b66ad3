"""Optimisers by the names of recipes."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from unnoise.train.config import Optimiser
from unnoise.train.muon import Muon, matrices_of

DECOUPLED_DECAY = 0.02


def make_optimiser(wanted: Optimiser, network: nn.Module) -> torch.optim.Optimizer:
    """What steps the trained parameters of `network`; what has one axis does not decay."""
    parameters = [p for p in network.parameters() if p.requires_grad]
    decay = wanted.weight_decay
    if decay is None:  # only there it does not pass through the scaling of the gradients
        decay = DECOUPLED_DECAY if wanted.name in ("adamw", "muon") else 0.0
    groups = [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": decay},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
    ]
    makers: dict[str, tuple[Any, dict[str, Any]]] = {
        "adagrad": (torch.optim.Adagrad, {}),
        "adam": (torch.optim.Adam, {"betas": wanted.betas}),
        "adamw": (torch.optim.AdamW, {"betas": wanted.betas}),
        "muon": (Muon, {"betas": wanted.betas, "shapes": matrices_of(network)}),
        "nadam": (torch.optim.NAdam, {"betas": wanted.betas}),
        "rmsprop": (torch.optim.RMSprop, {"alpha": wanted.betas[1]}),
        "sgd": (torch.optim.SGD, {"momentum": wanted.betas[0]}),
    }
    maker, options = makers[wanted.name]
    made: torch.optim.Optimizer = maker(groups, lr=wanted.learning_rate, **options)
    return made
