"""Gates at work on files: two passes where the noise is in the recording itself."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from unnoise.apply.file import FileReport, Processor, Progress, check_apart, process_file
from unnoise.apply.folder import Job
from unnoise.errors import InputError, OptionError, OutputError
from unnoise.files import RawFormat, SoundInfo, Source, open_source, open_target
from unnoise.gate import NoiseProfile, Pauses, ProfileGate, ThresholdGate, find_pauses
from unnoise.signal.mixback import dry_share

METHODS = ("profile", "threshold")
_BLOCK_SAMPLES = 1 << 16
_MOST_PROFILE_S = 60.0


@dataclass(frozen=True)
class Gating:
    """How to gate one file; pickles, so that other processes can do it.

    `noise_profile` names a recording of the noise alone; `save_noise` a file for the noise that was found.
    """

    method: str = "profile"
    noise_profile: str | None = None
    save_noise: str | None = None
    strength: float = 1.0
    max_attenuation_db: float | None = None
    residual: str | None = None
    force: bool = False
    start_s: float = 0.0
    duration_s: float | None = None
    raw: RawFormat | None = None

    def __post_init__(self) -> None:
        dry_share(self.strength, self.max_attenuation_db)
        if self.method not in METHODS:
            raise OptionError(f"method must be one of {', '.join(METHODS)}, but is {self.method!r}")
        if self.method != "profile" and (self.noise_profile or self.save_noise):
            raise OptionError(f"A noise profile goes with the method profile, not with {self.method}; leave it out.")
        if self.noise_profile and self.save_noise:
            raise OptionError("With a noise profile given there is no noise to find; leave out one of the two.")

    def __call__(self, job: Job, progress: Progress | None = None) -> FileReport:
        """Gate the file of `job`."""
        source, target = job.source, job.target
        check_apart(self.save_noise, "noise", source, target, *([self.residual] if self.residual else []))
        found: list[Pauses] = []
        with self._seekable(source) as path:
            report = process_file(
                path,
                target,
                self._maker(path, found),
                raw=self.raw,
                force=self.force,
                residual=self.residual,
                start_s=self.start_s,
                duration_s=self.duration_s,
                progress=progress,
                name=source,
            )
        notes = self._save(found[0]) if found and self.save_noise else []
        return replace(report, notes=(*report.notes, *notes))

    @contextmanager
    def _seekable(self, source: str) -> Iterator[str]:
        """A pipe that must be read twice is kept in a file meanwhile."""
        if self.method != "profile" or self.noise_profile or (source != "-" and not _is_pipe(source)):
            yield source
            return
        with tempfile.TemporaryDirectory() as folder:
            kept = Path(folder) / "standard input"
            try:
                with kept.open("wb") as out:
                    if source == "-":
                        shutil.copyfileobj(sys.stdin.buffer, out)
                    else:
                        with Path(source).open("rb") as pipe:
                            shutil.copyfileobj(pipe, out)
            except OSError as error:
                raise OutputError(f"{source}: cannot be kept for a second reading: {error.strerror}") from error
            yield str(kept)

    def _maker(self, path: str, found: list[Pauses]) -> Callable[[Source], Processor]:
        if self.method == "threshold":
            return lambda opened: ThresholdGate(
                opened.info.rate,
                opened.info.channels,
                strength=self.strength,
                max_attenuation_db=self.max_attenuation_db,
            )

        def profile_gate(opened: Source) -> Processor:
            rate = opened.info.rate
            if self.noise_profile:
                profile = self._given(rate)
            else:
                found.append(self._found(path, rate))
                profile = found[0].profile
            if profile.power.shape[1] not in (1, opened.info.channels):
                profile = replace(profile, power=profile.power.mean(axis=1, keepdims=True))
            return ProfileGate(
                rate,
                opened.info.channels,
                profile,
                strength=self.strength,
                max_attenuation_db=self.max_attenuation_db,
            )

        return profile_gate

    def _given(self, rate: int) -> NoiseProfile:
        import numpy as np

        assert self.noise_profile is not None
        with open_source(self.noise_profile, duration_s=_MOST_PROFILE_S) as noise:
            blocks = list(noise.blocks(_BLOCK_SAMPLES))
            if not blocks:
                raise InputError(f"{self.noise_profile}: expected a recording of noise, and it holds no samples")
            return NoiseProfile.from_noise(np.concatenate(blocks), noise.info.rate, rate)

    def _found(self, path: str, rate: int) -> Pauses:
        with open_source(path, raw=self.raw, start_s=self.start_s, duration_s=self.duration_s) as first:
            return find_pauses(first.blocks(_BLOCK_SAMPLES), rate)

    def _save(self, pauses: Pauses) -> list[str]:
        assert self.save_noise is not None
        count, channels = pauses.noise.shape
        kept = SoundInfo(pauses.rate, channels, count, "WAV", "FLOAT")
        with open_target(self.save_noise, kept, force=self.force) as out:
            out.write(pauses.noise)
        return out.notes


def _is_pipe(source: str) -> bool:
    path = Path(source)
    return path.exists() and not path.is_file() and not path.is_dir()
