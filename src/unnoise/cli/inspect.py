"""`unnoise inspect`: what is wrong with a recording, and whether cleaning it is worth while."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from unnoise.errors import UnnoiseError

if TYPE_CHECKING:
    from unnoise.apply.inspect import Inspection


@click.command("inspect")
@click.argument("inputs", nargs=-1, required=True, metavar="INPUT...")
@click.option("--json", "as_json", is_flag=True, help="A list of objects on stdout.")
def command(inputs: tuple[str, ...], as_json: bool) -> None:
    """Say rate, true bandwidth, clipping, level, noise and its kind, and whether denoising is worth it."""
    from unnoise.apply.folder import find
    from unnoise.apply.inspect import inspect_file

    found, missing = find(inputs)
    for failure in missing:
        click.echo(f"Error: {failure.error}", err=True)
    failed, reports = len(missing), []
    for one in found:
        try:
            report = inspect_file(one.path)
        except UnnoiseError as error:
            failed += 1
            click.echo(f"Error: {error}", err=True)
            continue
        reports.append({"file": one.path, **asdict(report)})
        if not as_json:
            click.echo(_text(one.path, report))
    if as_json:
        click.echo(json.dumps(reports, indent=2))
    if failed and failed + len(reports) > 1:
        click.echo(f"{failed} of {failed + len(reports)} failed.", err=True)
    sys.exit(1 if failed else 0)


def _text(name: str, report: Inspection) -> str:
    """Four lines on one recording."""
    snr = "no speech to measure it by" if report.snr_db is None else f"about {report.snr_db:.0f} dB"
    return (
        f"{name}: {report.seconds:.1f} s, {report.rate} Hz, {report.channels} channel(s), "
        f"sound up to {report.bandwidth_hz:.0f} Hz\n"
        f"  speech {report.speech_level_dbfs:.0f} dBFS, SNR {snr}, noise: {report.noise_kind}\n"
        f"  clipped {100 * report.clipped:.2f} % of the samples, DC {100 * report.dc:+.2f} % of full scale\n"
        f"  {report.advice}"
    )
