"""The command line: a lazy group, one file a command, each imported when it runs."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from unnoise.errors import OptionError, UnnoiseError

COMMANDS = {
    "adapt": "Fine-tune a model to a noise of your own.",
    "corpus": "List, download and scan corpora.",
    "denoise": "Clean recordings of speech.",
    "evaluate": "Measure denoisers on your own recordings.",
    "export": "Make a bundle of a checkpoint.",
    "gate": "Reduce noise without a network.",
    "inspect": "Say what is wrong with a recording.",
    "mix": "Make noisy speech of clean.",
    "models": "List the bundled models.",
    "networks": "List the networks and what each costs.",
    "plot": "Draw waveforms and spectrograms side by side.",
    "reproduce": "Run five published systems on your own recordings.",
    "train": "Train a denoiser of your own.",
}


class LazyGroup(click.Group):
    """Knows its commands by name and one line; imports one only to run it or to show its help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"unnoise.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list in `unnoise --help`, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))


def _version(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"unnoise {version('unnoise')}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, callback=_version, expose_value=False, is_eager=True, help="Show the version.")
def group() -> None:
    """Clean noisy recordings of speech; train, export and measure denoisers of your own."""


def main(arguments: list[str] | None = None) -> None:
    """Run a command; failure is 1, wrong usage 2, interrupted 130, and no traceback for what is foreseen."""
    try:
        status = group.main(arguments, prog_name="unnoise", standalone_mode=False)
    except click.UsageError as error:
        error.show()
        status = 2
    except OptionError as error:
        click.echo(f"Error: {error}", err=True)
        status = 2
    except UnnoiseError as error:
        click.echo(f"Error: {error}", err=True)
        status = 1
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("Interrupted.", err=True)
        status = 130
    sys.exit(status if isinstance(status, int) else 0)
