"""`unnoise models`: what is bundled."""

from __future__ import annotations

import json
import textwrap
from typing import Any

import click


@click.command("models")
@click.argument("model", required=False)
@click.option("--json", "as_json", is_flag=True, help="Everything the cards say, as JSON.")
def command(model: str | None, as_json: bool) -> None:
    """List the bundled models, or show the card of MODEL (a name, or the path of an .onnx)."""
    import msgspec

    from unnoise.bundle import list_bundles, load_bundle

    bundles = [load_bundle(name) for name in ([model] if model else list_bundles())]
    if as_json:
        click.echo(json.dumps([msgspec.to_builtins(bundle.info) for bundle in bundles], indent=2))
        return
    for bundle in bundles:
        info = bundle.info
        size = bundle.path.stat().st_size / 1e6
        latency = f"{2 * info.hop_ms:.0f} ms" if info.causal else "whole files"
        click.echo(f"{info.name:10} {info.version:8} {size:.1f} MB  {latency}  {info.licence}")
        if model:
            click.echo("\n".join(_readable(info.card)))


def _readable(card: dict[str, Any]) -> list[str]:
    """What a card says in words, and which of its parts are more than that."""
    lines, rest = [], []
    for key, value in card.items():
        texts = value if isinstance(value, list) else [value]
        if not all(isinstance(text, str) for text in texts):
            rest.append(key)
            continue
        mark = "- " if isinstance(value, list) else ""
        told = [textwrap.fill(f"{mark}{text}", 100, subsequent_indent=" " * len(mark)) for text in texts]
        lines += ["", key.replace("_", " "), *told]
    return [*lines, "", f"With --json also: {', '.join(rest)}"] if rest else lines
