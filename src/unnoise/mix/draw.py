"""Drawing mixtures: every random choice of an item, made from the seed and the item's index alone.

The choices are small numbers; turning them into sound is rendering (`unnoise.train.device_mix`).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from unnoise.mix.bank import Bank, Clip
from unnoise.mix.vary import CURVE_POINTS, random_curve_db

PIECES = 4  # speech clips joined in one item
SOURCES = 3  # noises summed in one item
MUTE_S = (0.2, 1.5)
MOST_OF_A_KIND = 0.08
"""Share of recorded noise."""


Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Positive = Annotated[float, msgspec.Meta(gt=0)]


class MixSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What mixtures are made of; shares are probabilities of an item."""

    seconds: Positive = 2.0
    snr_db: tuple[float, float] = (-5.0, 20.0)
    """Of nine items in ten; the tenth has 20 to 80 dB, as good recordings do: speech after a pause with such a faint
    floor must not be taken for a noise that begins."""
    level_dbfs: tuple[float, float] = (-60.0, -5.0)
    clean_share: Share = 0.12
    """Items without noise: the network must learn to leave them alone."""
    noise_only_share: Share = 0.04
    room_share: Share = 0.5
    equaliser_db: Annotated[float, msgspec.Meta(ge=0, le=20)] = 8.0
    """Largest gain of the speech equaliser; the noise gets half as much again."""
    equaliser_share: Share = 0.7
    low_pass_share: Share = 0.2
    """Items whose speech and noise both end at one of `low_pass_hz`."""
    low_pass_hz: tuple[Positive, ...] = (3400, 3600, 3800, 4000, 5500, 7000, 7600)
    """Edges of telephones, codecs and resamplers: an edge must not tell speech from noise."""
    high_pass_share: Share = 0.1
    """Items whose speech and noise both begin at one of `high_pass_hz`."""
    high_pass_hz: tuple[Positive, ...] = (100, 150, 200, 250, 300, 400)
    """Edges of telephones, cameras and small microphones."""
    jump_share: Share = 0.2
    """Items with a step in level of up to 15 dB."""
    mute_share: Share = 0.1
    """Items with a stretch of digital silence, as calls and editors leave them: what follows must not suffer."""
    round_share: Share = 0.3
    """Items rounded to 16 bits after levelling."""
    pause_s: tuple[float, float] = (0.1, 0.8)
    """Between the clips that are joined."""
    speech_weights: dict[str, Positive] = msgspec.field(default_factory=dict)
    """By name of a folder: how many times as often as others the speakers in it are drawn."""


@dataclass(frozen=True)
class Draw:
    """The choices for one item, or stacked along a new first axis for a batch."""

    speech_start: NDArray[Any]  # (PIECES,) in the bank
    speech_at: NDArray[Any]  # (PIECES,) in the item
    speech_length: NDArray[Any]  # (PIECES,), 0 where unused
    noise_start: NDArray[Any]  # (SOURCES,)
    noise_length: NDArray[Any]  # (SOURCES,) loop length, 1 where unused
    noise_phase: NDArray[Any]  # (SOURCES,)
    noise_gain_db: NDArray[Any]  # (SOURCES,), -200 where unused
    speech_room: NDArray[Any]  # (), -1 for none
    noise_room: NDArray[Any]
    speech_curve_db: NDArray[Any]  # (CURVE_POINTS,)
    noise_curve_db: NDArray[Any]
    low_pass_hz: NDArray[Any]  # (), 0 for none
    high_pass_hz: NDArray[Any]  # (), 0 for none
    snr_db: NDArray[Any]  # (), +300 for clean, -300 for noise only
    snr_over_active: NDArray[Any]  # noise level taken where speech is active, else over the item
    level_dbfs: NDArray[Any]
    jump_at: NDArray[Any]  # (), sample of a step
    jump_db: NDArray[Any]
    mute_at: NDArray[Any]  # (), sample, before the item at times
    mute_length: NDArray[Any]  # (), 0 for none
    clip: NDArray[Any]  # clipped where the peak passes 1, else scaled down
    rounded: NDArray[Any]

    @staticmethod
    def stack(draws: list[Draw]) -> Draw:
        """A batch: each field (items, ...)."""
        return Draw(*(np.stack([getattr(d, f.name) for d in draws]) for f in fields(Draw)))


class Drawer:
    """Draws items from a bank of speech, banks of noise with weights, and a number of rooms."""

    def __init__(self, spec: MixSpec, speech: Bank, noises: list[tuple[Bank, float]], rooms: int, seed: int) -> None:
        self.spec, self.rate, self.rooms, self.seed = spec, speech.rate, rooms, seed
        self.samples = round(spec.seconds * speech.rate)
        self._speakers, self._speaker_odds = self._by_group(speech, spec.speech_weights)
        # Noise banks are read from one array, one after the other.
        offsets = np.cumsum([0] + [len(bank.samples) for bank, _ in noises])
        self._noises = [(int(o), *self._by_kind(b)) for o, (b, _) in zip(offsets, noises, strict=False)]
        weights = np.array([w for _, w in noises])
        self._noise_odds = weights / weights.sum()

    @staticmethod
    def _by_group(bank: Bank, weights: Mapping[str, float]) -> tuple[list[list[Clip]], NDArray[np.float64]]:
        """Clips of each speaker; speakers weighted by the root of their seconds, or two readers dominate, and by the
        folders that they lie in."""
        groups: dict[str, list[Clip]] = defaultdict(list)
        for clip in bank.clips:
            groups[clip.group].append(clip)
        names = sorted(groups)
        seconds = np.array([sum(c.lengths[0] for c in groups[name]) for name in names])
        factors = [math.prod(weights.get(folder, 1.0) for folder in name.split("/")) for name in names]
        odds = np.sqrt(seconds) * factors
        return [groups[name] for name in names], odds / odds.sum()

    @staticmethod
    def _by_kind(bank: Bank) -> tuple[list[Clip], NDArray[np.float64]]:
        """Clips weighted by the root of their length, no kind above MOST_OF_A_KIND where there are many."""
        clips = list(bank.clips)
        odds = np.sqrt([c.lengths[0] for c in clips])
        kinds, of_kind = np.unique([c.kind for c in clips], return_inverse=True)
        cap = max(MOST_OF_A_KIND, 1.5 / len(kinds))
        shares = np.bincount(of_kind, odds) / odds.sum()
        wanted, full = shares.copy(), np.zeros(len(kinds), bool)
        while np.any(wanted > cap * (1 + 1e-9)):  # what a kind gives away goes to those that are not full yet
            full |= wanted > cap
            wanted = np.where(full, cap, shares * (1 - cap * full.sum()) / shares[~full].sum())
        odds *= (wanted / shares)[of_kind]
        return clips, odds / odds.sum()

    def batch(self, indices: Sequence[int]) -> Draw:
        """The choices of these items, stacked."""
        return Draw.stack([self.item(index) for index in indices])

    def item(self, index: int) -> Draw:
        """The choices of item `index`: the same numbers in any process and any order."""
        rng = np.random.Generator(np.random.Philox(key=self.seed, counter=[0, 0, 0, index]))
        spec = self.spec
        fate = rng.random()
        snr = float(rng.uniform(*spec.snr_db)) if rng.random() < 0.9 else float(rng.uniform(20, 80))
        snr = 300.0 if fate < spec.clean_share else snr
        snr = -300.0 if fate > 1 - spec.noise_only_share else snr
        roomy = self.rooms > 0 and rng.random() < spec.room_share
        room = int(rng.integers(self.rooms)) if roomy else -1
        other = int(rng.integers(self.rooms)) if roomy and rng.random() < 0.5 else -1
        low_pass = float(rng.choice(spec.low_pass_hz))
        narrow = rng.random() < spec.low_pass_share
        high_pass = float(rng.choice(spec.high_pass_hz))
        hollow = rng.random() < spec.high_pass_share
        jump_db = float(rng.uniform(-15, 15)) if rng.random() < spec.jump_share else 0.0
        return Draw(
            **self._speech(rng),
            **self._noise(rng),
            speech_room=np.asarray(room, np.int64),
            noise_room=np.asarray(other, np.int64),
            speech_curve_db=self._curve(rng, spec.equaliser_db),
            noise_curve_db=self._curve(rng, 1.5 * spec.equaliser_db),
            low_pass_hz=np.asarray(low_pass if narrow else 0, np.float32),
            high_pass_hz=np.asarray(high_pass if hollow else 0, np.float32),
            snr_db=np.asarray(snr, np.float32),
            snr_over_active=np.asarray(rng.random() < 0.5, np.bool_),
            level_dbfs=np.asarray(rng.uniform(*spec.level_dbfs), np.float32),
            jump_at=np.asarray(rng.integers(self.samples), np.int64),
            jump_db=np.asarray(jump_db, np.float32),
            clip=np.asarray(rng.random() < 0.1, np.bool_),
            rounded=np.asarray(rng.random() < spec.round_share, np.bool_),
            mute_at=np.asarray(rng.uniform(-MUTE_S[1], spec.seconds) * self.rate, np.int64),
            mute_length=np.asarray(rng.uniform(*MUTE_S) * self.rate if rng.random() < spec.mute_share else 0, np.int64),
        )

    def _speech(self, rng: np.random.Generator) -> dict[str, NDArray[Any]]:
        """Clips of one speaker at one speed, joined with pauses until the item is full."""
        clips = self._speakers[rng.choice(len(self._speakers), p=self._speaker_odds)]
        speed = int(rng.integers(len(clips[0].starts)))
        starts, ats, lengths = (np.zeros(PIECES, np.int64) for _ in range(3))
        at = int(rng.uniform(0, 0.3) * self.rate) if rng.random() < 0.5 else 0
        for piece in range(PIECES):
            if at >= self.samples:
                break
            clip = clips[rng.integers(len(clips))]
            length = clip.lengths[speed]
            spare = length - (self.samples - at)
            # A long clip is entered anywhere, so that its end is as common as its beginning.
            skip = int(rng.integers(0, spare + self.samples // 4)) if spare > 0 and piece == 0 else 0
            skip = min(skip, length - 1)
            starts[piece], ats[piece] = clip.starts[speed] + skip, at
            lengths[piece] = min(length - skip, self.samples - at)
            at += int(lengths[piece]) + int(rng.uniform(*self.spec.pause_s) * self.rate)
        return {"speech_start": starts, "speech_at": ats, "speech_length": lengths}

    def _noise(self, rng: np.random.Generator) -> dict[str, NDArray[Any]]:
        starts, phases = np.zeros(SOURCES, np.int64), np.zeros(SOURCES, np.int64)
        lengths, gains = np.ones(SOURCES, np.int64), np.full(SOURCES, -200, np.float32)
        for source in range(int(rng.choice([1, 2, 3], p=[0.65, 0.27, 0.08]))):
            offset, clips, odds = self._noises[rng.choice(len(self._noises), p=self._noise_odds)]
            clip = clips[rng.choice(len(clips), p=odds)]
            speed = int(rng.integers(len(clip.starts)))
            starts[source], lengths[source] = offset + clip.starts[speed], clip.lengths[speed]
            phases[source] = rng.integers(clip.lengths[speed])
            gains[source] = 0 if source == 0 else rng.uniform(-15, 5)
        return {
            "noise_start": starts,
            "noise_length": lengths,
            "noise_phase": phases,
            "noise_gain_db": gains,
        }

    def _curve(self, rng: np.random.Generator, limit_db: float) -> NDArray[np.float32]:
        if rng.random() > self.spec.equaliser_share:
            return np.zeros(CURVE_POINTS, np.float32)
        return random_curve_db(rng, limit_db)
