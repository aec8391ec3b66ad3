"""Training sees the very frames that the engine sees."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from unnoise.signal.stft import StftSpec  # noqa: E402
from unnoise.train.transform import Transform  # noqa: E402


@pytest.mark.parametrize("rate", [8000, 16000, 44100, 48000])
@pytest.mark.parametrize("samples", [1, 700, 16001])
def test_there_and_back(rate, samples):
    audio = torch.randn(2, samples)
    transform = Transform(StftSpec(), rate)
    back = transform.synthesise(transform.analyse(audio), samples)
    assert (back - audio).abs().max() < 1e-5


def test_frames_are_those_of_the_engine():
    spec, rate = StftSpec(), 16000
    audio = np.random.default_rng(0).standard_normal(2048).astype(np.float32)
    hop = spec.hop(rate)
    padded = np.concatenate([np.zeros(hop, np.float32), audio])
    frames = np.lib.stride_tricks.sliding_window_view(padded, 2 * hop)[::hop]
    wanted = spec.analyse(frames, rate)
    found = torch.view_as_complex(Transform(spec, rate).analyse(torch.from_numpy(audio)[None])).numpy()[0]
    assert np.abs(found[: len(wanted)] - wanted).max() < 1e-6
