"""The line on the terminal: how far, how fast, how long."""

from __future__ import annotations

import pytest

from unnoise.cli.progress import Meter, clock


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (62.4, "1:02"), (3723, "1:02:03")])
def test_clock(seconds, text):
    assert clock(seconds) == text


def test_share_speed_and_time_left(capsys):
    meter = Meter("talk.wav")
    meter(5, 20)
    said = capsys.readouterr().err
    assert "talk.wav  25 %" in said
    assert "× real time" in said
    assert "left" in said
    meter(6, 20)  # too soon after the last
    assert capsys.readouterr().err == ""
    meter.clear()
    assert capsys.readouterr().err.endswith("\r")


def test_an_unknown_length_shows_what_is_done(capsys):
    Meter("pipe")(90, None)
    assert "1:30" in capsys.readouterr().err
