"""The same input gives the same bytes on one machine, whoever asks, and however often."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from tests.laws.conftest import sound
from unnoise import Denoiser


def test_again(model):
    audio = sound(16000, 1, 2)
    first = Denoiser(model)(audio, 16000).tobytes()
    denoiser = Denoiser(model)
    assert denoiser(audio, 16000).tobytes() == first
    assert denoiser(audio, 16000).tobytes() == first
    assert pickle.loads(pickle.dumps(denoiser))(audio, 16000).tobytes() == first


def test_after_reset(denoiser):
    audio = sound(16000, 1)
    stream = denoiser.stream(16000, 1)
    first = [stream.process(audio), stream.flush()]
    stream.reset()
    assert all(np.array_equal(a, b) for a, b in zip(first, [stream.process(audio), stream.flush()], strict=True))


def test_in_threads(denoiser):
    sounds = [sound(16000, 1, seed=seed) for seed in range(6)]
    alone = [denoiser(audio, 16000) for audio in sounds]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(lambda audio: denoiser(audio, 16000), sounds))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


def test_streams_share_a_session(denoiser):
    """Two recordings that come in turns are each cleaned as if alone."""
    sounds = [sound(16000, 1, seed=seed) for seed in range(2)]
    streams = [denoiser.stream(16000) for _ in sounds]
    parts = [[], []]
    for at in range(0, 16000, 400):
        for audio, stream, out in zip(sounds, streams, parts, strict=True):
            out.append(stream.process(audio[at : at + 400]))
    for audio, stream, out in zip(sounds, streams, parts, strict=True):
        whole = np.concatenate([*out, stream.flush()])[stream.latency :]
        assert np.abs(whole - denoiser(audio, 16000)).max() < 1e-5
