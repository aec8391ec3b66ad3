"""Make docs/listening.md: twelve recordings before and after, the three worst of all candidates among them.

    python bench/listening.py --corpus DIR --clean DIR --noise DIR --cache DIR [--model NAME|PATH] [--candidates N]

`--clean`, `--noise` and `--cache` are those of the training: what it held out is mixed here, at -5 to 15 dB SNR, and
only recordings that speech.jsonl and noise.jsonl in `--corpus` credit. The three that gain least STOI come first; the
others lie evenly between the least and the most SI-SDR gained. Needs `pip install 'unnoise[train,measure]'`.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf
from numpy.typing import NDArray
from PIL import Image

from unnoise import Denoiser
from unnoise.evaluate.plot import plot_files
from unnoise.metrics import measure
from unnoise.mix.bank import load_bank, split
from unnoise.signal.level import active_level_dbfs, dbfs
from unnoise.signal.resample import resample
from unnoise.train.config import load_recipe

PAGE = Path(__file__).parents[1] / "docs/listening.md"
PAIRS, WORST = 12, 3
SNRS_DB = (-5.0, 0.0, 5.0, 10.0, 15.0)
SECONDS = (2.5, 6.0)
LEVEL_DBFS = -26.0
COLOURS = 64
MEASURES = ("pesq_wb", "stoi", "si_sdr")

Sound = NDArray[np.float32]


@dataclass(frozen=True)
class Candidate:
    """A held-out voice in a held-out noise, and what became of it."""

    speech: dict[str, Any]
    noise: dict[str, Any]
    snr_db: float
    rate: int
    noisy: Sound
    cleaned: Sound
    before: dict[str, float]
    after: dict[str, float]

    def gained(self, name: str) -> float:
        """Of a measure."""
        return self.after[name] - self.before[name]


def held_out(folder: Path, cache: Path, credits: Path, *, noise: bool) -> list[dict[str, Any]]:
    """Lines of `credits` whose recordings the recipe `default` holds out of `folder`."""
    data = load_recipe("default").data
    speeds = data.noise_speeds if noise else data.speeds
    bank = load_bank(folder, cache, data.rate, noise=noise, speeds=speeds, loop=noise, say=lambda _: None)
    names = {clip.name for clip in split(bank, data.valid_share)[1].clips}
    lines = [json.loads(line) for line in credits.read_text().splitlines()]
    free = [line for line in lines if "SA" not in line["licence"]]  # a mixture would have to carry it on
    return [line for line in free if line["path"].partition("/")[2] in names]  # without "speech/" or "noise/"


def drawn(
    corpus: Path, speech: list[dict[str, Any]], noises: list[dict[str, Any]], denoiser: Denoiser, number: int
) -> Candidate:
    """The candidate of this number."""
    rng = np.random.default_rng((1, number))
    voices = sorted({line["speaker"] for line in speech})
    voice = voices[rng.integers(len(voices))]
    said = [line for line in speech if line["speaker"] == voice]
    told, heard = said[rng.integers(len(said))], noises[rng.integers(len(noises))]
    clean, rate = sf.read(corpus / told["path"], dtype="float32", always_2d=True)
    noise, noise_rate = sf.read(corpus / heard["path"], dtype="float32", always_2d=True)
    wanted = clean.mean(1)[: round(SECONDS[1] * rate)]
    other = np.resize(resample(noise.mean(1), noise_rate, rate), len(wanted))
    snr_db = float(rng.choice(SNRS_DB))
    gain_db = active_level_dbfs(wanted, rate) - dbfs(other) - snr_db
    noisy = wanted + np.float32(10 ** (gain_db / 20)) * other
    scale = min(10 ** ((LEVEL_DBFS - dbfs(noisy)) / 20), 0.99 / float(np.abs(noisy).max()))
    wanted, noisy = wanted * np.float32(scale), noisy * np.float32(scale)
    cleaned = denoiser(noisy, rate)
    before, after = ({name: measure(name, wanted, sound, rate) for name in MEASURES} for sound in (noisy, cleaned))
    return Candidate(told, heard, snr_db, rate, noisy, cleaned, before, after)


def chosen(candidates: list[Candidate]) -> list[Candidate]:
    """The worst, then the others from the least to the most gained."""
    by_stoi = sorted(candidates, key=lambda c: c.gained("stoi"))
    rest = sorted(by_stoi[WORST:], key=lambda c: c.gained("si_sdr"))
    at = np.linspace(0, len(rest) - 1, PAIRS - WORST).round().astype(int)
    return by_stoi[:WORST] + [rest[k] for k in at]


def credit(line: dict[str, Any]) -> str:
    """Who made a recording, and its licence."""
    said, licence = line["attribution"].rstrip("."), line["licence"]
    return said if licence in said else f"{said}, {licence}"


def write_page(pairs: list[Candidate], candidates: int) -> None:
    """docs/listening.md, and its sounds and pictures in docs/listening/."""
    folder = PAGE.with_suffix("")
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    lines = [
        "# Before and after",
        "",
        f"Twelve of {candidates} mixtures of voices and noises that training has not heard: the {WORST} that gained "
        "least STOI first, then others evenly from the least to the most SI-SDR gained. Made by "
        "`python bench/listening.py`; nothing was chosen by ear.",
    ]
    for number, pair in enumerate(pairs, start=1):
        name = f"{number:02}"
        files = {what: folder / f"{name}.{what}.ogg" for what in ("before", "after")}
        for file, sound in zip(files.values(), (pair.noisy, pair.cleaned), strict=True):
            sf.write(file, sound, pair.rate, format="OGG", subtype="VORBIS")
        picture = folder / f"{name}.png"
        plot_files(list(files.values()), picture, titles=list(files))
        with Image.open(picture) as image:
            image.reduce(2).quantize(COLOURS).save(picture, optimize=True)
        figures = ", ".join(
            f"{title} {pair.before[key]:.{digits}f} → {pair.after[key]:.{digits}f}"
            for key, title, digits in (("pesq_wb", "PESQ-WB", 2), ("stoi", "STOI", 3), ("si_sdr", "SI-SDR", 1))
        )
        kind = str(pair.noise["kind"]).replace("-", " ")
        lines += [
            "",
            f"## {number}: {kind}, {pair.snr_db:g} dB" + (", least STOI gained" if number <= WORST else ""),
            "",
            f"[before](listening/{name}.before.ogg) · [after](listening/{name}.after.ogg) · {figures}",
            "",
            f"![Spectrograms before and after](listening/{name}.png)",
            "",
            f"Speech: {credit(pair.speech)}. Noise: {credit(pair.noise)}. Cut, set in level and mixed.",
        ]
    PAGE.write_text("\n".join(lines) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("corpus", "clean", "noise", "cache"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--model", default="default")
    parser.add_argument("--candidates", type=int, default=60)
    args = parser.parse_args()
    speech = held_out(args.clean, args.cache, args.corpus / "speech.jsonl", noise=False)
    speech = [line for line in speech if line["seconds"] >= SECONDS[0]]
    noises = held_out(args.noise, args.cache, args.corpus / "noise.jsonl", noise=True)
    denoiser = Denoiser(args.model)
    candidates = [drawn(args.corpus, speech, noises, denoiser, k) for k in range(args.candidates)]
    write_page(chosen(candidates), len(candidates))


if __name__ == "__main__":
    main()
