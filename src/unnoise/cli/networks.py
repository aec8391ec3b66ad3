"""`unnoise networks`: what there is to train, and what each costs."""

from __future__ import annotations

import json
import tomllib
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from unnoise.errors import MissingExtraError, OptionError, RecipeError, UnnoiseError

if TYPE_CHECKING:
    from unnoise.networks.measure import Measured

COLUMNS = "{:<{width}} {:>10} {:>15} {:>15} {:>7}  {:<6}  {}"
TITLES = ("name", "parameters", "multiply-adds/s", "receptive field", "latency", "causal", "rate")


@click.command("networks")
@click.argument("networks", nargs=-1, metavar="[NETWORK]...")
@click.option("--argument", "settings", multiple=True, metavar="KEY=VALUE", help="What the one NETWORK is built with.")
@click.option("--json", "as_json", is_flag=True, help="A list of objects on stdout, with exact figures.")
def command(networks: tuple[str, ...], settings: tuple[str, ...], as_json: bool) -> None:
    """List the networks and what each costs, or only each NETWORK.

    NETWORK is a name, FILE.py:CLASS for one of your own, or a recipe, for a network with that recipe's arguments.
    """
    if settings and len(networks) != 1:
        raise OptionError(f"--argument goes with one NETWORK, but {len(networks)} were named")
    arguments = dict(_setting(text) for text in settings)
    from unnoise.networks import NETWORKS, make_network

    try:
        from unnoise.networks.measure import measure_network
    except ModuleNotFoundError as error:
        _without_figures(networks, MissingExtraError(str(error.name), "train"), as_json)
        return
    found: list[dict[str, Any]] = []
    width = max(map(len, networks or NETWORKS))
    for name in networks or NETWORKS:
        try:
            network, given = _named(name)
            figures = measure_network(make_network(network, given | arguments))
        except (UnnoiseError, ImportError) as error:
            if networks:
                raise
            click.echo(f"{name} is left out: {error}", err=True)
            continue
        if not as_json:
            line = _line(name, figures, width)
            click.echo(line if found else f"{COLUMNS.format(*TITLES, width=width)}\n{line}")
        found.append({"name": name, **asdict(figures)})
    if as_json:
        click.echo(json.dumps(found, indent=2))


def _named(name: str) -> tuple[str, dict[str, Any]]:
    """Network and arguments of a name, or of a recipe where no network is called so."""
    from unnoise.networks import NETWORKS
    from unnoise.train.config import load_recipe

    if name in NETWORKS or (":" in name and not name.endswith(".toml")):
        return name, {}
    try:
        wanted = load_recipe(name).network
    except RecipeError:
        if name.endswith(".toml"):
            raise
        return name, {}  # no recipe either: the list of networks is the better answer
    return wanted.name, wanted.arguments


def _setting(text: str) -> tuple[str, Any]:
    """KEY=VALUE as a recipe has it; text may go without its quotes."""
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise OptionError(f"--argument {text!r}: expected KEY=VALUE, such as width=64")
    try:
        return key, tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key, value


def _without_figures(networks: tuple[str, ...], missing: MissingExtraError, as_json: bool) -> None:
    """The names alone, which need nothing."""
    from unnoise.networks import NETWORKS

    if networks:
        raise missing
    click.echo(json.dumps([{"name": name} for name in NETWORKS], indent=2) if as_json else "\n".join(NETWORKS))
    click.echo(f"Only the names: {missing}", err=True)


def _line(name: str, figures: Measured, width: int) -> str:
    field = figures.receptive_field_ms
    return COLUMNS.format(
        name,
        _short(figures.parameters),
        _short(figures.multiply_adds_per_s),
        "all before" if field is None else _time(field),
        _time(figures.latency_ms),
        "yes" if figures.causal else "no",
        "any" if figures.rate is None else f"{figures.rate} Hz",
        width=width,
    )


def _short(count: float) -> str:
    """Three digits and a prefix: 1.09 M."""
    for prefix, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if count >= 0.9995 * size:
            return f"{count / size:.{3 - len(str(round(count / size)))}f} {prefix}"
    return f"{count:.0f}"


def _time(milliseconds: float) -> str:
    return f"{milliseconds:.3g} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.3g} s"
