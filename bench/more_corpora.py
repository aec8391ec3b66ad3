"""Convert two further corpora of words to utterances for training: 63 speakers, 7.3 h.

    python bench/more_corpora.py --mirror DIR --output DIR

--mirror: DIR/OWNER+NAME is a git clone of each of zhongyuchen/DSPSpeech-20 (MIT) and
abdulkaderghandoura/arabic-speech-commands-dataset (CC BY 4.0), or holds it as repo/.

--output: SOURCE/SPEAKER/CLIP.flac (16 bit, mono, the rate of the source) and index.jsonl. The same clones give the same
bytes. Words lose what is below 70 Hz and the pauses around them but for 80 ms; dropped are those that touch full scale,
stand less than 33 dB above their floor or are copies. Those that stay are joined, with pauses, to 4 to 8 s.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import tarfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import soundfile as sf
from speechocean import high_passed

from unnoise.signal.level import active_frames, frame_levels_db

FRAME_S, EDGE_FRAMES, GAP_FRAMES = 0.02, 4, 13  # of frame_levels_db; kept around a word; what parts two words
FADE_S, PAUSE_S, UTTERANCE_S, SPEAKER_S = 0.01, (0.15, 0.6), (4.0, 8.0), 25 * 60.0
LEAST_FLOOR_DB, SILENT_DBFS = 33.0, -100.0
CREDITS = {  # licence and credit by source
    "dspspeech20": ("MIT", "DSPSpeech-20, Copyright (c) 2019 Zhongyu Chen"),
    "arabic": ("CC BY 4.0", "Arabic Speech Commands Dataset, A. Ghandoura, F. Hjabo and O. Al Dakkak 2021"),
}


class Clone:
    """Some files of the newest commit of a repository; links are left out."""

    def __init__(self, mirror: Path, repository: str, *places: str) -> None:
        git = ["git", "--git-dir", str(next((mirror / repository.replace("/", "+")).glob("**/objects")).parent)]
        commit = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
        self.about = {"source_repo": repository, "source_ref": commit}
        packed = subprocess.run([*git, "archive", "HEAD", *places], stdout=subprocess.PIPE, check=True).stdout
        with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
            self.files = {m.name: data.read() for m in tar if m.isfile() and (data := tar.extractfile(m))}

    def sounds(self, rng: np.random.Generator) -> Iterator[tuple[str, np.ndarray, int]]:
        """Path, (samples, channels) and rate of each distinct recording, in an order that follows from `rng`."""
        names = sorted((p for p in self.files if p.endswith((".wav", ".mp3", ".ogg"))), reverse=True)
        paths = sorted({self.files[path]: path for path in names}.values())
        for i in rng.permutation(len(paths)):
            yield (paths[i], *sf.read(io.BytesIO(self.files[paths[i]]), always_2d=True))


class Corpus:
    """What is written, and the line of each file."""

    def __init__(self, mirror: Path, output: Path) -> None:
        self.mirror, self.output, self.lines = mirror, output, list[dict[str, object]]()

    def write(self, path: str, sound: np.ndarray, rate: int, source: str, **known: object) -> None:
        (self.output / path).parent.mkdir(parents=True, exist_ok=True)
        sf.write(self.output / path, sound * min(1.0, 0.99 / np.abs(sound).max()), rate, subtype="PCM_16")
        about = {"source": source, "licence": CREDITS[source][0], "attribution": ", ".join(CREDITS[source][::-1])}
        measured = {"seconds": round(len(sound) / rate, 3), "rate": rate, "bandwidth_hz": bandwidth_hz(sound, rate)}
        self.lines.append({"path": path, "speaker": None, "floor_db": None, **measured, **about, **known})

    def speech(self, clone: Clone, source: str, speaker_of: Callable[..., str], full_scale: float = 0.999) -> None:
        """The clean words of a clone joined to utterances, until each speaker has enough."""
        rng = np.random.default_rng(zlib.crc32(source.encode()))
        waiting: dict[str, list[tuple[np.ndarray, float]]] = defaultdict(list)  # with the floor of each
        seconds, count = defaultdict[str, float](float), Counter[str]()
        for path, channels, rate in clone.sounds(rng):
            if np.abs(channels).max() >= full_scale or (word := word_of(channels.mean(1), rate)) is None:
                continue
            speaker = speaker_of(path, channels, rate)
            parts = waiting[speaker]
            length = sum(len(part) for part, _ in parts) / rate
            if parts and (length > rng.uniform(*UTTERANCE_S) or length + len(word[0]) / rate > UTTERANCE_S[1]):
                if seconds[speaker] < SPEAKER_S:
                    target = f"{source}/{speaker}/{speaker}-{count[speaker]:04d}.flac"
                    known = {"speaker": f"{source}:{speaker}", "floor_db": min(floor for _, floor in parts)}
                    sound = np.concatenate([part for part, _ in parts[:-1]])  # without the last pause
                    self.write(target, sound, rate, source, kind="speech", **known, **clone.about)
                    seconds[speaker] += length
                    count[speaker] += 1
                parts.clear()
                if min(seconds.values()) >= SPEAKER_S:  # in the shuffled order each has spoken by then
                    return
            parts += [word, (np.zeros(round(rng.uniform(*PAUSE_S) * rate)), np.inf)]


def word_of(sound: np.ndarray, rate: int) -> tuple[np.ndarray, float] | None:
    """The word in a clip with its edges faded, and its floor in dB below it; none where there is no clean word."""
    silent = frame_levels_db(sound, rate) < SILENT_DBFS
    sound = high_passed(sound, rate)
    levels = frame_levels_db(sound, rate)
    speech = 10 * np.log10(np.mean(10 ** (levels[active_frames(levels)] / 10)))
    floor = float(np.percentile(levels[~silent], 2)) if not silent.all() else speech
    if speech - floor < LEAST_FLOOR_DB:
        return None
    loud = np.flatnonzero(levels > max(floor + 10, speech - 40))
    runs = np.split(loud, np.flatnonzero(np.diff(loud) > GAP_FRAMES) + 1)
    if len(levels) * FRAME_S < 3:  # a single word: what stands apart is a click or a breath
        runs = [max(runs, key=lambda run: float(np.sum(10 ** (levels[run] / 10))))]
    step, ramp = round(FRAME_S * rate), np.linspace(0, 1, round(FADE_S * rate))
    sound = sound[max(0, runs[0][0] - EDGE_FRAMES) * step : (runs[-1][-1] + 1 + EDGE_FRAMES) * step]
    sound[: len(ramp)] *= ramp
    sound[-len(ramp) :] *= ramp[::-1]
    return sound, round(float(speech - floor), 1)


def bandwidth_hz(sound: np.ndarray, rate: int) -> int:
    """Highest frequency within 60 dB of the peak of the spectrum, over the louder half of the frames."""
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(sound, (0, 2048)), 2048)[::1024]
    power = np.abs(np.fft.rfft(frames * np.hanning(2048))) ** 2
    louder = power.sum(1) >= np.median(power.sum(1)[power.any(1)])
    spectrum = np.convolve(power[louder].mean(0), np.ones(9) / 9, "same")
    return round(float(np.flatnonzero(spectrum > spectrum.max() * 1e-6)[-1] * rate / 2048))


def dspspeech(corpus: Corpus) -> None:
    """Chinese and English words of 34 students, numbered in the order of their folders."""
    clone = Clone(corpus.mirror, "zhongyuchen/DSPSpeech-20", "speech_data")
    number = {folder: f"{i + 1:02d}" for i, folder in enumerate(sorted({p.split("/")[1] for p in clone.files}))}
    corpus.speech(clone, "dspspeech20", lambda path, *_: number[path.split("/")[1]])


def arabic(corpus: Corpus) -> None:
    """Arabic words of 30 speakers, whose full scale is near 0.99."""
    clone = Clone(corpus.mirror, "abdulkaderghandoura/arabic-speech-commands-dataset", "dataset")
    corpus.speech(clone, "arabic", lambda path, *_: path.split("/")[2][6:8], 0.98)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("mirror", "output"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    corpus = Corpus(**vars(parser.parse_args()))
    for source in (dspspeech, arabic):
        source(corpus)
        print(f"{source.__name__}: {len(corpus.lines)} files", flush=True)
    (corpus.output / "index.jsonl").write_text("".join(json.dumps(line) + "\n" for line in corpus.lines))


if __name__ == "__main__":
    main()
