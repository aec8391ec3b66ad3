"""A recipe: one TOML that says all about a training. Unknown keys are refused with the nearest name."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any

import msgspec

from unnoise.errors import RecipeError
from unnoise.mix.draw import MixSpec, Positive, Share
from unnoise.mix.noises import NOISES, RECORDED
from unnoise.mix.plan import Plan
from unnoise.train.losses import LOSSES

Count = Annotated[int, msgspec.Meta(ge=0)]


class Network(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which network, and what it is built with."""

    name: str = "fullband"
    arguments: dict[str, Any] = msgspec.field(default_factory=dict)


class Data(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which recordings there are, how they are varied, and what is held out."""

    rate: Annotated[int, msgspec.Meta(ge=8000, le=192000)] = 16000
    """Hz at which mixtures are made."""
    mix: MixSpec = MixSpec()
    """How items are drawn that are mixed a batch at a time on the device; not used with a `plan`."""
    plan: Plan | None = None
    """How items are made one by one on the host, with every noise, damage and room that `unnoise mix` knows."""
    speeds: tuple[Positive, ...] = (1.0, 0.88, 0.94, 1.07, 1.14)
    """Copies of the speech at these speeds, pitch included; the first is 1."""
    noise_speeds: tuple[Positive, ...] = (1.0, 0.7, 1.5)
    rooms: Count = 300
    """Simulated rooms, two places each."""
    room_s: Positive = 0.6
    synthetic: tuple[str, ...] = ("coloured", "fan", "hum", "knocks", "buzz", "whine", "crackle", "rain", "wind")
    """Noises that are made for the run, equally often."""
    synthetic_s: Positive = 2400.0
    """Seconds of them."""
    babble_s: Positive = 1200.0
    """Seconds of babble made of 4 to 8 training speakers."""
    noise_shares: tuple[Share, Share, Share] = (0.6, 0.22, 0.18)
    """Recorded, synthetic, babble."""
    valid_share: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.06
    valid_items: Annotated[int, msgspec.Meta(ge=1)] = 40
    valid_seconds: Positive = 5.0

    def __post_init__(self) -> None:
        if not sum(self.noise_shares) > 0:
            raise ValueError("noise_shares are all 0: nothing would be mixed in")
        for name in self.synthetic:
            if name not in NOISES or name in RECORDED:
                raise ValueError(f"synthetic names {name!r}, which is no noise that needs no recordings")
        if self.plan is not None:
            self.plan.named_noises()
            self.plan.named_damages()
            self.plan.simulated_rooms()


class Optimiser(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """AdamW with warm-up, a level stretch and a cosine: a function of step / steps, so a run always ends low."""

    learning_rate: Positive = 1.5e-3
    betas: tuple[float, float] = (0.9, 0.98)
    weight_decay: float = 0.02
    warm_up_steps: Count = 500
    decay_share: Annotated[float, msgspec.Meta(gt=0, le=1)] = 1.0
    """Last part of the run in which the rate falls; before it, a run can be lengthened without a trace."""
    final_share: Share = 0.03
    gradient_norm: Positive = 1.0
    ema: Share = 0.999


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that decides a run but the folders."""

    name: str
    steps: Annotated[int, msgspec.Meta(ge=1)]
    batch: Annotated[int, msgspec.Meta(ge=1)] = 16
    seed: Count = 1
    network: Network = Network()
    data: Data = Data()
    optimiser: Optimiser = Optimiser()
    losses: dict[str, float] = msgspec.field(
        default_factory=lambda: {
            "compressed_spectrum": 45.0,
            "thresholded_snr": 1.0,
            "over_attenuation": 6.0,
        }
    )
    loss_warm_up: dict[str, float] = msgspec.field(default_factory=lambda: {"over_attenuation": 0.15})
    """Losses that grow from zero over this share of the run."""
    carry_share: Share = 0.5
    """Share of the batches that start from the states another batch ended with."""
    valid_every: Annotated[int, msgspec.Meta(ge=1)] = 500
    """Steps; a checkpoint is written as often, and both once more at the end."""
    train_only: tuple[str, ...] = ()
    """Prefixes of the parameters to train; empty for all."""

    def __post_init__(self) -> None:
        for name in (*self.losses, *self.loss_warm_up):
            if name not in LOSSES:
                raise ValueError(f"no loss is called {name!r}; known are {', '.join(sorted(LOSSES))}")


def shipped_recipes() -> Path:
    """The folder of recipes that comes with the package."""
    inside = Path(__file__).parent.parent / "recipes"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "recipes"


def load_recipe(name_or_path: str | Path) -> Recipe:
    """The recipe at a path, or the shipped one of that name; RecipeError says what is wrong with it."""
    path = Path(name_or_path)
    if path.suffix != ".toml":
        path = shipped_recipes() / f"{name_or_path}.toml"
    if not path.is_file():
        known = sorted(p.relative_to(shipped_recipes()).with_suffix("") for p in shipped_recipes().rglob("*.toml"))
        raise RecipeError(
            f"No recipe {str(name_or_path)!r}; expected the path of a .toml or one of: {', '.join(map(str, known))}"
        )
    try:
        return msgspec.convert(tomllib.loads(path.read_text()), Recipe)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: not TOML: {error}") from None
    except msgspec.ValidationError as error:
        raise RecipeError(f"{path}: {error}{_nearest(str(error))}") from None


def _nearest(message: str) -> str:
    """'; did you mean ...' for an unknown key."""
    unknown = re.search(r"unknown field `(\w+)`", message)
    if not unknown:
        return ""
    names = [f for struct in (Recipe, Network, Data, MixSpec, Plan, Optimiser) for f in struct.__struct_fields__]
    near = difflib.get_close_matches(unknown.group(1), names, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
