"""Damages: what all of them promise, and each measured by its own definition."""

from __future__ import annotations

import inspect
from importlib import import_module

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sounds import noise, voice
from unnoise.errors import AudioShapeError, OptionError
from unnoise.mix.damages import DAMAGES, apply_damage
from unnoise.mix.damages.coefficients import raise_weak, zero_strong
from unnoise.mix.damages.transport import lost_packets, writable_codecs
from unnoise.signal.overlapped import analyse, synthesise

RATES = [8000, 11025, 16000, 22050, 44100, 48000, 96000]
EACH = pytest.mark.parametrize("name", sorted(DAMAGES))


def damaged(name, audio, rate=16000, seed=0, **parameters):
    return apply_damage(name, audio, rate, np.random.default_rng(seed), parameters)


def level_db(ratio):
    return 20 * np.log10(ratio)


def lag(reference, other, reach):
    """By how many samples `other` is later, from the peak of the cross-correlation."""
    size = 2 * len(reference)
    product = np.fft.rfft(reference, size).conj() * np.fft.rfft(other, size)
    correlation = np.fft.irfft(product, size)
    return int(np.argmax(np.concatenate([correlation[-reach:], correlation[: reach + 1]]))) - reach


@EACH
@settings(deadline=None, max_examples=20)
@given(
    samples=st.one_of(st.integers(1, 5), st.integers(6, 4000)),
    rate=st.one_of(st.sampled_from(RATES), st.integers(8000, 96000)),
    level=st.sampled_from([0.001, 0.1, 0.9]),
    seed=st.integers(0, 99),
)
def test_same_length_finite_changed_and_repeatable(name, samples, rate, level, seed):
    audio = (level * np.random.default_rng(seed).uniform(-1, 1, samples)).astype(np.float32)
    kept = audio.copy()
    out = damaged(name, audio, rate, seed)
    assert np.array_equal(audio, kept)
    assert out.shape == audio.shape
    assert out.dtype == np.float32
    assert np.isfinite(out).all()
    assert not np.array_equal(out, audio)
    assert np.array_equal(out, damaged(name, audio, rate, seed))


@EACH
def test_speech_changes_by_what_can_be_heard(name):
    audio = voice(1.0, 16000)
    for seed in range(5):
        change = damaged(name, audio, seed=seed) - audio
        assert level_db(np.sqrt(np.mean(change**2)) / np.std(audio)) > -50


@EACH
def test_another_seed_is_another_damage(name):
    audio = voice(1.0, 16000)
    assert len({damaged(name, audio, seed=seed).tobytes() for seed in range(6)}) > 1


@EACH
@pytest.mark.parametrize("samples", [1, 320, 5000])
def test_silence_stays_silent(name, samples):
    out = damaged(name, np.zeros(samples, np.float32))
    assert out.any() == (name == "dc")
    assert out.shape == (samples,)


@EACH
def test_nothing_gives_nothing(name):
    assert damaged(name, np.zeros(0, np.float32)).shape == (0,)


@EACH
def test_the_same_place(name):
    audio = voice(1.0, 16000, 3)
    assert lag(audio, damaged(name, audio, seed=1), 320) == 0


@EACH
def test_the_table_names_functions_with_scalar_keywords(name):
    module, function = DAMAGES[name].split(":")
    signature = inspect.signature(getattr(import_module(module), function))
    first, *options = signature.parameters.values()
    assert function == name.replace("-", "_")
    assert first.name == "audio"
    assert all(isinstance(p.default, (int, float, str, type(None))) for p in options[2:])
    assert [p.kind for p in options[2:]] == [inspect.Parameter.KEYWORD_ONLY] * len(options[2:])


@pytest.mark.parametrize(
    ("name", "parameters", "words"),
    [
        ("clop", {}, "did you mean 'clip'"),
        ("clip", {"overshot_db": 3}, "overshoot_db"),
        ("clip", {"overshoot_db": 0}, "overshoot_db"),
        ("clip", {"overshoot_db": float("nan")}, "overshoot_db"),
        ("clip", {"overshoot_db": "6"}, "overshoot_db"),
        ("dc", {"offset": 2}, "offset"),
        ("quiet", {"gain": 1}, "gain"),
        ("gain-steps", {"steps": 0}, "steps"),
        ("gain-steps", {"steps": 1.5}, "type int"),
        ("gain-steps", {"limit_db": 50}, "limit_db"),
        ("gain-steps", {"ramp_ms": -1}, "ramp_ms"),
        ("multiplicative", {"low": 2}, "low"),
        ("multiplicative", {"high": -1}, "high"),
        ("zero-coefficients", {"quantile": 1.1}, "quantile"),
        ("zero-coefficients", {"share": 0}, "share"),
        ("zero-coefficients", {"n_fft": 1022}, "multiple of 4"),
        ("raise-coefficients", {"magnitude": 0}, "magnitude"),
        ("band-limit", {"edge_hz": 100}, "edge_hz"),
        ("equaliser", {"limit_db": 0}, "limit_db"),
        ("codec", {"codec": "mp4"}, "vorbis"),
        ("codec", {"compression": 2}, "compression"),
        ("packet-loss", {"loss": 0.6}, "loss"),
        ("packet-loss", {"burst_packets": 0}, "burst_packets"),
        ("packet-loss", {"concealment": "hope"}, "repeat"),
    ],
)
def test_what_is_impossible_names_itself(name, parameters, words):
    with pytest.raises(OptionError, match=words):
        damaged(name, voice(0.1, 16000), **parameters)


@pytest.mark.parametrize("audio", [np.zeros((10, 2), np.float32), np.zeros(10, np.int16)])
def test_arrays_of_another_kind_are_refused(audio):
    with pytest.raises(AudioShapeError, match=str(audio.dtype)):
        damaged("clip", audio)


def test_impossible_rates_are_refused():
    with pytest.raises(OptionError, match="rate"):
        damaged("clip", voice(0.1, 16000), rate=0)


@settings(deadline=None, max_examples=30)
@given(samples=st.integers(1, 5000), n_fft=st.sampled_from([16, 64, 100, 2048]), seed=st.integers(0, 9))
def test_unchanged_coefficients_give_the_sound_back(samples, n_fft, seed):
    audio = np.random.default_rng(seed).uniform(-1, 1, samples).astype(np.float32)
    assert np.abs(synthesise(analyse(audio, n_fft), n_fft, samples) - audio).max() < 1e-6


def test_spectra_have_the_stated_scaling():
    sine = np.sin(2 * np.pi * 64 / 2048 * np.arange(16000)).astype(np.float32)
    assert np.abs(analyse(sine, 2048)[12]).max() == pytest.approx(512, rel=1e-3)


def test_a_fifth_of_the_strong_coefficients_is_zero():
    spectra = analyse(voice(3.0, 16000), 2048)
    out = zero_strong(spectra, np.random.default_rng(0), 0.9, 0.2)
    magnitudes = np.abs(spectra)
    strong = magnitudes >= np.quantile(magnitudes[magnitudes > 0], 0.9)
    gone = (out == 0) & (spectra != 0)
    assert gone[strong].mean() == pytest.approx(0.2, abs=0.02)
    assert not gone[~strong].any()
    assert np.array_equal(out[~gone], spectra[~gone])


def test_zeroing_everything_leaves_silence():
    assert not damaged("zero-coefficients", voice(1.0, 16000), quantile=0, share=1).any()


def test_half_of_the_weak_coefficients_rise_to_one():
    spectra = analyse(0.1 * voice(3.0, 16000), 2048)
    out = raise_weak(spectra, np.random.default_rng(0), 0.9, 0.5, 1.0)
    magnitudes = np.abs(spectra)
    weak = (magnitudes <= np.quantile(magnitudes[magnitudes > 0], 0.9)) & (magnitudes < 1)
    raised = out != spectra
    assert raised[weak].mean() == pytest.approx(0.5, abs=0.02)
    assert not raised[~weak].any()
    assert np.abs(out[raised]) == pytest.approx(1, rel=1e-5)
    assert np.abs(np.angle(out[raised] / spectra[raised])).max() < 1e-5


@pytest.mark.parametrize("magnitude", [1e-6, 1.0])  # below all, and in the middle of this noise
def test_what_is_above_the_magnitude_is_never_lowered(magnitude):
    spectra = analyse(noise(1.0, 16000), 2048)
    out = raise_weak(spectra, np.random.default_rng(0), 0.9, 0.5, magnitude)
    assert (np.abs(out) >= np.abs(spectra) * (1 - 1e-6)).all()
    assert not np.array_equal(out, spectra)


def test_what_rounding_leaves_of_silence_is_not_raised():
    spectra = np.array([[1e-41 + 0j, 1e-39, 0.5, 2.0]], np.complex64)
    out = raise_weak(spectra, np.random.default_rng(0), 0.9, 1.0, 1.0)
    assert np.isfinite(out).all()
    assert np.array_equal(out[0, :2], spectra[0, :2])
    assert abs(out[0, 2]) == pytest.approx(1)


def test_digital_silence_is_not_raised():
    audio = np.concatenate([voice(0.5, 16000), np.zeros(16000, np.float32)])
    assert not damaged("raise-coefficients", audio)[8000 + 2048 :].any()


@pytest.mark.parametrize("level", [0.1, 0.9])
def test_each_sample_takes_one_of_two_factors(level):
    audio = level * np.sign(np.random.default_rng(2).standard_normal(20000)).astype(np.float32)
    ratio = damaged("multiplicative", audio) / audio
    low, high = np.unique(np.round(ratio, 5))
    assert high / low == pytest.approx(2, rel=1e-4)
    assert np.mean(ratio > 1.5 * low) == pytest.approx(0.5, abs=0.02)
    assert high * level <= 1 + 1e-4
    assert low == pytest.approx(1 if level < 0.5 else 0.5 / level, rel=1e-4)


@settings(deadline=None, max_examples=20)
@given(overshoot_db=st.floats(0.1, 60), seed=st.integers(0, 9))
def test_clipping_cuts_what_is_above_its_level(overshoot_db, seed):
    audio = voice(0.3, 16000, seed)
    out = damaged("clip", audio, overshoot_db=overshoot_db)
    limit = np.abs(audio).max() * 10 ** (-overshoot_db / 20)
    above = np.abs(audio) > limit * (1 + 1e-6)
    assert np.abs(out[above]) == pytest.approx(limit, rel=1e-5)
    assert np.array_equal(out[~above], np.clip(audio[~above], -limit, limit).astype(np.float32))


def test_clipping_is_drawn_from_3_to_15_db():
    audio = voice(0.5, 16000)
    over_db = [level_db(np.abs(audio).max() / np.abs(damaged("clip", audio, seed=k)).max()) for k in range(100)]
    assert 3 <= min(over_db) < 5
    assert 13 < max(over_db) <= 15


def test_dc_moves_the_mean():
    audio = voice(1.0, 16000)
    assert np.mean(damaged("dc", audio, offset=-0.05) - audio) == pytest.approx(-0.05, abs=1e-6)
    moved = [float(np.mean(damaged("dc", audio, seed=k) - audio)) for k in range(50)]
    assert min(moved) < 0 < max(moved)
    assert 0.01 <= min(np.abs(moved)) < max(np.abs(moved)) <= 0.1 + 1e-6


def test_quiet_is_one_gain():
    audio = voice(1.0, 16000)
    assert np.array_equal(damaged("quiet", audio, gain=0.25), audio / 4)


@pytest.mark.parametrize("steps", [1, 2, 4])
def test_gain_steps_are_as_many_and_as_large_as_asked(steps):
    rate, audio = 8000, np.full(80000, 0.1, np.float32)
    for seed in range(10):
        gain_db = level_db(damaged("gain-steps", audio, rate, seed, steps=steps) / audio)
        slopes = np.abs(np.diff(gain_db)) > 1e-4
        ramps = np.flatnonzero(np.diff(slopes.astype(int)) == 1)
        plateaus = gain_db[1:-1][~slopes[1:] & ~slopes[:-1]]
        sizes_db = np.abs(np.diff(plateaus))
        sizes_db = sizes_db[sizes_db > 0.5]
        assert len(sizes_db) == len(ramps) == steps  # none of these seeds lets two ramps meet
        assert 2.9 < sizes_db.min() <= sizes_db.max() < 15.1
        assert np.abs(gain_db).max() < 15.1
        assert slopes.sum() == pytest.approx(0.010 * rate * steps, abs=2 * steps)


def test_gain_steps_fall_where_there_is_sound():
    audio = np.full(16000, 1e-5, np.float32)
    audio[5000] = 0.1
    assert all(damaged("gain-steps", audio, seed=seed)[5000] != audio[5000] for seed in range(30))


def band_db(audio, rate, lowest_hz, highest_hz):
    hz = np.fft.rfftfreq(len(audio), 1 / rate)
    inside = (hz >= lowest_hz) & (hz < highest_hz)
    return 10 * np.log10(np.sum(np.abs(np.fft.rfft(audio * np.hanning(len(audio)))[inside]) ** 2))


@pytest.mark.parametrize("rate", [8000, 16000, 48000, 96000])
@pytest.mark.parametrize("high_pass", [False, True])
def test_band_limit_keeps_a_band(rate, high_pass):
    audio = noise(2.0, rate)
    out = damaged("band-limit", audio, rate, edge_hz=3400, high_pass=high_pass)
    assert band_db(out, rate, 3600, rate) - band_db(audio, rate, 3600, rate) < -80
    assert band_db(out, rate, 400, 3300) == pytest.approx(band_db(audio, rate, 400, 3300), abs=0.1)
    fall_db = band_db(out, rate, 20, 180) - band_db(audio, rate, 20, 180)
    assert fall_db < -55 if high_pass else abs(fall_db) < 0.1


@pytest.mark.parametrize("rate", RATES)
def test_band_limits_that_are_drawn_always_cut(rate):
    audio = noise(0.5, rate)
    edges = set()
    for seed in range(20):
        change = damaged("band-limit", audio, rate, seed, high_pass=False) - audio
        assert np.std(change) > 0.1 * np.std(audio)
        edges.add(round(float(np.std(change) / np.std(audio)), 2))
    assert len(edges) > 1


def test_band_limit_avoids_edges_above_the_sound():
    narrow = damaged("band-limit", noise(1.0, 48000), 48000, edge_hz=5500, high_pass=False)
    for seed in range(20):
        change = damaged("band-limit", narrow, 48000, seed, high_pass=False) - narrow
        assert np.std(change) > 0.01 * np.std(narrow)


def test_band_edges_above_the_rate_are_lowered():
    audio = noise(1.0, 8000)
    out = damaged("band-limit", audio, 8000, edge_hz=7000, high_pass=False)
    assert band_db(out, 8000, 3750, 4001) - band_db(audio, 8000, 3750, 4001) < -60


@pytest.mark.parametrize("rate", [8000, 16000, 48000])
def test_the_equaliser_reaches_its_limit_and_no_more(rate):
    impulse = np.zeros(rate, np.float32)
    impulse[rate // 2] = 1
    for seed in range(5):
        response_db = level_db(np.abs(np.fft.rfft(damaged("equaliser", impulse, rate, seed, limit_db=9))))
        assert np.abs(response_db).max() == pytest.approx(9, abs=0.3)
        assert np.abs(np.diff(response_db)).max() < 1.5  # smooth


@pytest.mark.parametrize("name", writable_codecs())
@pytest.mark.parametrize("rate", RATES)
def test_codecs_keep_length_and_place(name, rate):
    audio = voice(0.7, rate, 3)
    for compression in (0.85, 1.0):
        out = damaged("codec", audio, rate, codec=name, compression=compression)
        assert out.shape == audio.shape
        assert lag(audio, out, rate // 50) == 0
        assert 3 < level_db(np.std(audio) / np.std(out - audio)) < 40


@pytest.mark.parametrize("name", writable_codecs())
def test_codecs_keep_what_passes_full_scale(name):
    audio = 30 * voice(0.5, 16000)
    assert np.abs(damaged("codec", audio, codec=name)).max() == pytest.approx(np.abs(audio).max(), rel=0.3)


def test_all_three_codecs_are_drawn():
    assert writable_codecs() == ["mp3", "opus", "vorbis"]


def test_a_codec_that_libsndfile_lacks_is_said(monkeypatch):
    monkeypatch.setattr(sf, "check_format", lambda container, subtype: subtype != "OPUS")
    with pytest.raises(OptionError, match=r"cannot write opus.*mp3, vorbis"):
        damaged("codec", voice(0.1, 16000), codec="opus")


@pytest.mark.parametrize(("loss", "burst_packets"), [(0.01, 1), (0.1, 3), (0.5, 10)])
def test_losses_and_bursts_are_as_long_as_asked(loss, burst_packets):
    lost = lost_packets(200_000, loss, burst_packets, np.random.default_rng(0))
    bursts = np.count_nonzero(np.diff(lost.astype(int)) == 1)
    assert lost.mean() == pytest.approx(loss, rel=0.1)
    assert lost.sum() / bursts == pytest.approx(burst_packets, rel=0.1)


def packets(audio, rate=16000):
    return audio.reshape(-1, rate // 50)


def test_lost_packets_are_zeros_or_fading_repetitions():
    audio = noise(10.0, 16000)
    zeros = packets(damaged("packet-loss", audio, loss=0.2, burst_packets=3, concealment="zeros"))
    repeats = packets(damaged("packet-loss", audio, loss=0.2, burst_packets=3, concealment="repeat"))
    lost = ~zeros.any(axis=1)
    assert 0.05 < lost.mean() < 0.4
    assert np.array_equal(zeros[~lost], packets(audio)[~lost])
    assert np.array_equal(repeats[~lost], packets(audio)[~lost])
    for k in np.flatnonzero(lost):
        assert np.array_equal(repeats[k], 0.5 * repeats[k - 1] if k else 0 * repeats[k])


@pytest.mark.parametrize("concealment", ["repeat", "zeros"])
def test_one_lost_packet_sounds_for_sure(concealment):
    audio = 1e-6 * noise(2.0, 16000)
    audio[320 * 60 : 320 * 61] = 0.1
    for seed in range(20):
        out = damaged("packet-loss", audio, seed=seed, loss=0.001, concealment=concealment)
        assert np.abs(packets(out)[60]).max() < 1e-6
