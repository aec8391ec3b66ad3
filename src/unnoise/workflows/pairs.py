"""Mixtures whose clean speech is known, to measure a denoiser on: of a user's noise, and of what it must not forget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from unnoise.errors import InputError
from unnoise.metrics.si_sdr import si_sdr
from unnoise.mix.noises import make_noise
from unnoise.mix.vary import speed
from unnoise.signal.level import active_level_dbfs, dbfs
from unnoise.signal.resample import resample

Sound = NDArray[np.float32]
LEVEL_DBFS = -26.0
SPEECH_FLOOR_DBFS = -60.0
"""A stretch whose active level is lower holds no speech."""
KNOWN = ("coloured", "fan", "hum", "knocks", "buzz", "whine", "crackle", "rain", "wind", "white", "pink", "brown")
"""Made noises, a mixture of each in the set of what must not be forgotten."""
KNOWN_SNRS_DB = (0.0, 5.0, 10.0, 20.0)
KNOWN_SPEEDS = (1.0, 0.9, 1.1)
"""Of the voice, pitch included: three speakers of one."""
OWN_SNRS_DB = (0.0, 2.5, 5.0, 7.5, 10.0)
OWN_SECONDS = 4.0
TRIES = 20


@dataclass(frozen=True)
class Pairs:
    """Mixtures of one length at `rate` Hz; `clean` and `noisy` are (items, samples) float32."""

    rate: int
    kinds: tuple[str, ...]
    """What the noise of each item is."""
    clean: Sound
    noisy: Sound

    def scores_db(self, clean_up: Callable[[Sound], Sound]) -> NDArray[np.float64]:
        """SI-SDR in dB of each item after `clean_up`, which takes and gives all of them, (items, samples)."""
        found = clean_up(self.noisy)
        return np.array([si_sdr(c, f) for c, f in zip(self.clean, found, strict=True)])


def shipped_speech() -> Path:
    """The voice that comes with the package: 10 s, CC0 (examples/README.md of the source)."""
    inside = Path(__file__).with_name("speech.flac")
    path = inside if inside.is_file() else Path(__file__).parents[3] / "examples/clean.flac"
    if not path.is_file():
        raise InputError(f"{inside}: expected the voice that comes with unnoise, and it is gone; install it again")
    return path


def known_pairs(rate: int, part: int) -> Pairs:
    """Made noises with the shipped voice: its first half for part 0, its second for part 1; the same each time."""
    whole, own_rate = sf.read(shipped_speech(), dtype="float32")
    half = len(whole) // 2
    voice = resample(whole[part * half : (part + 1) * half], own_rate, rate)
    items = []
    for k, kind in enumerate(KNOWN):
        spoken = speed(voice, rate, KNOWN_SPEEDS[k % len(KNOWN_SPEEDS)])
        speech = np.resize(spoken, round(rate * OWN_SECONDS))
        noise = make_noise(kind, len(speech), rate, np.random.Generator(np.random.Philox(key=[part, k])))
        items.append(mixed(speech, noise, rate, KNOWN_SNRS_DB[k % len(KNOWN_SNRS_DB)]))
    return _stacked(rate, KNOWN, items)


def own_pairs(speech: Sequence[Sound], noise: Sequence[Sound], rate: int, count: int, seed: int) -> Pairs:
    """`count` mixtures of stretches of recordings (n,) at `rate`, from 0 to 10 dB SNR.

    InputError where the recordings hold no speech.
    """
    rng = np.random.Generator(np.random.Philox(key=seed))
    samples = round(OWN_SECONDS * rate)
    items = []
    for k in range(count):
        spoken = _spoken(speech, samples, rate, rng)
        heard = make_noise("folder", samples, rate, rng, recordings=[noise[int(rng.integers(len(noise)))]])
        items.append(mixed(spoken, heard, rate, OWN_SNRS_DB[k % len(OWN_SNRS_DB)]))
    return _stacked(rate, ("own",) * count, items)


def mixed(speech: Sound, noise: Sound, rate: int, snr_db: float) -> tuple[Sound, Sound]:
    """Clean and noisy (samples,), the speech at -26 dBFS where it is active, the noise `snr_db` under it."""
    clean = speech * np.float32(10 ** ((LEVEL_DBFS - active_level_dbfs(speech, rate)) / 20))
    return clean, clean + noise * np.float32(10 ** ((LEVEL_DBFS - snr_db - dbfs(noise)) / 20))


def _spoken(speech: Sequence[Sound], samples: int, rate: int, rng: np.random.Generator) -> Sound:
    for _ in range(TRIES):
        whole = speech[int(rng.integers(len(speech)))]
        start = int(rng.integers(max(1, len(whole) - samples + 1)))
        cut = np.resize(whole[start : start + samples], samples)
        if active_level_dbfs(cut, rate) > SPEECH_FLOOR_DBFS:
            return cut
    raise InputError(f"{TRIES} stretches of the recordings of speech were silent; give recordings that hold speech")


def _stacked(rate: int, kinds: tuple[str, ...], items: Sequence[tuple[Sound, Sound]]) -> Pairs:
    return Pairs(rate, kinds, np.stack([clean for clean, _ in items]), np.stack([noisy for _, noisy in items]))
