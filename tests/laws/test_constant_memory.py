"""A stream holds no more after a minute than after a second."""

import tracemalloc

from tests.laws.conftest import sound


def test_a_stream_does_not_grow(denoiser):
    stream = denoiser.stream(8000)
    second = sound(8000, 1)
    tracemalloc.start()
    try:
        stream.process(second)
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(60):
            stream.process(second)
        assert tracemalloc.get_traced_memory()[0] - before < 100_000
    finally:
        tracemalloc.stop()
