"""What came out does not change when the recording goes on: nothing looks at the whole of it."""

import numpy as np
import pytest

from tests.laws.conftest import sound


@pytest.mark.parametrize("rate", [8000, 44100])
@pytest.mark.parametrize("share", [0.11, 0.5, 0.93])
def test_prefix(denoiser, rate, share):
    audio = sound(rate, 3)
    cut = round(share * len(audio))
    known = cut - denoiser.stream(rate).latency
    louder = np.concatenate((audio[:cut], 5 * audio[cut:]))
    assert np.abs(denoiser(louder, rate)[:known] - denoiser(audio, rate)[:known]).max() < 1e-6
    assert np.abs(denoiser(audio[:cut], rate)[:known] - denoiser(audio, rate)[:known]).max() < 1e-6
