"""What the laws are tried on: a tiny recurrent model and the bundled ones."""

import numpy as np
import pytest

from tests.engine import models
from unnoise import Denoiser

RATES = (8000, 11025, 16000, 44100, 48000, 192000)
MODELS = ("recurrent", "default", "small")


@pytest.fixture(scope="session")
def model_path(tmp_path_factory):
    """From the name of a model in `MODELS` to what `Denoiser` takes."""
    made = models.recurrent(tmp_path_factory.mktemp("models"))

    def path(name):
        return made if name == "recurrent" else name

    return path


@pytest.fixture(params=MODELS)
def model(request, model_path):
    """Each model in turn, as `Denoiser` takes it."""
    return model_path(request.param)


@pytest.fixture
def denoiser(model):
    """Each model in turn, ready."""
    return Denoiser(model)


@pytest.fixture(scope="session")
def default(model_path):
    """The bundled model."""
    return Denoiser(model_path("default"))


def sound(rate, seconds, channels=1, seed=0):
    """Something like speech in noise: tones under a slow envelope, -20 dBFS, and a floor; (samples, channels)."""
    rng = np.random.default_rng(seed)
    at = np.arange(round(rate * seconds)) / rate
    voice = sum(np.sin(2 * np.pi * 140 * k * at + k) / k for k in range(1, 20))
    envelope = np.clip(np.sin(2 * np.pi * 1.7 * at), 0, 1)
    noise = rng.standard_normal((len(at), channels))
    return (0.1 * (envelope * voice)[:, None] + 0.01 * noise).astype(np.float32)


def streamed(denoiser, audio, rate, sizes):
    """`audio` through a stream in blocks of `sizes`, over and over, and the latency taken off."""
    stream = denoiser.stream(rate, audio.shape[1] if audio.ndim == 2 else 1)
    parts, at, turn = [], 0, 0
    while at < len(audio):
        block = audio[at : at + sizes[turn % len(sizes)]]
        part = stream.process(block)
        assert part.shape == block.shape and part.dtype == block.dtype
        parts.append(part)
        at, turn = at + len(block), turn + 1
    return np.concatenate([*parts, stream.flush()])[stream.latency :]
