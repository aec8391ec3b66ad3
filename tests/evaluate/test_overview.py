"""What a picture shows: the right level at the right place, whatever the length, the rate and the blocks."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.files.sounds import chirp, noise, store
from unnoise.errors import AudioShapeError, InputError, UnnoiseError
from unnoise.evaluate.frames import Columns
from unnoise.evaluate.overview import OverviewBuilder, overview_of, overview_of_file
from unnoise.signal.cepstra import BANDS, CEPSTRA, cepstra_db, mel_filters


def sine(hz, rate, seconds=0.5):
    return np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)


def blocks_of(values, sizes):
    """Cut along the last axis into pieces of `sizes`, again and again."""
    at, k = 0, 0
    while at < values.shape[-1]:
        size = sizes[k % len(sizes)]
        yield values[..., at : at + size]
        at, k = at + size, k + 1


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 400), st.lists(st.integers(1, 90), min_size=1, max_size=5), st.sampled_from([4, 16, 64]))
def test_columns_keep_the_highest_of_equal_groups(count, sizes, most):
    values = np.random.default_rng(count).standard_normal((2, count)).astype(np.float32)
    columns = Columns(2, most)
    for block in blocks_of(values, sizes):
        columns.add(block)
    group = columns.group
    assert (group == 1) or count > most * group // 2
    expected = [values[:, k : k + group].max(axis=1) for k in range(0, count, group)]
    np.testing.assert_array_equal(columns.values(), np.transpose(expected))
    assert columns.values().shape[1] <= most


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 300), st.lists(st.integers(1, 90), min_size=1, max_size=5))
def test_columns_of_sums_give_means(count, sizes):
    values = np.random.default_rng(count).standard_normal((3, count))
    columns = Columns(3, 16, np.add)
    for block in blocks_of(values, sizes):
        columns.add(block)
    expected = [values[:, k : k + columns.group].mean(axis=1) for k in range(0, count, columns.group)]
    np.testing.assert_allclose(columns.means(), np.transpose(expected), atol=1e-5)


@settings(deadline=None, max_examples=15)
@given(
    st.integers(1, 20_000),
    st.lists(st.integers(100, 9000), min_size=1, max_size=4),
    st.sampled_from([2000, 8000, 11025, 48000]),
)
def test_blocks_do_not_matter_and_the_whole_sound_is_covered(samples, sizes, rate):
    audio = noise(samples, seed=samples)[:, 0]
    builders = [OverviewBuilder(rate, cepstra=True) for _ in range(2)]
    builders[0].add(audio)
    for block in blocks_of(audio, sizes):
        builders[1].add(block)
    whole, pieces = (builder.result() for builder in builders)
    for one, other in ((whole.wave, pieces.wave), (whole.spectrum_db, pieces.spectrum_db)):
        np.testing.assert_array_equal(one.values, other.values)
    np.testing.assert_allclose(whole.cepstra_db.values, pieces.cepstra_db.values, atol=1e-3)
    for track in (whole.wave, whole.spectrum_db, whole.cepstra_db):
        assert np.isfinite(track.values).all()
        assert track.start_s <= 1e-9
        assert track.end_s >= whole.seconds - 1e-9
    assert whole.wave.values[0].min() == audio.min()
    assert whole.wave.values[1].max() == audio.max()


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 96000])
@pytest.mark.parametrize("hz", [500, 3000])
def test_a_sine_at_full_scale_is_0_db_at_its_bin(rate, hz):
    spectrum = overview_of(sine(hz, rate), rate).spectrum_db.values
    middle = spectrum[:, spectrum.shape[1] // 2]
    bin_hz = rate / 2 / (len(middle) - 1)
    assert abs(np.argmax(middle) * bin_hz - hz) <= bin_hz
    assert middle.max() == pytest.approx(0, abs=1.5)  # Hann loses up to 1.4 dB between bins
    far = np.abs(np.arange(len(middle)) * bin_hz - hz) > 500
    assert middle[far].max() < -80


def test_noise_has_one_level_at_every_rate():
    """The window is a length of time, so files of two rates can be compared by colour."""
    levels = []
    for rate in (16000, 48000):
        spectrum = overview_of(noise(rate * 2)[:, 0] * np.sqrt(rate), rate).spectrum_db.values
        levels.append(10 * np.log10(np.mean(10 ** (spectrum / 10))))
    assert levels[0] == pytest.approx(levels[1], abs=0.3)


def test_a_click_stands_where_it_happened_however_long_the_sound():
    rate, at_s = 2000, 123.4
    audio = np.zeros(200 * rate)
    audio[round(at_s * rate)] = 1
    overview = overview_of(audio, rate)
    for track, row in ((overview.wave, 1), (overview.spectrum_db, 10)):
        column = int(np.argmax(track.values[row]))
        begin = track.start_s + column * track.step_s
        assert begin - 0.02 <= at_s <= begin + track.step_s + 0.02
    assert overview.wave.values.max() == 1


def test_silence_and_samples_that_are_no_numbers():
    audio = np.full(4000, np.nan)
    audio[::2] = np.inf
    overview = overview_of(audio, 8000)
    assert (overview.spectrum_db.values == -200).all()
    assert not overview.wave.values.any()


def test_channels_are_drawn_as_their_mean():
    one = noise(3000)[:, 0]
    both = overview_of(np.stack([one, np.zeros(3000)], axis=1), 8000)
    assert both.channels == 2
    np.testing.assert_allclose(both.wave.values, overview_of(one / 2, 8000).wave.values)


def test_memory_does_not_grow_with_the_length():
    def peak(blocks):
        block = noise(16000)[:, 0]
        builder = OverviewBuilder(16000)
        builder.add(block)
        tracemalloc.start()
        for _ in range(blocks):
            builder.add(block)
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    assert peak(60) < 1.3 * peak(10)


def test_a_piece_of_a_file_keeps_the_times_of_the_file(tmp_path):
    path = store(tmp_path / "a.wav", chirp(16000, 8000))
    overview = overview_of_file(path, start_s=0.5, duration_s=0.25)
    assert (overview.start_s, overview.end_s) == (0.5, 0.75)
    assert 0.48 < overview.spectrum_db.start_s <= 0.5


def test_nothing_to_draw(tmp_path):
    with pytest.raises(InputError, match="empty"):
        overview_of_file(store(tmp_path / "empty.wav", noise(0)))
    with pytest.raises(InputError, match="none"):
        overview_of(np.zeros(0), 8000, name="none")
    with pytest.raises(AudioShapeError, match=r"\(samples, 1\)"):
        OverviewBuilder(8000).add(np.zeros((5, 2)))
    with pytest.raises(UnnoiseError):
        overview_of_file(tmp_path / "missing.wav")


@pytest.mark.parametrize("order", range(1, CEPSTRA + 1))
def test_a_spectrum_shaped_like_one_cosine_has_one_cepstrum(order):
    wave = np.cos(np.pi * order * (np.arange(BANDS) + 0.5) / BANDS)
    found = cepstra_db(10 ** ((-30 + 10 * wave[None]) / 10), np.eye(BANDS))[0]
    expected = np.zeros(CEPSTRA)
    expected[order - 1] = 10 * np.sqrt(BANDS / 2)
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_cepstra_do_not_depend_on_the_level():
    power = np.random.default_rng(0).uniform(1, 2, (5, 401))
    filters = mel_filters(16000, 401)
    np.testing.assert_allclose(cepstra_db(power, filters), cepstra_db(100 * power, filters), atol=1e-9)


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_mel_bands_overlap_to_one_and_none_is_empty(rate):
    filters = mel_filters(rate, 2 * round(rate * 0.0125) + 1)
    assert filters.shape[0] == BANDS
    assert (filters.sum(axis=1) > 0).all()
    centres = np.argmax(filters, axis=1)
    assert (np.diff(centres) >= 0).all()
    inside = slice(centres[0] + 1, centres[-1])
    np.testing.assert_allclose(filters.sum(axis=0)[inside], 1, atol=1e-9)
