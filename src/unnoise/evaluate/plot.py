"""Pictures of sounds: waveforms and spectrograms side by side, and sheets of small ones."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from unnoise.errors import AudioShapeError, MissingExtraError, OptionError
from unnoise.evaluate.draw import Item, panels, sheet
from unnoise.evaluate.overview import overview_of_file
from unnoise.files.beside import check_target, written

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FEATURES = ("mfcc",)
ENDINGS = (".png", ".svg")
_DPI = 120


def plot_files(
    sources: Sequence[Path],
    target: Path,
    *,
    features: Sequence[str] = (),
    start_s: float = 0.0,
    duration_s: float | None = None,
    titles: Sequence[str] | None = None,
    force: bool = False,
    columns: int | None = None,
) -> None:
    """Draw the waveform and the spectrogram of each file, side by side on common axes, as a .png or .svg.

    Colours span the 80 dB below the loudest point of all files; 0 dB is a sine at full scale. The window is 32 ms of
    Hann, a quarter from frame to frame. Several channels are drawn as their mean. `features` may hold "mfcc", for
    `signal.cepstra`. `columns` files stand side by side [all, at most 4]. Files of any length need the same memory.

    Raises OptionError for an ending, feature, number of titles or of columns that cannot be, InputError for a file
    that cannot be read, OutputError where `target` exists (without `force`), and MissingExtraError without matplotlib.
    """
    _check(sources, target, features, titles, columns)
    check_target(target, None, force=force)
    _need_matplotlib()
    overviews = [
        overview_of_file(source, start_s=start_s, duration_s=duration_s, cepstra="mfcc" in features)
        for source in sources
    ]
    names = titles or [Path(one.name).name for one in overviews]
    _save(panels(overviews, names, columns), target, force=force)


def contact_sheet(
    pairs: Sequence[Item],
    target: Path,
    *,
    force: bool = False,
) -> None:
    """Draw a sheet of small spectrograms as a .png or .svg: (title, noisy, clean or None, rate in Hz) for each item.

    Arrays are (samples,). Each item has colours of its own, over the 80 dB below its loudest point. Raises as
    `plot_files` does, and AudioShapeError for an array of another shape.
    """
    _check_ending(target)
    if not pairs:
        raise OptionError("a contact sheet needs at least one item, but got none")
    for title, *audios, _ in pairs:
        for audio in audios:
            if audio is not None and audio.ndim != 1:
                raise AudioShapeError(f"{title}: expected (samples,), got {audio.shape}; pick or mix the channels.")
    check_target(target, None, force=force)
    _need_matplotlib()
    _save(sheet(pairs), target, force=force)


def _check(
    sources: Sequence[Path], target: Path, features: Sequence[str], titles: Sequence[str] | None, columns: int | None
) -> None:
    _check_ending(target)
    if not sources:
        raise OptionError("expected at least one file to draw, but got none")
    for feature in features:
        if feature not in FEATURES:
            raise OptionError(f"features can be {', '.join(FEATURES)}; got {feature!r}")
    if titles and len(titles) != len(sources):
        raise OptionError(f"expected a title for each of the {len(sources)} files, but got {len(titles)}")
    if columns is not None and columns < 1:
        raise OptionError(f"columns must be 1 or more, but is {columns}")


def _check_ending(target: Path) -> None:
    if target.suffix.lower() not in ENDINGS:
        raise OptionError(f"{target}: expected a picture that ends in {' or '.join(ENDINGS)}")


def _need_matplotlib() -> None:
    try:
        import matplotlib  # noqa: F401
    except ModuleNotFoundError:
        raise MissingExtraError("matplotlib", "plot") from None


def _save(figure: Figure, target: Path, *, force: bool) -> None:
    """Write beside and rename; the same figure gives the same bytes."""
    import matplotlib

    kind = target.suffix.lower()[1:]
    undated = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}[kind]
    with (
        written(target, force=force) as path,
        matplotlib.rc_context({"svg.hashsalt": "unnoise"}),
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # names in scripts that the font lacks
        _settle(figure)
        figure.savefig(path, format=kind, dpi=_DPI, metadata=undated)


def _settle(figure: Figure) -> None:
    """Lay the figure out to a millionth of its size: further digits of the solver depend on places in memory."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for axes in figure.axes:
        left, bottom, width, height = (round(share, 6) for share in axes.get_position().bounds)
        axes.set_position((left, bottom, width, height))
