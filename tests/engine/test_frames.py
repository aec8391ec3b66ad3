import numpy as np
import pytest

from unnoise.engine.frames import Analysis, Synthesis
from unnoise.signal.stft import StftSpec

SPEC = StftSpec()


@pytest.mark.parametrize("rate", [2000, 11025, 16000])
def test_analysis_is_that_of_the_spec(rate):
    hop = SPEC.hop(rate)
    audio = np.random.default_rng(0).standard_normal((2, 5 * hop)).astype(np.float32)
    led = np.pad(audio, ((0, 0), (hop, 0)))
    frames = np.stack([led[:, k * hop : (k + 2) * hop] for k in range(5)], axis=1)
    spectra = Analysis(SPEC, rate, 2)(audio)
    assert spectra.dtype == np.complex64
    assert np.abs(spectra - SPEC.analyse(frames, rate)).max() < 1e-6


def test_any_split_gives_the_same():
    rate, hop = 16000, 256
    audio = np.random.default_rng(0).standard_normal((1, 9 * hop)).astype(np.float32)
    whole = Synthesis(SPEC, rate)(Analysis(SPEC, rate, 1)(audio))
    analysis, synthesis = Analysis(SPEC, rate, 1), Synthesis(SPEC, rate)
    parts = [synthesis(analysis(audio[:, a * hop : b * hop])) for a, b in ((0, 1), (1, 5), (5, 9))]
    assert np.abs(np.concatenate(parts, axis=1) - whole).max() < 1e-6


def test_synthesis_is_one_hop_late_and_exact():
    rate, hop = 44100, SPEC.hop(44100)
    audio = np.random.default_rng(0).standard_normal((2, 4 * hop)).astype(np.float32)
    out = Synthesis(SPEC, rate)(Analysis(SPEC, rate, 2)(audio))
    assert not out[:, :hop].any()
    assert np.abs(out[:, hop:] - audio[:, :-hop]).max() < 1e-6


@pytest.mark.parametrize("rates", [(16000, 48000), (8000, 44100)])
def test_one_tone_has_one_level_at_every_rate(rates):
    peaks = [
        np.abs(Analysis(SPEC, rate, 1)(np.sin(2 * np.pi * 1000 * np.arange(SPEC.hop(rate) * 6) / rate)[None])).max()
        for rate in rates
    ]
    assert peaks == pytest.approx([0.5, 0.5], rel=0.02)
