import json

import pytest

from unnoise.bundle import FORMAT, BundleInfo, ParameterInfo, StateInfo
from unnoise.bundle.info import decode_info, encode_info

INFO = BundleInfo(
    name="tiny",
    version="1",
    licence="MIT",
    states=(StateInfo("memory", (2, 3), 0.5),),
    arguments={"bands": 16},
    parameters={"gru.weight": ParameterInfo("w", "transpose")},
    card={"hours": 3.5},
)


def changed(**changes):
    return json.dumps({**json.loads(encode_info(INFO)), **changes}).encode()


def test_info_survives_the_json():
    assert decode_info(encode_info(INFO)) == INFO


def test_unknown_keys_are_ignored():
    assert decode_info(changed(mood="good")) == INFO


def test_newer_format_asks_for_an_upgrade_even_when_nothing_else_fits():
    with pytest.raises(ValueError, match="upgrade"):
        decode_info(json.dumps({"format": FORMAT + 1, "states": "elsewhere"}).encode())


@pytest.mark.parametrize(
    "changes",
    [
        {"hop_ms": 0},
        {"domain": "wavelet"},
        {"min_bins": 0},
        {"min_bins": 10, "max_bins": 9},
        {"states": [{"name": "memory", "shape": [0]}]},
        {"name": 3},
    ],
)
def test_impossible_values_are_refused(changes):
    with pytest.raises(ValueError):
        decode_info(changed(**changes))


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"{}", b"\xff"])
def test_broken_json_is_refused(text):
    with pytest.raises(ValueError):
        decode_info(text)
