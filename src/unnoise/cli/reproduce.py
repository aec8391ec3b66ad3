"""`unnoise reproduce`: the five published systems on one's own folders, one page out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from unnoise.errors import MissingExtraError

_PATH: Any = click.Path(path_type=Path)


@click.command("reproduce")
@click.argument("systems", nargs=-1, metavar="[a|b|c|d|e]...")
@click.option("--clean", required=True, type=_PATH, help="Folder or manifest of clean speech.")
@click.option("--noise", type=_PATH, help="Folder or manifest of noise without speech; system b needs it.")
@click.option("-o", "--output", required=True, type=_PATH, help="Folder of the page and all that it was made of.")
@click.option("--steps", type=click.IntRange(1), help="Steps of each network [a small budget each].")
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), default=1, show_default=True, help="Of split, weights and mixtures."
)
@click.option("--threads", type=click.IntRange(1), help="Threads of torch, and processes that score.")
@click.option("--restart", "--force", "restart", is_flag=True, help="Begin anew although OUTPUT holds a reproduction.")
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but errors.")
def command(
    systems: tuple[str, ...],
    clean: Path,
    noise: Path | None,
    output: Path,
    quiet: bool,
    **options: Any,
) -> None:
    """Run five published systems (or those named) end to end on your own recordings.

    Deals speakers and noises out, makes noisy data their way, trains their networks for minutes, cleans and scores the
    test files, and writes OUTPUT/systems.md: your figures beside those of their reports. Goes on where it stopped.
    """
    try:
        from unnoise.workflows.reproduce import reproduce
    except ModuleNotFoundError as error:
        raise MissingExtraError(str(error.name), "train") from None

    def say(text: str) -> None:
        if not quiet:
            click.echo(text, err=True)

    shown = not quiet and sys.stdout.isatty()  # a bar in a file is a thousand lines
    page = reproduce(systems, output, clean=clean, noise=noise, progress=shown, say=say, **options)
    say(f"{page}: written")
