"""Take more clips of speechocean762 for training: of speakers that a corpus holds already, quiet enough, not clipped.

    python bench/speechocean.py --repository CLONE --index speech.jsonl --out DIR

CLONE is a git clone of github.com/jimbozhang/speechocean762; speech.jsonl lists the corpus (original_path). Speakers
that the corpus lacks are left alone, because a bench may hold them. Writes DIR/SPEAKER/CLIP.flac.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import subprocess
from pathlib import Path

import numpy as np
import soundfile as sf

from unnoise.signal.lengths import fast_length
from unnoise.signal.level import active_frames, frame_levels_db

HIGH_PASS_HZ = 70.0
LEAST_SNR_DB = 33.0
LEAST_S = 1.0


def speaker(path: str) -> str:
    found = re.search(r"SPEAKER(\d+)", path)
    return found.group(1) if found else ""


def high_passed(audio: np.ndarray, rate: int) -> np.ndarray:
    length = fast_length(len(audio) + rate // 20)  # with room for what rings
    spectrum = np.fft.rfft(audio, length)
    spectrum[np.fft.rfftfreq(length, 1 / rate) < HIGH_PASS_HZ] = 0
    return np.fft.irfft(spectrum, length)[: len(audio)]


def snr_db(audio: np.ndarray, rate: int) -> float:
    """Active level over the first percentile of 80 ms means."""
    levels = frame_levels_db(audio, rate)
    power = 10 ** (levels / 10)
    active = power[active_frames(levels, 20.0)].mean()
    floor = np.percentile(np.convolve(power, np.ones(4) / 4, "valid"), 1)
    return float(10 * np.log10(active / floor))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("repository", "index", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    options = parser.parse_args()
    lines = map(json.loads, options.index.read_text().splitlines())
    have = {line["original_path"] for line in lines if line["source"] == "speechocean762"}
    speakers = {speaker(path) for path in have}
    git = ["git", "-C", str(options.repository)]
    listed = subprocess.run([*git, "ls-tree", "-r", "--name-only", "HEAD"], capture_output=True, text=True, check=True)
    kept, seconds = 0, 0.0
    for path in listed.stdout.splitlines():
        if not path.upper().endswith(".WAV") or path in have or speaker(path) not in speakers:
            continue
        data = subprocess.run([*git, "show", f"HEAD:{path}"], capture_output=True, check=True).stdout
        audio, rate = sf.read(io.BytesIO(data))
        sound = high_passed(audio, rate)
        if len(audio) < LEAST_S * rate or np.abs(audio).max() > 0.999 or snr_db(sound, rate) < LEAST_SNR_DB:
            continue
        target = options.out / speaker(path) / f"{Path(path).stem}.flac"
        target.parent.mkdir(parents=True, exist_ok=True)
        sf.write(target, sound * min(1.0, 0.99 / np.abs(sound).max()), rate)
        kept, seconds = kept + 1, seconds + len(audio) / rate
    print(f"{kept} clips, {seconds / 3600:.2f} h")


if __name__ == "__main__":
    main()
