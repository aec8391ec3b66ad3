"""Bit-exact samples: reading and writing an unchanged file gives the same numbers."""

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from unnoise.files import SoundInfo, open_target
from unnoise.files.pcm import decode, encode, finite, quantise

from .sounds import drawn, noise, passed, store

RANGES = {"u8": (0, 255), "s16le": (-(2**15), 2**15 - 1), "s24le": (-(2**23), 2**23 - 1)}
RANGES |= {"s32le": (-(2**31), 2**31 - 1)}


@given(data=st.data(), encoding=st.sampled_from(sorted(RANGES)), channels=st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_bytes_survive_decode_and_encode(data, encoding, channels):
    low, high = RANGES[encoding]
    steps = data.draw(st.lists(st.integers(low, high), max_size=20).map(lambda v: v[: len(v) // channels * channels]))
    width = {"u8": 1, "s16le": 2, "s24le": 3, "s32le": 4}[encoding]
    raw = b"".join(v.to_bytes(width, "little", signed=encoding != "u8") for v in steps)
    assert encode(decode(raw, encoding, channels), encoding) == raw


@given(hnp.arrays(np.float32, (7, 2), elements=st.floats(-3, 3, width=32)), st.sampled_from([8, 16, 24, 32]))
@settings(max_examples=60, deadline=None)
def test_quantising_rounds_to_the_nearest_step_and_clips(block, bits):
    scale = 2.0 ** (bits - 1)
    steps = quantise(block, bits).astype(np.float64)
    inside = np.clip(block.astype(np.float64), -1, 1 - 1 / scale)
    assert np.abs(steps / scale - inside).max() <= 0.5 / scale


def test_non_finite_samples_become_zero():
    block = np.array([[np.nan, 1.0], [np.inf, -np.inf]], np.float32)
    assert finite(block).tolist() == [[0, 1], [0, 0]]


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW", "ALAW"])
def test_wav_passes_bit_for_bit(tmp_path, subtype):
    # full scale on both sides, and a length that is no multiple of the blocks
    source = store(tmp_path / "a.wav", np.clip(noise(5001, 2) * 12, -1, 1), subtype=subtype)
    passed(source, tmp_path / "b.wav")
    a, b = soundfile.read(source)[0], soundfile.read(tmp_path / "b.wav")[0]
    assert np.array_equal(a, b)
    assert soundfile.info(tmp_path / "b.wav").subtype == subtype


@given(steps=hnp.arrays(np.int16, st.integers(1, 50)))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_16_bit_flac_passes(tmp_path, steps):
    soundfile.write(tmp_path / "a.flac", steps, 16000)
    passed(tmp_path / "a.flac", tmp_path / "b.flac", force=True)
    assert np.array_equal(soundfile.read(tmp_path / "b.flac", dtype="int16")[0], steps)


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
def test_writing_clips_and_never_wraps(tmp_path, subtype):
    info = SoundInfo(16000, 1, 4, "WAV", subtype)
    with open_target(tmp_path / "a.wav", info) as target:
        target.write(np.array([[2.0], [-2.0], [np.nan], [np.inf]], np.float32))
    assert np.allclose(soundfile.read(tmp_path / "a.wav")[0], [1, -1, 0, 0], atol=1e-4)


def test_blocks_are_double_only_where_needed(tmp_path):
    for subtype, kind in {"PCM_16": np.float32, "PCM_24": np.float32, "PCM_32": np.float64}.items():
        store(tmp_path / f"{subtype}.wav", noise(10), subtype=subtype)
        from unnoise.files import open_source

        with open_source(tmp_path / f"{subtype}.wav") as source:
            assert next(source.blocks(10)).dtype == kind


def test_blocks_cut_alike_whatever_their_size(tmp_path):
    store(tmp_path / "a.flac", noise(4001, 2))
    whole, _ = drawn(tmp_path / "a.flac", block=10**6)
    for block in (1, 333, 4001):
        assert np.array_equal(drawn(tmp_path / "a.flac", block=block)[0], whole)
