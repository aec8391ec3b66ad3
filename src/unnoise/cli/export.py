"""`unnoise export`: a checkpoint in, a bundle out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from unnoise.errors import MissingExtraError, OptionError
from unnoise.files.beside import check_target


@click.command("export")
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="The bundle, NAME.onnx.")
@click.option("--name", help="The model's name [the file's].")
@click.option("--version", default="1", show_default=True, help="The model's version.")
@click.option("--licence", default="unstated", show_default=True, help="Licence of the weights.")
@click.option(
    "--card",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON with data, recipe, time and figures.",
)
@click.option("--force", is_flag=True, help="Write over what is there.")
def command(
    checkpoint: Path,
    output: Path,
    name: str | None,
    version: str,
    licence: str,
    card: Path | None,
    force: bool,
) -> None:
    """Make a bundle of CHECKPOINT that `unnoise denoise --model` runs without torch.

    The bundle is compared with the network at several lengths before it is written, and by blocks with itself as a
    whole where it runs on streams.
    """
    check_target(output, None, force=force)
    try:
        from unnoise.workflows.to_bundle import export_checkpoint
    except ModuleNotFoundError as error:
        raise MissingExtraError(str(error.name), "train") from None

    checked = export_checkpoint(
        checkpoint,
        output,
        name=name or output.stem,
        version=version,
        licence=licence,
        card=_card(card),
        force=force,
    )
    apart = f"ONNX differs from torch by {checked.torch_to_onnx:.0e}"
    if checked.whole_to_blocks is not None:
        apart += f", blocks from whole by {checked.whole_to_blocks:.0e}"
    click.echo(f"{output}: {output.stat().st_size / 1e6:.1f} MB; {apart}", err=True)


def _card(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        card = json.loads(path.read_text())
    except (ValueError, OSError) as error:
        raise OptionError(f"--card {path}: expected JSON: {error}") from None
    if not isinstance(card, dict):
        raise OptionError(f"--card {path}: expected a JSON object, but it holds a {type(card).__name__}")
    return card
