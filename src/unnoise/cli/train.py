"""`unnoise train`: a recipe and folders in, checkpoints out."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import msgspec

from unnoise.errors import MissingExtraError, OptionError


@click.command("train")
@click.argument("recipe", default="default")
@click.option("--clean", type=click.Path(path_type=Path), help="Folder, recording or manifest of clean speech.")
@click.option("--noisy", type=click.Path(path_type=Path), help="The same of noisy speech, where there is no clean.")
@click.option("--noise", type=click.Path(path_type=Path), help="The same of noise without speech.")
@click.option("--rooms", type=click.Path(path_type=Path), help="The same of room impulse responses.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder of the run [runs/RECIPE].")
@click.option("--steps", type=click.IntRange(1), help="Steps of the whole run, in place of the recipe's.")
@click.option("--seed", type=click.IntRange(0), help="Seed of weights and mixtures, in place of the recipe's.")
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="Any key in place of the recipe's.")
@click.option("--check", type=click.Choice(["identity", "overfit"]), help="Only try what the network can learn.")
@click.option("--cache", type=click.Path(path_type=Path), help="Folder of decoded recordings [RUN/cache].")
@click.option("--start-from", type=click.Path(path_type=Path), help="Checkpoint whose weights come first.")
@click.option("--restart", is_flag=True, help="Begin anew although RUN/last.ckpt is there.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto", show_default=True)
@click.option(
    "--devices", type=click.IntRange(1), default=1, show_default=True, help="Accelerators, or processes on the CPU."
)
@click.option("--nodes", type=click.IntRange(1), default=1, show_default=True, help="Machines that train together.")
@click.option(
    "--precision", type=click.Choice(["32", "bf16"]), default="32", show_default=True, help="Of the network's layers."
)
@click.option("--threads", type=click.IntRange(1), help="Threads of torch on the CPU.")
@click.option("--workers", type=click.IntRange(0), default=0, show_default=True, help="Processes that draw mixtures.")
@click.option("--tensorboard", is_flag=True, help="Also write what TensorBoard shows, into RUN/tensorboard.")
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but errors.")
def command(
    recipe: str,
    clean: Path | None,
    noisy: Path | None,
    noise: Path | None,
    rooms: Path | None,
    output: Path | None,
    steps: int | None,
    seed: int | None,
    changes: tuple[str, ...],
    check: str | None,
    cache: Path | None,
    restart: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Train RECIPE (the path of a .toml, or the name of a shipped one) on folders of recordings.

    Writes RUN/last.ckpt and RUN/best.ckpt, chosen on speakers and noises that training never hears, and goes on
    from last.ckpt where it is there. RUN/curves.png shows the losses after each validation.
    """
    from unnoise.train.config import load_recipe

    speech = clean or noisy
    if speech is None or (clean and noisy):
        raise OptionError("give either --clean DIR or, where there is no clean speech, --noisy DIR")
    wanted = load_recipe(recipe, changes)
    changed: dict[str, Any] = {k: v for k, v in (("steps", steps), ("seed", seed)) if v is not None}
    wanted = msgspec.structs.replace(wanted, **changed, **({"target": "noisy"} if noisy else {}))
    run = output or Path("runs") / wanted.name
    try:
        from unnoise.train.folders import Folders
        from unnoise.train.run import train
    except ModuleNotFoundError as error:
        raise MissingExtraError(str(error.name), "train") from None

    def say(text: str) -> None:
        if not quiet:
            click.echo(text, err=True)

    folders = Folders(speech, noise, cache or run / "cache", rooms)
    if check:
        _check(check, wanted, folders, options["device"], options["threads"], say)
        return
    shown = not quiet and sys.stdout.isatty()  # a bar in a file is a thousand lines
    best = train(wanted, folders, run, resume=not restart, progress=shown, say=say, **options)
    say(f"{best}: export it with `unnoise export {best} -o {wanted.name}.onnx`")


def _check(name: str, recipe: Any, folders: Any, device: str, threads: int | None, say: Callable[[str], None]) -> None:
    """Pass or fail in one line; failing ends with 1."""
    from unnoise.train.checks import run_check

    found = run_check(name, recipe, folders, device=device, threads=threads, say=say)
    click.echo(f"{name}: {'passed' if found.passed else 'failed'}: {found.reason}")
    if not found.passed:
        raise SystemExit(1)
