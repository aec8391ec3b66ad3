"""`unnoise evaluate`: how good denoisers are on recordings of one's own."""

from __future__ import annotations

import os
import shlex
import sys
import time
from pathlib import Path
from typing import Any

import click

from unnoise.cli.progress import Line, clock
from unnoise.errors import OptionError

PAGE_NAME = "index.html"


class Named(click.ParamType[Any]):
    """`NAME=DIR`."""

    name = "NAME=DIR"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, Path]:
        """The name and the folder."""
        if isinstance(value, tuple):
            return value
        name, equals, folder = str(value).partition("=")
        if not (name.strip() and equals and folder):
            self.fail(f"expected NAME=DIR, such as other=cleaned/, and got {value!r}", param, ctx)
        return name.strip(), Path(folder)


class Names(click.ParamType[Any]):
    """Names with commas between them."""

    name = "A,B,..."

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, ...]:
        """Each name once."""
        if isinstance(value, tuple):
            return value
        names = tuple(dict.fromkeys(part.strip() for part in str(value).split(",") if part.strip()))
        if not names:
            self.fail("expected names with commas between them, and got none", param, ctx)
        return names


@click.command("evaluate")
@click.option("--noisy", required=True, type=click.Path(path_type=Path), help="Noisy recording, or a folder of them.")
@click.option("--clean", type=click.Path(path_type=Path), help="The clean ones, of the same names.")
@click.option("--model", "models", multiple=True, help="Name of a model, or path of an .onnx; any number [default].")
@click.option("--enhanced", type=Named(), multiple=True, help="Files that something else has cleaned; any number.")
@click.option("--against", type=Names(), default=(), help="Other denoisers: gate, noisereduce, rnnoise.")
@click.option("--metrics", type=Names(), default=None, help="Only these measures, or 'all' [those on by default].")
@click.option("--transcripts", type=click.Path(path_type=Path), help="Folder or manifest of what is said.")
@click.option("--recogniser", "recognisers", multiple=True, metavar="NAME",
              help="Count the words that NAME or NAME=FOLDER gets wrong [pocketsphinx].")  # fmt: skip
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder of the report.")
@click.option("--listen", is_flag=True, help="Add a blind listening test to the page.")
@click.option("--clips", type=click.IntRange(0), default=6, show_default=True, help="Recordings shown on the page.")
@click.option("--no-page", is_flag=True, help="Write the scores, and no page.")
@click.option("--jobs", type=click.IntRange(1), help="Processes [one a core].")
@click.option("--force", is_flag=True, help="Write over a report that is there.")
@click.option("--quiet", "-q", is_flag=True, help="Print the table, and say nothing else but errors.")
def command(
    noisy: Path,
    clean: Path | None,
    models: tuple[str, ...],
    enhanced: tuple[tuple[str, Path], ...],
    against: tuple[str, ...],
    metrics: tuple[str, ...] | None,
    transcripts: Path | None,
    recognisers: tuple[str, ...],
    output: Path,
    listen: bool,
    clips: int,
    no_page: bool,
    jobs: int | None,
    force: bool,
    quiet: bool,
) -> None:
    """Measure denoisers on pairs of noisy and clean recordings: a table, scores.csv, scores.json and a page.

    Files are paired by name. The model in question stands first, beside the noisy recordings, folders of finished
    files and other denoisers. Without --clean only measures that need no reference are taken.
    """
    from unnoise.evaluate.pairs import find_pairs
    from unnoise.evaluate.run import choose_metrics, evaluate
    from unnoise.evaluate.systems import choose_systems
    from unnoise.evaluate.table import CSV_NAME, JSON_NAME, check_folder, table, versions, write_scores

    if no_page and listen:
        raise OptionError("--listen adds to the page, and --no-page leaves it out; drop one of the two.")
    pages = [] if no_page else [PAGE_NAME]
    check_folder(output, [CSV_NAME, JSON_NAME, *pages], force=force)
    pairs, notes = find_pairs(noisy, clean)
    chosen, left_out = choose_metrics(metrics, with_reference=clean is not None)
    runners = choose_systems(models or ("default",), enhanced, against, pairs)
    listeners = None
    if recognisers or transcripts:
        from unnoise.evaluate.words import open_listeners

        listeners = open_listeners(recognisers, transcripts)
    meter = _Bar(shown=not quiet and sys.stderr.isatty())
    cores = jobs or _cores()
    found = evaluate(pairs, runners, chosen, jobs=cores, notes=(*notes, *left_out), progress=meter)
    meter.clear()
    if listeners:
        found = listeners.add_to(found, with_clean=clean is not None, jobs=cores, progress=meter)
        meter.clear()
    for note in () if quiet else found.notes:
        click.echo(f"Note: {note}", err=True)
    typed = shlex.join(["unnoise", *sys.argv[1:]])
    write_scores(found, output, command=typed, force=force)
    if not no_page:
        from unnoise.evaluate.report import write_page

        page = output / PAGE_NAME
        write_page(found, page, listen=listen, clips=clips, command=typed, versions=versions())
    click.echo(table(found))
    if not quiet:
        click.echo(f"{output}: {', '.join([CSV_NAME, JSON_NAME, *pages])} written", err=True)


def _cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Bar(Line):
    """Draws 'measuring 43 % · 12 of 28 · 0:12 left', where somebody watches."""

    def __init__(self, *, shown: bool) -> None:
        super().__init__(shown=shown)
        self._begun = time.perf_counter()

    def __call__(self, done: int, total: int) -> None:
        """`done` of `total` recordings."""
        if self.due():
            left_s = (time.perf_counter() - self._begun) * (total - done) / done
            self.draw(f"measuring {100 * done / total:3.0f} % · {done} of {total} · {clock(left_s)} left")

    def clear(self) -> None:
        """Take the line away, and begin anew."""
        super().clear()
        self._begun = time.perf_counter()
