"""Writing beside the target and renaming at the end, so that no half file is ever left."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from unnoise.errors import OutputError, UnnoiseError


class Beside:
    """A hidden file in the target's folder that becomes the target, or disappears."""

    def __init__(self, target: Path, *, force: bool) -> None:
        self._target, self._force = target, force
        self._made: list[Path] = []
        self._folders()
        self.path = target.with_name(f".{target.stem[:40]}.{secrets.token_hex(6)}.part{target.suffix}")
        try:
            self.path.touch(exist_ok=False)
        except OSError as error:
            self._unmake()
            raise _refused(target, error) from error

    def _folders(self) -> None:
        """Make the missing folders, and remember which, so that a failure leaves none of them."""
        missing = []
        folder = self._target.parent
        while not folder.exists():
            missing.append(folder)
            folder = folder.parent
        for folder in reversed(missing):
            try:
                folder.mkdir(exist_ok=True)
            except OSError as error:
                self._unmake()
                raise _refused(self._target, error) from error
            self._made.append(folder)

    def keep(self) -> None:
        """Give the file its name; raises OutputError when somebody else took it in the meantime."""
        try:
            if self._force:
                self._copy_mode()
                self.path.replace(self._target)
            else:
                self._claim()
        except OSError as error:
            raise _refused(self._target, error) from error

    def _copy_mode(self) -> None:
        with contextlib.suppress(OSError):
            self.path.chmod(self._target.stat().st_mode & 0o777)

    def _claim(self) -> None:
        """Rename without overwriting; a hard link fails where the name is taken, a rename does not."""
        try:
            os.link(self.path, self._target)
        except FileExistsError:
            raise _taken(self._target) from None
        except OSError:  # file systems without hard links
            try:
                self._target.touch(exist_ok=False)
            except FileExistsError:
                raise _taken(self._target) from None
            try:
                self.path.replace(self._target)
            except OSError:
                self._target.unlink()
                raise
        else:
            self.path.unlink()

    def drop(self) -> None:
        """Remove the file and the folders made for it."""
        with contextlib.suppress(OSError):
            self.path.unlink(missing_ok=True)
        self._unmake()

    def _unmake(self) -> None:
        for folder in reversed(self._made):
            with contextlib.suppress(OSError):
                folder.rmdir()
        self._made.clear()


@contextlib.contextmanager
def written(target: Path, *, force: bool) -> Iterator[Path]:
    """The hidden file to write: it becomes `target` where the block ends well, else it disappears.

    Raises OutputError in place of what the system says.
    """
    beside = Beside(target, force=force)
    try:
        yield beside.path
        beside.keep()
    except BaseException as error:
        beside.drop()
        if isinstance(error, OSError) and not isinstance(error, UnnoiseError):
            raise _refused(target, error) from error
        raise


def check_target(target: Path, source: Path | None, *, force: bool) -> None:
    """Raise OutputError when `target` is the input, a folder, or there already without `force`."""
    if not os.path.lexists(target):
        return
    if target.is_dir():
        raise OutputError(f"{target}: this is a folder; expected the name of a file, such as {target / 'out.wav'}")
    if source is not None and target.exists() and source.exists() and target.samefile(source):
        raise OutputError(f"{target}: this is the input itself ({source}); choose another name for the output")
    if not force:
        raise _taken(target)


def _taken(target: Path) -> OutputError:
    return OutputError(f"{target}: exists; use --force to overwrite it")


def _refused(target: Path, error: OSError) -> OutputError:
    if isinstance(error, OutputError):
        return error
    return OutputError(f"{target}: cannot be written ({error.strerror or error})")
