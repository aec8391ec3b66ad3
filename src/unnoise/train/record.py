"""run.json: what a run was made with, an entry for each time that it was started or resumed."""

from __future__ import annotations

import contextlib
import datetime
import json
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from unnoise.files.beside import written

PACKAGES = ("unnoise", "torch", "lightning", "numpy", "soundfile", "soxr")


def add_record(path: Path, entry: dict[str, Any], *, anew: bool) -> list[str]:
    """Append `entry` with versions and time; returns what of the recordings differs from the entry before."""
    starts: list[dict[str, Any]] = []
    if not anew:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            starts = json.loads(path.read_text())["starts"]
    before = starts[-1]["recordings"] if starts else {}
    now = entry["recordings"]
    changed = [name for name in sorted(before.keys() & now.keys()) if before[name]["digest"] != now[name]["digest"]]
    begun = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    starts.append({"begun": begun, **entry, "versions": _versions()})
    with written(path, force=True) as beside:
        beside.write_text(json.dumps({"starts": starts}, indent=2) + "\n")
    return changed


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "system": platform.platform()}
    for package in PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            found[package] = version(package)
    return found
