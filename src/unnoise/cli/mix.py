"""`unnoise mix`: clean speech in, a data set of noisy speech out."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unnoise.errors import InputError, OptionError

if TYPE_CHECKING:
    from unnoise.cli.left_out import LeftOut
    from unnoise.mix.mixture import Mixture
    from unnoise.mix.plan import Plan


WITH_RECIPE = {"folders", "recipe", "moved", "with_clean", "suffix", "preview", "jobs", "force", "quiet"}
"""Options that leave what is drawn as it is."""


class Span(click.ParamType[Any]):
    """`LO:HI`, or one number for both."""

    name = "LO:HI"

    def __init__(self, kind: type = float) -> None:
        self.kind = kind

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[Any, Any]:
        """The two numbers."""
        if isinstance(value, tuple):
            return value
        low, colon, high = str(value).partition(":")
        try:
            return self.kind(low), self.kind(high if colon else low)
        except ValueError:
            self.fail(f"expected LO:HI, such as 0:20, or one number, and got {value!r}", param, ctx)


class Snr(Span):
    """`LO:HI`, one number, or a list with commas."""

    name = "LO:HI|A,B,..."

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[Any, ...]:
        """Two numbers for a span; a list of one more element, None first, for choices."""
        if isinstance(value, str) and "," in value:
            try:
                choices = tuple(float(part) for part in value.split(",") if part.strip())
            except ValueError:
                choices = ()
            if not choices:
                self.fail(f"expected numbers with commas, such as 0,5,10, and got {value!r}", param, ctx)
            return (None, *choices)
        return super().convert(value, param, ctx)


class Split(click.ParamType[Any]):
    """`80/10/10`: shares of train, valid and test."""

    name = "A/B/C"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[float, ...]:
        """Two or three shares above 0."""
        if isinstance(value, tuple):
            return value
        try:
            shares = tuple(float(part) for part in str(value).split("/"))
        except ValueError:
            shares = ()
        if len(shares) not in (2, 3) or not all(0 < share < float("inf") for share in shares):
            self.fail(f"expected two or three shares above 0, such as 80/10/10, and got {value!r}", param, ctx)
        return shares


@click.command("mix")
@click.argument("folders", nargs=-1, metavar="[CLEAN] OUT", type=click.Path(path_type=Path))
@click.option("--noise", multiple=True, metavar="NAME|DIR", help="A noise, or a folder of recordings; one is drawn.")
@click.option("--damage", multiple=True, metavar="NAME", help="Done after mixing, all of them in this order.")
@click.option("--snr", type=Snr(), default="0:20", show_default=True, help="dB; with commas, choices.")
@click.option("--noises-per-file", type=Span(int), default="1", show_default=True, help="How many are summed.")
@click.option("--clean-share", type=click.FloatRange(0, 1), default=0.0, help="Share of files without noise.")
@click.option("--damage-share", type=click.FloatRange(0, 1), default=1.0, help="Probability of each damage.")
@click.option("--rooms", metavar="DIR|simulated", help="Rooms for talker and noise.")
@click.option("--room-share", type=click.FloatRange(0, 1), default=1.0, help="Share of files in a room.")
@click.option(
    "--target",
    type=click.Choice(["reverberant", "early", "dry"]),
    default="reverberant",
    show_default=True,
    help="What the clean side keeps of the room.",
)
@click.option("--level", type=Span(), help="dBFS of the sum [as the speech has it].")
@click.option("--speed", type=Span(), default="1", help="Tempo and pitch together, 0.5 to 2.")
@click.option("--tempo", type=Span(), default="1", help="Tempo alone, 0.5 to 2.")
@click.option("--pitch", type=Span(), default="0", help="Semitones.")
@click.option("--noise-speed", type=Span(), default="1", help="Of recorded noise, 0.5 to 2.")
@click.option("--equaliser", type=click.FloatRange(0, 30), default=0.0, help="dB of a random equaliser of the speech.")
@click.option("--noise-equaliser", type=click.FloatRange(0, 30), default=0.0, help="dB, of the noise.")
@click.option("--envelope", type=click.FloatRange(0, 40), default=0.0, help="dB of slow changes of the speech.")
@click.option("--utterances", type=Span(int), default="1", help="Recordings of a speaker joined in a file.")
@click.option("--pause", type=Span(), default="0.3:2", show_default=True, help="Seconds between utterances.")
@click.option("--seconds", type=click.FloatRange(0.05), help="Length of each file [as the speech].")
@click.option("--rate", type=click.IntRange(8000, 192000), help="Hz of the files [each its own].")
@click.option("--gender", type=click.Choice(["f", "m"]), help="Speakers to take, where the corpus says.")
@click.option("--min-s", type=click.FloatRange(0), default=0.0, help="Leave out shorter recordings.")
@click.option("--max-s", type=click.FloatRange(0), help="Leave out longer recordings.")
@click.option("--subsample", type=click.FloatRange(0, min_open=True), help="A share up to 1, or a number of files.")
@click.option("--split", type=Split(), default=None, help="Shares of train, valid and test, apart by speaker.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True, help="Same seed, same bytes.")
@click.option("--with-clean", is_flag=True, help="Write the clean side, too.")
@click.option("--format", "suffix", type=click.Choice(["flac", "wav"]), default="flac", show_default=True)
@click.option("--recipe", type=click.Path(path_type=Path), help="Render this manifest.jsonl again; takes only OUT.")
@click.option("--moved", nargs=2, metavar="OLD NEW", help="With --recipe: the recordings lie elsewhere now.")
@click.option("--preview", type=click.IntRange(1, 60), help="Draw so many items into OUT/preview.png, and no more.")
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes.")
@click.option("--force", is_flag=True, help="Write over mixtures of other settings.")
@click.option("--quiet", "-q", is_flag=True, help="Say nothing but errors.")
def command(folders: tuple[Path, ...], **options: Any) -> None:
    """Make noisy speech of the recordings in CLEAN (a folder, a manifest, or cuts of lhotse).

    OUT gets noisy/, with --with-clean also clean/, and manifest.jsonl, which renders to the same files again.
    A run that was interrupted goes on where it stopped. Noises and damages take parameters:
    --noise band:low_hz=5000,high_hz=7500
    """
    from unnoise.cli.left_out import LeftOut

    out, left_out = folders[-1] if folders else Path(), LeftOut()
    if options["recipe"] is not None:
        if len(folders) != 1:
            raise click.UsageError("--recipe takes one folder: unnoise mix --recipe manifest.jsonl OUT")
        _refuse_plans()
        mixtures = _again(options["recipe"], options["moved"])
    else:
        if options["moved"] is not None:
            raise click.UsageError("--moved goes with --recipe")
        if len(folders) != 2:
            raise click.UsageError("expected two folders: unnoise mix CLEAN OUT --noise NAME")
        mixtures = _planned(folders[0], out, options, left_out)
    left_out.close()
    if options["preview"]:
        _preview(mixtures[: options["preview"]], out, options)
    else:
        sys.exit(_write(mixtures, out, options, left_out.count))


def _refuse_plans() -> None:
    """The lines of a manifest say all that can be drawn: UsageError for an option that would draw it anew."""
    context = click.get_current_context()
    given = [
        max(parameter.opts, key=len)
        for parameter in context.command.params
        if parameter.name not in WITH_RECIPE
        and context.get_parameter_source(str(parameter.name)) == click.core.ParameterSource.COMMANDLINE
    ]
    if given:
        raise click.UsageError(
            f"--recipe renders its lines as they are: leave {', '.join(given)} out, "
            "or plan anew with unnoise mix CLEAN OUT"
        )


def _again(recipe: Path, moved: tuple[str, str] | None) -> list[Mixture]:
    from unnoise.mix.mixture import load, moved_to

    mixtures = load(recipe)
    return mixtures if moved is None else [moved_to(mixture, *moved) for mixture in mixtures]


def _planned(clean: Path, out: Path, options: dict[str, Any], left_out: LeftOut) -> list[Mixture]:
    from unnoise.mix.dataset import plan_dataset
    from unnoise.mix.recordings import Filter

    read = [("CLEAN", clean), *(("--noise", Path(text)) for text in options["noise"] if _is_folder(text))]
    read += [("--rooms", Path(options["rooms"]))] if options["rooms"] else []
    for what, folder in read:
        if folder.is_dir() and out.resolve().is_relative_to(folder.resolve()):
            raise OptionError(f"OUT ({out}) lies in {what} ({folder}), and would be read as part of it the next time.")
    return plan_dataset(
        _plan(options),
        clean,
        options["seed"],
        keep=Filter(gender=options["gender"] or "", min_s=options["min_s"], max_s=options["max_s"]),
        subsample=options["subsample"],
        split=options["split"] or (),
        say=left_out,
    )


def _plan(options: dict[str, Any]) -> Plan:
    from unnoise.mix.plan import Plan

    noises = tuple(_noise(text) for text in options["noise"])
    if not noises and not options["damage"] and not options["rooms"]:
        raise OptionError("Nothing to mix: give --noise, --damage or --rooms.")
    choices = options["snr"][1:] if options["snr"][0] is None else ()
    try:
        return Plan(
            rate=options["rate"],
            seconds=options["seconds"],
            noises=noises,
            noises_per_item=options["noises_per_file"],
            snr_db=(0.0, 0.0) if choices else options["snr"],
            snr_choices_db=choices,
            clean_share=options["clean_share"],
            damages=options["damage"],
            damage_share=options["damage_share"],
            rooms=options["rooms"] or "",
            room_share=options["room_share"],
            target=options["target"],
            level_dbfs=options["level"],
            speed=options["speed"],
            tempo=options["tempo"],
            pitch_semitones=options["pitch"],
            noise_speed=options["noise_speed"],
            equaliser_db=options["equaliser"],
            noise_equaliser_db=options["noise_equaliser"],
            envelope_db=options["envelope"],
            utterances=options["utterances"],
            pause_s=options["pause"],
        )
    except ValueError as error:
        raise OptionError(str(error)) from None


def _noise(text: str) -> str:
    """A noise by its name; else a folder, which is the noise `folder` made of it."""
    return "folder:folder=" + text.replace(",", "\\,") if _is_folder(text) else text


def _is_folder(text: str) -> bool:
    """Whether a noise is a folder, or a file; names of noises go first."""
    from unnoise.mix.noises import NOISES

    named = text.partition(":")[0] in NOISES
    if not named and ("/" in text or "\\" in text) and not Path(text).exists():
        raise InputError(f"{text}: expected a folder of noise, and there is nothing of this name; check the path")
    return not named and Path(text).exists()


def _write(mixtures: list[Mixture], out: Path, options: dict[str, Any], left: int) -> int:
    from unnoise.cli.progress import Meter
    from unnoise.files.side_by_side import Failed
    from unnoise.mix.dataset import write_dataset

    total_s = sum(m.samples / m.rate for m in mixtures)
    meter = Meter(out.name) if sys.stderr.isatty() and not options["quiet"] else None
    done = failed = 0
    done_s, begun = 0.0, time.perf_counter()
    results = write_dataset(
        mixtures,
        out,
        with_clean=options["with_clean"],
        suffix=f".{options['suffix']}",
        jobs=options["jobs"],
        force=options["force"],
    )
    for mixture, result in results:
        if meter is not None:
            meter.clear()
        if isinstance(result, Failed):
            failed += 1
            click.echo(f"Error: {mixture.name}: {result.error}", err=True)
            continue
        done, done_s = done + 1, done_s + result
        if meter is not None:
            meter(done_s, total_s)
    if meter is not None:
        meter.clear()
    if not options["quiet"]:
        speed = done_s / max(time.perf_counter() - begun, 1e-9)
        missing = (f"; {failed} failed" if failed else "") + (f"; {left} left out" if left else "")
        click.echo(f"{out}: {done} mixtures, {done_s / 60:.1f} min, {speed:.0f} × real time{missing}", err=True)
    return 1 if failed else 0


def _preview(mixtures: list[Mixture], out: Path, options: dict[str, Any]) -> None:
    from unnoise.evaluate.plot import contact_sheet
    from unnoise.mix.render import render

    pairs = []
    for mixture in mixtures:
        try:
            made = render(mixture)
        except InputError as error:
            click.echo(f"Error: {mixture.name}: {error}", err=True)
            continue
        names = ", ".join([part.name for part in mixture.noises] + [part.name for part in mixture.damages])
        snr = "" if mixture.snr_db is None else f", {mixture.snr_db:.1f} dB"
        pairs.append((f"{mixture.name}\n{names}{snr}", made.noisy, made.clean, made.rate))
    target = out / "preview.png"
    contact_sheet(pairs, target, force=options["force"])
    if not options["quiet"]:
        click.echo(f"{target}: {len(pairs)} of the mixtures", err=True)
