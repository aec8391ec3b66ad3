"""How a model does where recordings differ from the usual: rates, levels, rooms, two talkers, codecs, length, pauses.

    python bench/generality.py --bench DIR [--model NAME|PATH] [--clips N] [--music FILE ...] [--json OUT]

DIR holds `16k` and `48k` with `clean/` and `noisy/` of the same names. Each condition is made of their speech and their
noise, with seeds; each line gives SI-SDR in dB and STOI of noisy and cleaned, and of how many clips. Needs
`pip install 'unnoise[measure,rooms]'`.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import soundfile as sf
from numpy.typing import NDArray
from scipy.signal import fftconvolve

from unnoise import Denoiser
from unnoise.evaluate.pairs import find_pairs, load
from unnoise.metrics import measure
from unnoise.mix.damages import apply_damage
from unnoise.mix.rooms import simulated
from unnoise.signal.level import active_level_dbfs, dbfs, frame_levels_db
from unnoise.signal.resample import resample

Sound = NDArray[np.float32]
MEASURES = ("si_sdr", "stoi")
TALKERS = {
    r"p2\d\d_": "English, VCTK",
    r"nl_": "Dutch",
    r"SSB": "Mandarin, AISHELL-3",
    r"0(0044|0048|0075|0111)\d{4}_": "children of six, English learners",  # by spk2age of speechocean762
    r"\d{9}_": "English learners",
    r"\d+-\d+-": "English, LibriSpeech",
}
LONG_MINUTES = 10
MUSIC_SNR_DB = 5.0
PAUSE_S, FLOOR_DBFS, SPEECH_DBFS, ONSET_S = 4.0, -90.0, -25.0, 0.17


@dataclass(frozen=True)
class Clip:
    """Clean and noisy (samples,) at `rate` Hz."""

    name: str
    rate: int
    clean: Sound
    noisy: Sound

    @property
    def noise(self) -> Sound:
        """What was mixed in."""
        return self.noisy - self.clean


def clips_of(folder: Path, most: int) -> list[Clip]:
    """Evenly spread over the set."""
    pairs = find_pairs(folder / "noisy", folder / "clean")[0]
    found = []
    for pair in pairs[:: max(1, len(pairs) // most)][:most]:
        sounds = load(pair)
        assert sounds.clean is not None
        found.append(Clip(pair.file, sounds.rate, sounds.clean, sounds.noisy))
    return found


def at_rate(clip: Clip, rate: int) -> Clip:
    """Resampled."""
    clean, noisy = (resample(sound, clip.rate, rate) for sound in (clip.clean, clip.noisy))
    return Clip(clip.name, rate, clean, noisy)


def at_level(clip: Clip, level_dbfs: float) -> Clip:
    """The noisy sound at this level; beyond full scale it is not clipped."""
    gain = np.float32(10 ** ((level_dbfs - dbfs(clip.noisy)) / 20))
    return replace(clip, clean=clip.clean * gain, noisy=clip.noisy * gain)


def in_room(clip: Clip, seed: int) -> Clip:
    """Talker and noise in a simulated room; what is wanted back is the talker with the room."""
    talker, noise = simulated(clip.rate, round(0.6 * clip.rate), seed)
    clean, rest = (
        fftconvolve(a, b)[: len(a)].astype(np.float32) for a, b in ((clip.clean, talker), (clip.noise, noise))
    )
    return replace(clip, clean=clean, noisy=clean + rest)


def with_second_talker(clip: Clip, other: Clip) -> Clip:
    """Another voice at the same level, which is to stay as well."""
    gain = 10 ** ((active_level_dbfs(clip.clean, clip.rate) - active_level_dbfs(other.clean, other.rate)) / 20)
    clean = clip.clean + np.resize(other.clean, len(clip.clean)) * np.float32(gain)
    return replace(clip, clean=clean, noisy=clean + clip.noise)


@cache
def mono(path: Path, rate: int) -> Sound:
    """A file at `rate` Hz, its channels averaged."""
    sound, own_rate = sf.read(path, dtype="float32", always_2d=True)
    return resample(sound.mean(1), own_rate, rate)


def over_music(clip: Clip, music: Path) -> Clip:
    """The clean speech, and in place of its noise the loudest stretch of a piece of music."""
    length, piece = len(clip.clean), mono(music, clip.rate)
    piece = np.resize(piece, max(length, len(piece)))
    energy = np.cumsum(np.append(0, np.square(piece, dtype=np.float64)))
    at = int(np.argmax(energy[length:] - energy[:-length]))
    piece = piece[at : at + length]
    gain = 10 ** ((active_level_dbfs(clip.clean, clip.rate) - MUSIC_SNR_DB - dbfs(piece)) / 20)
    return replace(clip, noisy=clip.clean + piece * np.float32(gain))


def damaged(clip: Clip, name: str, **parameters: float | str) -> Clip:
    """Both sides through the same damage: it is not the denoiser's to mend."""
    clean, noisy = (
        apply_damage(name, sound, clip.rate, np.random.default_rng(1), parameters) for sound in (clip.clean, clip.noisy)
    )
    return replace(clip, clean=clean, noisy=noisy)


def talkers(clip: Clip) -> str:
    """Who speaks, by the name of the file after its number."""
    name = clip.name.split("_", 1)[-1]
    return next((who for start, who in TALKERS.items() if re.match(start, name)), "others")


def conditions(low: list[Clip], full: list[Clip], music: list[Path]) -> Iterator[tuple[str, list[Clip]]]:
    """Name and clips of each."""
    for rate in (8000, 16000, 44100, 48000):
        yield f"{rate / 1000:g} kHz", [at_rate(clip, rate) for clip in full]
    for level in (-60, -40, -20, -5):
        yield f"{level} dBFS", [at_level(clip, level) for clip in low]
    for who in sorted({talkers(clip) for clip in (*low, *full)}):
        yield who, [clip for clip in (*low, *full) if talkers(clip) == who]
    yield "in rooms", [in_room(clip, seed) for seed, clip in enumerate(low)]
    yield "two talkers", [with_second_talker(a, b) for a, b in zip(low, low[1:] + low[:1], strict=True)]
    if music:
        yield "music underneath", [over_music(clip, music[k % len(music)]) for k, clip in enumerate(low)]
    yield "telephone band in 16 kHz", [damaged(clip, "band-limit", edge_hz=3400.0, high_pass=True) for clip in low]
    yield "codec", [damaged(clip, "codec") for clip in low]


def scores(clip: Clip, out: Sound) -> list[float]:
    """Of one clip, in the order of MEASURES."""
    return [measure(name, clip.clean, out, clip.rate) for name in MEASURES]


def drift(clips: list[Clip], denoise: Callable[[Sound, int], Sound]) -> dict[str, float]:
    """SI-SDR in dB of a pass of all clips alone, and of the last of those that fill ten minutes."""
    rate = clips[0].rate
    clean, noisy = (np.concatenate([getattr(clip, side) for clip in clips]) for side in ("clean", "noisy"))
    times = -(-LONG_MINUTES * 60 * rate // len(clean))
    out = denoise(np.tile(noisy, times), rate)[-len(clean) :]
    alone = denoise(noisy, rate)
    return {"clips": len(clips), "first_si_sdr": measure("si_sdr", clean, alone, rate),
            "last_si_sdr": measure("si_sdr", clean, out, rate)}  # fmt: skip


def onset(clip: Clip, level_dbfs: float) -> int | None:
    """The sample where clean speech of this level first begins after 130 ms of quiet, with a second of it behind."""
    over = frame_levels_db(clip.clean, clip.rate, frame_ms=10.0) - level_dbfs
    for k in range(15, len(over) - 100):
        if over[k - 15 : k - 2].max() < -27 and over[k : k + 4].mean() > -15:
            return k * round(0.01 * clip.rate)
    return None


def onsets(clips: list[Clip], denoise: Callable[[Sound, int], Sound]) -> dict[str, float]:
    """How much of clean speech is left at an onset after PAUSE_S of a faint floor, in dB, and of how many clips."""
    left_db = []
    for number, clip in enumerate(clips):
        level_dbfs = active_level_dbfs(clip.clean, clip.rate)
        if (at := onset(clip, level_dbfs)) is None:
            continue
        gain = 10 ** ((SPEECH_DBFS - level_dbfs) / 20)
        speech = clip.clean[max(0, at - clip.rate // 50) : at + round(1.5 * clip.rate)] * np.float32(gain)
        clean = np.concatenate([speech, np.zeros(round(PAUSE_S * clip.rate), np.float32), speech])
        floor = np.random.default_rng(number).standard_normal(len(clean)) * 10 ** (FLOOR_DBFS / 20)
        out = denoise(clean + floor.astype(np.float32), clip.rate)
        begin = slice(len(clean) - len(speech), len(clean) - len(speech) + round(ONSET_S * clip.rate))
        left_db.append(dbfs(out[begin]) - dbfs(clean[begin]))
    return {"clips": len(left_db), "mean_db": float(np.mean(left_db)), "worst_db": min(left_db),
            "under_6_db": sum(left < -6 for left in left_db)}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", type=Path, required=True)
    parser.add_argument("--model", default="default")
    parser.add_argument("--clips", type=int, default=24)
    parser.add_argument("--music", type=Path, nargs="*", default=[])
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    denoiser = Denoiser(args.model)
    low, full = (clips_of(args.bench / name, args.clips) for name in ("16k", "48k"))
    rows = []
    print("| condition | clips | SI-SDR noisy | cleaned | STOI noisy | cleaned |\n|---|---|---|---|---|---|")
    for name, clips in conditions(low, full, args.music):
        before = np.nanmean([scores(clip, clip.noisy) for clip in clips], axis=0)
        after = np.nanmean([scores(clip, denoiser(clip.noisy, clip.rate)) for clip in clips], axis=0)
        rows.append({"condition": name, "clips": len(clips), "noisy": list(before), "cleaned": list(after)})
        print(
            f"| {name} | {len(clips)} | {before[0]:.1f} | {after[0]:.1f} | {before[1]:.3f} | {after[1]:.3f} |",
            flush=True,
        )
    long = drift(low, denoiser)
    print(f"ten minutes: SI-SDR {long['first_si_sdr']:.1f} dB in the first pass, {long['last_si_sdr']:.1f} in the last")
    begun = onsets(clips_of(args.bench / "16k", 10**6), denoiser)
    print("onsets: " + ", ".join(f"{name} {value:.1f}" for name, value in begun.items()))
    if args.json:
        args.json.write_text(json.dumps({"conditions": rows, "ten_minutes": long, "onsets": begun}, indent=1))


if __name__ == "__main__":
    main()
