"""From a mixture to sound: the noisy item and its clean target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from unnoise.errors import InputError
from unnoise.mix.damages import apply_damage
from unnoise.mix.mixture import Mixture, Piece, Room
from unnoise.mix.noises import make_noise
from unnoise.mix.recordings import Recording, read
from unnoise.mix.rooms import early, recorded, simulated
from unnoise.mix.vary import curve_gain_db, pitch, stretch
from unnoise.signal.lengths import fast_length
from unnoise.signal.level import active_level_dbfs, dbfs
from unnoise.signal.resample import resample

ROOM_S = 1.0
"""Length of the responses."""
SILENT_DBFS = -90.0
PEAK = 0.99
Read = Callable[[Piece], NDArray[np.float32]]
Response = NDArray[np.float32]


@dataclass(frozen=True)
class Rendered:
    """Both are (samples,) float32 within -1 to 1 at `rate` Hz."""

    noisy: NDArray[np.float32]
    clean: NDArray[np.float32]
    rate: int


def read_piece(piece: Piece) -> NDArray[np.float32]:
    """The stretch that a piece names, (samples,) float32 at its own rate, the mean of its channels."""
    whole = Recording(piece.path, (piece.start + piece.samples) / piece.rate, piece.rate)
    return read(whole, start=piece.start)


def render(mixture: Mixture, take: Read = read_piece) -> Rendered:
    """The sound of a mixture; the same bytes again from the same recordings, seeds and versions.

    Raises InputError where a recording is gone, cut or, being speech, silent.
    """
    rate = mixture.rate
    voice = _voice(mixture, take)
    speech = _shaped(voice, rate, mixture.curve_db, mixture.room)
    clean = _target(voice, speech, mixture)
    noisy = speech
    if mixture.snr_db is not None:
        noise = _noise(mixture, take)
        gain_db = active_level_dbfs(speech, rate) - mixture.snr_db - dbfs(noise)
        noisy = speech + noise * 10 ** (gain_db / 20)
    gain = 1.0
    if mixture.level_dbfs is not None:
        gain = 10 ** ((mixture.level_dbfs - dbfs(noisy)) / 20)
    return Rendered(*_damaged(*_fitting(noisy * gain, clean * gain), mixture), rate)


def _voice(mixture: Mixture, take: Read) -> NDArray[np.float64]:
    """All pieces in their places, with the slow changes of level."""
    out = np.zeros(mixture.samples)
    for piece in mixture.speech:
        audio = _varied(piece, mixture.rate, take)[: max(0, mixture.samples - piece.at)]
        out[piece.at : piece.at + len(audio)] += audio
    if dbfs(out) < SILENT_DBFS:
        raise InputError(f"{mixture.speech[0].path}: expected speech, and it is silent ({dbfs(out):.0f} dBFS)")
    if mixture.envelope_db:
        at = np.linspace(0, mixture.samples - 1, len(mixture.envelope_db))
        out *= 10 ** (np.interp(np.arange(mixture.samples), at, mixture.envelope_db) / 20)
    return out


def _varied(piece: Piece, rate: int, take: Read) -> NDArray[np.float32]:
    # Playing faster is the same as having been recorded at a higher rate.
    audio = resample(take(piece), round(piece.rate * piece.speed), rate)
    if piece.tempo != 1:
        audio = stretch(audio, rate, piece.tempo)
    if piece.pitch_semitones:
        audio = pitch(audio, rate, piece.pitch_semitones)
    return audio * np.float32(10 ** (piece.gain_db / 20)) if piece.gain_db else audio


def _noise(mixture: Mixture, take: Read) -> NDArray[np.float64]:
    """The sum of the noises at their places in the room."""
    out = np.zeros(mixture.samples)
    for part in mixture.noises:
        rng = np.random.Generator(np.random.Philox(key=part.seed))
        recordings = [_varied(piece, mixture.rate, take) for piece in part.recordings]
        made = make_noise(part.name, mixture.samples, mixture.rate, rng, part.parameters, recordings)
        out += made * 10 ** (part.gain_db / 20)
    if dbfs(out) < SILENT_DBFS:
        named = ", ".join(piece.path for part in mixture.noises for piece in part.recordings) or mixture.noises[0].name
        raise InputError(f"{named}: expected noise, and it is silent where this item takes it")
    return _shaped(out, mixture.rate, mixture.noise_curve_db, mixture.noise_room)


def _response(room: Room, rate: int) -> Response:
    samples = round(ROOM_S * rate)
    if room.path:
        return recorded(room.path, rate, samples)
    return simulated(rate, samples, room.seed)[room.place]


@lru_cache(maxsize=4)  # of one item, or of items that are as long: of a long one each has tens of megabytes
def _transformed(room: Room, rate: int, size: int, only_early: bool) -> NDArray[np.complex64]:
    response = _response(room, rate)
    return np.fft.rfft(early(response, rate) if only_early else response, size).astype(np.complex64, copy=False)


def _shaped(
    audio: NDArray[np.float64],
    rate: int,
    curve_db: tuple[float, ...],
    room: Room | None,
    only_early: bool = False,
) -> NDArray[np.float64]:
    """Equaliser and room in one product of spectra, cut to the length of `audio`; nothing is delayed."""
    if room is None and not curve_db:
        return audio
    size = fast_length(len(audio) + round(ROOM_S * rate))
    spectrum = np.fft.rfft(audio.astype(np.float32), size)
    if curve_db:
        hz = np.linspace(0, rate / 2, len(spectrum))
        spectrum *= 10 ** (curve_gain_db(np.asarray(curve_db), rate, hz).astype(np.float32) / 20)
    if room is not None:
        spectrum *= _transformed(room, rate, size, only_early)
    return np.fft.irfft(spectrum, size)[: len(audio)].astype(np.float64)


def _target(voice: NDArray[np.float64], speech: NDArray[np.float64], mixture: Mixture) -> NDArray[np.float64]:
    """What should be left of the speech: with all of its room, with the early reflections, or with none."""
    if mixture.room is None or mixture.target == "reverberant":
        return speech
    if mixture.target == "early":
        return _shaped(voice, mixture.rate, mixture.curve_db, mixture.room, only_early=True)
    # The direct sound as loud as it is in the room.
    direct = float(_response(mixture.room, mixture.rate)[0])
    return _shaped(voice, mixture.rate, mixture.curve_db, None) * direct


def _fitting(
    noisy: NDArray[np.floating], clean: NDArray[np.floating]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Both lowered alike where one would pass full scale."""
    peak = max(float(np.abs(noisy).max()), float(np.abs(clean).max()))
    gain = PEAK / peak if peak > PEAK else 1.0
    return (noisy * gain).astype(np.float32), (clean * gain).astype(np.float32)


def _damaged(
    noisy: NDArray[np.float32], clean: NDArray[np.float32], mixture: Mixture
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    for part in mixture.damages:
        noisy = apply_damage(part.name, noisy, mixture.rate, _generator(part.seed), part.parameters)
        if part.in_target:
            clean = apply_damage(part.name, clean, mixture.rate, _generator(part.seed), part.parameters)
    return _fitting(noisy, clean) if mixture.damages else (noisy, clean)


def _generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=seed))
