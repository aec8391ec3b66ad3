"""What `denoise` and `gate` share: where results go, what is said, and the exit status."""

from __future__ import annotations

import functools
import json
import math
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from unnoise.cli.progress import Meter
from unnoise.errors import OptionError

if TYPE_CHECKING:
    from unnoise.apply.file import FileReport, Progress
    from unnoise.apply.folder import Failure, Job, Work
    from unnoise.files import RawFormat

ENCODINGS = ("s16le", "s24le", "s32le", "f32le")

_OPTIONS = [
    click.argument("inputs", nargs=-1, required=True, metavar="INPUT..."),
    click.option("-o", "--output", metavar="OUT", help="A file for one input, a folder for more; '-' is stdout."),
    click.option("--suffix", default=".denoised", show_default=True, help="Before the ending where no -o is given."),
    click.option("--force", is_flag=True, help="Write over what is there."),
    click.option("--skip-existing", is_flag=True, help="Leave out files whose result is there already."),
    click.option("--start", "start_s", type=click.FloatRange(0), default=0.0, help="Begin at this second."),
    click.option("--duration", "duration_s", type=click.FloatRange(0), help="Take this many seconds."),
    click.option("--rate", type=click.IntRange(1), help="Hz of raw samples."),
    click.option("--channels", type=click.IntRange(1, 64), help="Channels of raw samples."),
    click.option("--format", "encoding", type=click.Choice(ENCODINGS), help="Raw samples without a header."),
    click.option("--jobs", type=click.IntRange(1), default=1, show_default=True, help="Files at once."),
    click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing."),
    click.option("--json", "as_json", is_flag=True, help="Reports as JSON on stdout."),
    click.option("--quiet", "-q", is_flag=True, help="Say nothing but errors."),
]


@dataclass(frozen=True)
class FileOptions:
    """The options above."""

    inputs: tuple[str, ...]
    output: str | None
    suffix: str
    force: bool
    skip_existing: bool
    start_s: float
    duration_s: float | None
    rate: int | None
    channels: int | None
    encoding: str | None
    jobs: int
    dry_run: bool
    as_json: bool
    quiet: bool

    def raw(self) -> RawFormat | None:
        """The format of raw samples; OptionError where it is half given."""
        if (self.rate, self.channels, self.encoding) == (None, None, None):
            return None
        if self.rate is None or self.encoding is None:
            raise OptionError("Raw samples need --rate and --format, and --channels where there is more than one.")
        from unnoise.files import RawFormat

        return RawFormat(self.rate, self.channels or 1, self.encoding)


def file_options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options above to a command, which gets them as one `FileOptions`."""
    names = list(FileOptions.__dataclass_fields__)

    @functools.wraps(command)
    def wrapped(**values: Any) -> None:
        command(FileOptions(**{name: values.pop(name) for name in names}), **values)

    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def run_files(options: FileOptions, work: Work, extras: dict[str, str | None]) -> None:
    """Plan, work, say, and exit with 1 where a file failed; `extras` are options that name a file for one input."""
    from unnoise.apply.folder import plan, run

    jobs, failed = plan(options.inputs, options.output, options.suffix)
    _check(options, jobs, {name: file for name, file in extras.items() if file})
    say = _Teller(options, len(jobs))
    for failure in failed:
        say.failure(failure)
    jobs = say.without_existing(jobs)
    if options.dry_run:
        say.plan(jobs)
    else:
        for result in run(jobs, work, workers=options.jobs, progress=say.progress):
            say.result(result)
    sys.exit(say.close())


def _check(options: FileOptions, jobs: list[Job], extras: dict[str, str]) -> None:
    if extras and len(jobs) > 1:
        raise OptionError(f"{next(iter(extras))} takes one input, but there are {len(jobs)}.")
    to_stdout = [job.target for job in jobs if job.target == "-"] + [file for file in extras.values() if file == "-"]
    if len(to_stdout) > 1:
        raise OptionError("Standard output takes one recording; name a file for the other.")
    if to_stdout and options.as_json:
        raise OptionError("--json and a recording cannot both go to standard output; name a file with -o.")
    if to_stdout and sys.stdout.isatty() and not options.dry_run:
        raise OptionError("The recording would go to a terminal; name a file with -o, or send it through a pipe.")


class _Teller:
    """Says each result, counts, and knows the exit status."""

    def __init__(self, options: FileOptions, count: int) -> None:
        self._options, self._count = options, count
        self._meter: Meter | None = None
        self._reports: list[dict[str, Any]] = []
        self._failed = self._done = self._skipped = 0
        self._seconds = self._before = self._after = 0.0
        self._begun = time.perf_counter()

    def progress(self, job: Job) -> Progress | None:
        """The meter of the file in work; none where files run side by side or nobody watches."""
        if self._options.quiet or (self._options.jobs > 1 and self._count > 1) or not sys.stderr.isatty():
            return None
        self._meter = Meter(Path(job.source).name)
        return self._meter

    def without_existing(self, jobs: list[Job]) -> list[Job]:
        """The jobs that are left to do where files go on."""
        if not self._options.skip_existing:
            return jobs
        left = [job for job in jobs if not Path(job.target).exists()]
        self._skipped = len(jobs) - len(left)
        return left

    def plan(self, jobs: list[Job]) -> None:
        """What would be written, and what would be refused."""
        for job in jobs:
            refused = job.target != "-" and Path(job.target).exists() and not self._options.force
            self._reports.append({"source": job.source, "target": job.target, "exists": refused})
            if not self._options.as_json:
                click.echo(f"{job.source} -> {job.target}{' (exists; needs --force)' if refused else ''}")

    def result(self, result: FileReport | Failure) -> None:
        """One file, done or failed."""
        from unnoise.apply.folder import Failure

        if self._meter is not None:
            self._meter.clear()
        if isinstance(result, Failure):
            self.failure(result)
            return
        self._done += 1
        self._seconds += result.seconds
        self._before += result.seconds * 10 ** (result.level_in_dbfs / 10)
        self._after += result.seconds * 10 ** (result.level_out_dbfs / 10)
        speed, change = result.times_real_time, result.level_change_db
        extra = {"times_real_time": speed, "level_change_db": change}
        self._reports.append({**asdict(result), **extra})
        if self._options.quiet:
            return
        for note in result.notes:
            click.echo(f"Note: {note}", err=True)
        target = "stdout" if result.target == "-" else result.target
        click.echo(f"{target}: {result.seconds:.1f} s, {speed:.0f} × real time, level {change:+.1f} dB", err=True)

    def failure(self, failure: Failure) -> None:
        """One file that could not be done."""
        self._failed += 1
        self._reports.append(asdict(failure))
        click.echo(f"Error: {failure.error}", err=True)

    def close(self) -> int:
        """The last lines; returns the exit status."""
        if self._options.as_json:
            click.echo(json.dumps(self._reports, indent=2))
        if self._skipped and not self._options.quiet:
            click.echo(f"{self._skipped} files were there already and stay as they are.", err=True)
        if self._done > 1 and not self._options.quiet:
            speed = self._seconds / max(time.perf_counter() - self._begun, 1e-9)
            change = 10 * math.log10(self._after / self._before) if self._before and self._after else 0.0
            text = f"{self._done} files: {self._seconds:.1f} s, {speed:.0f} × real time, level {change:+.1f} dB"
            click.echo(text, err=True)
        if self._failed and self._done + self._failed > 1:
            click.echo(f"{self._failed} of {self._done + self._failed} failed.", err=True)
        return 1 if self._failed else 0
