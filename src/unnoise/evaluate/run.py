"""Pairs and systems in, an evaluation out: every system on every pair, measured side by side."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unnoise.errors import InputError, MissingExtraError, OptionError, UnnoiseError
from unnoise.evaluate.pairs import Loaded, Pair, load
from unnoise.evaluate.results import Evaluation, Row, System
from unnoise.evaluate.systems import Runner, describe
from unnoise.files.side_by_side import Failed, side_by_side
from unnoise.metrics import METRICS, measure

Progress = Callable[[int, int], None]
"""Called with the pairs that are done and how many there are."""
Remark = tuple[str, str]
"""What is to be said, and of which file."""
_SHOWN = 3


@dataclass(frozen=True)
class Measuring:
    """How to measure one pair; pickles, so that other processes can do it."""

    runners: tuple[Runner, ...]
    metrics: tuple[str, ...]

    def __call__(self, pair: Pair) -> tuple[list[Row], list[Remark]]:
        """A row for each system, and what is to be said."""
        loaded = load(pair)
        rows: list[Row] = []
        remarks = [(note, pair.file) for note in loaded.notes]
        for runner in self.runners:
            try:
                done = runner(loaded.noisy, loaded.rate, pair.file)
            except MissingExtraError:
                raise
            except UnnoiseError as error:
                remarks.append((f"{runner.name}: left out: {error}", pair.file))
                continue
            remarks += [(f"{runner.name}: {note}", pair.file) for note in done.notes]
            scores, empty = self._scores(loaded, done.audio)
            remarks += [(f"{runner.name}: {note}", pair.file) for note in empty]
            seconds = (loaded.stop - loaded.start) / loaded.rate
            rows.append(Row(runner.name, pair.file, seconds, loaded.rate, loaded.snr_db, pair.noise, scores))
        return rows, remarks

    def _scores(self, loaded: Loaded, audio: NDArray[Any]) -> tuple[dict[str, float], list[str]]:
        """All measures of one output, NaN where one is undefined, and why some are empty."""
        noisy, found, notes = loaded.cut(loaded.noisy), loaded.cut(audio), []
        silent = loaded.clean is not None and not np.any(loaded.clean)
        scores = {}
        for name in self.metrics:
            scores[name] = math.nan
            if silent and "reference" in METRICS[name].needs:
                continue
            try:
                scores[name] = measure(name, loaded.clean, found, loaded.rate, noisy=noisy)
            except MissingExtraError:
                raise
            except UnnoiseError as error:
                notes.append(f"{name} is empty: {error}")
        return scores, notes


def choose_metrics(wanted: Sequence[str] | None, *, with_reference: bool) -> tuple[tuple[str, ...], list[str]]:
    """The names of the measures to take, and what was left out and why.

    None takes all that are on by default, "all" in `wanted` every one; without a reference only those that need
    none. A measure whose package is missing is left out and said, unless it was named. Raises OptionError for an
    unknown name or one that needs a reference, MissingExtraError for one that was named and lacks its package.
    """
    everything = wanted is not None and "all" in wanted
    if wanted is None or everything:
        names = [name for name, metric in METRICS.items() if everything or metric.by_default]
        names = [name for name in names if with_reference or "reference" not in METRICS[name].needs]
        return _with_packages(names)
    for name in wanted:
        if name not in METRICS:
            near = get_close_matches(name, METRICS, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(METRICS)}"
            raise OptionError(f"--metrics: expected names of measures, got {name!r}; {hint}")
        if not with_reference and "reference" in METRICS[name].needs:
            raise OptionError(f"{name} compares with clean recordings, and there are none; give --clean DIR")
        _probe(name)
    return tuple(dict.fromkeys(wanted)), []


def _with_packages(names: Iterable[str]) -> tuple[tuple[str, ...], list[str]]:
    """Those of `names` whose packages are there, and one note for each error that says what is missing."""
    kept, missing = [], dict[str, list[str]]()
    for name in names:
        try:
            _probe(name)
            kept.append(name)
        except MissingExtraError as error:
            missing.setdefault(str(error), []).append(name)
    return tuple(kept), [f"left out: {', '.join(lacking)}: {error}" for error, lacking in missing.items()]


def _probe(name: str) -> None:
    """Raises MissingExtraError where the package of a measure is not there; a quarter of a second keeps it quick."""
    if METRICS[name].extra:
        sound = np.random.default_rng(0).standard_normal(4000).astype(np.float32) * np.float32(0.1)
        measure(name, sound, sound, 16000, noisy=sound)


def evaluate(
    pairs: Sequence[Pair],
    runners: Sequence[Runner],
    metrics: Sequence[str],
    *,
    jobs: int = 1,
    notes: Sequence[str] = (),
    progress: Progress = lambda done, total: None,
) -> Evaluation:
    """Every system on every pair, in `jobs` processes; the scores do not depend on how many.

    `notes` come before those of the run. A pair that cannot be read or aligned is left out and said. Raises
    InputError where no pair is left.
    """
    found: dict[str, list[Row]] = {}
    remarks: dict[str, list[Remark]] = {}
    work = Measuring(tuple(runners), tuple(metrics))
    for done, (pair, result) in enumerate(side_by_side(work, pairs, jobs), 1):
        if isinstance(result, Failed):
            remarks[pair.file] = [(f"left out: {result.error}", pair.file)]
        else:
            found[pair.file], remarks[pair.file] = result
        progress(done, len(pairs))
    said = told([remark for pair in pairs for remark in remarks.get(pair.file, [])])
    if not any(found.values()):
        raise InputError(f"none of the {len(pairs)} pairs could be measured: {'; '.join(said[:_SHOWN])}")
    measured = [pair for pair in pairs if pair.file in found]
    rows = tuple(
        row for runner in runners for pair in measured for row in found[pair.file] if row.system == runner.name
    )
    systems = _described(runners, measured)
    return Evaluation(systems, tuple(metrics), rows, (*notes, *said), Sounds(runners, measured))


def told(remarks: Sequence[Remark]) -> list[str]:
    """One line for each thing that is to be said, with the files that it is true of."""
    files: dict[str, list[str]] = {}
    for text, file in remarks:
        files.setdefault(text, []).append(file)
    lines = []
    for text, names in files.items():
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        lines.append(f"{text} ({', '.join(names[:_SHOWN])}{more})")
    return lines


def _described(runners: Sequence[Runner], pairs: Sequence[Pair]) -> tuple[System, ...]:
    """Speeds are measured here, one after the other, when no other work is left, on the first pair that a system can
    do; a speed is no reason to lose the scores."""
    load_once = lru_cache(maxsize=1)(load)

    def one(runner: Runner) -> System:
        for loaded in map(load_once, pairs):
            with contextlib.suppress(UnnoiseError):
                return describe(runner, loaded.noisy, loaded.rate)
        return System(runner.name, runner.kind, None, None, runner.note)

    return tuple(map(one, runners))


class Sounds:
    """Gives back the sounds of an evaluation, made again when they are asked for; pickles."""

    def __init__(self, runners: Sequence[Runner], pairs: Sequence[Pair]) -> None:
        self._made_of = (tuple(runners), tuple(pairs))
        self._runners = {runner.name: runner for runner in runners}
        self._pairs = {pair.file: pair for pair in pairs}
        self._load = lru_cache(maxsize=2)(load)

    def __call__(self, system: str, file: str) -> tuple[NDArray[np.float32], int]:
        """(samples,) float32 of a system, or of "clean", and the rate in Hz.

        Raises InputError where there is no such file or system, or no sound of it.
        """
        if file not in self._pairs or system not in (*self._runners, "clean"):
            raise InputError(f"expected a system and a file of this evaluation, got {system!r} and {file!r}")
        loaded = self._load(self._pairs[file])
        if system == "clean":
            if loaded.clean is None:
                raise InputError(f"{file}: there is no clean recording of it")
            return loaded.clean, loaded.rate
        done = self._runners[system](loaded.noisy, loaded.rate, file)
        return loaded.cut(done.audio), loaded.rate

    def __reduce__(self) -> tuple[type[Sounds], tuple[tuple[Runner, ...], tuple[Pair, ...]]]:
        return Sounds, self._made_of
