"""Each loss against its formula, written a second time in NumPy with loops and double precision."""

from __future__ import annotations

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.sounds import noise, voice  # noqa: E402
from unnoise.metrics import measure  # noqa: E402
from unnoise.train.losses import make_loss  # noqa: E402

RATE = 8000
ITEMS = 2


@pytest.fixture(scope="module")
def sounds():
    """Estimate, clean and noisy, (items, samples); the second item much quieter than the first."""
    clean = np.stack([voice(1.3, RATE, seed) for seed in range(ITEMS)]) * np.array([[10], [0.5]])
    noisy = clean + 4 * np.stack([noise(1.3, RATE, 10 + seed) for seed in range(ITEMS)])
    estimate = 0.6 * clean + 0.3 * noisy
    return tuple(audio.astype(np.float32) for audio in (estimate, clean, noisy))


def value_of(name, sounds):
    return float(make_loss(name, RATE)(*map(torch.from_numpy, sounds)))


def powers(audio, size):
    """(items, frames, bins) of half-overlapping frames under a periodic Hann window of unit energy, with the floor."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    window /= np.sqrt(np.sum(window**2))
    starts = range(0, audio.shape[1] - size + 1, size // 2)
    frames = np.stack([audio[:, at : at + size] * window for at in starts], 1)
    return np.abs(np.fft.rfft(frames)) ** 2 + 1e-6


def test_mse(sounds):
    estimate, clean, _ = sounds
    assert value_of("mse", sounds) == pytest.approx(np.mean((estimate - clean) ** 2), rel=1e-5)


def test_l1(sounds):
    estimate, clean, _ = sounds
    assert value_of("l1", sounds) == pytest.approx(np.mean(np.abs(estimate - clean)), rel=1e-5)


def test_quiet_weighted_mse(sounds):
    estimate, clean, _ = sounds
    total = 0.0
    for found, wanted in zip(estimate, clean, strict=True):
        for part in (slice(0, RATE), slice(RATE, None)):
            total += np.sum((found[part] - wanted[part]) ** 2) / (np.mean(np.abs(wanted[part])) + 0.03)
    assert value_of("quiet_weighted_mse", sounds) == pytest.approx(total / estimate.size, rel=1e-5)


def test_the_same_relative_error_costs_a_quiet_speaker_nearly_as_much():
    loud = np.stack([voice(1.0, RATE)]) * 10
    costs = {}
    for name in ("mse", "quiet_weighted_mse"):
        quiet = 0.1 * loud
        costs[name] = value_of(name, (0.5 * loud, loud, loud)) / value_of(name, (0.5 * quiet, quiet, quiet))
    assert costs["mse"] == pytest.approx(100, rel=1e-4)
    assert costs["quiet_weighted_mse"] < 20


def test_wsdr_is_the_metric(sounds):
    wanted = [measure("wsdr", clean, found, RATE, noisy=noisy) for found, clean, noisy in zip(*sounds, strict=True)]
    assert value_of("wsdr", sounds) == pytest.approx(np.mean(wanted), abs=1e-3)


def sones(audio):
    """Loudness of each band, (items, frames, bands), and powers over 0 dB SPL, of speech played at 79 dB SPL."""
    size = 256  # 32 ms
    edges = [26.81 * hz / (1960 + hz) - 0.53 for hz in (50, RATE / 2)]
    numbers = np.linspace(*edges, 1 + round((edges[1] - edges[0]) / 0.5))
    centres_hz = 1960 * (numbers + 0.53) / (26.28 - numbers)
    bins_hz = np.arange(size // 2 + 1) * RATE / size
    weights = np.array([np.interp(bins_hz, centres_hz, row) for row in np.eye(len(centres_hz))])
    over_quiet = 10**7.9 * 2 / size * ((powers(audio, size) - 1e-6) @ weights.T)
    khz = centres_hz / 1000
    quiet = 10 ** ((3.64 * khz**-0.8 - 6.5 * np.exp(-0.6 * (khz - 3.3) ** 2) + 0.001 * khz**4) / 10)
    loudness = 0.1866 * (2 * quiet) ** 0.23 * ((0.5 + 0.5 * np.maximum(over_quiet / quiet, 1)) ** 0.23 - 1)
    return loudness, over_quiet


def test_disturbance(sounds):
    (found, heard), (wanted, clean) = (sones(audio) for audio in sounds[:2])
    drops = []
    for item in range(ITEMS):
        frames, missing = [], []
        for t in range(found.shape[1]):
            apart = np.abs(found[item, t] - wanted[item, t])
            masked = 0.25 * np.minimum(found[item, t], wanted[item, t])
            apart = np.where(apart > masked, apart - masked, 0)
            times = ((heard[item, t] + 50) / (clean[item, t] + 50)) ** 1.2
            times = np.where(times < 3, 0, np.minimum(times, 12))
            missing.append(np.mean(apart**2))
            frames.append(np.mean(apart * times))
        barks = 0.5 * found.shape[2]
        symmetric, asymmetric = barks * np.sqrt(0.5 * np.mean(missing)), barks * np.sqrt(np.mean(np.square(frames)))
        drops.append(np.log1p(0.1 * symmetric + 0.0309 * asymmetric))
    assert value_of("disturbance", sounds) == pytest.approx(np.mean(drops), rel=1e-4)


def test_disturbance_ranks_noise_as_pesq_does():
    """Seven levels of two kinds of noise; the package pesq is the independent implementation."""
    clean = voice(3.0, 16000, 1)
    loss, costs, scores = make_loss("disturbance", 16000), [], []
    for snr_db in range(0, 42, 6):
        for length in (1, 20):  # white, and low
            added = np.convolve(noise(3.0, 16000, 2), np.ones(length), "same")
            added *= np.sqrt(np.mean(clean**2) / np.mean(added**2)) * 10 ** (-snr_db / 20)
            scores.append(measure("pesq_wb", clean, clean + added, 16000))
            unit = np.sqrt(np.mean(clean**2))
            sound, target = (torch.from_numpy((a / unit).astype(np.float32))[None] for a in (clean + added, clean))
            costs.append(float(loss(sound, target, sound)))
    ranks = [np.argsort(np.argsort(values)) for values in (costs, scores)]
    assert np.corrcoef(*ranks)[0, 1] < -0.95


def test_si_sdr_is_the_metric_with_the_sign_turned(sounds):
    estimate, clean, noisy = sounds
    shifted = estimate + np.float32(0.1), clean - np.float32(0.1), noisy  # means must not count
    wanted = [measure("si_sdr", clean, found, RATE) for found, clean, _ in zip(*shifted, strict=True)]
    assert value_of("si_sdr", shifted) == pytest.approx(-np.mean(wanted), abs=0.01)


def test_log_magnitude(sounds):
    found, wanted = (10 * np.log10(powers(audio, 256)) for audio in sounds[:2])
    assert value_of("log_magnitude", sounds) == pytest.approx(np.mean((found - wanted) ** 2) / 6400, rel=1e-4)


def test_picture(sounds):
    total = []
    for found, wanted in zip(*(10 * np.log10(powers(audio, 600)) for audio in sounds[:2]), strict=True):
        found, wanted = (np.maximum(levels - wanted.max(), -80) for levels in (found, wanted))
        total.append(np.mean((found - wanted) ** 2) / 6400)
    assert value_of("picture", sounds) == pytest.approx(np.mean(total), rel=1e-4)


def test_multi_resolution_stft(sounds):
    total = 0.0
    for size in (80, 200, 400):
        for found, wanted, heard in zip(*(np.sqrt(powers(audio, size)) for audio in sounds), strict=True):
            scale = max(np.linalg.norm(wanted), 0.1 * np.linalg.norm(heard))
            total += np.linalg.norm(found - wanted) / scale + np.mean(np.abs(np.log(found / wanted)))
    assert value_of("multi_resolution_stft", sounds) == pytest.approx(total / (3 * ITEMS), rel=1e-4)


def constant_q(audio, hz, at):
    """Magnitude at `hz` of (samples,) about sample `at`, to the power 0.3, from the sum itself."""
    length = RATE / hz / (2 ** (1 / 12) - 1)
    offsets = np.arange(-int(length / 2), int(length / 2) + 1)
    window = np.cos(np.pi * offsets / length) ** 2
    inside = (at + offsets >= 0) & (at + offsets < len(audio))
    samples = np.where(inside, audio[np.clip(at + offsets, 0, len(audio) - 1)], 0.0)
    turned = np.sum(window * samples * np.exp(-2j * np.pi * hz * offsets / RATE))
    return (np.abs(turned) ** 2 / np.sum(window**2) + 1e-6) ** 0.15


def test_constant_q_magnitude(sounds):
    found, wanted = (audio[:1, :400] for audio in sounds[:2])
    octave_means = []
    for octave in range(int(math.log2(RATE / 2 / 55))):
        centres_hz = [RATE / 2 / 2**octave * 2 ** (-band / 12) for band in range(1, 13)]
        longest = RATE / centres_hz[-1] / (2 ** (1 / 12) - 1)
        hop = math.ceil(longest / 2) // 2
        differences = [
            abs(constant_q(found[0], hz, at) - constant_q(wanted[0], hz, at))
            for hz in centres_hz
            for at in range(0, 401, hop)
        ]
        octave_means.append(np.mean(differences))
    assert value_of("constant_q_magnitude", (found, wanted, wanted)) == pytest.approx(np.mean(octave_means), rel=1e-3)


def test_a_tone_lies_in_its_band():
    from unnoise.train.losses.constant_q_magnitude import compressed_bands

    loss = make_loss("constant_q_magnitude", RATE)
    tone = torch.sin(2 * torch.pi * 1000 * torch.arange(RATE) / RATE)[None]
    levels = [compressed_bands(tone, loss.get_buffer(f"kernels{octave}")).mean(2)[0] for octave in range(loss.octaves)]
    assert divmod(int(torch.cat(levels).argmax()), 12) == (1, 11)  # an octave and twelve semitones under 4 kHz


def test_deep_features(sounds):
    loss = make_loss("deep_features", RATE)
    weights = [loss.get_buffer(f"weight{k}").double().numpy() for k in range(6)]
    relative = []
    for found, wanted, heard in zip(*sounds, strict=True):
        layers = [numpy_features(audio, weights) for audio in (found, wanted, heard)]
        for mine, theirs, scale in zip(*layers, strict=True):
            relative.append(np.mean(np.abs(mine - theirs)) / (np.mean(np.abs(scale)) + 1e-3))
    assert value_of("deep_features", sounds) == pytest.approx(np.mean(relative), rel=1e-3)


def numpy_features(audio, weights):
    """The six layers, (channels, frames) each: products of patches and weights."""
    layer, layers = audio[None].astype(np.float64), []
    for k, weight in enumerate(weights):
        step, edge = (2, 1) if k else (RATE // 4000, weight.shape[2] // 2)
        patches = np.lib.stride_tricks.sliding_window_view(np.pad(layer, ((0, 0), (edge, edge))), weight.shape[2], 1)
        sums = np.einsum("itk,oik->ot", patches[:, ::step], weight)
        layer = np.where(sums > 0, sums, 0.2 * sums)
        layers.append(layer)
    return layers


def test_the_encoder_is_the_same_wherever_it_is_made():
    torch.manual_seed(1)
    one = make_loss("deep_features", RATE)
    torch.manual_seed(2)
    other = make_loss("deep_features", RATE)
    for k in range(6):
        assert torch.equal(one.get_buffer(f"weight{k}"), other.get_buffer(f"weight{k}"))
    drawn = one.get_buffer("weight1")
    rows = drawn.flatten(1) @ drawn.flatten(1).T
    assert torch.allclose(rows, torch.eye(32) * rows[0, 0], atol=1e-5)  # no row repeats another


@pytest.mark.parametrize("hz", [300, 1000, 3000])
def test_a_tone_is_loudest_in_its_band_pass(hz):
    from unnoise.networks.layers.bands import erb_edges

    tone = torch.sin(2 * torch.pi * hz * torch.arange(RATE) / RATE)[None]
    levels = make_loss("deep_features", RATE).features(tone)[0].abs().mean(2)[0]
    near = min(range(32), key=lambda k: abs(erb_edges(60.0, 3600.0, 32)[k] - hz))
    assert abs(int(levels.argmax()) - near) <= 1
