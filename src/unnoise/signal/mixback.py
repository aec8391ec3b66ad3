"""How much of the untouched sound stays in the output."""

from __future__ import annotations

from unnoise.errors import OptionError


def dry_share(strength: float = 1.0, max_attenuation_db: float | None = None) -> float:
    """The share a of the dry path, 0..1, in out = a·dry + (1 - a)·clean.

    a = max(1 - strength, 10^(-max_attenuation_db / 20)): nothing falls by more than `max_attenuation_db`.
    Raises OptionError unless 0 <= strength <= 1 and max_attenuation_db > 0 (or None: no limit).
    """
    if not 0.0 <= strength <= 1.0:  # also catches NaN
        raise OptionError(f"strength must be from 0 (untouched) to 1 (as clean as it gets), but is {strength}.")
    if max_attenuation_db is None:
        return 1.0 - strength
    if not max_attenuation_db > 0.0:
        raise OptionError(
            f"max_attenuation_db must be above 0 dB, but is {max_attenuation_db}; leave it out for no limit."
        )
    return max(1.0 - strength, float(10.0 ** (-max_attenuation_db / 20.0)))
