"""Convert further corpora for training: readers of LibriSpeech, single voices, words joined to utterances.

    python bench/more_corpora.py --mirror DIR --index speech.jsonl --bench DIR --output DIR [--only NAME ...]

--mirror: DIR/OWNER+NAME is a git clone of each repository in SOURCES, or holds it as repo/.
--index: the corpus that there is already; its recordings are not taken again (original_path).
--bench: speakers of DIR/SET/list.csv (column speech) are left out.

--output: SOURCE/SPEAKER/CLIP.flac (16 bit, mono, the rate of the source) and index.jsonl. The same clones give the
same bytes. Everything loses what is below 70 Hz; dropped are recordings that touch full scale, are copies or stand too
little above their floor. Sentences are cut in their quietest places to 15 s at most. Words lose the pauses around them
but for 80 ms, and are joined, with pauses, to 4 to 8 s.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import re
import subprocess
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile as sf
from speechocean import high_passed

from unnoise.signal.level import active_level_dbfs, frame_levels_db

FRAME_S, EDGE_FRAMES, GAP_FRAMES = 0.02, 4, 13  # of frame_levels_db; kept around a word; what parts two words
FADE_S, PAUSE_S, UTTERANCE_S = 0.01, (0.15, 0.6), (4.0, 8.0)
SENTENCE_S, PIECE_S = 1.0, (5.0, 14.5)  # least of all; of what a longer one is cut to
SILENT_DBFS = -100.0


@dataclass(frozen=True)
class Source:
    """Recordings of one repository, as they are taken."""

    name: str
    repository: str
    places: tuple[str, ...]
    licence: str
    credit: str
    speaker: Callable[[str], str | None]
    """Of a path; none leaves the recording out."""
    words: bool = False
    least_floor_db: float = 30.0
    full_scale: float = 0.999
    speaker_s: float = 20 * 60.0


def always(name: str) -> Callable[[str], str]:
    return lambda path: name


def found(pattern: str) -> Callable[[str], str | None]:
    """The first group of `pattern` in a path."""

    def speaker(path: str) -> str | None:
        match = re.search(pattern, path)
        return match.group(1) if match else None

    return speaker


LIBRISPEECH = {
    "licence": "CC BY 4.0",
    "credit": "LibriSpeech (c) 2014 by Vassil Panayotov (from LibriVox recordings)",
    "speaker": found(r"/(\d+)-\d+-\d+\.(?:flac|wav)$"),
    "speaker_s": 10 * 60.0,
}
VOICE = "rhasspy/dataset-voice-"
SOURCES = (
    Source("librispeech", "hooria-malik/speech-preprocessing-librispeech", (".",), **LIBRISPEECH),
    Source("librispeech", "zhangrui0712/Voice-Age", ("LibriSpeech",), **LIBRISPEECH),
    Source("librispeech", "Jenny-Smolensky/LibriSpeechFilesParser", (".",), **LIBRISPEECH),
    Source(
        "duke_alphanumeric",
        "Sakshee5/alphanumeric-audio-dataset",
        ("audio_data",),
        "MIT",
        "Alphanumeric Audio Dataset, Copyright (c) 2024 Sakshee Patil",
        found(r"([^/]+)\.\w+$"),
    ),
    Source(
        "fleurs",
        "sebastian-software/cuttledoc",
        ("packages/cuttledoc/fixtures",),
        "CC BY 4.0",
        "FLEURS, A. Conneau et al. 2022, Google",
        found(r"fixtures/.*fleurs-((?!en)\w+-\d+)\."),
    ),
    Source("kathleen", f"{VOICE}kathleen", ("data",), "CC0-1.0", "rhasspy dataset-voice-kathleen", always("kathleen")),
    Source("kerstin", f"{VOICE}kerstin", ("verified",), "CC0-1.0", "rhasspy dataset-voice-kerstin", always("kerstin")),
    Source("flemishguy", f"{VOICE}flemishguy", ("wavs",), "CC0-1.0", "rhasspy dataset-voice-flemishguy", always("man")),
    Source(
        "yoruba_ogun",
        "ogunlao/yoruba_speech_project",
        ("recordings",),
        "MIT",
        "Yoruba Speech Dataset (c) 2020 Sewade Ogun",
        always("ogun"),
        speaker_s=15 * 60.0,
    ),
    Source(
        "common_voice",
        "ZalozbaDev/speech_recognition_acoustic_model_training",
        ("step3_model_training_kaldi/inputs/sig/CV",),
        "CC0-1.0",
        "Mozilla Common Voice contributors, Upper Sorbian",
        found(r"/CV/(CV\d+)/"),
    ),
    Source(
        "gcompris_gd",
        "gcompris/GCompris-voices",
        ("gd",),
        "Public domain",
        "GCompris voices, Gaelic",
        always("gaelic"),
        words=True,
        speaker_s=25 * 60.0,
    ),
    Source(
        "gcompris_es",
        "gcompris/GCompris-voices",
        ("es/words", "es/alphabet"),
        "CC BY-SA 3.0",
        "Smart4Kids.com, GCompris voices",
        always("spanish"),
        words=True,
    ),
    Source(
        "tofugu",
        "tofugu/japanese-vocabulary-pronunciation-audio",
        ("lib/mp3",),
        "CC BY-SA 4.0",
        "Japanese vocabulary pronunciation audio, Tofugu and WaniKani",
        always("both"),  # a man and a woman, told apart by nothing in the names
        words=True,
    ),
    Source(
        "dspspeech20",
        "zhongyuchen/DSPSpeech-20",
        ("speech_data",),
        "MIT",
        "DSPSpeech-20, Copyright (c) 2019 Zhongyu Chen",
        found(r"^speech_data/(\w+)/"),
        words=True,
        least_floor_db=33.0,
        speaker_s=4 * 60.0,
    ),
    Source(
        "arabic",
        "abdulkaderghandoura/arabic-speech-commands-dataset",
        ("dataset",),
        "CC BY 4.0",
        "Arabic Speech Commands Dataset, A. Ghandoura, F. Hjabo and O. Al Dakkak 2021",
        found(r"/\d{6}(\d\d)_NO_"),
        words=True,
        least_floor_db=33.0,
        full_scale=0.98,  # theirs is near 0.99
        speaker_s=4 * 60.0,
    ),
)


def git_dir(mirror: Path, repository: str) -> Path:
    """Of the clone mirror/OWNER+NAME, or of repo/ in it; OSError where there is none."""
    clone = mirror / repository.replace("/", "+")
    for place in (clone, clone / ".git", clone / "repo", clone / "repo/.git"):
        if (place / "objects").is_dir():
            return place
    raise OSError(f"{clone}: expected a git clone, and there is none")


class Clone:
    """Some files of the newest commit of a repository; links and what the clone lacks are left out."""

    def __init__(self, mirror: Path, source: Source) -> None:
        self._git = ["git", "--git-dir", str(git_dir(mirror, source.repository))]
        self.about = {"source_repo": source.repository, "source_ref": self._say("rev-parse", "HEAD").strip()}
        self._blobs: dict[str, str] = {}  # and the first path of each
        for line in self._say("ls-tree", "-r", "-z", "HEAD", *source.places).split("\0"):
            about, _, path = line.partition("\t")
            if path.lower().endswith((".wav", ".mp3", ".ogg", ".flac", ".opus")) and not about.startswith("120000"):
                self._blobs.setdefault(about.split()[2], path)

    def _say(self, *words: str) -> str:
        return subprocess.run([*self._git, *words], capture_output=True, text=True, check=True).stdout

    def sounds(self, rng: np.random.Generator) -> Iterator[tuple[str, np.ndarray, int]]:
        """Path, (samples, channels) and rate of each distinct recording, in an order that follows from `rng`."""
        blobs = sorted(self._blobs, key=self._blobs.__getitem__)
        with subprocess.Popen(
            [*self._git, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as reading:
            assert reading.stdin is not None
            assert reading.stdout is not None
            for i in rng.permutation(len(blobs)):
                reading.stdin.write(f"{blobs[i]}\n".encode())
                reading.stdin.flush()
                *_, kind, size = reading.stdout.readline().split()
                if kind == b"blob":
                    data = reading.stdout.read(int(size) + 1)
                    try:
                        yield (self._blobs[blobs[i]], *sf.read(io.BytesIO(data[:-1]), always_2d=True))
                    except sf.LibsndfileError:  # a pointer in place of a sound, or a format that is none
                        continue


class Corpus:
    """What is written, and the line of each file."""

    def __init__(self, mirror: Path, output: Path, index: Path, bench: Path) -> None:
        self.mirror, self.output, self.lines = mirror, output, list[dict[str, object]]()
        self._taken = {(line["source_repo"], line["original_path"]) for line in map(json.loads, index.open())}
        self._unseen = {
            re.split(r"[-_]", row["speech"])[0]
            for listed in bench.glob("*/list.csv")
            for row in csv.DictReader(listed.open())
        }
        self._seconds, self._count = defaultdict[str, float](float), Counter[str]()

    def take(self, source: Source) -> None:
        """All that is fit of `source`, until each speaker has enough."""
        clone = Clone(self.mirror, source)
        rng = np.random.default_rng(zlib.crc32(source.name.encode()))
        waiting: dict[str, list[np.ndarray]] = defaultdict(list)
        for path, channels, rate in clone.sounds(rng):
            speaker = source.speaker(path)
            if speaker is None or speaker in self._unseen or (source.repository, path) in self._taken:
                continue
            if self._seconds[f"{source.name}:{speaker}"] >= source.speaker_s:
                continue
            if np.abs(channels).max(initial=0.0) >= source.full_scale:
                continue
            sound = high_passed(channels.mean(1), rate)
            if not source.words:
                for piece in pieces(sound, rate):
                    if above_floor_db(piece, rate) >= source.least_floor_db:
                        self._write(source, speaker, faded(piece, rate), rate, clone.about)
                continue
            word = word_of(sound, rate, source.least_floor_db)
            if word is None:
                continue
            parts = waiting[speaker]
            length = sum(map(len, parts)) / rate
            if parts and (length > rng.uniform(*UTTERANCE_S) or length + len(word) / rate > UTTERANCE_S[1]):
                self._write(source, speaker, np.concatenate(parts[:-1]), rate, clone.about)  # without the last pause
                parts.clear()
            parts += [word, np.zeros(round(rng.uniform(*PAUSE_S) * rate))]

    def _write(self, source: Source, speaker: str, sound: np.ndarray, rate: int, about: dict[str, str]) -> None:
        key, name = f"{source.name}:{speaker}", re.sub(r"\W+", "_", speaker)
        path = f"{source.name}/{name}/{name}-{self._count[key]:04d}.flac"
        self._count[key] += 1
        self._seconds[key] += len(sound) / rate
        (self.output / path).parent.mkdir(parents=True, exist_ok=True)
        sf.write(self.output / path, sound * min(1.0, 0.99 / np.abs(sound).max()), rate, subtype="PCM_16")
        seconds = round(len(sound) / rate, 3)
        measured = {"seconds": seconds, "rate": rate, "bandwidth_hz": bandwidth_hz(sound, rate)}
        credit = {"licence": source.licence, "attribution": f"{source.credit}, {source.licence}"}
        names = {"path": path, "kind": "speech", "speaker": key, "source": source.name}
        self.lines.append({**names, **measured, **credit, **about})


def above_floor_db(sound: np.ndarray, rate: int) -> float:
    """Active level over the second percentile of the levels of frames that are not digitally silent."""
    levels = frame_levels_db(sound, rate)
    heard = levels[levels > SILENT_DBFS]
    if len(heard) < 0.5 / FRAME_S:
        return 0.0
    return active_level_dbfs(sound, rate) - float(np.percentile(heard, 2))


def pieces(sound: np.ndarray, rate: int) -> Iterator[np.ndarray]:
    """A recording in stretches that are not too long, parted where it is quietest."""
    step, begin = round(FRAME_S * rate), 0
    levels = np.convolve(frame_levels_db(sound, rate), np.ones(9) / 9, "same") if len(sound) > step * 9 else np.zeros(0)
    while (len(sound) - begin) / rate > PIECE_S[1]:
        first, last = (begin // step + round(s / FRAME_S) for s in PIECE_S)
        end = step * (first + int(np.argmin(levels[first:last])))
        yield sound[begin:end]
        begin = end
    if (len(sound) - begin) / rate >= SENTENCE_S:
        yield sound[begin:]


def word_of(sound: np.ndarray, rate: int, least_floor_db: float) -> np.ndarray | None:
    """The word in a clip with its edges faded; none where there is no clean word."""
    levels = frame_levels_db(sound, rate)
    if len(levels) < 0.2 / FRAME_S or above_floor_db(sound, rate) < least_floor_db:
        return None
    speech = active_level_dbfs(sound, rate)
    floor = float(np.percentile(levels[levels > SILENT_DBFS], 2))
    loud = np.flatnonzero(levels > max(floor + 10, speech - 40))
    runs = np.split(loud, np.flatnonzero(np.diff(loud) > GAP_FRAMES) + 1)
    if len(levels) * FRAME_S < 3:  # a single word: what stands apart is a click or a breath
        runs = [max(runs, key=lambda run: float(np.sum(10 ** (levels[run] / 10))))]
    step = round(FRAME_S * rate)
    return faded(sound[max(0, runs[0][0] - EDGE_FRAMES) * step : (runs[-1][-1] + 1 + EDGE_FRAMES) * step], rate)


def faded(sound: np.ndarray, rate: int) -> np.ndarray:
    ramp, sound = np.linspace(0, 1, round(FADE_S * rate)), sound.copy()
    sound[: len(ramp)] *= ramp
    sound[-len(ramp) :] *= ramp[::-1]
    return sound


def bandwidth_hz(sound: np.ndarray, rate: int) -> int:
    """Highest frequency within 60 dB of the peak of the spectrum, over the louder half of the frames."""
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(sound, (0, 2048)), 2048)[::1024]
    power = np.abs(np.fft.rfft(frames * np.hanning(2048))) ** 2
    louder = power.sum(1) >= np.median(power.sum(1)[power.any(1)])
    spectrum = np.convolve(power[louder].mean(0), np.ones(9) / 9, "same")
    return round(float(np.flatnonzero(spectrum > spectrum.max() * 1e-6)[-1] * rate / 2048))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("mirror", "index", "bench", "output"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--only", action="append", choices=sorted({source.name for source in SOURCES}))
    options = vars(parser.parse_args())
    only = options.pop("only")
    corpus = Corpus(**options)
    for source in SOURCES:
        if only is None or source.name in only:
            before = len(corpus.lines)
            corpus.take(source)
            new = corpus.lines[before:]
            hours = sum(line["seconds"] for line in new) / 3600
            speakers = len({line["speaker"] for line in new})
            print(f"{source.repository}: {len(new)} files, {hours:.2f} h, {speakers} speakers", flush=True)
    (corpus.output / "index.jsonl").write_text("".join(json.dumps(line) + "\n" for line in corpus.lines))


if __name__ == "__main__":
    main()
