"""Draw docs/images/report.png: the page that `unnoise evaluate` writes, on mixtures of the example's two sentences.

    python bench/report_picture.py

Needs the extra `measure`, Pillow, Playwright and a Chromium. The sentences belong to
recordings that the bundled network was trained on: the picture shows the page, not how good anything is.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from shutil import which

import numpy as np
import soundfile as sf
from PIL import Image
from playwright.sync_api import sync_playwright

from unnoise.mix.noises import make_noise
from unnoise.signal.level import active_level_dbfs, dbfs
from unnoise.signal.resample import resample

ROOT = Path(__file__).parents[1]
RATE = 16000
NOISES, SNRS_DB = ("rain", "pink", "hum", "wind"), (0, 5, 10, 15)
MEASURES = "pesq_wb,stoi,si_sdr,speech_loss_db"
WIDTH, HEIGHT, SCALE, COLOURS = 1160, 2440, 0.8, 200


def main() -> None:
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        mix(folder)
        command = [sys.executable, "-m", "unnoise", "evaluate", "--clean", "clean", "--noisy", "noisy", "-o", "report"]
        more = ["--against", "gate", "--metrics", MEASURES, "--listen", "--clips", "2"]
        subprocess.run([*command, *more], cwd=folder, check=True)
        shoot(folder / "report/index.html", folder / "page.png")
        crop(folder / "page.png", ROOT / "docs/images/report.png")


def mix(folder: Path) -> None:
    """Both sentences in every noise at every SNR, and a list that names noise and SNR."""
    speech, rate = sf.read(ROOT / "examples/clean.flac", dtype="float32")
    halves = np.array_split(resample(speech, rate, RATE), 2)
    lines = ["name,snr_db,noise"]
    for seed, (kind, snr_db) in enumerate((kind, snr_db) for kind in NOISES for snr_db in SNRS_DB):
        for part, clean in zip(("first", "second"), halves, strict=True):
            noise = make_noise(kind, len(clean), RATE, np.random.default_rng(seed))
            gain_db = active_level_dbfs(clean, RATE) - dbfs(noise) - snr_db
            name = f"{part}-{kind}-{snr_db:02}dB.flac"
            for side, audio in (("clean", clean), ("noisy", clean + np.float32(10 ** (gain_db / 20)) * noise)):
                (folder / side).mkdir(exist_ok=True)
                sf.write(folder / side / name, 0.5 * audio, RATE)
            lines.append(f"{name},{snr_db},{kind}")
    (folder / "noisy/list.csv").write_text("\n".join(lines) + "\n", "utf-8")


def shoot(page: Path, target: Path) -> None:
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=which("chromium"), args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": WIDTH, "height": 900})
        tab.goto(page.as_uri())
        tab.screenshot(path=target, full_page=True)
        browser.close()


def crop(source: Path, target: Path) -> None:
    """The page down to its first clip, in few colours, so that the file stays small."""
    picture = Image.open(source).convert("RGB")
    picture = picture.crop((0, 0, picture.width, min(picture.height, HEIGHT)))
    picture = picture.resize((round(SCALE * picture.width), round(SCALE * picture.height)), Image.Resampling.LANCZOS)
    picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(target, optimize=True)
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
