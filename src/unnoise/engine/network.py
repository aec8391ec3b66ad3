"""A network at work on one recording: its states, the bins that it takes, and the link between channels."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from unnoise.engine.session import Session
from unnoise.errors import OptionError

Link = Literal["none", "all"]
Spectra = NDArray[np.complex64]


def checked_link(link: str) -> Link:
    """`link` when it is "none" or "all"; raises OptionError otherwise."""
    for known in get_args(Link):
        if link == known:
            return known  # type: ignore[no-any-return]
    raise OptionError(f"link must be 'none' (each channel alone) or 'all' (one gain for all), but is {link!r}.")


class Network:
    """Cleans the spectra of one recording, block after block, all channels at once."""

    def __init__(self, session: Session, channels: int, link: Link) -> None:
        self._session = session
        self._linked = link == "all" and channels > 1
        self._states = session.initial_states(channels)

    def __call__(self, spectra: Spectra) -> Spectra:
        """Clean spectra of the shape of `spectra`, (channels, frames, bins)."""
        given = self._fitted(spectra)
        clean, self._states = self._session.run(given.view(np.float32).reshape(*given.shape, 2), self._states)
        out = clean.view(np.complex64)[:, :, : spectra.shape[2], 0]
        if spectra.shape[2] > given.shape[2]:
            out = np.concatenate((out, carried_on(given, out, spectra[:, :, given.shape[2] :])), axis=2)
        return linked(spectra, out) if self._linked else out

    def _fitted(self, spectra: Spectra) -> Spectra:
        """As many bins as the graph takes: zeros above the sound's own, or the lower ones alone."""
        bins = spectra.shape[2]
        fewest, most = self._session.info.min_bins, self._session.info.max_bins
        if bins > most:
            return np.ascontiguousarray(spectra[:, :, :most])
        if bins < fewest:
            return np.pad(spectra, ((0, 0), (0, 0), (0, fewest - bins)))
        return np.ascontiguousarray(spectra)


def carried_on(given: Spectra, clean: Spectra, above: Spectra) -> Spectra:
    """Bins `above` those that the network takes, with the gain of the top eighth of those, from 0 to 1."""
    top = -max(1, given.shape[2] // 8)
    return above * _gain(_power(given[:, :, top:]).sum(2), _power(clean[:, :, top:]).sum(2))[:, :, None]


def linked(spectra: Spectra, clean: Spectra) -> Spectra:
    """`spectra` with one real gain a bin and frame, that of all channels' power: no voice moves aside."""
    return spectra * _gain(_power(spectra).sum(0), _power(clean).sum(0))


def _power(spectra: Spectra) -> NDArray[np.float32]:
    return np.square(spectra.real) + np.square(spectra.imag)


def _gain(before: NDArray[np.float32], after: NDArray[np.float32]) -> NDArray[np.float32]:
    """Amplitude from power to power, at most 1; 0 where there was nothing."""
    ratio = np.divide(after, before, out=np.zeros_like(before), where=before > 0)
    return np.sqrt(np.minimum(ratio, 1))
