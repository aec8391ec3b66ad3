"""Unpacking tars and zips: nothing outside the folder, and nothing half done that looks whole."""

from __future__ import annotations

import errno
import lzma
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from unnoise.errors import InputError, OutputError


def unpack(archive: Path, folder: Path) -> bool:
    """Unpack `archive` into `folder`; False where it is neither tar nor zip, and stays as it is.

    Raises InputError for an archive that is broken or would write outside `folder`, OutputError where there is no room.
    """
    try:
        if not (archive.name.endswith(".zip") or ".tar" in archive.suffixes[-2:] or archive.suffix == ".tgz"):
            return False
        folder.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".unpacking-", dir=folder))
        try:
            _unzip(archive, beside) if archive.suffix == ".zip" else _untar(archive, beside)
            _move(beside, folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except tarfile.FilterError as error:
        raise InputError(f"{archive}: expected paths inside the archive only, got {error}; do not trust it") from error
    except (tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error, lzma.LZMAError, RuntimeError) as error:
        raise InputError(f"{archive}: expected a whole archive, and it is broken ({error}); fetch it again") from error
    except (InputError, OutputError):
        raise
    except OSError as error:
        if error.errno is None or isinstance(error, FileNotFoundError):  # gzip and bz2 say so of broken data
            raise InputError(f"{archive}: expected a whole archive, and it is broken ({error})") from error
        full = "the disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else error.strerror
        raise OutputError(f"{folder}: {archive.name} cannot be unpacked there ({full})") from error
    return True


def _untar(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")


def _unzip(archive: Path, folder: Path) -> None:
    with zipfile.ZipFile(archive) as packed:
        for name in packed.namelist():
            path = PurePosixPath(name.replace("\\", "/"))
            if path.is_absolute() or ".." in path.parts or ":" in "".join(path.parts[:1]):
                raise InputError(f"{archive}: expected paths inside the archive only, got {name}; do not trust it")
        packed.extractall(folder)


def _move(source: Path, folder: Path) -> None:
    """Everything below `source` to the same place below `folder`, over what is there."""
    for path in sorted(source.rglob("*")):
        target = folder / path.relative_to(source)
        if path.is_dir() and not path.is_symlink():
            target.mkdir(parents=True, exist_ok=True)
        else:
            path.replace(target)
