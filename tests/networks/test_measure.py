"""What a network costs and how far it hears, against networks whose figures are known by arithmetic."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from torch import nn  # noqa: E402

from unnoise.networks.base import SpectrumNetwork, StateSpec, WaveformNetwork  # noqa: E402
from unnoise.networks.measure import measure_network  # noqa: E402

BINS = 5


class Convolutions(WaveformNetwork):
    """Convolutions of (kernel, dilation) over windows of half a second at 8 kHz."""

    def __init__(self, shapes, overlap_samples=0, channels=4):
        super().__init__()
        self.rate, self.window_samples, self.overlap_samples = 8000, 4000, overlap_samples
        sizes = [1, *[channels] * (len(shapes) - 1), 1]
        self.layers = nn.Sequential(
            *(
                nn.Conv1d(few, many, kernel, dilation=dilation, padding=dilation * (kernel // 2))
                for (kernel, dilation), few, many in zip(shapes, sizes, sizes[1:], strict=False)
            )
        )

    def run(self, audio):
        return self.layers(audio[:, None])[:, 0]


class Loudest(Convolutions):
    """The same, relative to the loudest sample: each depends on all, though for most the gradient is 0."""

    def run(self, audio):
        return super().run(audio / audio.abs().amax(1, keepdim=True))


class OverFrames(WaveformNetwork):
    """Frames of 40 samples through a layer that sees all of a window: 100 frames."""

    def __init__(self, layer):
        super().__init__()
        self.rate, self.window_samples, self.overlap_samples = 8000, 4000, 0
        self.layer = layer

    def run(self, audio):
        frames = audio.reshape(len(audio), 100, 40)
        attends = isinstance(self.layer, nn.MultiheadAttention)
        return (self.layer(frames, frames, frames) if attends else self.layer(frames))[0].reshape(audio.shape)


class Frames(SpectrumNetwork):
    """Each frame with the last `past` ones."""

    def __init__(self, past):
        super().__init__()
        self.hop_ms, self.min_bins, self.max_bins = 10.0, BINS, BINS
        self.past = past
        self.states = (StateSpec("before", (past, BINS, 2)),)
        self.weight = nn.Parameter(torch.rand(past + 1))

    def run(self, spectrum, before):
        whole = torch.cat([before, spectrum], dim=1)
        parts = [w * whole[:, k : k + spectrum.shape[1]] for k, w in enumerate(self.weight)]
        return sum(parts), whole[:, whole.shape[1] - self.past :]


class Recurrent(SpectrumNetwork):
    """A recurrence over frames, whose last layer begins at zero."""

    def __init__(self, width=6):
        super().__init__()
        self.hop_ms, self.min_bins, self.max_bins = 16.0, BINS, BINS
        self.states = (StateSpec("memory", (width,)),)
        self.over_time = nn.GRU(2 * BINS, width)
        self.gains = nn.Linear(width, BINS)
        nn.init.zeros_(self.gains.weight)

    def run(self, spectrum, memory):
        out, last = self.over_time(spectrum.flatten(2).transpose(0, 1), memory[None])
        return (1 + self.gains(out).transpose(0, 1)[..., None]) * spectrum, last[0]


SHAPES = st.lists(st.tuples(st.sampled_from([1, 3, 9]), st.sampled_from([1, 2, 16])), min_size=1, max_size=4)


@settings(max_examples=15, deadline=None)
@given(shapes=SHAPES)
def test_a_stack_of_convolutions_hears_what_arithmetic_says(shapes):
    found = measure_network(Convolutions(shapes))
    assert found.receptive_field_ms == pytest.approx((1 + sum((k - 1) * d for k, d in shapes)) / 8)
    assert (found.latency_ms, found.causal, found.rate) == (500.0, False, 8000)


@pytest.mark.parametrize("overlap_samples", [0, 1000, 2000])
def test_overlap_is_paid_for(overlap_samples):
    found = measure_network(Convolutions([(3, 1), (5, 4)], overlap_samples))
    assert found.parameters == (3 * 4 + 4) + (5 * 4 + 1)
    assert found.multiply_adds_per_s == (3 * 4 + 5 * 4) * 8000 * 4000 / (4000 - overlap_samples)


def test_a_field_wider_than_the_window_ends_with_it():
    assert measure_network(Loudest([(9, 1)])).receptive_field_ms == 500
    assert measure_network(Convolutions([(3, 1), (3, 1999), (3, 1)])).receptive_field_ms <= 500


FRAMES_PER_S = 200


@pytest.mark.parametrize(
    ("layer", "multiply_adds"),
    [
        (nn.GRU(40, 40, batch_first=True), 3 * 2 * 40 * 40 * FRAMES_PER_S),
        (nn.LSTM(40, 40, batch_first=True), 4 * 2 * 40 * 40 * FRAMES_PER_S),
        # Four projections, and two products between all of a window's 100 frames.
        (nn.MultiheadAttention(40, 2, batch_first=True), (4 * 40 * 40 + 2 * 100 * 40) * FRAMES_PER_S),
    ],
    ids=["gru", "lstm", "attention"],
)
def test_no_kind_of_layer_is_for_nothing(layer, multiply_adds):
    assert measure_network(OverFrames(layer)).multiply_adds_per_s == multiply_adds


def test_attention_hears_the_whole_window():
    found = measure_network(OverFrames(nn.MultiheadAttention(40, 2, batch_first=True)))
    assert found.receptive_field_ms == 500


@pytest.mark.parametrize("past", [0, 1, 7])
def test_frames_and_their_windows(past):
    found = measure_network(Frames(past))
    assert found.receptive_field_ms == pytest.approx(10 * (past + 2))
    assert (found.causal, found.latency_ms, found.rate) == (True, 20.0, None)


def test_a_recurrence_has_no_end_even_behind_a_layer_of_zeros():
    found = measure_network(Recurrent())
    assert found.receptive_field_ms is None
    assert found.causal
    assert found.multiply_adds_per_s == (3 * 6 * (2 * BINS + 6) + 6 * BINS) * 1000 / 16


def test_the_weights_stay_as_they_are():
    network = OverFrames(nn.Sequential(nn.BatchNorm1d(100), nn.GRU(40, 40, batch_first=True)))
    before = {name: value.clone() for name, value in network.state_dict().items()}
    measure_network(network)
    assert all(parameter.requires_grad and parameter.grad is None for parameter in network.parameters())
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
