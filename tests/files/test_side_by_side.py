"""Jobs side by side: interrupted at any moment, workers end without a word and remove what is half written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from unnoise.files.side_by_side import side_by_side

SCRIPT = """
import sys, time
from pathlib import Path
from unnoise.files.beside import written
from unnoise.files.side_by_side import side_by_side

def work(name):
    with written(Path(name), force=True) as path:
        path.write_text("half")
        Path(name + ".begun").touch()
        time.sleep(60)

if __name__ == "__main__":
    print("ready", flush=True)
    list(side_by_side(work, sys.argv[1:], 2))
"""


def interrupted(script: Path, folder: Path, names: list[str], loading: bool) -> None:
    """Run `script`, interrupt it while it loads or once two jobs have begun, and see that nothing is left."""
    with subprocess.Popen(
        [sys.executable, str(script), *names],
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # which shells take from what they background
    ) as run:
        assert run.stdout is not None
        run.stdout.readline()
        deadline = time.monotonic() + 60
        while not loading and len(list(folder.glob("*.begun"))) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.1)
        os.killpg(run.pid, signal.SIGINT)
        said = run.communicate(timeout=30)[1].decode()
    assert "SpawnProcess" not in said
    assert "KeyboardInterrupt" in said
    assert not list(folder.glob("*.txt"))
    assert not list(folder.glob(".*.part*"))


@pytest.mark.skipif(sys.platform == "win32", reason="interrupts of a group of processes")
@pytest.mark.parametrize("loading", [True, False])
def test_an_interrupt_leaves_nothing_half_and_no_traceback_of_workers(tmp_path, loading):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    names = [str(tmp_path / f"{k}.txt") for k in range(4)]
    interrupted(script, tmp_path, names, loading)


SLOW_TO_REMOVE = SCRIPT.replace(
    "time.sleep(60)",
    """try:
            time.sleep(60)
        except KeyboardInterrupt:
            time.sleep(0.5 if name.endswith("1.txt") else 0)
            raise""",
)


@pytest.mark.skipif(sys.platform == "win32", reason="interrupts of a group of processes")
def test_a_worker_that_ended_first_does_not_end_one_that_still_removes(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SLOW_TO_REMOVE)
    assert SLOW_TO_REMOVE != SCRIPT
    interrupted(script, tmp_path, [str(tmp_path / f"{k}.txt") for k in range(2)], loading=False)


def threads(job):
    return os.environ.get("OMP_NUM_THREADS")


@pytest.mark.parametrize(("wish", "given"), [(None, "1"), ("3", "3")])
def test_workers_compute_on_one_thread_each(monkeypatch, wish, given):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if wish:
        monkeypatch.setenv("OMP_NUM_THREADS", wish)
    assert {found for _, found in side_by_side(threads, [1, 2], 2)} == {given}
    assert os.environ.get("OMP_NUM_THREADS") == wish
