"""Draw docs/images/gallery and write docs/data-gallery.md: what every noise and every damage looks like.

    python bench/gallery.py --speech FILE --noise DIR --voices DIR [--credits JSONL ...]

FILE is a clip of clean speech, for the damages. The noises `folder` and `highband` take the first two recordings below
the DIR of noise, `babble` the first recording of each of the first eight folders below the DIR of voices. JSONL names
the credits: a recording a line, with `path`, `attribution` and `licence`. Needs the extra `plot`.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from importlib import import_module
from inspect import getdoc
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from unnoise.evaluate.draw import Scale, draw_spectrogram, draw_waveform, scale_of
from unnoise.evaluate.overview import overview_of
from unnoise.files import find_inputs
from unnoise.mix.damages import DAMAGES, apply_damage
from unnoise.mix.named import defaults, find
from unnoise.mix.noises import NOISES, RECORDED, make_noise
from unnoise.signal.resample import resample

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs/images/gallery"
RATE, NOISE_S, SPEECH_S = 24000, 5.0, 2.5
INCHES, DPI, COLOURS = (3.0, 2.0), 100, 28
SHOWN: dict[str, dict[str, object]] = {"codec": {"codec": "mp3"}, "dc": {"offset": 0.2}, "quiet": {"gain": 0.2}}
"""Parameters that make a picture clearer than drawn ones would, or the same wherever it is drawn."""
INTRO = """\
# Gallery of noises and damages

What `unnoise.mix.noises` and `unnoise.mix.damages` make, each with its default parameters unless its line says
otherwise: the waveform, and the spectrogram from 0 to {top_khz:g} kHz over 80 dB. A parameter without a default is
drawn for each file. Written by `bench/gallery.py`.

"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speech", type=Path, required=True)
    parser.add_argument("--noise", type=Path, required=True)
    parser.add_argument("--voices", type=Path, required=True)
    parser.add_argument("--credits", type=Path, nargs="*", default=[])
    options = parser.parse_args()
    PICTURES.mkdir(parents=True, exist_ok=True)
    for old in PICTURES.glob("*.png"):
        old.unlink()
    noises, voices = first_files(options.noise, 2), [first_files(folder, 1)[0] for folder in folders(options.voices, 8)]
    credits = read_credits(options.credits)
    page = INTRO.format(top_khz=RATE / 2000)
    page += "## Noises\n\n" + used("`folder` and `highband` are made of", noises, credits)
    page += used("`babble` is made of", voices, credits)
    page += "".join(noise_entry(name, voices if name == "babble" else noises) for name in NOISES)
    page += "## Damages\n\n" + used("All are done to the same clip,", [options.speech], credits)
    page += damages_part(read(options.speech))
    (ROOT / "docs/data-gallery.md").write_text(page.rstrip() + "\n")
    size = sum(path.stat().st_size for path in PICTURES.glob("*.png"))
    print(f"docs/data-gallery.md: {len(NOISES) + len(DAMAGES) + 1} pictures, {size / 1000:.0f} kB")


def noise_entry(name: str, recordings: Sequence[Path]) -> str:
    """Draw one noise; its part of the page."""
    given = [read(path) for path in recordings] if name in RECORDED else []
    parameters = SHOWN.get(name, {})
    audio = make_noise(name, round(NOISE_S * RATE), RATE, generator_of(name), parameters, given)
    draw(audio, PICTURES / f"noise-{name}.png")
    return entry(name, f"noise-{name}.png", NOISES[name], parameters)


def damages_part(speech: NDArray[np.float32]) -> str:
    """Draw the clip and every damage to it on one scale; their part of the page."""
    clip = speech[: round(SPEECH_S * RATE)]
    clip = clip * np.float32(0.5 / np.abs(clip).max())
    scale = draw(clip, PICTURES / "damage-none.png")
    text = "### none\n\n![none](images/gallery/damage-none.png)\n\nThe clip itself, for comparison.\n\n"
    for name, place in DAMAGES.items():
        parameters = SHOWN.get(name, {})
        draw(apply_damage(name, clip, RATE, generator_of(name), parameters), PICTURES / f"damage-{name}.png", scale)
        text += entry(name, f"damage-{name}.png", place, parameters)
    return text


def draw(audio: NDArray[np.float32], target: Path, scale: Scale | None = None) -> Scale:
    """A small picture, on the scale of another one where it is given; its scale."""
    overview = overview_of(audio, RATE)
    scale = scale or scale_of([overview])
    figure = Figure(INCHES, layout="constrained")
    wave, spectrum = figure.subplots(2, 1, height_ratios=(1, 2.4), sharex=True)
    draw_waveform(wave, overview, scale)
    draw_spectrogram(spectrum, overview, scale)
    wave.tick_params(labelsize=7, length=2)
    spectrum.tick_params(labelsize=7, length=2)
    spectrum.set_yticks(range(0, RATE // 2000 + 1, 4))
    spectrum.set_xlabel("s", fontsize=7, labelpad=1)
    spectrum.set_ylabel("kHz", fontsize=7, labelpad=1)
    figure.savefig(target, dpi=DPI, metadata={"Software": None})
    with Image.open(target) as picture:  # few colours are enough for a small picture, and a quarter of the bytes
        few = picture.convert("RGB").quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(target, optimize=True)
    return scale


def entry(name: str, picture: str, place: str, parameters: dict[str, object]) -> str:
    """One heading, its picture, its line, and what can be given."""
    shown = ", ".join(f"`{key}={value}`" for key, value in parameters.items())
    line = sentence(place) + (f" Here {shown}." if shown else "")
    takes = ", ".join(
        f"`{key}`" if value is None else f"`{key}={value}`"
        for key, value in defaults(find({name: place}, name, "entry")).items()
    )
    takes = f"Parameters: {takes}.\n\n" if takes else ""
    return f"### {name}\n\n![{name}](images/gallery/{picture})\n\n{line}\n\n{takes}"


def sentence(place: str) -> str:
    """The first sentence of a function's docstring, with words in place of a shape."""
    module, function = place.split(":")
    text = " ".join((getdoc(getattr(import_module(module), function)) or "").split("\n\n")[0].split())
    first = re.split(r"(?<=[.])\s(?=[A-Z`])", text)[0]
    return re.sub(r"^\(samples,\)", "The clip", first)


def generator_of(name: str) -> np.random.Generator:
    """A generator of its own, so that a new name changes no other picture."""
    return np.random.default_rng(list(name.encode()))


def read(path: Path) -> NDArray[np.float32]:
    """The first channel of a recording at the gallery's rate, (samples,)."""
    audio, rate = sf.read(path, dtype="float32", always_2d=True)
    return resample(np.ascontiguousarray(audio[:, 0]), rate, RATE)


def folders(folder: Path, count: int) -> list[Path]:
    """The first folders below a folder, by name."""
    return sorted(path for path in folder.iterdir() if path.is_dir())[:count]


def first_files(folder: Path, count: int) -> list[Path]:
    """The first recordings below a folder, by name."""
    return sorted(Path(found.path) for found in find_inputs([str(folder)]))[:count]


def read_credits(manifests: Sequence[Path]) -> list[dict[str, Any]]:
    """Every line of the manifests."""
    return [json.loads(line) for path in manifests for line in path.read_text().splitlines()]


def used(what: str, recordings: Sequence[Path], credits: Sequence[dict[str, Any]]) -> str:
    """A paragraph that credits recordings, each line once."""
    lines = list(dict.fromkeys(credit_of(path, credits) for path in recordings))
    counted = "one recording" if len(recordings) == 1 else f"{len(recordings)} recordings"
    return f"{what} {counted}: {'; '.join(lines)}.\n\n"


def credit_of(path: Path, credits: Sequence[dict[str, Any]]) -> str:
    """The attribution of one recording with its licence, or its name where no line speaks of it."""
    for one in credits:
        if path.as_posix().endswith(f"/{one['path']}"):
            attribution, licence = str(one["attribution"]), str(one["licence"])
            return attribution if licence in attribution else f"{attribution}, {licence}"
    return path.name


if __name__ == "__main__":
    main()
