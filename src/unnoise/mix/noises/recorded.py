"""Noises made of recordings, which the caller draws and decodes: babble, a folder's recordings, their high band."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from unnoise.errors import OptionError
from unnoise.mix.noises.band import band_pass
from unnoise.mix.noises.parameters import uniform
from unnoise.mix.noises.shaping import rms
from unnoise.signal.filtered import filtered
from unnoise.signal.level import active_level_dbfs

FADE_S = 0.05
SILENT = 1e-5  # root mean square; what is below is rounding
Recordings = Sequence[NDArray[np.floating]]


def babble(
    samples: int,
    rate: int,
    generator: np.random.Generator,
    *,
    recordings: Recordings = (),
    voices: int | None = None,
    spread_db: float = 6.0,
) -> NDArray[np.float64]:
    """Several voices at once, none more than `spread_db` louder than another where it speaks.

    `voices` is drawn from 4 to 8. The recordings are dealt out; a voice that gets several says one after the other,
    and begins again at the end; where there are fewer than voices, several say the same at different moments.
    """
    recordings = _with_sound("babble", recordings, "speech")
    drawn = int(generator.integers(4, 9))
    voices = max(1, drawn if voices is None else voices)
    out = np.zeros(samples)
    for k in range(voices):
        own = recordings[k::voices] or [recordings[k % len(recordings)]]
        # Half of the spread either way, of a level that pauses do not pull down.
        levelled = [r * 10 ** (-active_level_dbfs(r, rate) / 20) for r in own]
        out += stretch(levelled, samples, rate, generator) * 10 ** (generator.uniform(-0.5, 0.5) * spread_db / 20)
    return out


def folder(
    samples: int,
    rate: int,
    generator: np.random.Generator,
    *,
    recordings: Recordings = (),
    second_db: float | None = None,
) -> NDArray[np.float64]:
    """One recording, or the sum of two of which the second is at `second_db` (drawn from -15 to 0); more are left out.

    Each is cut at a random place when it is longer than asked, else looped with a cross-fade of 50 ms.
    """
    return _sum("folder", _with_sound("folder", recordings, "noise"), samples, rate, generator, second_db)


def highband(
    samples: int,
    rate: int,
    generator: np.random.Generator,
    *,
    recordings: Recordings = (),
    low_hz: float = 4000.0,
    high_hz: float = 8000.0,
    order: int = 6,
    second_db: float | None = None,
) -> NDArray[np.float64]:
    """As `folder` with its `second_db`, but only what lies between `low_hz` and `high_hz`, with a `band` of `order`.

    OptionError where the recordings hold nothing there, as those of a low rate do.
    """
    gain = band_pass(rate, low_hz, high_hz, order)
    high = [filtered(r, rate, gain) for r in _with_sound("highband", recordings, "noise")[:2]]
    return _sum("highband", [h for h in high if rms(h) > SILENT], samples, rate, generator, second_db)


def _with_sound(name: str, recordings: Recordings, kind: str) -> list[NDArray[np.floating]]:
    sounding = [r for r in recordings if len(r) and rms(r) > SILENT]
    if not sounding:
        raise OptionError(
            f"noise {name}: expected recordings of {kind}, got {len(recordings)}, none with sound; "
            f"name a folder of {kind} for it"
        )
    return sounding


def _sum(
    name: str,
    recordings: Recordings,
    samples: int,
    rate: int,
    generator: np.random.Generator,
    second_db: float | None,
) -> NDArray[np.float64]:
    if not recordings:
        raise OptionError(f"noise {name}: the recordings hold nothing in the band; lower it, or give others")
    second_db = uniform(second_db, generator, -15, 0)
    out = np.zeros(samples)
    for recording, gain_db in zip(recordings, (0.0, second_db), strict=False):
        out += stretch([recording / rms(recording)], samples, rate, generator) * 10 ** (gain_db / 20)
    return out


def stretch(pieces: Recordings, samples: int, rate: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """(samples,) of one piece, cut at a random place, or where that is too short of a loop of all, begun anywhere."""
    spare = len(pieces[0]) - samples
    if len(pieces) == 1 and spare >= 0:
        start = int(generator.integers(0, spare + 1))
        return np.asarray(pieces[0][start : start + samples], np.float64)
    ring = loop(pieces, rate)
    return np.resize(np.roll(ring, -int(generator.integers(0, len(ring)))), samples)


def loop(pieces: Recordings, rate: int) -> NDArray[np.float64]:
    """Pieces joined to a ring, each end cross-faded into the next beginning, the last into the first.

    Equal power over 50 ms, less where a piece is shorter than four times that.
    """
    fade = min(round(FADE_S * rate), min(len(p) for p in pieces) // 4)
    up = np.sin(np.pi / 2 * (np.arange(fade) + 0.5) / max(1, fade))
    period = sum(len(p) - fade for p in pieces)
    ring = np.zeros(period + fade)
    at = 0
    for piece in pieces:
        faded = np.array(piece, np.float64)
        faded[:fade] *= up
        faded[len(faded) - fade :] *= up[::-1]
        ring[at : at + len(faded)] += faded
        at += len(faded) - fade
    ring[:fade] += ring[period:]
    return ring[:period]
