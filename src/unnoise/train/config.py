"""A recipe: one TOML that says all about a training. Unknown keys are refused with the nearest name."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from unnoise.errors import RecipeError
from unnoise.mix.draw import MixSpec, Positive, Share
from unnoise.mix.noises import NOISES, RECORDED
from unnoise.mix.plan import Plan
from unnoise.networks import NETWORKS
from unnoise.train.losses import LOSSES

Count = Annotated[int, msgspec.Meta(ge=0)]
Some = Annotated[int, msgspec.Meta(ge=1)]
OPTIMISERS = ("adagrad", "adam", "adamw", "muon", "nadam", "rmsprop", "sgd")
SCHEDULES = ("constant", "cosine", "from_epoch", "plateau")
PLANNED_S = 2.0
"""Length of a mixture where a plan gives none: those of a batch are as long as each other."""


def _known(what: str, names: Iterable[str], known: Iterable[str]) -> None:
    """ValueError with the nearest name where one of `names` is not among `known`."""
    for name in names:
        if name not in known:
            listed = ", ".join(sorted(known))
            raise ValueError(f"no {what} is called {name!r}; known are {listed}{_hint(name, known)}")


def _hint(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


class Network(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which network, and what it is built with."""

    name: str = "dual-path"
    arguments: dict[str, Any] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        if ":" not in self.name:  # "module:Class" is looked for when it is built
            _known("network", [self.name], NETWORKS)


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
    valid_items: Some = 40
    valid_seconds: Positive = 5.0

    def __post_init__(self) -> None:
        if not sum(self.noise_shares) > 0:
            raise ValueError("noise_shares are all 0: nothing would be mixed in")
        for key in ("speeds", "noise_speeds"):
            speeds = getattr(self, key)
            if not speeds or speeds[0] != 1:
                raise ValueError(f"{key} is {list(speeds)}: expected 1 first, and any others behind it")
        if not self.synthetic and self.noise_shares[1]:
            raise ValueError("synthetic names no noise, and noise_shares gives it a share; make that 0")
        for name in self.synthetic:
            if name not in NOISES or name in RECORDED:
                raise ValueError(f"synthetic names {name!r}, which is no noise that needs no recordings")
        if self.plan is not None:
            self.plan.named_noises()
            self.plan.named_damages()
            self.plan.simulated_rooms()

    @property
    def item_s(self) -> float:
        """Seconds of a mixture."""
        return self.mix.seconds if self.plan is None else self.plan.seconds or PLANNED_S


class Optimiser(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the weights are stepped, and how the rate of it goes. An epoch is `valid_every` steps."""

    name: str = "adamw"
    """One of `OPTIMISERS`."""
    learning_rate: Positive = 1.5e-3
    rate_per_256: bool = False
    """Whether the rate is that of 256 items, and a batch takes its part of it: rate * batch / 256."""
    betas: tuple[Share, Share] = (0.9, 0.98)
    """Means of the gradients and of their squares; SGD takes the first as its momentum, RMSprop only the second,
    Muon both for what is no matrix."""
    weight_decay: Annotated[float, msgspec.Meta(ge=0)] | None = None
    """Of weights with two axes or more; left out, 0.02 with AdamW and Muon and none with the others."""
    schedule: str = "cosine"
    """One of `SCHEDULES`, each after the warm-up and never under `final_share`."""
    warm_up_steps: Count = 500
    decay_share: Annotated[float, msgspec.Meta(gt=0, le=1)] = 1.0
    """Of "cosine": last part of the run in which the rate falls; before it, a run can be lengthened without a trace."""
    final_share: Share = 0.03
    """The least part of the rate."""
    fall_from: Some = 26
    """Of "from_epoch": the first epoch, counted from 1, with a lower rate."""
    fall_every: Some = 5
    """Of "from_epoch": epochs from there to the next fall."""
    fall_factor: Annotated[float, msgspec.Meta(gt=0, le=1)] = 0.5
    """Of "from_epoch" and "plateau": what a fall multiplies the rate with."""
    patience: Some = 3
    """Of "plateau": epochs without a better value (`best_by`) before a fall."""
    gradient_norm: Positive = 1.0
    ema: Share = 0.999

    def __post_init__(self) -> None:
        _known("optimiser", [self.name], OPTIMISERS)
        _known("schedule", [self.schedule], SCHEDULES)


class Stage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A stretch of a run; what it leaves out is as in the recipe."""

    steps: Some
    """Its part of the run: stages share the recipe's `steps` in proportion."""
    batch: Some | None = None
    learning_rate: Positive | None = None
    """Begins "cosine" and "from_epoch" anew; without it, the schedule of the stage before goes on."""
    losses: dict[str, float] | None = None
    snr_db: tuple[float, float] | None = None
    """In place of the mixtures' own: from easy to hard in a few stages is a curriculum."""


class Adversary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A network that learns to tell cleaned sound from clean, and that the denoiser learns to deceive."""

    weight: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    """Of its verdict among the losses; 0 for no adversary."""
    learning_rate: Positive = 2e-4
    channels: Some = 16
    from_share: Share = 0.1
    """Share of the run before it takes part."""


class Recipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that decides a run but the folders."""

    name: str
    steps: Some
    batch: Some = 16
    seed: Count = 1
    network: Network = Network()
    data: Data = Data()
    optimiser: Optimiser = Optimiser()
    target: Literal["clean", "noisy"] = "clean"
    """Whether the speech is clean, or noisy and taken as the target all the same."""
    adversary: Adversary = Adversary()
    stages: tuple[Stage, ...] = ()
    """One after the other; none is one stage with everything as here."""
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
    valid_every: Some = 500
    """Steps; a checkpoint is written as often, and both once more at the end."""
    best_by: Literal["score", "loss", "si_sdr"] = "score"
    """What chooses the best checkpoint, and what "plateau" and `stop_after` watch."""
    stop_after: Count = 0
    """Validations without a better value after which a run ends; 0 for never."""
    feature_items: Some = 200
    """Training mixtures whose range of features a network takes that scales by it, before the first step."""
    train_only: tuple[str, ...] = ()
    """Prefixes of the parameters to train; empty for all."""

    def __post_init__(self) -> None:
        for losses in (self.losses, *(s.losses for s in self.stages if s.losses is not None)):
            _known("loss", losses, LOSSES)
            if not losses:
                raise ValueError("losses is empty: there is nothing to learn from")
        _known("loss", self.loss_warm_up, LOSSES)


def shipped_recipes() -> Path:
    """The folder of recipes that comes with the package."""
    inside = Path(__file__).parent.parent / "recipes"
    return inside if inside.is_dir() else Path(__file__).parents[3] / "recipes"


def load_recipe(name_or_path: str | Path, changes: Sequence[str] = ()) -> Recipe:
    """The recipe at a path, or the shipped one of that name; RecipeError says what is wrong with it.

    `changes` are lines of TOML, such as `optimiser.name = "sgd"`, in place of what the recipe says.
    """
    path = _place(name_or_path)
    try:
        wanted = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: not TOML: {error}") from None
    for change in changes:
        try:
            wanted = _merged(wanted, tomllib.loads(_quoted(change)))
        except tomllib.TOMLDecodeError as error:
            raise RecipeError(f"{change!r}: expected key=value as in a recipe, such as batch=8: {error}") from None
    try:
        return msgspec.convert(wanted, Recipe)
    except msgspec.ValidationError as error:
        where = f"{path} with {', '.join(changes)}" if changes else path
        raise RecipeError(f"{where}: {error}{_nearest(str(error))}") from None


def _place(name_or_path: str | Path) -> Path:
    """The file of a recipe; RecipeError names the nearest of those that ship."""
    path = Path(name_or_path)
    if path.suffix == ".toml" and path.is_file():
        return path
    shipped = {
        p.relative_to(shipped_recipes()).with_suffix("").as_posix(): p for p in shipped_recipes().rglob("*.toml")
    }
    by_name = {name.rpartition("/")[2]: p for name, p in shipped.items()} | shipped
    if str(name_or_path) in by_name:
        return by_name[str(name_or_path)]
    raise RecipeError(
        f"No recipe {str(name_or_path)!r}; expected the path of a .toml or one of: {', '.join(sorted(shipped))}"
        f"{_hint(path.name, by_name)}"
    )


def _quoted(change: str) -> str:
    """`name=sgd` as TOML: a bare word is a text."""
    key, equals, value = change.partition("=")
    bare = re.fullmatch(r"\s*[A-Za-z_][\w-]*\s*", value) and value.strip() not in ("true", "false", "nan", "inf")
    return f'{key}{equals}"{value.strip()}"' if bare else change


def _merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """`new` over `old`, table by table."""
    both = {k: _merged(old[k], v) for k, v in new.items() if isinstance(v, dict) and isinstance(old.get(k), dict)}
    return {**old, **new, **both}


def _nearest(message: str) -> str:
    """'; did you mean ...' for an unknown key, or which there are."""
    unknown = re.search(r"unknown field `(\w+)`", message)
    structs = (Recipe, Network, Data, MixSpec, Plan, Optimiser, Stage, Adversary)
    if not unknown:
        return ""
    hint = _hint(unknown.group(1), [f for s in structs for f in s.__struct_fields__])
    return hint or f"; a recipe has {', '.join(Recipe.__struct_fields__)}, and keys of their own in its tables"
