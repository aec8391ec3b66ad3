"""`unnoise adapt`: a model and one's own noise in, a model for that noise out."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unnoise.errors import MissingExtraError, OptionError

if TYPE_CHECKING:
    from unnoise.workflows.adapt import Adapted

_PATH: Any = click.Path(path_type=Path)


@click.command("adapt")
@click.argument("model", default="default")
@click.option("--noise", required=True, type=_PATH, help="Recording or folder of the noise alone.")
@click.option("--clean", type=_PATH, help="Folder, recording or manifest of speech without noise.")
@click.option("--noisy", type=_PATH, help="The same of speech with noise, in place of --clean.")
@click.option("-o", "--output", type=_PATH, help="The new model [MODEL-NOISE.onnx, beside MODEL or here].")
@click.option("--minutes", type=click.FloatRange(0.1), default=8.0, show_default=True, help="Most that it may take.")
@click.option("--steps", type=click.IntRange(1), default=400, show_default=True, help="Most steps of training.")
@click.option("--rate", type=click.IntRange(8000, 96000), help="Hz of the mixtures [16000, or the model's own].")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Of mixtures and rooms.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto", show_default=True)
@click.option("--threads", type=click.IntRange(1), help="Threads of torch on the CPU.")
@click.option("--trust", is_flag=True, help="Let MODEL run the code of its own that it names.")
@click.option("--force", is_flag=True, help="Write over what is there.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option("--quiet", "-q", is_flag=True, help="Print the figures, and say nothing else but errors.")
def command(
    model: str,
    noise: Path,
    clean: Path | None,
    noisy: Path | None,
    output: Path | None,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Fine-tune MODEL (a name, or the path of an .onnx) to a noise of your own, and write a new model.

    Prints what was gained on stretches of your noise that were held out, and what was lost on other noises.
    """
    if (clean is None) == (noisy is None):
        raise OptionError("give either --clean DIR, speech without noise, or --noisy DIR, speech with noise")
    try:
        from unnoise.workflows.adapt import adapt
    except ModuleNotFoundError as error:
        raise MissingExtraError(str(error.name), "train") from None

    def say(text: str) -> None:
        if not quiet:
            click.echo(text, err=True)

    target = output or _beside(model, noise)
    done = adapt(model, target, noise=noise, clean=clean, noisy=noisy, say=say, **options)
    if as_json:
        gains = {part: {**asdict(f), "gain_db": f.gain_db} for part, f in (("own", done.own), ("known", done.known))}
        click.echo(json.dumps({**asdict(done), **gains, "path": str(done.path)}))
        return
    for line in _told(done):
        click.echo(line)


def _beside(model: str, noise: Path) -> Path:
    """Beside a model that is a file, in the current folder for one that comes with the package."""
    path = Path(model).expanduser()
    folder = path.parent if path.is_file() else Path()
    return folder / f"{path.stem}-{noise.stem}.onnx"


def _told(done: Adapted) -> list[str]:
    own, known = done.own, done.known
    return [
        f"{done.path}: {done.steps} steps in {done.seconds / 60:.1f} min, {done.share:.0%} of the way to the new "
        "weights",
        f"your noise, held out: noisy {own.noisy_db:.1f} dB SI-SDR, before {own.before_db:.1f}, after "
        f"{own.after_db:.1f}: {own.gain_db:+.1f} dB",
        f"other noises, made: noisy {known.noisy_db:.1f} dB SI-SDR, before {known.before_db:.1f}, after "
        f"{known.after_db:.1f}: {known.gain_db:+.1f} dB; worst {known.worst} {known.worst_db:+.1f} dB",
    ]
