"""`unnoise inspect`: what is wrong with a recording, and whether cleaning it is worth while."""

from __future__ import annotations

import json
import sys

import click

from unnoise.errors import InputError, UnnoiseError


@click.command("inspect")
@click.argument("inputs", nargs=-1, required=True, metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="A list of objects on stdout.")
def command(inputs: tuple[str, ...], as_json: bool) -> None:
    """Say rate, true bandwidth, clipping, level, noise and its kind, and whether denoising is worth it."""
    from dataclasses import asdict

    from unnoise.apply.inspect import Inspection, inspect_file
    from unnoise.files import find_inputs

    failed, reports = 0, []
    for argument in inputs:
        try:
            for found in find_inputs([argument]):
                report = inspect_file(found.path)
                reports.append({"file": found.path, **asdict(report)})
                if not as_json:
                    click.echo(_text(found.path, report))
        except (InputError, UnnoiseError) as error:
            failed += 1
            click.echo(f"Error: {error}", err=True)
    if as_json:
        click.echo(json.dumps(reports, indent=2))
    sys.exit(1 if failed else 0)


def _text(name: str, report: Inspection) -> str:  # type: ignore[name-defined]  # noqa: F821
    return str((name, report))
