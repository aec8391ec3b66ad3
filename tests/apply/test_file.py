"""One file in, the same file out, and the report on it."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st

import unnoise
from tests.sounds import noise
from unnoise.apply.file import process_file


class Late:
    """A processor that changes nothing but comes `latency` samples late, in halves."""

    nonfinite_samples = 0

    def __init__(self, latency: int, channels: int) -> None:
        self.latency = latency
        self._held = np.zeros((latency, channels), np.float32)

    def process(self, block):
        line = np.concatenate([self._held, 0.5 * block])
        self._held = line[len(block) :]
        return line[: len(block)]

    def flush(self):
        return self._held


@settings(max_examples=15, deadline=None)
@given(samples=st.integers(0, 3000), channels=st.integers(1, 3), latency=st.integers(0, 700))
def test_latency_is_taken_off_and_nothing_is_lost(tmp_path_factory, samples, channels, latency):
    folder = tmp_path_factory.mktemp("file")
    audio = noise(samples * channels / 8000, 8000).reshape(-1, channels)[:samples]
    sf.write(folder / "in.wav", audio, 8000, subtype="FLOAT")
    report = process_file(
        folder / "in.wav",
        folder / "out.wav",
        lambda opened: Late(latency, opened.info.channels),
        residual=folder / "rest.wav",
    )
    out, rest = (sf.read(folder / n, dtype="float32", always_2d=True)[0] for n in ("out.wav", "rest.wav"))
    assert np.array_equal(out, 0.5 * audio)
    assert np.allclose(rest, 0.5 * audio)
    assert report.samples == samples
    if samples:
        assert report.level_change_db == pytest.approx(-6.02, abs=0.01)


def test_denoise_file_reports_and_tells_progress(tmp_path):
    sf.write(tmp_path / "in.flac", np.stack([noise(2, 44100)] * 2, axis=1), 44100, subtype="PCM_24")
    told: list[tuple[float, float | None]] = []
    report = unnoise.denoise_file(
        tmp_path / "in.flac", tmp_path / "o.flac", progress=lambda done, total: told.append((done, total))
    )
    assert (report.rate, report.channels, report.samples, report.seconds) == (44100, 2, 88200, 2.0)
    assert report.elapsed_s > 0
    assert report.times_real_time == pytest.approx(2 / report.elapsed_s)
    assert told[-1] == (2.0, 2.0)
    assert sf.info(tmp_path / "o.flac").subtype == "PCM_24"


def test_the_residual_is_no_second_output(tmp_path):
    sf.write(tmp_path / "in.wav", noise(0.1, 8000), 8000)
    with pytest.raises(unnoise.OptionError, match="file of its own"):
        unnoise.denoise_file(tmp_path / "in.wav", tmp_path / "o.wav", residual=tmp_path / "o.wav")
    assert not (tmp_path / "o.wav").exists()
