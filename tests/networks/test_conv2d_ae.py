"""The autoencoder on spectrograms of 5 s: published sizes, phase kept, scaled by the training set."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from tests.sounds import noise, voice  # noqa: E402
from unnoise.errors import RecipeError  # noqa: E402
from unnoise.metrics.si_sdr import si_sdr  # noqa: E402
from unnoise.networks.conv2d_ae import Conv2dAutoencoder  # noqa: E402

SMALL = {"width": 2, "seconds": 0.9}


def test_the_published_size():
    network = Conv2dAutoencoder()
    assert (network.stft.bins, network.stft.frames) == (600, 264)
    convolutions = 640 + 73856 + 295168 + 1180160 + 1179904 + 295040 + 73792 + 577
    normalisation = 2 * 2 * (64 + 128 + 256)
    assert sum(p.numel() for p in network.parameters()) == convolutions + normalisation


def test_phase_and_level_are_those_of_the_input():
    """With a painter that gives its picture back, sound comes back but for what lies 80 dB down."""
    network = Conv2dAutoencoder(**SMALL).eval()
    network.encoder, network.decoder = nn.Identity(), nn.Identity()
    audio = torch.from_numpy(voice(0.9, 16000) + noise(0.9, 16000))[None].float()
    with torch.no_grad():
        clean = network(audio)
    assert si_sdr(audio[0].numpy(), clean[0].numpy()) > 60
    assert float(clean.square().mean()) == pytest.approx(float(audio.square().mean()), rel=1e-3)


def test_pictures_are_scaled_by_the_range_that_was_set():
    network = Conv2dAutoencoder(**SMALL).eval()
    audio = torch.from_numpy(voice(0.9, 16000) + noise(0.9, 16000))[None].float()
    low_db, high_db = network.feature_range_db(audio)
    assert -80 <= low_db < -30
    assert high_db == pytest.approx(0, abs=1e-4)
    network.set_feature_range_db(low_db, high_db)
    seen = []
    network.encoder.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    with torch.no_grad():
        network(audio)
    assert seen[0].min().item() == pytest.approx(0, abs=1e-3)
    assert seen[0].max().item() == pytest.approx(1, abs=1e-3)
    again = Conv2dAutoencoder(**SMALL)
    again.load_state_dict(network.state_dict())
    assert again.low_db.item() == pytest.approx(low_db)


def test_loudness_does_not_change_the_range():
    network = Conv2dAutoencoder(**SMALL)
    audio = torch.from_numpy(voice(0.9, 16000))[None].float()
    assert network.feature_range_db(audio) == pytest.approx(network.feature_range_db(0.1 * audio), abs=1e-2)


def test_silence_gives_silence():
    network = Conv2dAutoencoder(**SMALL).eval()
    with torch.no_grad():
        assert network(torch.zeros(1, network.window_samples)).abs().max() == 0


def test_refuses_lengths_that_do_not_come_back():
    with pytest.raises(RecipeError, match="multiple of 8"):
        Conv2dAutoencoder(seconds=1.0)
