"""The latency is at most 40 ms at 8, 16 and 48 kHz and at most 60 ms at other rates; what is late is zeros."""

import pytest

from tests.laws.conftest import sound


@pytest.mark.parametrize(
    ("rate", "most_ms"),
    [(8000, 40), (16000, 40), (48000, 40), (2000, 60), (11025, 60), (22050, 60), (44100, 60), (192000, 60)],
)
def test_latency(denoiser, rate, most_ms):
    stream = denoiser.stream(rate)
    assert 0 < 1000 * stream.latency / rate <= most_ms
    head = stream.process(sound(rate, 0.2)[:, 0])[: stream.latency]
    assert not head.any()
