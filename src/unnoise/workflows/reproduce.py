"""The five published systems end to end on somebody's own folders: split, mix, train, clean, score, draw, one page."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import torch

from unnoise.errors import OptionError
from unnoise.evaluate.pairs import Pair, find_pairs
from unnoise.evaluate.statistics import wins
from unnoise.evaluate.table import write_text
from unnoise.files.side_by_side import Failed
from unnoise.mix.dataset import write_dataset
from unnoise.train.checks import run_check
from unnoise.train.config import OPTIMISERS, Recipe, load_recipe
from unnoise.train.curves import epochs_of
from unnoise.train.folders import Folders
from unnoise.train.run import load_checkpoint, train
from unnoise.workflows.held_out import Split, held_out, mixtures_of, write_split
from unnoise.workflows.results import Result
from unnoise.workflows.systems import Method, System, choose_systems
from unnoise.workflows.systems_page import page
from unnoise.workflows.tested import draw, of_middle_gain, score_once
from unnoise.workflows.to_bundle import export_checkpoint

EPOCHS = 10
"""Validations of a run: enough for a curve."""
PAGE = "systems.md"


def reproduce(
    letters: Sequence[str],
    out: Path,
    *,
    clean: Path,
    noise: Path | None = None,
    steps: int | None = None,
    seed: int = 1,
    threads: int | None = None,
    restart: bool = False,
    progress: bool = False,
    say: Callable[[str], None] = print,
) -> Path:
    """Run systems (`a` to `e`, all for none) on the recordings of `clean` and `noise` into the folder `out`.

    Both are what `mix.recordings.find` takes. `steps` are those of each network, in place of a small budget. What was
    interrupted goes on, and what was trained is not trained again, unless `restart`. Returns the page, OUT/systems.md,
    which is written anew after each system. Raises OptionError for an unknown system or lacking noise, InputError
    where there are too few recordings, OutputError where `out` holds something else.
    """
    systems = choose_systems(letters)
    for system in systems:
        if noise is None and any(_mixes_recordings(load_recipe(method.recipe)) for method in system.methods):
            raise OptionError(
                f"System {system.letter} mixes in recordings of noise; give their folder with --noise DIR"
            )
    split = held_out(clean, noise, seed, say)
    write_split(split, out, restart=restart)
    if threads is not None:
        torch.set_num_threads(threads)
    run = Run(out, split, steps, seed, threads, restart, progress, say)
    found: list[tuple[System, list[Result]]] = []
    for system in systems:
        begun = time.perf_counter()
        found.append((system, [run.method(system, method) for method in system.methods]))
        say(f"system {system.letter}: {(time.perf_counter() - begun) / 60:.1f} min")
        write_text(out / PAGE, page(found, split, _command(letters, noise, steps, seed)), force=True)
    return out / PAGE


@dataclass(frozen=True)
class Run:
    """What all networks of a reproduction have in common."""

    out: Path
    split: Split
    steps: int | None
    seed: int
    threads: int | None
    restart: bool
    progress: bool
    say: Callable[[str], None]

    def method(self, system: System, method: Method) -> Result:
        """Mix the test split, train, export, clean, score and draw one network."""
        name, recipe, place = method.recipe, self.recipe(method), self.out / method.recipe
        women = system.women and "women-train" in self.split
        if system.women and not women:
            self.say("nothing says which speakers are women, as a manifest can: all voices are taken")
        voices = "women" if women else "speech"
        pairs = self.test(recipe, voices, place / "test")
        folders = self.folders(recipe, voices)
        self.train(recipe, folders, place)
        bundle = place / f"{name}.onnx"
        export_checkpoint(place / "best.ckpt", bundle, name=name, force=True)
        self.say(f"{name}: cleaning and scoring {len(pairs)} files")
        scores = score_once(system, name, bundle, pairs, place / "test", jobs=self.threads or 1)
        middle = of_middle_gain(name, scores, pairs, place / "test")
        made = load_checkpoint(place / "last.ckpt")
        return Result(
            method=method,
            recipe=made["recipe"],
            steps=made["step"],
            scores=scores,
            gain=wins(scores[name]["si_sdr"], scores["noisy"]["si_sdr"]),
            women=women,
            identity=self.identity(recipe, folders, place) if method.check_identity else "",
            optimisers=self.compared(recipe, folders, place, method.optimiser_steps),
            pictures=draw(name, middle, place, self.out, self.say),
        )

    def recipe(self, method: Method) -> Recipe:
        """At its budget."""
        steps = self.steps or method.steps
        recipe = load_recipe(method.recipe, method.changes)
        return msgspec.structs.replace(recipe, steps=steps, seed=self.seed, valid_every=max(1, steps // EPOCHS))

    def test(self, recipe: Recipe, voices: str, folder: Path) -> list[Pair]:
        """The test split as files; what cannot be made is said and left out."""
        self.say(f"{recipe.name}: making the test split")
        noise = self.split["noise-test"] if _mixes_recordings(recipe) else ()
        mixtures = mixtures_of(recipe, self.split[f"{voices}-test"], noise)
        for mixture, made in write_dataset(mixtures, folder, with_clean=True, force=self.restart):
            if isinstance(made, Failed):
                self.say(f"left out: test item {mixture.name}: {made.error}")
        return find_pairs(folder / "noisy", folder / "clean")[0]

    def folders(self, recipe: Recipe, voices: str) -> Folders:
        """With noise only where the recipe takes it: decoding it takes time."""
        noise = self.out / "noise-train.jsonl" if _mixes_recordings(recipe) else None
        return Folders(self.out / f"{voices}-train.jsonl", noise, self.out / "cache")

    def train(self, recipe: Recipe, folders: Folders, place: Path) -> None:
        """Unless it is done already; what was interrupted goes on."""
        last = place / "last.ckpt"
        if not self.restart and last.exists() and load_checkpoint(last)["step"] >= recipe.steps:
            self.say(f"{recipe.name}: trained before")
            return
        self.say(f"{recipe.name}: training, {recipe.steps} steps")
        options: dict[str, Any] = {"threads": self.threads, "progress": self.progress, "say": self.say}
        train(recipe, folders, place, resume=not self.restart, **options)

    def identity(self, recipe: Recipe, folders: Folders, place: Path) -> str:
        """What the check of that name says, from PLACE/identity.txt where it was asked before."""
        said = place / "identity.txt"
        if self.restart or not said.exists():
            found = run_check("identity", recipe, folders, threads=self.threads, say=_unsaid)
            write_text(said, found.reason, force=True)
        return said.read_text()

    def compared(
        self, recipe: Recipe, folders: Folders, place: Path, most_steps: int
    ) -> tuple[tuple[str, dict[str, Any]], ...]:
        """All optimisers on one recipe, from the same weights, on the same mixtures; none with no `most_steps`."""
        steps, found = min(recipe.steps, most_steps), []
        for name in OPTIMISERS if steps else ():
            run = place / "optimisers" / name
            optimiser = msgspec.structs.replace(recipe.optimiser, name=name)
            short = msgspec.structs.replace(recipe, steps=steps, valid_every=max(1, steps // 2), optimiser=optimiser)
            self.say(f"{recipe.name} with {name}")
            self.train(short, folders, run)
            found.append((name, epochs_of(run / "log.jsonl")[-1]))
        return tuple(found)


def _mixes_recordings(recipe: Recipe) -> bool:
    """Without a plan, and with a plan that names them, noise is that of a folder."""
    plan = recipe.data.plan
    return plan is None or any(noise.name in ("folder", "highband") for noise in plan.named_noises())


def _command(letters: Sequence[str], noise: Path | None, steps: int | None, seed: int) -> str:
    parts = ["unnoise reproduce", *letters, "--clean SPEECH", "--noise NOISE" if noise else "", "-o OUT"]
    parts += [f"--steps {steps}" if steps else "", f"--seed {seed}" if seed != 1 else ""]
    return " ".join(part for part in parts if part)


def _unsaid(text: str) -> None:
    """For what nobody needs to hear."""
