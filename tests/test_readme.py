"""What the README and the pages show must run: bash blocks that begin with `unnoise`, and all Python."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = (
    *("README.md", "docs/command-line.md", "docs/python.md", "docs/data.md", "docs/architecture.md"),
    *("docs/train.md", "docs/adapt.md", "docs/losses.md", "docs/networks.md", "docs/own-network.md"),
)
NEED_TORCH = ("docs/networks.md",)
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in one language, in their order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [body for kind, body in FENCE.findall(text) if kind == language]


def commands(page: str) -> list[str]:
    """One command a line of the blocks that begin with `unnoise`."""
    shown = [block for block in blocks(page, "bash") if block.startswith("unnoise ")]
    return [line for block in shown for line in block.splitlines() if line and not line.startswith("#")]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in that holds the examples, with this Python's `unnoise` first on the PATH.

    Only those that ship: whoever tried the README's first command has a cleaned one beside them.
    """
    (tmp_path / "examples").mkdir()
    for name in ("clean.flac", "noisy.flac"):
        shutil.copy(ROOT / "examples" / name, tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


@pytest.mark.parametrize("page", ["README.md", "docs/command-line.md", *NEED_TORCH])
def test_commands_run(page: str, folder: Path) -> None:
    if page in NEED_TORCH:
        pytest.importorskip("torch")
    assert commands(page)
    for command in commands(page):
        if command.startswith("unnoise plot") and find_spec("matplotlib") is None:
            continue
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def test_the_first_command_cleans_the_example(folder: Path) -> None:
    import soundfile as sf

    install, command = blocks("README.md", "bash")[0].strip().split(" && ")
    assert install == "pip install ."
    subprocess.run(["bash", "-c", command], check=True, capture_output=True)
    noisy, cleaned = sf.info("examples/noisy.flac"), sf.info("examples/noisy.denoised.flac")
    assert (noisy.frames, noisy.samplerate, noisy.subtype) == (
        cleaned.frames,
        cleaned.samplerate,
        cleaned.subtype,
    )


@pytest.mark.parametrize("page", ["README.md", "docs/python.md"])
def test_python_runs(page: str, folder: Path) -> None:
    shown = blocks(page, "python")
    assert shown
    names: dict[str, object] = {"__name__": page}
    for block in shown:  # each goes on from the one before, as the reader does
        exec(compile(block, page, "exec"), names)


def test_the_page_on_data(folder: Path) -> None:
    from tests.sounds import corpus

    clean, noise = corpus(folder)
    clean.rename("speech")
    noise.rename("street")
    shown = [line for block in blocks("docs/data.md", "bash") for line in block.splitlines()]
    shown = [line for line in shown if line.startswith("unnoise ")]
    assert len(shown) == 5
    for command in shown:
        if "simulated" in command:
            pytest.importorskip("pyroomacoustics")
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    shutil.rmtree("out")
    for block in blocks("docs/data.md", "python"):
        exec(compile(block, "docs/data.md", "exec"), {"__name__": "data"})
    assert len(list(Path("out/clean").rglob("*.flac"))) == 8


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    missing = [target for target in targets if not ((ROOT / page).parent / target).exists()]
    assert not missing
