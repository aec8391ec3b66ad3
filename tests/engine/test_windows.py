"""Waveform networks by overlapping windows: in place, by blocks as whole, blind to what comes later."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine import models
from unnoise import Denoiser
from unnoise.errors import BundleError, OptionError

RATE = 16000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("windows")


def sound(samples, channels=1):
    shape = (samples,) if channels == 1 else (samples, channels)
    return (0.1 * np.random.default_rng(samples).standard_normal(shape)).astype(np.float32)


@settings(max_examples=25, deadline=None)
@given(
    samples=st.integers(1, 3000),
    overlap=st.sampled_from([0, 1, 100, 512, 900]),
    channels=st.integers(1, 3),
    cuts=st.lists(st.integers(1, 1500), min_size=1, max_size=5),
)
def test_an_identity_gives_the_sound_back_by_any_blocks(folder, samples, overlap, channels, cuts):
    denoiser = Denoiser(models.windows(folder, 1024, overlap))
    audio = sound(samples, channels)
    assert np.abs(denoiser(audio, RATE) - audio).max() < 1e-6
    way = denoiser.by_blocks(RATE, channels)
    parts, at = [], 0
    for cut in cuts:
        block = audio[at : at + cut]
        parts.append(way.process(block))
        assert parts[-1].shape == block.shape
        at += cut
    parts += [way.process(audio[at:]), way.flush()]
    assert np.abs(np.concatenate(parts)[way.latency :] - audio).max() < 1e-6


def test_blocks_equal_whole_where_windows_matter(folder):
    denoiser = Denoiser(models.windows(folder, 1000, 250, slope=1e-3))
    audio = sound(5000)
    whole = denoiser(audio, RATE)
    way = denoiser.by_blocks(RATE)
    parts = [way.process(audio[at : at + 37]) for at in range(0, len(audio), 37)]
    assert np.array_equal(np.concatenate([*parts, way.flush()])[way.latency :], whole)
    added = whole - audio
    assert added[0] == pytest.approx(0, abs=1e-6)  # the first window does not fade in
    assert added[749] == pytest.approx(0.749, abs=1e-5)
    middle = 0.5 * (0.875 + 0.125)  # half of the first window's value, half of the second's
    assert added[875] == pytest.approx(middle, abs=3e-3)


def test_what_comes_later_changes_nothing_before_the_latency(folder):
    denoiser = Denoiser(models.windows(folder, 1000, 250, slope=1e-3))
    audio = sound(6000)
    longer, shorter = denoiser(audio, RATE), denoiser(audio[:4000], RATE)
    kept = 4000 - denoiser.by_blocks(RATE).latency
    assert np.array_equal(longer[:kept], shorter[:kept])


@pytest.mark.parametrize("samples", [1, 7, 600, 1000, 1500])
def test_what_lies_behind_the_end_is_heard_as_more_of_the_same(folder, samples):
    denoiser = Denoiser(models.without_mean(folder, 1000))
    assert (
        np.abs(denoiser(np.full(samples, 0.5, np.float32), RATE)).max() < 1e-6
    )  # silence would make it a tenth and more
    assert denoiser(np.zeros(0, np.float32), RATE).shape == (0,)


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
def test_other_rates_come_back_in_place(folder, rate):
    seconds = np.arange(2 * rate) / rate
    audio = (0.1 * np.sin(2 * np.pi * 440 * seconds)).astype(np.float32)
    found = Denoiser(models.windows(folder, 4096, 1024))(audio, rate)
    assert found.shape == audio.shape
    inside = slice(rate // 10, -rate // 10)
    assert np.abs(found - audio)[inside].max() < 2e-3


def test_strength_mixes_the_dry_sound_in_place(folder):
    bundle, audio = models.windows(folder, 1000, 250, slope=1e-3), sound(3000)
    full, half = Denoiser(bundle)(audio, RATE), Denoiser(bundle, strength=0.5)(audio, RATE)
    assert np.abs(half - 0.5 * (full + audio)).max() < 1e-6


def test_what_it_cannot_do_is_said(folder):
    bundle = models.windows(folder, 1000, 250)
    with pytest.raises(BundleError, match="not causal"):
        Denoiser(bundle).stream(RATE)
    with pytest.raises(OptionError, match="link"):
        Denoiser(bundle, link="all")(sound(100), RATE)


def test_numbers_that_are_none_count_as_zero(folder):
    audio = sound(3000)
    audio[5] = np.nan
    way = Denoiser(models.windows(folder, 1000, 250)).by_blocks(RATE)
    out = np.concatenate([way.process(audio), way.flush()])[way.latency :]
    assert way.nonfinite_samples == 1
    assert out[5] == 0
    assert np.isfinite(out).all()
