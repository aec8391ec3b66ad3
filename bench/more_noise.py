"""Take further noise for training: the recordings that bench/more_noise.jsonl lists, from clones of their repositories.

    python bench/more_noise.py --mirror DIR --output DIR

--mirror: DIR/OWNER+NAME is a git clone of each repository in the list, or holds it as repo/.

--output: KIND/OWNER+NAME__PATH.flac (16 bit, mono, the rate of the source, four minutes at most) and noise.jsonl, as
bench/notice.py reads it. What a clone lacks, or what is no sound, is said and left out. Needs ffmpeg for what
libsndfile cannot read.
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
from more_corpora import git_dir

from unnoise.signal.level import dbfs

LONGEST_S = 240
RMS_DBFS, MOST = -22.0, 0.7  # level of a recording, unless its peak would be over MOST


def listed() -> list[dict[str, str]]:
    lines = Path(__file__).with_suffix(".jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def data_of(mirror: Path, repository: str, commit: str, path: str) -> bytes:
    """A file of a clone; OSError where it is missing."""
    command = ["git", "--git-dir", str(git_dir(mirror, repository)), "cat-file", "blob", f"{commit}:{path}"]
    found = subprocess.run(command, capture_output=True, check=False)
    if found.returncode:
        raise OSError(found.stderr.decode().strip())
    return found.stdout


def sound_of(data: bytes) -> tuple[np.ndarray, int]:
    """(samples,) and rate of a sound file, the channels averaged; OSError where it is none."""
    try:
        with sf.SoundFile(io.BytesIO(data)) as file:
            return file.read(LONGEST_S * file.samplerate, always_2d=True).mean(1), file.samplerate
    except sf.LibsndfileError:
        command = ["ffmpeg", "-v", "error", "-i", "pipe:", "-f", "wav", "pipe:"]
        decoded = subprocess.run(command, input=data, capture_output=True, check=False)
        if decoded.returncode:
            raise OSError(decoded.stderr.decode().strip()) from None
        sound, rate = sf.read(io.BytesIO(decoded.stdout), always_2d=True)
        return sound[: LONGEST_S * rate].mean(1), rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mirror", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args()
    taken = []
    for line in listed():
        repository, path = line["source_repo"], line["original_path"]
        try:
            sound, rate = sound_of(data_of(options.mirror, repository, line["source_ref"], path))
        except OSError as error:
            print(f"left out: {repository}: {path}: {error}")
            continue
        peak = float(np.abs(sound).max(initial=0.0))
        if peak == 0:
            print(f"left out: {repository}: {path}: silent")
            continue
        gain = min(10 ** ((RMS_DBFS - dbfs(sound)) / 20), MOST / peak)
        name = re.sub(r"[^\w.+-]+", "_", f"{repository.replace('/', '+')}__{path}")
        target = options.output / line["kind"] / f"{name}.flac"
        target.parent.mkdir(parents=True, exist_ok=True)
        sf.write(target, sound * gain, rate, subtype="PCM_16")
        where = target.relative_to(options.output).as_posix()
        taken.append({"path": where, **line, "seconds": round(len(sound) / rate, 2), "rate": rate})
    (options.output / "noise.jsonl").write_text("".join(json.dumps(line) + "\n" for line in taken), encoding="utf-8")
    print(f"{len(taken)} recordings, {sum(line['seconds'] for line in taken) / 60:.0f} min")


if __name__ == "__main__":
    main()
