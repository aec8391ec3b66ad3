"""What keeps float32 where a training computes products in bfloat16."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from unnoise.networks.layers.running import RunningMeans  # noqa: E402
from unnoise.networks.layers.stft import Stft  # noqa: E402


def test_running_means_lose_no_digits():
    means, x, sounding = RunningMeans(16.0, 0.32, 1.92), 20 * torch.randn(2, 50, 7), torch.ones(2, 50)
    wanted = means(x, sounding, torch.zeros(2, 2, 8))
    with torch.autocast("cpu", torch.bfloat16):
        found = means(x, sounding, torch.zeros(2, 2, 8))
    assert all(a.equal(b) for a, b in zip(wanted, found, strict=True))


def test_spectra_lose_no_digits():
    stft, audio = Stft(512, 256, 4096), torch.randn(2, 4096)
    with torch.autocast("cpu", torch.bfloat16):
        tables = stft.tables()
        back = stft.synthesise(stft.analyse(audio, tables), tables)
    assert (back - audio).abs().max() < 1e-5
