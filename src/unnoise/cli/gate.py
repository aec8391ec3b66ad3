"""`unnoise gate`: less noise without a network."""

from __future__ import annotations

import click

from unnoise.cli.files import FileOptions, file_options, run_files


@click.command("gate")
@file_options
@click.option(
    "--method",
    type=click.Choice(["profile", "threshold"]),
    default="profile",
    show_default=True,
    help="profile: learn the noise from the pauses; threshold: drop what is weak.",
)
@click.option("--noise-profile", metavar="FILE", help="A recording of the noise alone, in place of the pauses.")
@click.option("--save-noise", metavar="FILE", help="Keep the noise that was found.")
@click.option("--strength", type=float, default=1.0, show_default=True, help="0 leaves all as it is, 1 gates fully.")
@click.option("--max-attenuation-db", type=float, help="Nothing falls by more than this.")
@click.option("--residual", metavar="FILE", help="Write what was taken out.")
def command(
    options: FileOptions,
    method: str,
    noise_profile: str | None,
    save_noise: str | None,
    strength: float,
    max_attenuation_db: float | None,
    residual: str | None,
) -> None:
    """Reduce noise without a network: for steady noise, or where a network must not decide.

    The method profile looks for pauses first, so it reads a recording twice.
    """
    from unnoise.apply.gating import Gating

    gating = Gating(
        method=method,
        noise_profile=noise_profile,
        save_noise=save_noise,
        strength=strength,
        max_attenuation_db=max_attenuation_db,
        residual=residual,
        force=options.force,
        start_s=options.start_s,
        duration_s=options.duration_s,
        raw=options.raw(),
    )
    run_files(options, gating, {"--residual": residual, "--save-noise": save_noise})
