import numpy as np
import pytest

from tests.engine import models
from unnoise.engine.session import open_session
from unnoise.engine.stream import Stream
from unnoise.errors import AudioShapeError, OptionError, UnnoiseError


@pytest.fixture
def session(tmp_path):
    return open_session(models.gain(tmp_path, 0.5))


def test_what_goes_in_comes_out_one_window_later(session):
    stream = Stream(session, 16000)
    assert (stream.latency, stream.rate, stream.channels) == (512, 16000, 1)
    block = np.random.default_rng(0).standard_normal(1000).astype(np.float32)
    out = stream.process(block)
    assert not out[:512].any()
    assert np.abs(out[512:] - 0.5 * block[:488]).max() < 1e-6
    assert np.abs(stream.flush() - 0.5 * block[488:]).max() < 1e-6


def test_after_flush_comes_reset(session):
    stream = Stream(session, 16000, 2)
    stream.process(np.full((300, 2), np.nan))
    assert stream.flush().shape == (512, 2)
    for late in (stream.flush, lambda: stream.process(np.zeros((1, 2)))):
        with pytest.raises(UnnoiseError, match="reset"):
            late()
    assert stream.nonfinite_samples == 600
    stream.reset()
    assert stream.nonfinite_samples == 0
    assert not stream.process(np.ones((512, 2))).any()


@pytest.mark.parametrize(("channels", "shape"), [(1, (512,)), (3, (512, 3))])
def test_flush_of_nothing(session, channels, shape):
    out = Stream(session, 16000, channels).flush()
    assert out.shape == shape and out.dtype == np.float32 and not out.any()


def test_blocks_may_change_their_type(session):
    stream = Stream(session, 16000)
    for dtype in (np.float32, np.int16, np.float64):
        for shape in ((100,), (0,), (100, 1)):
            out = stream.process(np.zeros(shape, dtype))
            assert out.shape == shape and out.dtype == dtype
    assert stream.flush().dtype == np.float64


def test_int16_is_float_rounded(session):
    rng = np.random.default_rng(0)
    audio = rng.integers(-32768, 32767, 4000).astype(np.int16)
    out = Stream(session, 16000).process(audio)
    wanted = Stream(session, 16000).process(audio / np.float32(32768))
    assert np.array_equal(out, np.rint(wanted * 32768).astype(np.int16))


def test_the_input_is_left_alone(session):
    block = np.random.default_rng(0).standard_normal((700, 2)).astype(np.float32)
    block[3] = np.nan
    before = block.tobytes()
    out = Stream(session, 16000, 2, strength=0).process(block)
    out[:] = 9
    assert block.tobytes() == before


def test_the_output_is_the_callers(session):
    """What a caller does to a block that it was given does not come back in a later one."""
    for strength in (0, 0.5, 1):
        audio = np.random.default_rng(0).standard_normal(3000).astype(np.float32)
        kept, spoilt = Stream(session, 16000, strength=strength), Stream(session, 16000, strength=strength)
        for at in range(0, 3000, 100):
            wanted, out = kept.process(audio[at : at + 100]), spoilt.process(audio[at : at + 100])
            assert np.array_equal(out, wanted)
            out[:] = 9


def test_wide_recordings_run_in_shorter_blocks(session):
    assert Stream(session, 16000).block_samples == 200 * 256
    assert Stream(session, 192000, 64).block_samples < 200 * 3072
    assert Stream(session, 1_000_000, 64).block_samples == 16000


@pytest.mark.parametrize("channels", [0, 65, -1])
def test_impossible_channels(session, channels):
    with pytest.raises(OptionError, match="channels"):
        Stream(session, 16000, channels)


@pytest.mark.parametrize("shape", [(10, 2), (10, 1), (1, 3, 1)])
def test_blocks_of_other_channels(session, shape):
    with pytest.raises(AudioShapeError):
        Stream(session, 16000, 3).process(np.zeros(shape, np.float32))
