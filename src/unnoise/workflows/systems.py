"""The five published systems: what they were, what their reports give, and a small budget for each of their networks.

Figures are those of the reports and of the public code in the repositories named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from unnoise.errors import OptionError


@dataclass(frozen=True)
class Method:
    """One network of a system, at a budget of minutes on two cores."""

    recipe: str
    steps: int
    changes: tuple[str, ...] = ()
    """In place of what the recipe says, as lines of TOML."""
    report_noisy: str = ""
    """What the report gives for the noisy sound ..."""
    report_result: str = ""
    """... and for this network's result."""
    why: str = ""
    """What keeps it from improving the sound, where something does."""
    check_identity: bool = False
    """Whether the page says if it can pass clean speech on."""
    optimiser_steps: int = 0
    """Of each optimiser in a comparison of all; 0 for no comparison."""


@dataclass(frozen=True)
class System:
    """One of the five."""

    letter: str
    title: str
    repository: str
    was: str
    """One or two sentences."""
    data_there: str
    data_here: str
    """How the noise of this run differs."""
    methods: tuple[Method, ...]
    measures: tuple[str, ...]
    """Those of its report, beside the ones that all have."""
    gate: str = ""
    """Its way without a network, "profile" or "threshold"."""
    report_gate: str = ""
    women: bool = False
    """Whether it took women's voices alone."""


_A = System(
    letter="a",
    title="one-dimensional convolutional autoencoder",
    repository="https://github.com/levtelyatnikov/MILTestTasks",
    was=(
        "Windows of 1024 samples through three strided convolutions, their mirror and one full matrix, in two stages, "
        "the second with larger batches. A second way needs no network: noise from the pauses, then a spectral gate."
    ),
    data_there=(
        "6,000 clips of LibriSpeech with one type of noise, made in the transform and the same in each frame of a "
        "clip; 150 epochs, then 300 more"
    ),
    data_here="the same noise, at 5 to 20 dB SNR",
    methods=(
        Method("a-conv1d-ae", 2400, report_result="after two stages noise is lower and voices are kept; no figure"),
    ),
    measures=("mse",),
    gate="profile",
    report_gate="no figure",
)

_DAMAGED = "both kinds of made noise: wSDR −0.80"
_B = System(
    letter="b",
    title="from a trivial autoencoder to complex U-Nets",
    repository="https://github.com/alexander-prutko/mil-audio-denoising",
    was=(
        "Four networks, each asked first whether it can pass speech on unchanged and learn a few clips by heart: a "
        "trivial autoencoder, WaveNet, a complex U-Net and dilated convolutions. The thought behind them: speech is "
        "sparse in a transform, so that setting small coefficients to zero already denoises."
    ),
    data_there=(
        "4,800 clips of VCTK at 48 kHz; coefficients of the transform zeroed or raised at random, and street "
        "recordings at half their amplitude"
    ),
    data_here="coefficients zeroed and raised in the same way, at 16 kHz; for the complex U-Net recorded noise",
    methods=(
        Method(
            "b-conv-ae",
            600,
            report_noisy=_DAMAGED,
            report_result="fails to learn even the identity",
            why=(
                "Between its one layer in and its one layer out are 32 numbers for 512 samples, a sixteenth: what does "
                "not fit through this bottleneck is lost, in speech without noise as well."
            ),
            check_identity=True,
        ),
        Method("b-wavenet", 600, report_noisy=_DAMAGED, report_result="learns the identity; too slow to train on"),
        Method(
            "b-dcunet",
            150,
            report_noisy="street, trained on street: wSDR −0.38; both made noises: −0.801",
            report_result="street: wSDR −0.94; both made noises: −0.926",
        ),
        Method("b-dilated-conv", 250, report_noisy=_DAMAGED, report_result="wSDR −0.90 (street: −0.39 to −0.915)"),
    ),
    measures=("wsdr",),
    gate="threshold",
    report_gate="the idea; no figure",
)

_C = System(
    letter="c",
    title="dense autoencoder and pictures of spectrograms, for recognition",
    repository="https://github.com/RHartung-ND/Data-Denoising",
    was=(
        "Noise in the high band taken out before speech recognition, without harm to quiet speakers: a dense network "
        "over stretches of a second, and convolutions over spectrograms as grey pictures of 128 by 128."
    ),
    data_there="LibriSpeech with white noise from 5 to 7.5 kHz, at 0.05 to 0.1 of full scale; 94 clips measured",
    data_here="the same band, at −3 to 9 dB SNR, and levels from −45 to −20 dBFS",
    methods=(
        Method("c-dense-ae", 1500, report_result="SNR −4.23 dB, MSE 0.0117: worse than doing nothing"),
        Method(
            "c-spectrogram-ae",
            120,
            ("batch=8",),
            report_result="failed, by its author's word; no figure",
            why=(
                "A picture has no phase, and 128 by 128 points are too few to make the sound of them again: what comes "
                "out has about the right magnitudes, and a waveform unlike the clean one."
            ),
        ),
    ),
    measures=("snr", "mse"),
)

_D = System(
    letter="d",
    title="convolutional autoencoder on spectrograms, against rain and thunder",
    repository="https://github.com/piotrwojslawski/AudioDenoisingModel",
    was=(
        "Spectrograms of 5 s, 600 by 264, in decibels and scaled by the range of the training set, through three "
        "halvings and three doublings; the phase is that of the noisy sound."
    ),
    data_there=(
        "about 680 clips of women in LibriSpeech, with one clip of rain and one of thunder of ESC-50 at half amplitude"
    ),
    data_here=(
        "made rain and thunder at −5 to 10 dB SNR; for the small budget a network a quarter as wide, over pictures of "
        "0.9 s, in batches of 6 without dropout, at a higher rate that falls to the end"
    ),
    methods=(
        Method(
            "d-conv2d-ae",
            3300,
            (
                "batch=6",
                "network.arguments.width=16",
                "network.arguments.seconds=0.9",
                "data.plan.seconds=0.9",
                "network.arguments.dropout=0.0",
                "optimiser.learning_rate=0.12",
                'optimiser.schedule="cosine"',
                "stop_after=0",
                "feature_items=60",
            ),
            report_result="MSE of pictures 0.0141 (0.0138 in training)",
            why=(
                "Its loss counts each point of the picture alike, pauses as much as speech, and decibels where SI-SDR "
                "counts amplitudes: the picture comes much nearer to the clean one, while the few strong points that "
                "make the sound are painted too roughly yet. Longer training makes both better."
            ),
        ),
    ),
    measures=("mse", "picture"),
    women=True,
)

_E = System(
    letter="e",
    title="waveform autoencoder on emotional speech",
    repository="https://github.com/art-app-mih/Audio_denosing",
    was=(
        "A dense network over 70,000 samples at 48 kHz, against white noise and samples that are doubled at random; "
        "several optimisers compared, Adam the best."
    ),
    data_there="200 clips of RAVDESS, 24 actors; samples scaled to −1 … 1; the layers had 578 million parameters",
    data_here="the same noise at the same 8 dB; the reduced size of the network, cut into shorter stretches",
    methods=(Method("e-dense-ae", 1200, report_result="MSE of scaled samples 0.0506", optimiser_steps=150),),
    measures=("mse",),
)

SYSTEMS = {system.letter: system for system in (_A, _B, _C, _D, _E)}


def choose_systems(letters: Sequence[str]) -> list[System]:
    """The systems called so, in their order, all for none; OptionError gives the nearest name."""
    for letter in letters:
        if letter.lower() not in SYSTEMS:
            raise OptionError(f"no system is called {letter!r}; known are {', '.join(SYSTEMS)}{_hint(letter.lower())}")
    wanted = {letter.lower() for letter in letters} or set(SYSTEMS)
    return [system for letter, system in SYSTEMS.items() if letter in wanted]


def _hint(name: str) -> str:
    """The system of the nearest recipe."""
    of = {method.recipe: system.letter for system in SYSTEMS.values() for method in system.methods}
    of |= {recipe.partition("-")[2]: letter for recipe, letter in of.items()}
    near = get_close_matches(name, of, n=1)
    return f"; did you mean {of[near[0]]!r}, with {near[0]}?" if near else ""
