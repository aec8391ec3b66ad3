import numpy as np
import pytest

from .voices import make_voice


@pytest.fixture
def voice():
    return make_voice


@pytest.fixture
def through():
    def run(gate, sound, sizes=(4096,)):
        """The whole output of a gate, fed in blocks of the given sizes in turn, with the latency cut off."""
        sound = sound[:, None] if sound.ndim == 1 else sound
        parts, at, turn = [], 0, 0
        while at < len(sound):
            parts.append(gate.process(sound[at : at + sizes[turn % len(sizes)]]))
            at, turn = at + sizes[turn % len(sizes)], turn + 1
        parts.append(gate.flush())
        return np.concatenate(parts)[gate.latency :]

    return run


@pytest.fixture
def level_db():
    return lambda sound: 10 * np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-20)
