import numpy as np
import pytest

from unnoise.engine.audio import admitted, channels_of, checked_rate, from_rows, to_rows
from unnoise.errors import AudioShapeError, OptionError


@pytest.mark.parametrize(("shape", "channels"), [((9,), 1), ((0,), 1), ((9, 1), 1), ((0, 5), 5), ((1, 64), 64)])
def test_channels(shape, channels):
    assert channels_of(np.zeros(shape, np.float32)) == channels


@pytest.mark.parametrize("shape", [(), (2, 2, 2), (5, 0)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(AudioShapeError, match="shape is"):
        channels_of(np.zeros(shape, np.float32))


def test_more_than_64_columns_hint_at_the_transpose():
    with pytest.raises(AudioShapeError, match=r"\(2, 48000\).*audio\.T"):
        channels_of(np.zeros((2, 48000), np.float32))


@pytest.mark.parametrize("dtype", [np.float16, np.int32, np.uint8, np.complex64, ">f4", object, "U3"])
def test_other_types_are_refused_with_those_that_fit(dtype):
    with pytest.raises(AudioShapeError, match="float32, float64 or int16"):
        channels_of(np.zeros(4, dtype))


@pytest.mark.parametrize("rate", [2000, 1_000_000, 44100.0, np.int64(16000), np.float64(8000)])
def test_rates(rate):
    assert checked_rate(rate) == rate
    assert type(checked_rate(rate)) is int


@pytest.mark.parametrize("rate", [0, -16000, 1999, 1_000_001, 44100.5, float("nan"), float("inf"), "16000", None])
def test_other_rates_are_refused(rate):
    with pytest.raises(OptionError, match="rate must be"):
        checked_rate(rate)


def test_int16_survives_the_way_there_and_back():
    block = np.arange(-32768, 32768, dtype=np.int16)
    assert np.array_equal(from_rows(to_rows(block, 1), block), block)


def test_int16_is_rounded_and_clipped():
    rows = np.float32([[1.5, -1.5, 0.6 / 32768, 1.0]])
    assert from_rows(rows, np.zeros(0, np.int16)).tolist() == [32767, -32768, 1, 32767]


def test_rows_keep_channels_apart():
    block = np.arange(6, dtype=np.float64).reshape(3, 2)
    rows = to_rows(block, 2)
    assert rows.tolist() == [[0, 2, 4], [1, 3, 5]]
    assert from_rows(rows, block).flags.c_contiguous
    with pytest.raises(AudioShapeError, match=r"3 channel.*\(3, 2\)"):
        to_rows(block, 3)


def test_admitted_leaves_sound_alone():
    rows = np.float32([[0.5, -3e8]])
    dry, wet, nonfinite = admitted(rows)
    assert dry is rows and wet is rows and nonfinite == 0


def test_admitted_silences_and_limits():
    dry, wet, nonfinite = admitted(np.array([[np.nan, np.inf, -np.inf, 1e300, 0.5]]))
    assert dry.tolist() == [[0, 0, 0, 1e300, 0.5]]
    assert wet.tolist() == [[0, 0, 0, 1e9, 0.5]] and wet.dtype == np.float32
    assert nonfinite == 3
