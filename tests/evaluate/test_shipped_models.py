"""The bundles that ship must not get worse: their figures on four clips, against those that are stored.

Speech is that of examples/clean.flac, the noises are made from seeds. When a bundle changes on purpose, renew the
figures from the top of the checkout, and look at what changed before it is committed:

    python -m tests.evaluate.test_shipped_models
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import soundfile as sf

from unnoise.bundle import list_bundles, load_bundle
from unnoise.engine.whole import Denoiser
from unnoise.evaluate.pairs import Pair
from unnoise.evaluate.run import Measuring
from unnoise.evaluate.systems import Model
from unnoise.mix.noises import make_noise
from unnoise.signal.level import active_level_dbfs, dbfs
from unnoise.signal.resample import resample

STORED = Path(__file__).with_name("shipped_models.json")
SPEECH = Path(__file__).parents[2] / "examples/clean.flac"
CLIPS = {
    "rain-5dB-16k": ("rain", 5.0, 16000, 0.0),
    "fan-0dB-16k": ("fan", 0.0, 16000, 4.8),
    "pink-10dB-48k": ("pink", 10.0, 48000, 0.0),
    "crackle-5dB-48k": ("crackle", 5.0, 48000, 4.8),
}
"""Noise, SNR in dB, rate in Hz, and the second of the speech at which 5 s begin."""
TOLERANCES = {"pesq_wb": 0.01, "si_sdr": 0.05, "speech_loss_db": 0.05}


def write_clips(folder: Path) -> list[Pair]:
    """The four pairs, written as 16-bit WAV."""
    whole, whole_rate = sf.read(SPEECH, dtype="float32")
    pairs = []
    for seed, (name, (kind, snr_db, rate, start_s)) in enumerate(CLIPS.items()):
        start = round(start_s * whole_rate)
        clean = resample(whole[start : start + 5 * whole_rate], whole_rate, rate)
        added = make_noise(kind, len(clean), rate, np.random.default_rng(seed))
        added *= np.float32(10 ** ((active_level_dbfs(clean, rate) - snr_db - dbfs(added)) / 20))
        for side, sound in (("clean", clean), ("noisy", clean + added)):
            sf.write(folder / f"{name}.{side}.wav", np.clip(sound, -1, 1), rate, subtype="PCM_16")
        pairs.append(Pair(name, str(folder / f"{name}.noisy.wav"), str(folder / f"{name}.clean.wav")))
    return pairs


def figures(model: str, folder: Path) -> dict[str, dict[str, float]]:
    """Clip, then measure, to the score of the bundle called `model`."""
    work = Measuring((Model(model, Denoiser(model)),), tuple(TOLERANCES))
    rows = [row for pair in write_clips(folder) for row in work(pair)[0]]
    return {row.file: {measure: round(value, 4) for measure, value in row.scores.items()} for row in rows}


@pytest.fixture(scope="module", params=list_bundles())
def found(request, tmp_path_factory):
    pytest.importorskip("pesq")
    return request.param, figures(request.param, tmp_path_factory.mktemp("clips"))


@pytest.fixture(scope="module")
def stored():
    return json.loads(STORED.read_text(encoding="utf-8"))


def test_every_bundle_is_stored(stored):
    hashes = {name: load_bundle(name).info.sha256 for name in list_bundles()}
    assert {name: told["sha256"] for name, told in stored.items()} == hashes, "renew the figures: see above"


@pytest.mark.parametrize("measure", TOLERANCES)
def test_no_bundle_gets_worse(found, stored, measure):
    name, now = found
    before = np.mean([clip[measure] for clip in stored[name]["clips"].values()])
    assert np.mean([clip[measure] for clip in now.values()]) >= before - TOLERANCES[measure]


@pytest.mark.parametrize("clip", CLIPS)
def test_each_clip_has_the_stored_figures(found, stored, clip):
    name, now = found
    for measure, tolerance in TOLERANCES.items():
        assert now[clip][measure] == pytest.approx(stored[name]["clips"][clip][measure], abs=tolerance), measure


@pytest.mark.parametrize("name", list_bundles())
@pytest.mark.parametrize("pause_s", [1, 4, 8])
def test_speech_after_a_quiet_pause_keeps_its_onset(name, pause_s):
    speech, rate = sf.read(SPEECH, dtype="float32")
    speech *= 10 ** ((-25 - active_level_dbfs(speech, rate)) / 20)
    onset = int(np.argmax(np.abs(speech) > 0.02 * np.abs(speech).max()))
    clean = np.concatenate([speech, np.zeros(pause_s * rate, np.float32), speech])
    floor = np.random.default_rng(0).standard_normal(len(clean)) * 10 ** (-90 / 20)
    out = Denoiser(name)(clean + floor.astype(np.float32), rate)
    begin = len(speech) + pause_s * rate + onset
    first = slice(begin, begin + round(0.17 * rate))
    assert dbfs(out[first]) > dbfs(clean[first]) - 2


def main() -> None:
    """Store the figures of the bundles as they are."""
    told = {}
    for name in list_bundles():
        with TemporaryDirectory() as folder:
            told[name] = {"sha256": load_bundle(name).info.sha256, "clips": figures(name, Path(folder))}
    STORED.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
