#!/usr/bin/env python3
"""Write NOTICE: the credits of the recordings that the bundled weights were trained on.

    python bench/notice.py --corpus DIR [--corpus DIR ...] > NOTICE

A DIR holds speech.jsonl, noise.jsonl, rooms.jsonl (a recording a line), or some of them, and sources-speech.md (a
table of corpora) where it likes. The same corpora give the same bytes.
"""

from __future__ import annotations

import argparse
import itertools
import json
import textwrap
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

CC = "https://creativecommons.org"
LICENCES = {  # heading, and where the licence stands
    "CC0-1.0": f"{CC}/publicdomain/zero/1.0/",
    "Public domain": f"{CC}/publicdomain/mark/1.0/",
    "MIT": "https://opensource.org/license/mit",
    "Apache-2.0": "https://www.apache.org/licenses/LICENSE-2.0",
    "CC BY 2.0": f"{CC}/licenses/by/2.0/",
    "CC BY 3.0": f"{CC}/licenses/by/3.0/",
    "CC BY 4.0": f"{CC}/licenses/by/4.0/",
    "CC BY (version not stated by the source)": f"{CC}/licenses/by/3.0/ or {CC}/licenses/by/4.0/",
    "CC BY-SA 2.0": f"{CC}/licenses/by-sa/2.0/",
    "CC BY-SA 3.0": f"{CC}/licenses/by-sa/3.0/",
    "CC BY-SA 4.0": f"{CC}/licenses/by-sa/4.0/",
}
SPOKEN = {  # how the corpus says it
    "Apache-2.0 (AISHELL-3)": "Apache-2.0",
    "Apache-2.0 (repository); LibriVox public domain audio": "Public domain",
    "Public Domain (CC PDM/CC0)": "Public domain",
    "CC BY 4.0 (VCTK 0.92)": "CC BY 4.0",
    "CC-BY": "CC BY (version not stated by the source)",
}
INTRO = """\
unnoise
Copyright (c) 2026 The unnoise authors. MIT License, see LICENSE.

The weights of the bundled networks were trained on the recordings credited below. None of these recordings
is part of the installed package; examples/README.md credits the two that examples/ holds. For training they
were changed: mixed down to one channel, cut to at most four minutes, set in level, coded as Opus, Vorbis or FLAC
and mixed with each other. The recordings from VCTK were also high-pass filtered at 70 Hz.

The packages that pip installs beside unnoise (NumPy, onnxruntime, soundfile with its copy of libsndfile, soxr
with its copy of libsoxr, click, msgspec and what they need) are not part of it and come under their own
licences.

Remarks
- The sound data of lincity-ng may be used under GPL-2.0 or CC BY-SA 2.0; here it is used under CC BY-SA 2.0.
- speechocean762 calls itself free for commercial and non-commercial use; OpenSLR lists it under CC BY 4.0.
- Of speechocean762, 2177 more clips (2.4 h) of the same speakers were used, as bench/speechocean.py takes them.
- As bench/more_corpora.py takes them, these were used too: LibriSpeech (c) 2014 by Vassil Panayotov, CC BY 4.0, all
  of its test-clean among them (github.com/hooria-malik/speech-preprocessing-librispeech, zhangrui0712/Voice-Age and
  Jenny-Smolensky/LibriSpeechFilesParser, 9.3 h by 71 readers); the Alphanumeric Audio Dataset, Copyright (c) 2024
  Sakshee Patil, MIT (github.com/Sakshee5/alphanumeric-audio-dataset); FLEURS, A. Conneau et al. 2022, Google, CC BY
  4.0 (github.com/sebastian-software/cuttledoc); Mozilla Common Voice, Upper Sorbian, CC0 (1.3 h by 16 speakers, by
  way of github.com/ZalozbaDev/speech_recognition_acoustic_model_training); GCompris voices: Gaelic, public domain,
  and Spanish by Smart4Kids.com, CC BY-SA 3.0 (github.com/gcompris/GCompris-voices); Japanese vocabulary pronunciation
  audio by Tofugu and WaniKani, CC BY-SA 4.0 (github.com/tofugu/japanese-vocabulary-pronunciation-audio); more of
  kathleen, kerstin, flemishguy and the Yoruba Speech Dataset; and, as words joined to utterances, DSPSpeech-20,
  Copyright (c) 2019 Zhongyu Chen, MIT (github.com/zhongyuchen/DSPSpeech-20), and the Arabic Speech Commands Dataset
  by A. Ghandoura, F. Hjabo and O. Al Dakkak 2021, CC BY 4.0
  (github.com/abdulkaderghandoura/arabic-speech-commands-dataset).
- CSS10 is Apache-2.0 as a repository; its recordings are LibriVox readings in the public domain.
- The background noises of Speech Commands are published with the data set under CC BY 4.0.
- The repository of Mechvibes is MIT; it does not say where its key recordings come from.

This file is written by bench/notice.py: by licence, then by source, a line for each credit.
"""


def licence_of(recording: dict[str, Any]) -> str:
    """The licence as a heading."""
    said = str(recording["licence"])
    if said.startswith("free for commercial"):
        return "CC BY 4.0"
    if said in SPOKEN:
        return SPOKEN[said]
    for short, long in (("CC-BY-SA-", "CC BY-SA "), ("CC-BY-", "CC BY ")):
        said = said.replace(short, long)
    return said


def credit_of(recording: dict[str, Any]) -> str:
    """The attribution without what the headings above it say already."""
    line = str(recording["attribution"])
    for tail in (f"; via github.com/{recording['source_repo']}", f", {recording['licence']}", ", CC0"):
        line = line.removesuffix(tail)
    return line


def corpora(page: Path) -> dict[tuple[str, str], dict[str, str]]:
    """The rows of the table of speech corpora by source and repository; none when there is no such page."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    names: list[str] = []
    for line in page.read_text(encoding="utf-8").splitlines() if page.exists() else []:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| source |"):
            names = cells
        elif names and line.startswith("| ") and len(cells) == len(names):
            row = dict(zip(names, cells, strict=True))
            repository, _, row["commit"] = row["repository (snapshot)"].partition(" @ ")
            rows[row["source"], repository] = row
        elif not line.startswith("|"):
            names = []
    return rows


def sections(folders: Sequence[Path]) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Recordings by licence and by the title of their source."""
    found: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for corpus, what in itertools.product(folders, ("speech", "noise", "rooms")):
        table, listed = corpora(corpus / "sources-speech.md"), corpus / f"{what}.jsonl"
        for line in listed.read_text(encoding="utf-8").splitlines() if listed.exists() else []:
            recording = json.loads(line)
            row = table.get((recording.get("source", ""), recording["source_repo"]), {})
            recording["credits"] = {credit_of(recording), row.get("attribution") or credit_of(recording)}
            commit = recording.get("source_ref") or row.get("commit") or ""
            title = f"{what.capitalize()}: github.com/{recording['source_repo']}"
            title += f" @ {commit[:10]}" if commit else ""
            if row:
                title += f"\n{row['what'].removesuffix('; 70 Hz high-pass applied by us')}"
            found[licence_of(recording)][title].append(recording)
    return found


def notice(folders: Sequence[Path]) -> str:
    """The whole text."""
    parts = [INTRO]
    found = sections(folders)
    order = [*LICENCES, *sorted(set(found) - set(LICENCES))]
    for licence in (name for name in order if name in found):
        heading = f"{licence}: {LICENCES[licence]}" if licence in LICENCES else licence
        parts.append(f"\n{'=' * 110}\n{heading}\n{'=' * 110}\n")
        for title, recordings in sorted(found[licence].items()):
            minutes = sum(recording["seconds"] for recording in recordings) / 60
            head, _, what = title.partition("\n")
            parts.append(f"\n{head} ({len(recordings)} files, {minutes:.1f} min)\n")
            parts += [f"{line}\n" for line in textwrap.wrap(what, 110)]
            credits = {credit for recording in recordings for credit in recording["credits"]}
            parts += [f"- {credit}\n" for credit in sorted(credits, key=str.casefold)]
    return "".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, action="append", help="folder of a corpus")
    print(notice(parser.parse_args().corpus), end="")


if __name__ == "__main__":
    main()
