"""From what was typed to the list of files: names, patterns, folders, '-'."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from unnoise.errors import InputError
from unnoise.files.formats import is_audio


@dataclass(frozen=True)
class FoundInput:
    """One file to read, and where it goes below an output folder."""

    path: str
    """As it is opened; '-' is standard input."""
    relative: Path
    """Its place in the mirrored tree: below the folder that was named, else the bare name."""


def find_inputs(
    arguments: Sequence[str], *, suffix_to_skip: str | None = None, folder_to_skip: Path | None = None
) -> list[FoundInput]:
    """Every file that the arguments mean, sorted within each, each file once.

    `suffix_to_skip`, as ".denoised", leaves out files of a folder or a pattern whose name without ending closes
    so, `folder_to_skip` all below it where it lies in what is searched: the results of an earlier run. Raises
    InputError naming what is missing.
    """
    found: dict[str, FoundInput] = {}
    inside = folder_to_skip.resolve() if folder_to_skip else None
    for argument in arguments:
        ones = _expand(os.fspath(argument), suffix_to_skip)
        if inside and _searched(argument) in inside.parents:
            ones = [one for one in ones if inside not in Path(one.path).resolve().parents]
            if not ones:
                raise InputError(f"{argument}: expected sound files, found only those in the output, {folder_to_skip}")
        for one in ones:
            found.setdefault(one.path if one.path == "-" else os.path.realpath(one.path), one)
    return list(found.values())


def _searched(argument: str | os.PathLike[str]) -> Path | None:
    """The folder that a folder or a pattern is searched in."""
    path = Path(argument)
    if path.is_file() or os.fspath(argument) == "-":
        return None
    while not path.is_dir() and path != path.parent:
        path = path.parent
    return path.resolve()


def _expand(argument: str, skip: str | None) -> list[FoundInput]:
    if argument == "-":
        return [FoundInput("-", Path("-"))]
    path = Path(argument)
    if path.is_dir():
        return _folder(path, skip)
    if path.exists() or path.is_symlink():
        return [FoundInput(argument, Path(path.name))]
    if glob.has_magic(argument):
        return _pattern(argument, skip)
    raise InputError(f"{argument}: expected a file, a folder or a pattern; there is nothing of this name")


def _folder(folder: Path, skip: str | None) -> list[FoundInput]:
    found = [FoundInput(str(p), p.relative_to(folder)) for p in sorted(_walk(folder)) if not _skipped(p, skip)]
    if not found:
        raise InputError(f"{folder}: expected sound files in this folder, found none (endings as .wav, .flac, .mp3)")
    return found


def _walk(folder: Path) -> Iterator[Path]:
    """Every sound file below `folder`; hidden ones are left out, as they may be half written."""
    for root, folders, names in os.walk(folder, onerror=_unreadable):
        folders[:] = [f for f in folders if not f.startswith(".")]
        yield from (Path(root, n) for n in names if not n.startswith(".") and is_audio(n))


def _unreadable(error: OSError) -> None:
    raise InputError(f"{error.filename}: this folder cannot be read ({error.strerror})") from error


def _pattern(pattern: str, skip: str | None) -> list[FoundInput]:
    found: list[FoundInput] = []
    for match in sorted(glob.glob(pattern, recursive=True)):  # noqa: PTH207  (Path.glob takes no absolute pattern)
        path = Path(match)
        if path.is_dir():
            found += [FoundInput(str(p), p.relative_to(path.parent)) for p in sorted(_walk(path))]
        elif is_audio(path):
            found.append(FoundInput(match, Path(path.name)))
    found = [f for f in found if not _skipped(Path(f.path), skip)]
    if not found:
        raise InputError(f"{pattern}: expected files that match this pattern, found none")
    return found


def _skipped(path: Path, skip: str | None) -> bool:
    return bool(skip) and path.stem.endswith(str(skip))
