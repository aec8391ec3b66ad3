"""Where nobody speaks, and what the noise is there: one pass over a recording, constant memory."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from unnoise.gate.floor import NoiseFloor
from unnoise.gate.profile import NoiseProfile

LADDER_DBFS = (-90.0, -80.0, -70.0, -60.0, -50.0, -40.0, -30.0)
"""System A's thresholds: each is tried until one finds something."""
_PIECE_MS = 10.0
_AROUND = 2
"""Pieces on each side that share in a level: 50 ms in all, or every gap in a vowel were a pause."""
_LEAST_SHARE, _LEAST_S = 0.1, 0.2
"""However noisy: this share of the time, and this many seconds, count as pause."""
_ABOVE_FLOOR_DB = 3.0
_KEPT_S, _KEPT_SAMPLES = 30.0, 2**23
_LOWEST_DB = -150.0
"""Quieter is digital silence: an edit, not the noise of the room."""
_COUNTERS_A_DB = 4
_COUNTERS = 200 * _COUNTERS_A_DB


@dataclass(frozen=True)
class Pauses:
    """The pauses of a recording and its noise."""

    rate: int
    """Hz."""
    spans: list[tuple[int, int]]
    """First sample and the one after the last, ascending; at most the quietest 30 s."""
    noise: NDArray[np.float32]
    """The spans joined, (samples, channels)."""
    profile: NoiseProfile
    """The noise of the whole recording, bin by bin."""


def find_pauses(
    blocks: Iterable[NDArray[np.floating]], rate: int, *, ladder_dbfs: Sequence[float] | None = None
) -> Pauses:
    """The pauses of a recording given as blocks (samples, channels) or (samples,) at `rate` Hz.

    A fixed threshold finds nothing in a noisy recording and everything in a quiet one; here it is 3 dB above
    the quietest parts and finds at least a tenth of the time. `ladder_dbfs` (`LADDER_DBFS` is system A's)
    tries fixed thresholds first. Non-finite samples count as 0. Digital silence is no pause.
    """
    finder: _Finder | None = None
    for block in blocks:
        columns = block[:, None] if block.ndim == 1 else block
        if finder is None:
            finder = _Finder(rate, columns.shape[1])
        finder.add(np.where(np.isfinite(columns), columns, 0.0).astype(np.float64, copy=False))
    return (finder or _Finder(rate, 1)).result(ladder_dbfs)


class _Finder:
    """Keeps the quietest pieces of 10 ms, and counts the levels of all."""

    def __init__(self, rate: int, channels: int) -> None:
        self._rate, self._channels = rate, channels
        self._n = max(1, round(rate * _PIECE_MS / 1000))
        self._most = min(round(_KEPT_S * 1000 / _PIECE_MS), max(1, _KEPT_SAMPLES // (self._n * channels)))
        self._floor = NoiseFloor(rate, channels)
        self._waiting = np.zeros((0, channels))
        self._pieces = np.zeros((0, self._n, channels))  # the last few, whose neighbours are still to come
        self._at = 0  # which piece self._pieces begins with
        self._ranked = 0  # how many pieces have their level
        self._counts = np.zeros(_COUNTERS, np.int64)
        self._quietest: list[tuple[float, int, NDArray[np.float32]]] = []  # a heap, the loudest of them first

    def add(self, samples: NDArray[np.float64]) -> None:
        self._floor.add(samples)
        heard = np.concatenate([self._waiting, samples])
        count = len(heard) // self._n
        self._waiting = heard[count * self._n :]
        new = heard[: count * self._n].reshape(count, self._n, self._channels)
        self._rank(np.concatenate([self._pieces, new]), last=False)

    def _rank(self, pieces: NDArray[np.float64], last: bool) -> None:
        """Give each piece its level, the mean over its neighbours; keep those that still miss theirs."""
        power = np.var(pieces, axis=1).mean(axis=1)  # the variance: a DC offset is no sound
        done = len(pieces) if last else len(pieces) - _AROUND
        first = self._ranked - self._at  # those before it are here only as neighbours
        if done <= first:
            self._pieces = pieces
            return
        padded = np.pad(power, _AROUND, mode="edge")
        mean = np.convolve(padded, np.full(2 * _AROUND + 1, 1 / (2 * _AROUND + 1)), "valid")
        level_db = 10 * np.log10(mean + 1e-30)
        self._keep(pieces, level_db, power, range(first, done))
        drop = max(0, done - _AROUND)
        self._ranked = self._at + done
        self._pieces, self._at = pieces[drop:], self._at + drop

    def _keep(
        self,
        pieces: NDArray[np.float64],
        level_db: NDArray[np.float64],
        power: NDArray[np.float64],
        which: range,
    ) -> None:
        for i in which:
            level = float(level_db[i])
            if level < _LOWEST_DB or power[i] <= 0.0:
                continue
            self._counts[_counter(level)] += 1
            if len(self._quietest) == self._most and -level <= self._quietest[0][0]:
                continue
            entry = (-level, self._at + i, pieces[i].astype(np.float32))
            if len(self._quietest) < self._most:
                heapq.heappush(self._quietest, entry)
            else:
                heapq.heapreplace(self._quietest, entry)

    def result(self, ladder_dbfs: Sequence[float] | None) -> Pauses:
        self._rank(self._pieces, last=True)
        threshold = self._threshold_dbfs(ladder_dbfs or ())
        found = sorted((at, piece) for level, at, piece in self._quietest if -level <= threshold)
        noise = np.concatenate([piece for _, piece in found]) if found else np.zeros((0, self._channels), np.float32)
        profile = NoiseProfile(self._rate, self._floor.estimate())
        return Pauses(self._rate, _spans([at for at, _ in found], self._n), noise, profile)

    def _threshold_dbfs(self, ladder_dbfs: Sequence[float]) -> float:
        levels = [-level for level, _, _ in self._quietest]
        for rung in ladder_dbfs:
            if any(level <= rung for level in levels):
                return rung
        total = int(self._counts.sum())
        passed = np.cumsum(self._counts)
        least = max(_LEAST_SHARE * total, _LEAST_S * 1000 / _PIECE_MS)
        floor = int(np.argmax(passed >= 0.05 * total)) / _COUNTERS_A_DB + _LOWEST_DB
        enough = (int(np.argmax(passed >= min(least, total))) + 1) / _COUNTERS_A_DB + _LOWEST_DB
        return max(floor + _ABOVE_FLOOR_DB, enough)


def _counter(level_db: float) -> int:
    return min(max(int((level_db - _LOWEST_DB) * _COUNTERS_A_DB), 0), _COUNTERS - 1)


def _spans(places: list[int], n: int) -> list[tuple[int, int]]:
    """Neighbouring pieces of n samples joined."""
    spans: list[tuple[int, int]] = []
    for at in places:
        if spans and spans[-1][1] == at * n:
            spans[-1] = (spans[-1][0], (at + 1) * n)
        else:
            spans.append((at * n, (at + 1) * n))
    return spans
