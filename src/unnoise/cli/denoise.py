"""`unnoise denoise`: recordings in, clean recordings out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import click

from unnoise.cli.files import FileOptions, file_options, run_files
from unnoise.errors import OptionError

if TYPE_CHECKING:
    from unnoise.apply.file import FileReport, Progress
    from unnoise.apply.folder import Job
    from unnoise.engine.whole import Denoiser
    from unnoise.files import RawFormat


@click.command("denoise")
@file_options
@click.option("--strength", type=float, help="0 leaves all as it is, 1 cleans fully [1].")
@click.option("--for", "listener", type=click.Choice(["asr"]),
              help="asr: the strength that was measured to help a speech recogniser most.")  # fmt: skip
@click.option("--max-attenuation-db", type=float, help="Nothing falls by more than this.")
@click.option("--link", type=click.Choice(["none", "all"]), default="none", show_default=True,
              help="all: one gain for all channels, which keeps the stereo image.")  # fmt: skip
@click.option("--residual", metavar="FILE", help="Write what was taken out.")
@click.option("--model", default="default", show_default=True, help="Name of a model, or path of an .onnx.")
def command(
    options: FileOptions,
    strength: float | None,
    listener: str | None,
    max_attenuation_db: float | None,
    link: str,
    residual: str | None,
    model: str,
) -> None:
    """Clean recordings of speech: files, patterns, folders, or '-' for a pipe.

    The same file comes out: rate, channels, samples, format, tags. Without -o, talk.wav becomes talk.denoised.wav.
    """
    work = Cleaning(
        model=model,
        strength=_strength(model, strength, listener),
        max_attenuation_db=max_attenuation_db,
        link=link,
        residual=residual,
        force=options.force,
        start_s=options.start_s,
        duration_s=options.duration_s,
        raw=options.raw(),
    )
    if not options.dry_run:
        work.denoiser()  # a wrong model or option is said once, before any file
    run_files(options, work, {"--residual": residual})


def _strength(model: str, strength: float | None, listener: str | None) -> float:
    """As wished, or what the model's card says is best for a listener that is a machine."""
    if listener is None:
        return 1.0 if strength is None else strength
    if strength is not None:
        raise click.UsageError("--for and --strength both say how much is cleaned; give one of them")
    from unnoise.bundle import load_bundle

    measured = load_bundle(model).info.card.get(listener, {}).get("strength")
    if not isinstance(measured, (int, float)):
        raise OptionError(
            f"the model {model!r} does not say which strength is best for a recogniser; give --strength; "
            "docs/asr.md says how it is measured"
        )
    return float(measured)


@dataclass(frozen=True)
class Cleaning:
    """How to clean one file; pickles, so that other processes can do it."""

    model: str
    strength: float
    max_attenuation_db: float | None
    link: str
    residual: str | None
    force: bool
    start_s: float
    duration_s: float | None
    raw: RawFormat | None

    def denoiser(self) -> Denoiser:
        """One a process."""
        return _denoiser(self.model, self.strength, self.max_attenuation_db, self.link)

    def __call__(self, job: Job, progress: Progress | None) -> FileReport:
        """Clean the file of `job`."""
        from unnoise.apply.file import process_file

        return process_file(
            job.source,
            job.target,
            lambda opened: self.denoiser().by_blocks(opened.info.rate, opened.info.channels),
            raw=self.raw,
            force=self.force,
            residual=self.residual,
            start_s=self.start_s,
            duration_s=self.duration_s,
            progress=progress,
        )


@cache
def _denoiser(model: str, strength: float, max_attenuation_db: float | None, link: str) -> Denoiser:
    from unnoise.engine.whole import Denoiser

    return Denoiser(model, strength=strength, max_attenuation_db=max_attenuation_db, link=link)
