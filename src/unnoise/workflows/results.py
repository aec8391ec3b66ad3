"""What came of one network of a reproduction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from unnoise.evaluate.statistics import Wins
from unnoise.evaluate.table import Scores
from unnoise.train.config import Recipe
from unnoise.workflows.systems import Method

BUNDLED = "default"


@dataclass(frozen=True)
class Result:
    """One network: how it was trained, and what it scored."""

    method: Method
    recipe: Recipe
    """As it was trained."""
    steps: int
    """That were made."""
    scores: Scores
    """Of noisy, the network, its system's way without one, and the bundled network, on the same files."""
    gain: Wins
    """SI-SDR of the network against noisy."""
    women: bool = False
    """Whether only women's voices were taken."""
    identity: str = ""
    """What the check says, where it was asked."""
    optimisers: tuple[tuple[str, dict[str, Any]], ...] = ()
    """Name, and the last line of the run's log."""
    pictures: tuple[tuple[str, str], ...] = ()
    """Of what, and the path from the page."""
