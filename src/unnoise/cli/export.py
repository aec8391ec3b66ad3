"""`unnoise export`: a checkpoint in, a bundle out."""

from __future__ import annotations

from pathlib import Path

import click

from unnoise.errors import MissingExtraError, OutputError


@click.command("export")
@click.argument("checkpoint", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="The bundle, NAME.onnx.")
@click.option("--name", help="The model's name [the file's].")
@click.option("--version", default="1", show_default=True, help="The model's version.")
@click.option("--licence", default="unstated", show_default=True, help="Licence of the weights.")
@click.option("--card", type=click.Path(path_type=Path), help="JSON with data, recipe, time and figures.")
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

    The bundle is compared with the network at three lengths and by blocks before it is written.
    """
    if output.exists() and not force:
        raise OutputError(f"{output} exists; use --force to write over it")
    import json

    import msgspec

    try:
        from unnoise.export.bundle import export_network
        from unnoise.train.run import load_checkpoint
    except ModuleNotFoundError as error:
        raise MissingExtraError(str(error.name), "train") from None

    stored = load_checkpoint(checkpoint)
    recipe = stored["recipe"]
    told = {"recipe": msgspec.to_builtins(recipe), "step": stored["step"]}
    if card is not None:
        told |= json.loads(card.read_text())
    output.parent.mkdir(parents=True, exist_ok=True)
    checked = export_network(
        stored["averaged"],
        recipe.network.name,
        recipe.network.arguments,
        output,
        name=name or output.stem,
        version=version,
        licence=licence,
        card=told,
    )
    click.echo(
        f"{output}: {output.stat().st_size / 1e6:.1f} MB; ONNX differs from torch by {checked.torch_to_onnx:.0e}, "
        f"blocks from whole by {checked.whole_to_blocks:.0e}",
        err=True,
    )
