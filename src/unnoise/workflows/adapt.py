"""A bundle fine-tuned to a user's own noise, in minutes on a CPU, without forgetting the other noises.

With clean speech of the user, or without: then the bundle's own estimates of speech and of noise in noisy recordings
are remixed, and the network learns to tell them apart anew (RemixIT: Tzinis et al. 2022, arXiv 2202.08862; here the
teacher stays what it was). Against forgetting: a low learning rate, made noises and babble of the user's voices in part
of the mixtures, whose target is what the network said before, statistics of normalisation held, and at the end weights
between the old and the new ones, chosen on mixtures that are not reported.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import soundfile as sf
import torch

from unnoise.bundle import Bundle, load_bundle, write_bundle
from unnoise.engine.whole import Denoiser
from unnoise.errors import OptionError, TrainingError
from unnoise.export.bundle import export_network
from unnoise.files.beside import check_target, written
from unnoise.mix.bank import Bank
from unnoise.mix.draw import Drawer, MixSpec
from unnoise.mix.noises import make_noise
from unnoise.mix.rooms import simulate
from unnoise.mix.vary import speed
from unnoise.networks.base import Network, WaveformNetwork
from unnoise.signal.resample import resample
from unnoise.train.checks import chosen_device
from unnoise.train.device_mix import DeviceMixer
from unnoise.train.from_bundle import load
from unnoise.workflows.fine_tune import FineTuning, between, cleaner, fine_tune
from unnoise.workflows.own_sounds import TRACK_S, Piece, Sound, noise_bank, pieces, speech_bank
from unnoise.workflows.pairs import Pairs, known_pairs, own_pairs, shipped_speech

RATE = 16000
"""Where the network takes any rate: most speech and noise lie below 8 kHz."""
MIXTURES = MixSpec(
    seconds=3.0, snr_db=(-5.0, 15.0), clean_share=0.1, room_share=0.25, equaliser_share=0.25, equaliser_db=4.0,
    low_pass_share=0.1, jump_share=0.1,
)  # fmt: skip
"""Less varied than a training from nothing: this noise is to be learned, and not all that are like it."""
ROOMS, ROOM_S = 16, 0.4
OLD_KINDS = ("coloured", "fan", "hum", "knocks", "buzz", "whine", "crackle", "rain", "wind", "band")
OLD_TRACKS = 3
"""Of each kind."""
BABBLE_TRACKS = 10
BABBLE_VOICES = 8
OLD_SHARE = 0.3
"""Of the noises; a mixture has one to three."""
ITEMS = 15
SHARES = tuple(k / 10 for k in range(10, 0, -1))
"""Of the way from the old weights to the new ones."""
ALLOWED_DB = 0.3
"""Most that made noises may lose on average, gains not counted, on the mixtures that the share is chosen on."""
RESERVE_S = 15.0
"""For exporting."""


@dataclass(frozen=True)
class Figures:
    """SI-SDR in dB, the mean over mixtures."""

    noisy_db: float
    before_db: float
    after_db: float
    worst: str
    """Kind of noise that lost most."""
    worst_db: float
    """By how much that changed; below 0 is a loss."""

    @property
    def gain_db(self) -> float:
        """After less before; below 0 is a loss."""
        return self.after_db - self.before_db


@dataclass(frozen=True)
class Adapted:
    """What came of adapting."""

    path: Path
    own: Figures
    """On the user's noise, on stretches that were held out."""
    known: Figures
    """On made noises, with the voice that comes with the package."""
    share: float
    """Of the way from the old weights to the new ones."""
    steps: int
    seconds: float


@dataclass(frozen=True)
class Sounds:
    """What is trained on, and what was held out of it, to choose and to report."""

    speech: Bank
    noises: list[tuple[Bank, float]]
    """Each with its share of the mixtures."""
    choosing: tuple[Pairs, Pairs]
    reporting: tuple[Pairs, Pairs]
    """The user's own, and those that are known."""


def adapt(
    model: str | Path | Bundle,
    target: Path,
    *,
    noise: Path,
    clean: Path | None = None,
    noisy: Path | None = None,
    rate: int | None = None,
    steps: int = 400,
    minutes: float = 8.0,
    seed: int = 1,
    device: str = "auto",
    threads: int | None = None,
    trust: bool = False,
    force: bool = False,
    say: Callable[[str], None] = print,
) -> Adapted:
    """Fine-tune `model` to the recordings of `noise` and write it as the bundle `target`.

    `noise`, and one of `clean` (speech) and `noisy` (speech with noise), are what `mix.recordings.find` takes: a
    folder, a file or a manifest. `rate` in Hz is that of the mixtures, 16000 unless given, and the network's own where
    it has one. `trust` lets a model run code of its own, as `load` says. `minutes` bound the whole; where `steps` do
    not fit, fewer are made. The same seed gives the same weights as long as all steps fit. Raises OptionError,
    InputError where recordings are missing or too short, BundleError where the model does not lead back to torch,
    OutputError where `target` exists, and TrainingError where nothing is gained: then nothing is written.
    """
    begun = time.perf_counter()
    if (clean is None) == (noisy is None):
        raise OptionError("Give either --clean DIR, speech without noise, or --noisy DIR, speech with noise.")
    check_target(target, None, force=force)
    if threads is not None:
        torch.set_num_threads(threads)
    on = torch.device(chosen_device(device))
    bundle = load_bundle(model) if not isinstance(model, Bundle) else model
    network = load(bundle, trust=trust)
    rate = _rate(network, rate)
    say("reading recordings" if noisy is None else "reading recordings, telling speech and noise apart")
    sounds = gather(bundle, rate, noise, clean, noisy, seed, say)
    network.to(on)
    torch.manual_seed(seed)
    start = {name: value.clone() for name, value in network.state_dict().items()}
    looked = time.perf_counter()
    before = [pairs.scores_db(cleaner(network, rate, on)) for pairs in sounds.choosing]
    reserve_s = RESERVE_S + (len(SHARES) + 2) * (time.perf_counter() - looked)
    drawer, mixer = _mixing(sounds, network, rate, seed, on)
    old_from = sum(len(bank.samples) for bank, _ in sounds.noises[:-1])
    tuning = FineTuning(drawer, mixer, rate, steps, begun + 60 * minutes - reserve_s, seed, on, old_from)
    made = fine_tune(network, tuning, say)
    share = choose(network, start, sounds.choosing, before, cleaner(network, rate, on), say)
    told = {"mode": "clean" if noisy is None else "noisy", "steps": made, "share": share, "rate": rate, "seed": seed}
    own, known = _write(bundle, network, target, sounds.reporting, told, force)
    return Adapted(target, own, known, share, made, time.perf_counter() - begun)


def _rate(network: Network, wanted: int | None) -> int:
    if not isinstance(network, WaveformNetwork):
        return wanted or RATE
    if wanted not in (None, network.rate):
        raise OptionError(f"This model works at {network.rate} Hz alone; leave --rate out.")
    return network.rate


def gather(
    bundle: Bundle, rate: int, noise: Path, clean: Path | None, noisy: Path | None, seed: int,
    say: Callable[[str], None],
) -> Sounds:  # fmt: skip
    """Everything that is trained and measured on."""
    ours = pieces(noise, rate, noise=True, seed=seed, say=say)
    own_share = 1 - OLD_SHARE
    noises = [(noise_bank([p.sound for p in ours[0]], rate, seed, "own"), own_share)]
    if clean is not None:
        spoken = pieces(clean, rate, noise=False, seed=seed, say=say)
        speech = spoken[0]
        held = [[piece.sound for piece in part] for part in spoken[1:]]
    else:
        assert noisy is not None
        heard = [p for part in pieces(noisy, rate, noise=False, seed=seed, say=say) for p in part]
        speech, residuals = told_apart(bundle, heard, rate)
        noises = [(noises[0][0], own_share / 2), (noise_bank(residuals, rate, seed, "residual"), own_share / 2)]
        voice, own_rate = sf.read(shipped_speech(), dtype="float32")
        held = [[half] for half in np.array_split(resample(voice, own_rate, rate), 2)]
    noises.append((noise_bank(_old_noise(speech, rate, seed), rate, seed, "old"), OLD_SHARE))
    sides = [
        own_pairs(held[k], [p.sound for p in ours[k + 1]], rate, ITEMS, seed + k) for k in (0, 1)
    ]  # the second half of the voice is for the report, and so is the last part of everything
    return Sounds(speech_bank(speech, rate), noises, (sides[0], known_pairs(rate, 0)), (sides[1], known_pairs(rate, 1)))


def told_apart(bundle: Bundle, heard: Sequence[Piece], rate: int) -> tuple[list[Piece], list[Sound]]:
    """What the bundle takes for speech and for noise in noisy recordings: their sum is the recording."""
    denoiser = Denoiser(bundle)
    speech, noise = [], []
    for piece in heard:
        estimate = denoiser(piece.sound, rate)
        rest = piece.sound - estimate
        if np.abs(estimate).max() > 1e-5:
            speech.append(Piece(estimate, piece.group))
        if np.abs(rest).max() > 1e-5:
            noise.append(rest)
    if not (speech and noise):
        raise OptionError(
            f"In the noisy recordings the model {bundle.info.name!r} finds no {'noise' if speech else 'speech'}: "
            "there is nothing to remix. Give clean speech with --clean DIR."
        )
    return speech, noise


def _old_noise(speech: Sequence[Piece], rate: int, seed: int) -> list[Sound]:
    """Made noises and babble of these voices, to go on doing what was done with them before."""
    tracks = []
    for k, name in enumerate((*OLD_KINDS * OLD_TRACKS, *("babble",) * BABBLE_TRACKS)):
        rng = np.random.Generator(np.random.Philox(key=seed, counter=[3, 0, 0, k]))
        voices = []
        if name == "babble":
            dealt = rng.integers(len(speech), size=BABBLE_VOICES)
            voices = [speed(speech[n].sound, rate, float(rng.uniform(0.8, 1.25))) for n in dealt]
        tracks.append(make_noise(name, round(TRACK_S * rate), rate, rng, recordings=voices))
    return tracks


def _mixing(sounds: Sounds, network: Network, rate: int, seed: int, device: torch.device) -> tuple[Drawer, DeviceMixer]:
    seconds = MIXTURES.seconds
    if isinstance(network, WaveformNetwork):
        windows = max(1, round(seconds * rate / network.window_samples))
        seconds = windows * network.window_samples / rate
    rng = np.random.Generator(np.random.Philox(key=seed, counter=[4, 0, 0, 0]))
    rooms = np.stack([part for _ in range(ROOMS) for part in simulate(rate, round(ROOM_S * rate), rng)])
    spec = msgspec.structs.replace(MIXTURES, seconds=seconds)
    drawer = Drawer(spec, sounds.speech, sounds.noises, len(rooms), seed)
    noise = [bank.samples for bank, _ in sounds.noises]
    return drawer, DeviceMixer(rate, drawer.samples, sounds.speech.samples, noise, rooms, device)


def choose(
    network: Network,
    start: dict[str, torch.Tensor],
    pairs: tuple[Pairs, Pairs],
    before: Sequence[Any],
    clean_up: Callable[[Sound], Sound],
    say: Callable[[str], None],
) -> float:
    """Put the best weights between old and new into `network`; returns their share of the way.

    Best is what gains most on the user's noise of what loses little elsewhere. TrainingError where nothing gains.
    """
    end = {name: value.clone() for name, value in network.state_dict().items()}
    gain = best = gain_db = lost_db = 0.0
    for share in SHARES:
        network.load_state_dict(between(start, end, share))
        own, known = (np.nan_to_num(p.scores_db(clean_up) - b) for p, b in zip(pairs, before, strict=True))
        gain_db, lost_db = float(own.mean()), -float(np.minimum(known, 0).mean())
        say(f"{share:.0%} of the way: {gain_db:+.2f} dB on your noise, {lost_db:.2f} dB lost on others")
        if best and gain_db < gain:
            break  # and from here on it falls
        if lost_db <= ALLOWED_DB and gain_db > gain:
            gain, best = gain_db, share
    if not best:
        raise TrainingError(
            f"Adapting does not help here: {SHARES[-1]:.0%} of the way to the new weights changes held-out mixtures by "
            f"{gain_db:+.2f} dB and loses {lost_db:.2f} dB on other noises. Nothing was written. Longer recordings "
            "of the noise, more speech, or more minutes may help."
        )
    network.load_state_dict(between(start, end, best))
    return best


def _write(
    bundle: Bundle, network: Network, target: Path, reporting: tuple[Pairs, Pairs], told: dict[str, Any], force: bool
) -> tuple[Figures, Figures]:
    """Export, measure what was exported, and write it with its figures."""
    info = bundle.info
    with written(target, force=force) as path:
        weights = {name: value.cpu() for name, value in network.state_dict().items()}
        export_network(
            weights, info.network, dict(info.arguments), path,
            name=target.stem, version=info.version, licence=info.licence, card={},
        )  # fmt: skip
        new = load_bundle(path)
        own, known = (compared(pairs, bundle, new) for pairs in reporting)
        origin = {"name": info.name, "version": info.version, "sha256": info.sha256, "card": info.card}
        card = {
            "summary": f"The model {info.name!r}, adapted to one user's noise.",
            "adapted_from": origin,
            "adapting": {**told, "own_noise": msgspec.to_builtins(own), "other_noise": msgspec.to_builtins(known)},
        }
        write_bundle(path, new.model, msgspec.structs.replace(new.info, card=card))
    return own, known


def compared(pairs: Pairs, old: Bundle, new: Bundle) -> Figures:
    """Both bundles on the same mixtures, as files are cleaned."""
    noisy = pairs.scores_db(lambda sound: sound)
    before, after = (pairs.scores_db(_as_files(bundle, pairs.rate)) for bundle in (old, new))
    change = after - before
    worst = int(np.nanargmin(change))
    noisy_db, before_db, after_db = (float(np.nanmean(scores)) for scores in (noisy, before, after))
    return Figures(noisy_db, before_db, after_db, pairs.kinds[worst], float(change[worst]))


def _as_files(bundle: Bundle, rate: int) -> Callable[[Sound], Sound]:
    denoiser = Denoiser(bundle)
    return lambda sounds: np.stack([denoiser(sound, rate) for sound in sounds])
