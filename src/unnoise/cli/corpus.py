"""`unnoise corpus`: which public corpora there are, fetching one, and a manifest of what lies in a folder."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from unnoise.cli.progress import Line
from unnoise.errors import InputError, OptionError

if TYPE_CHECKING:
    from unnoise.mix.corpora import Archive, Corpus
    from unnoise.mix.recordings import Filter, Recording, Say


@click.group("corpus", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """List public corpora, download them, and write manifests of what lies on the disk."""


@command.command("list")
def list_() -> None:
    """Say what each corpus holds, how long it is and what one may do with it."""
    from unnoise.mix.corpora import CORPORA, load_corpus
    from unnoise.mix.corpora.catalogue import LINE

    rows = [("name", "holds", "hours", "rate", "commercial use", "licence")]
    for name in sorted(CORPORA):
        corpus = load_corpus(name)
        hours = f"{corpus.hours:g}" if corpus.hours else "-"
        rate = f"{corpus.rate} Hz" if corpus.rate else "various"
        rows.append((name, ", ".join(corpus.holds), hours, rate, "yes" if corpus.commercial else "no", corpus.licence))
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    click.echo(LINE)


@command.command("download")
@click.argument("name")
@click.option("--subset", "subsets", multiple=True, help="Only this part; may be given more than once.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder to put it in [corpora/NAME].")
@click.option("--no-unpack", is_flag=True, help="Leave the archives as they are.")
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but errors.")
def download(name: str, subsets: tuple[str, ...], output: Path | None, no_unpack: bool, quiet: bool) -> None:
    """Download the corpus NAME, check it and unpack it; what broke off goes on where it stopped."""
    from unnoise.mix.corpora import load_corpus
    from unnoise.mix.corpora.download import download as fetch
    from unnoise.mix.corpora.unpack import unpack

    def say(text: str) -> None:
        if not quiet:
            click.echo(text, err=True)

    corpus = load_corpus(name)
    archives = _chosen(corpus, subsets)
    say(f"{corpus.title}: {corpus.licence}; commercial use: {'yes' if corpus.commercial else 'no'}; {corpus.page}")
    folder = output or Path("corpora") / name
    for archive in archives:
        meter = _Meter(archive.name, shown=not quiet and sys.stderr.isatty())
        path = fetch(archive, folder, meter)
        meter.clear()
        unpacked = not no_unpack and unpack(path, folder)
        say(f"{path}: {'unpacked' if unpacked else 'there'}")
    if corpus.how:
        say(corpus.how)
    say(f"Next: unnoise corpus scan {name} {folder} -o {name}.jsonl")


def _chosen(corpus: Corpus, subsets: Iterable[str]) -> list[Archive]:
    unknown = set(subsets) - set(corpus.subsets)
    if unknown:
        known = ", ".join(corpus.subsets) or "none: it comes in one piece"
        raise OptionError(f"{corpus.name} has no subset {', '.join(sorted(unknown))} to fetch; its subsets: {known}")
    chosen = [archive for archive in corpus.archives if not subsets or archive.subset in subsets]
    if not chosen:
        raise InputError(f"{corpus.title} cannot be fetched from here: {corpus.how} See {corpus.page}")
    return chosen


@command.command("scan")
@click.argument("name")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Manifest to write, a .jsonl.")
@click.option("--gender", type=click.Choice(["f", "m"]), help="Only speakers of this gender.")
@click.option("--min-s", type=click.FloatRange(0), default=0.0, help="Only recordings of at least this many seconds.")
@click.option("--max-s", type=click.FloatRange(0), help="Only recordings of at most this many seconds.")
@click.option("--kind", "kinds", multiple=True, help="Only this kind, as rain or happy; may be given more than once.")
@click.option("--subset", "subsets", multiple=True, help="Only this subset; may be given more than once.")
@click.option("--speaker", "speakers", multiple=True, help="Only this speaker; may be given more than once.")
@click.option("--noise", is_flag=True, help="The folder holds noise: group by recording, not by speaker.")
@click.option("--force", is_flag=True, help="Write over the manifest that is there.")
def scan(
    name: str,
    folder: Path,
    output: Path | None,
    gender: str | None,
    min_s: float,
    max_s: float | None,
    kinds: tuple[str, ...],
    subsets: tuple[str, ...],
    speakers: tuple[str, ...],
    noise: bool,
    force: bool,
) -> None:
    """Say what the unpacked corpus NAME in FOLDER holds, and write a manifest of it with -o.

    NAME is one of `unnoise corpus list`, `folder` for any folder or manifest, or `lhotse:RECIPE` for one of lhotse's.
    """
    from unnoise.cli.left_out import LeftOut
    from unnoise.files.beside import check_target
    from unnoise.mix.recordings import Filter, save

    if output:
        check_target(output, None, force=force)
    wanted = Filter(gender or "", min_s, max_s, kinds, subsets, speakers)
    left = LeftOut()
    found = list(_scanned(name, folder, noise, left))
    left.close()
    kept = [recording for recording in found if wanted.keep(recording)]
    if not kept:
        raise InputError(f"{folder}: {_nothing(found, wanted)}")
    if output:
        save(kept, output, force=force)
    click.echo(_summary(kept, len(found) - len(kept), left.count))
    if output:
        click.echo(f"{output}: written")


def _scanned(name: str, folder: Path, noise: bool, say: Say) -> Iterable[Recording]:
    if name == "folder":
        from unnoise.mix.recordings import find

        return find(folder, noise=noise, say=say)
    if not folder.is_dir():
        raise InputError(f"{folder}: expected the folder of an unpacked corpus, and there is none; check the path")
    if name.startswith("lhotse:"):
        from unnoise.mix.corpora.recipes import scan_by_recipe

        return scan_by_recipe(name.removeprefix("lhotse:"), folder, say)
    from unnoise.mix.corpora import load_corpus

    return load_corpus(name).scan(folder, say)


def _summary(kept: list[Recording], filtered: int, left: int) -> str:
    hours = sum(recording.seconds for recording in kept) / 3600
    speakers = len({recording.speaker for recording in kept if recording.speaker})
    groups = len({recording.group for recording in kept})
    who = f"{speakers} speakers" if speakers else f"{groups} groups"
    parts = [f"{len(kept)} recordings, {hours:.2f} h, {who}"]
    parts += [f"{filtered} passed over by the options"] if filtered else []
    parts += [f"{left} left out"] if left else []
    return "; ".join(parts)


def _nothing(found: list[Recording], wanted: Filter) -> str:
    if not found:
        return "expected recordings of this corpus, and none can be read; is it another corpus, or another folder?"
    kinds = sorted({kind for recording in found for kind in recording.kind.split(";") if kind})
    subsets = sorted({recording.subset for recording in found if recording.subset})
    there = [f"kinds {', '.join(kinds[:60])}"] if wanted.kinds and kinds else []
    there += [f"subsets {', '.join(subsets[:60])}"] if wanted.subsets and subsets else []
    text = f"none of {len(found)} recordings is what the options want"
    return f"{text}; there are {' and '.join(there)}" if there else f"{text}; ask for less"


class _Meter(Line):
    """Draws 'name 43 % of 337.9 MB'."""

    def __init__(self, name: str, *, shown: bool) -> None:
        super().__init__(shown=shown)
        self._name = name

    def __call__(self, done: int, total: int | None) -> None:
        if self.due():
            share = f"{100 * done / total:3.0f} % of {total / 1e6:.1f} MB" if total else f"{done / 1e6:.1f} MB"
            self.draw(f"{self._name} {share}")
