import math

import pytest

from unnoise.errors import OptionError
from unnoise.signal.mixback import dry_share


@pytest.mark.parametrize(
    ("strength", "limit_db", "share"),
    [
        (1.0, None, 0.0),
        (0.0, None, 1.0),
        (0.25, None, 0.75),
        (1.0, 20.0, 0.1),
        (0.5, 20.0, 0.5),
        (1.0, math.inf, 0.0),
    ],
)
def test_share(strength, limit_db, share):
    assert dry_share(strength, limit_db) == pytest.approx(share)


@pytest.mark.parametrize("strength", [-0.1, 1.1, math.nan])
def test_strength_out_of_range_names_the_option(strength):
    with pytest.raises(OptionError, match="strength"):
        dry_share(strength)


@pytest.mark.parametrize("limit_db", [0.0, -3.0, math.nan])
def test_limit_out_of_range_names_the_option(limit_db):
    with pytest.raises(OptionError, match="max_attenuation_db"):
        dry_share(1.0, limit_db)
