import numpy as np
import pytest

from tests.engine import models
from unnoise.engine.network import Network, carried_on, checked_link, linked
from unnoise.engine.session import open_session
from unnoise.errors import OptionError


def spectra(channels, frames, bins, seed=0):
    rng = np.random.default_rng(seed)
    shape = (channels, frames, bins)
    return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)).astype(np.complex64)


def test_few_bins_are_filled_up_for_the_graph(tmp_path):
    network = Network(open_session(models.lowpass(tmp_path, bins=40)), 2, "none")
    given = spectra(2, 3, 30)
    out = network(given)
    assert np.array_equal(out[:, :, :20], given[:, :, :20])
    assert not out[:, :, 20:].any()


def test_the_gain_of_the_top_is_carried_on_above_the_graph(tmp_path):
    network = Network(open_session(models.gain(tmp_path, 0.25, max_bins=40)), 1, "none")
    given = spectra(1, 4, 100)
    assert np.abs(network(given) - 0.25 * given).max() < 1e-6


def test_carried_gain_is_real_and_never_above_one():
    given = spectra(1, 3, 16)
    above = spectra(1, 3, 5, seed=1)
    assert np.allclose(carried_on(given, 3j * given, above), above)
    assert np.allclose(carried_on(given, 0.5j * given, above), 0.5 * above)
    assert not carried_on(0 * given, given, above).any()


def test_link_gives_one_gain_to_all_channels():
    noisy = spectra(3, 4, 9)
    clean = noisy * np.float32([0.1, 0.5, 0.9])[:, None, None]
    gains = linked(noisy, clean) / noisy
    assert np.allclose(gains, gains[:1], atol=1e-5)
    assert np.abs(gains.imag).max() < 1e-5
    assert (gains.real > 0.1).all() and (gains.real < 0.9).all()


def test_link_keeps_silence_and_adds_nothing():
    assert not linked(spectra(2, 3, 9) * 0, spectra(2, 3, 9)).any()
    noisy = spectra(2, 3, 9)
    assert np.allclose(linked(noisy, 4 * noisy), noisy)


def test_one_channel_needs_no_link(tmp_path):
    session = open_session(models.recurrent(tmp_path))
    given = spectra(1, 5, 33)
    assert np.array_equal(Network(session, 1, "all")(given), Network(session, 1, "none")(given))


@pytest.mark.parametrize("link", ["some", "", None, True])
def test_unknown_links_are_refused(link):
    with pytest.raises(OptionError, match="link"):
        checked_link(link)
