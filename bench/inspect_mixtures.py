"""Mixtures of speech and noise of a known SNR and kind, to fit and to measure what `inspect` says.

The corpus is a folder with `speech.jsonl` and `noise.jsonl`, a recording a line (keys path, speaker, snr_sel_db,
seconds; path, kind). A speaker or a noise belongs to one side, `fit` or `check`, never to both.
"""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile as sf

from unnoise.signal.level import active_level_dbfs, dbfs
from unnoise.signal.resample import resample

KINDS = ("steady", "hum", "hiss", "wind", "babble", "mixed")
_RECORDED = {
    "steady": {"appliance", "computer"},
    "hiss": {"hiss-vinyl"},
    "wind": {"wind"},
    "babble": {"crowd-babble"},
    "mixed": {"animals", "impacts", "footsteps", "birds", "clock", "doors", "kitchen-eating", "tools", "keyboard",
              "office-paper", "mic-handling", "human", "music", "siren-alarm"},
}  # fmt: skip
_CHECK_SHARE = 0.15


@dataclass(frozen=True)
class Mixture:
    clean: np.ndarray
    noise: np.ndarray
    rate: int
    snr_db: float
    """With the noise that the clean recording brings along."""
    kind: str
    """Empty where the kind is anyone's guess."""


class Corpus:
    def __init__(self, folder: Path, side: str) -> None:
        self._folder = folder
        self._voices: dict[str, list[dict]] = defaultdict(list)
        for row in self._rows("speech.jsonl"):
            if row["snr_sel_db"] >= 34 and row["seconds"] >= 1.5 and _side(row["speaker"]) == side:
                self._voices[row["speaker"]].append(row)
        self._speakers = sorted(self._voices)
        self._noises: dict[str, list[dict]] = defaultdict(list)
        for row in self._rows("noise.jsonl"):
            if _side(row["path"]) == side or row["kind"] in {"appliance", "computer"}:
                self._noises[row["kind"]].append(row)

    def _rows(self, name: str) -> list[dict]:
        return [json.loads(line) for line in (self._folder / name).read_text().splitlines()]

    def _load(self, row: dict, rate: int) -> np.ndarray:
        sound, own = sf.read(self._folder / row["path"], dtype="float32", always_2d=True)
        return resample(np.ascontiguousarray(sound[:, 0]), own, rate)

    def speech(self, rng: np.random.Generator, rate: int, seconds: float) -> tuple[np.ndarray, float]:
        """Clips of one speaker, joined with pauses now and then, and the SNR they have of their own."""
        voices = self._voices[self._speakers[rng.integers(len(self._speakers))]]
        parts, own_db, wanted = [], 99.0, round(seconds * rate)
        gaps = rng.random() < 0.3
        while sum(map(len, parts)) < wanted and len(parts) < 8:
            row = voices[rng.integers(len(voices))]
            parts.append(self._load(row, rate))
            own_db = min(own_db, row["snr_sel_db"])
            if gaps:
                parts.append(np.zeros(round(rate * rng.uniform(0.2, 2.0)), np.float32))
        sound = np.concatenate(parts)
        start = rng.integers(max(1, len(sound) - wanted + 1))
        return sound[start : start + wanted], own_db

    def recorded(self, rng: np.random.Generator, rate: int, samples: int, kinds: set[str] | None) -> np.ndarray:
        """A piece of a recorded noise of one of the kinds, or of any."""
        names = sorted(k for k in self._noises if kinds is None or k in kinds)
        rows = self._noises[names[rng.integers(len(names))]]
        sound = self._load(rows[rng.integers(len(rows))], rate)
        sound = np.tile(sound, -(-samples // len(sound)))
        start = rng.integers(len(sound) - samples + 1)
        return sound[start : start + samples]

    def babble(self, rng: np.random.Generator, rate: int, samples: int) -> np.ndarray:
        """Four to eight talkers at once."""
        total = np.zeros(samples, np.float32)
        for _ in range(rng.integers(4, 9)):
            voice, _ = self.speech(rng, rate, samples / rate + 1)
            voice = np.roll(np.tile(voice, -(-samples // len(voice))), rng.integers(len(voice)))[:samples]
            level = active_level_dbfs(voice, rate)
            total += voice * np.float32(10 ** ((rng.uniform(-4, 0) - level) / 20))
        return total

    def noise(self, rng: np.random.Generator, rate: int, samples: int, kind: str) -> np.ndarray:
        if not kind:
            return self.recorded(rng, rate, samples, None)
        if kind == "mixed" or (kind in _RECORDED and rng.random() < 0.25 and self._has(kind)):
            return self.recorded(rng, rate, samples, _RECORDED[kind])
        if kind == "babble":
            return self.babble(rng, rate, samples)
        return {"steady": steady, "hum": hum, "hiss": hiss, "wind": wind}[kind](rng, rate, samples)

    def _has(self, kind: str) -> bool:
        return any(self._noises[k] for k in _RECORDED[kind])

    def mixture(
        self,
        rng: np.random.Generator,
        *,
        kinds: tuple[str, ...] = (*KINDS, *[""] * 9),
        snr_range_db: tuple[float, float] = (-10.0, 40.0),
        rates: tuple[int, ...] = (16000, 16000, 48000, 48000, 8000),
    ) -> Mixture:
        """One mixture at a level of -45 to -18 dBFS, now and then with a narrow band or no noise but its own."""
        rate = int(rng.choice(rates))
        clean, own_db = self.speech(rng, rate, rng.uniform(1.9, 8.0 if rng.random() < 0.3 else 4.5))
        kind = kinds[rng.integers(len(kinds))]
        noise = self.noise(rng, rate, len(clean), kind)
        if rng.random() < 0.12:
            cut_hz = rng.uniform(3000, 7500)
            clean, noise = _low_passed(clean, rate, cut_hz), _low_passed(noise, rate, cut_hz)
        level = active_level_dbfs(clean, rate)
        if level < -80 or dbfs(noise) < -90:
            return self.mixture(rng, kinds=kinds, snr_range_db=snr_range_db, rates=rates)
        snr_db = rng.uniform(*snr_range_db)
        noise = noise * np.float32(10 ** ((level - snr_db - dbfs(noise)) / 20))
        if snr_range_db[1] >= 40 and rng.random() < 0.1:
            noise, snr_db, kind = np.zeros_like(noise), 60.0, ""
        both_db = -10 * np.log10(10 ** (-snr_db / 10) + 10 ** (-own_db / 10))
        gain = 10 ** ((rng.uniform(-45, -18) - level) / 20)
        gain = np.float32(min(gain, 0.99 / max(float(np.abs(clean + noise).max()), 1e-9)))
        return Mixture(clean * gain, noise * gain, rate, float(both_db), kind)


def _side(name: str) -> str:
    return "check" if zlib.crc32(name.encode()) % 1000 < 1000 * _CHECK_SHARE else "fit"


def _shaped(rng: np.random.Generator, rate: int, samples: int, gain_db_of_hz) -> np.ndarray:
    """White noise with the given gain in dB at each frequency in Hz."""
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    hz = np.maximum(np.fft.rfftfreq(samples, 1 / rate), 20.0)
    shaped = np.fft.irfft(spectrum * 10 ** (gain_db_of_hz(hz) / 20), samples)
    return (shaped / np.std(shaped)).astype(np.float32)


def _low_passed(sound: np.ndarray, rate: int, cut_hz: float) -> np.ndarray:
    spectrum = np.fft.rfft(sound)
    spectrum[round(cut_hz / rate * len(sound)) :] = 0
    return np.fft.irfft(spectrum, len(sound)).astype(np.float32)


def steady(rng: np.random.Generator, rate: int, samples: int) -> np.ndarray:
    """Pink to brown, gently coloured, with a hum-free tone or two of a motor now and then."""
    slope, knots = rng.uniform(-6.5, -2.5), rng.uniform(-5, 5, 8)
    octaves = np.linspace(4, 14.5, 8)
    sound = _shaped(rng, rate, samples, lambda hz: slope * np.log2(hz / 1000) + np.interp(np.log2(hz), octaves, knots))
    t = np.arange(samples) / rate
    if rng.random() < 0.5:
        for _ in range(rng.integers(1, 4)):
            pitch_hz = rng.uniform(70, 600)
            wobble = 0.3 * np.sin(2 * np.pi * rng.uniform(0.5, 4) * t)
            sound = sound + np.float32(rng.uniform(0.02, 0.25)) * np.sin(2 * np.pi * pitch_hz * t + wobble)
    swell = 1 + rng.uniform(0, 0.12) * np.sin(2 * np.pi * rng.uniform(0.1, 6) * t + rng.uniform(0, 6))
    return (sound * swell).astype(np.float32)


def hum(rng: np.random.Generator, rate: int, samples: int) -> np.ndarray:
    """Harmonics of 50 or 60 Hz over a weak steady noise."""
    t = np.arange(samples) / rate
    mains_hz = float(rng.choice([50, 60])) * (1 + rng.uniform(-0.001, 0.001))
    sound, fall = np.zeros(samples), rng.uniform(0.3, 1.5)
    for k in range(1, rng.integers(5, 20)):
        if k * mains_hz < rate / 2:
            strength = k**-fall * 10 ** (rng.uniform(-12, 0) / 20) * (1.0 if rng.random() < 0.8 else 0.1)
            sound += strength * np.sin(2 * np.pi * k * mains_hz * t + rng.uniform(0, 6.3))
    sound /= np.std(sound) + 1e-9
    return (sound + 10 ** (rng.uniform(-40, -12) / 20) * steady(rng, rate, samples)).astype(np.float32)


def hiss(rng: np.random.Generator, rate: int, samples: int) -> np.ndarray:
    """White to rising noise, its lows cut away."""
    corner_hz, order, tilt = rng.uniform(300, 5000), rng.uniform(6, 24), rng.uniform(0, 3)
    corner_hz = min(corner_hz, rate / 4)
    return _shaped(
        rng,
        rate,
        samples,
        lambda hz: -order / 2 * np.log2(1 + (corner_hz / hz) ** 2) + tilt * np.log2(hz / 1000),
    )


def wind(rng: np.random.Generator, rate: int, samples: int) -> np.ndarray:
    """Gusts of noise below a few hundred hertz."""
    corner_hz, order = rng.uniform(60, 350), rng.uniform(6, 14)
    sound = _shaped(rng, rate, samples, lambda hz: -order * np.log2(1 + hz / corner_hz))
    count = max(3, round(samples / rate * rng.uniform(0.8, 4)) + 2)
    gust_db = np.interp(np.linspace(0, count - 1, samples), np.arange(count), rng.uniform(-22, 0, count))
    return (sound * 10 ** (gust_db / 20)).astype(np.float32)
