"""What is measured: models, gates, folders of finished files, and other people's denoisers."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Protocol

import numpy as np

from unnoise.engine.whole import Denoiser
from unnoise.errors import InputError, MissingExtraError, OptionError
from unnoise.evaluate.pairs import Pair, Sound, delay_of, fitted, partners_of, read_mono
from unnoise.evaluate.results import System
from unnoise.evaluate.rnnoise import LATENCY_MS
from unnoise.evaluate.rnnoise import clean as rnnoise_clean
from unnoise.gate import ProfileGate, find_pauses
from unnoise.signal.resample import resample

RESERVED = ("noisy", "clean")
SPEED_S = 10.0
"""Seconds of sound that the speed is measured on."""
_RUNS = 3
_NOISEREDUCE_SAMPLES = 4096
"""Shorter sounds than its window of 1024 break it; they are filled up."""


@dataclass(frozen=True)
class Processed:
    """What a system made of a recording."""

    audio: Sound
    """(samples,), as many as went in, without delay."""
    notes: tuple[str, ...] = ()


class Runner(Protocol):
    """One system at work; pickles, so that other processes can do it."""

    @property
    def name(self) -> str:
        """As it stands in the table."""

    @property
    def kind(self) -> str:
        """As `System.kind`."""

    @property
    def note(self) -> str:
        """What a reader of the figures should know."""

    def __call__(self, noisy: Sound, rate: int, file: str) -> Processed:
        """The output for (samples,) at `rate` Hz, which is the noisy sound of the pair called `file`."""

    def latency_ms(self, rate: int) -> float | None:
        """From input to output in a stream; None where there is none, or none is known."""


@dataclass(frozen=True)
class Noisy:
    """The noisy recordings as they are."""

    name: str = "noisy"
    kind: str = "noisy"
    note: str = "the recordings as they are"

    def __call__(self, noisy: Sound, rate: int, file: str) -> Processed:
        """Nothing done."""
        return Processed(noisy)

    def latency_ms(self, rate: int) -> float | None:
        """Nothing to wait for."""
        return None


@dataclass(frozen=True)
class Model:
    """A network of a bundle."""

    name: str
    denoiser: Denoiser
    kind: str = "model"

    @property
    def note(self) -> str:
        """Which bundle it is."""
        info = self.denoiser.info
        return f"bundle {info.name} {info.version}, sha256 {info.sha256[:12]}"

    def __call__(self, noisy: Sound, rate: int, file: str) -> Processed:
        """Cleaned at full strength."""
        return Processed(self.denoiser(noisy, rate))

    def latency_ms(self, rate: int) -> float | None:
        """Of the stream; None for models that need whole recordings."""
        if not self.denoiser.info.causal:
            return None
        return 1000 * self.denoiser.stream(rate).latency / rate


@dataclass(frozen=True)
class Gate:
    """unnoise's own gate, its noise profile out of the recording's pauses."""

    name: str = "gate"
    kind: str = "gate"
    note: str = "method profile; finds the pauses first, so it needs the whole recording"

    def __call__(self, noisy: Sound, rate: int, file: str) -> Processed:
        """Two passes: pauses, then the gate."""
        gate = ProfileGate(rate, 1, find_pauses([noisy], rate).profile)
        out = np.concatenate([gate.process(noisy), gate.flush()])[gate.latency :]
        return Processed(out.astype(np.float32))

    def latency_ms(self, rate: int) -> float | None:
        """None: it needs the whole recording."""
        return None


@dataclass(frozen=True)
class NoiseReduce:
    """The package noisereduce, stationary."""

    name: str = "noisereduce"
    kind: str = "peer"
    note: str = "package noisereduce, stationary=True, defaults otherwise; needs the whole recording"

    def __call__(self, noisy: Sound, rate: int, file: str) -> Processed:
        """Spectral gating with the statistics of the whole recording; raises MissingExtraError without the package."""
        try:
            from noisereduce import reduce_noise
        except ModuleNotFoundError:
            raise MissingExtraError("noisereduce", "peers") from None
        sound = fitted(noisy, 0, max(len(noisy), _NOISEREDUCE_SAMPLES))
        with np.errstate(all="ignore"):  # it divides by zero in digital silence
            out = np.asarray(reduce_noise(y=sound, sr=rate, stationary=True), np.float32)
        return Processed(np.nan_to_num(out)[: len(noisy)])

    def latency_ms(self, rate: int) -> float | None:
        """None: it needs the whole recording."""
        return None


@dataclass(frozen=True)
class RnNoise:
    """RNNoise."""

    name: str = "rnnoise"
    kind: str = "peer"
    note: str = (
        "library in the wheel of pyrnnoise, at 48 kHz, its delay of 20 ms taken out; the speed includes a loop in "
        "Python frame by frame"
    )

    def __call__(self, noisy: Sound, rate: int, file: str) -> Processed:
        """Resampled to 48 kHz and back where it must be; raises MissingExtraError without the package."""
        return Processed(rnnoise_clean(noisy, rate))

    def latency_ms(self, rate: int) -> float | None:
        """The delay of its output and the frame that must be full."""
        return LATENCY_MS


@dataclass(frozen=True)
class Folder:
    """Files that something else has cleaned before."""

    name: str
    paths: dict[str, str]
    """From the file of the pair to the finished one."""
    kind: str = "folder"
    note: str = "finished files"

    def __call__(self, noisy: Sound, rate: int, file: str) -> Processed:
        """The finished file at the noisy one's rate, its delay taken out.

        Raises InputError where there is none, or where its length differs by more than 100 ms.
        """
        if file not in self.paths:
            raise InputError("there is no file of this name")
        audio, found_rate, notes = read_mono(self.paths[file])
        if found_rate != rate:
            notes.append(f"has {found_rate} Hz: resampled to the {rate} Hz of the noisy file")
            audio = resample(audio, found_rate, rate)
        if abs(len(audio) - len(noisy)) > 0.1 * rate:
            raise InputError(f"is {len(audio) / rate:.3f} s long and the noisy file {len(noisy) / rate:.3f} s")
        lag = delay_of(noisy, audio, rate)
        if lag:
            notes.append(f"{1000 * lag / rate:.1f} ms late against the noisy file: the delay was taken out")
        return Processed(fitted(audio, lag, len(noisy)), tuple(notes))

    def latency_ms(self, rate: int) -> float | None:
        """Not known."""
        return None


PEERS: dict[str, Runner] = {"gate": Gate(), "noisereduce": NoiseReduce(), "rnnoise": RnNoise()}


def choose_systems(
    models: Sequence[str], folders: Sequence[tuple[str, Path]], against: Sequence[str], pairs: Sequence[Pair]
) -> list[Runner]:
    """The systems in the order of the table: noisy, `models`, `folders` (name, folder), then `against`.

    Raises OptionError for an unknown or doubled name, InputError for a folder without files of the pairs' names,
    BundleError for a model that cannot be used, and MissingExtraError for a package that is not there.
    """
    runners: list[Runner] = [Noisy()]
    runners += [Model(_model_name(model), Denoiser(model)) for model in models]
    for name, folder in folders:
        paths = partners_of(pairs, folder)
        if not paths:
            raise InputError(f"{folder}: expected files named as the noisy ones, such as {pairs[0].file}; found none")
        runners.append(Folder(name, paths))
    for name in against:
        if name not in PEERS:
            near = get_close_matches(name, PEERS, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(PEERS))}"
            raise OptionError(f"--against: expected names of denoisers, got {name!r}; {hint}")
        runners.append(PEERS[name])
    _check_names([runner.name for runner in runners])
    silence = np.zeros(4800, np.float32)
    for name in dict.fromkeys(against):
        PEERS[name](silence, 48000, "")  # a package that is missing is said now, not a file later
    return runners


def _model_name(model: str) -> str:
    return Path(model).stem if model.endswith(".onnx") else model


def _check_names(names: Sequence[str]) -> None:
    for k, name in enumerate(names):
        if name in names[:k] or name in RESERVED[k == 0 :]:
            raise OptionError(
                f"two systems would be called {name!r}, or it is a name of its own; give --enhanced another NAME=, "
                "or a copy of the model another file name"
            )


def describe(runner: Runner, noisy: Sound, rate: int) -> System:
    """What the table says of a system: its speed on `noisy`, (samples,) at `rate` Hz, and its latency there."""
    timed = runner.kind not in ("noisy", "folder")
    speed = times_real_time(runner, noisy, rate) if timed else None
    return System(runner.name, runner.kind, runner.latency_ms(rate), speed, runner.note)


def times_real_time(runner: Runner, noisy: Sound, rate: int) -> float:
    """Seconds of sound a second of one processor, the best of three runs after one to warm up.

    Processor time of all threads counts, so that neither other work nor several threads change the figure.
    """
    sound = np.resize(noisy, round(SPEED_S * rate))
    runner(sound, rate, "")
    taken_s = []
    for _ in range(_RUNS):
        begun = time.process_time()
        runner(sound, rate, "")
        taken_s.append(time.process_time() - begun)
    return SPEED_S / max(min(taken_s), 1e-9)
