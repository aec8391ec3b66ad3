"""The transform inside networks: exactly back, as torch's own, and small in a graph."""

from __future__ import annotations

import io

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from unnoise.errors import RecipeError  # noqa: E402
from unnoise.networks.layers.stft import Stft  # noqa: E402

SIZES = [(64, 16, 640, "hann"), (96, 48, 960, "root_hann"), (1199, 304, 21000, "hann"), (33, 8, 403, "hann")]


@pytest.mark.parametrize(("window", "hop", "samples", "shape"), SIZES)
def test_there_and_back(window, hop, samples, shape):
    stft = Stft(window, hop, samples, shape=shape)
    audio = torch.randn(2, samples, generator=torch.Generator().manual_seed(0))
    tables = stft.tables()
    spectra = stft.analyse(audio, tables)
    assert spectra.shape == (2, 2, window // 2 + 1, stft.frames)
    assert (stft.synthesise(spectra, tables) - audio).abs().max() < 1e-5


@pytest.mark.parametrize(("window", "hop", "samples", "shape"), SIZES)
def test_as_the_transform_of_torch(window, hop, samples, shape):
    stft = Stft(window, hop, samples, shape=shape)
    audio = torch.randn(2, samples, generator=torch.Generator().manual_seed(0))
    taper = torch.hann_window(window) ** (0.5 if shape == "root_hann" else 1)
    wanted = torch.stft(audio, window, hop, window=taper, pad_mode="constant", return_complex=True)
    found = stft.analyse(audio, stft.tables())
    assert (found - torch.view_as_real(wanted).permute(0, 3, 1, 2) / taper.norm()).abs().max() < 1e-5


def test_a_bin_of_white_noise_has_the_mean_square_of_the_noise():
    stft = Stft(256, 64, 64000)
    audio = 0.3 * torch.randn(1, 64000, generator=torch.Generator().manual_seed(0))
    assert stft.analyse(audio, stft.tables()).square().sum(1).mean().item() == pytest.approx(0.09, rel=0.05)


class Through(nn.Module):
    """There and back a few times."""

    def __init__(self) -> None:
        super().__init__()
        self.stft = Stft(512, 128, 5120)

    def forward(self, audio):
        tables = self.stft.tables()
        for _ in range(3):
            audio = self.stft.synthesise(0.9 * self.stft.analyse(audio, tables), tables)
        return audio


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_graph_holds_how_the_tables_are_made_and_not_the_tables():
    pytest.importorskip("onnx")
    import onnxruntime

    network, out, audio = Through(), io.BytesIO(), torch.randn(2, 5120)
    torch.onnx.export(network, (audio,), out, input_names=["audio"], opset_version=17, dynamo=False)
    assert len(out.getvalue()) < 100_000  # one table has a million bytes
    found = onnxruntime.InferenceSession(out.getvalue()).run(None, {"audio": audio.numpy()})[0]
    assert np.abs(found - network(audio).numpy()).max() < 1e-5


def test_only_a_few_numbers_are_stored():
    assert {name: len(value) for name, value in Stft(512, 128, 5120).state_dict().items()} == {"counted": 512}


def test_refuses_sound_that_holds_no_frame():
    with pytest.raises(RecipeError, match="hold no frame"):
        Stft(64, 16, 0)
