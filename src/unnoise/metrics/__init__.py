"""Measures, one a file; listing them imports none of the packages that some of them need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from numpy.typing import NDArray

Measure = Callable[[NDArray[Any], NDArray[Any], int], float]
"""Of reference and estimate, both (samples,), and their rate in Hz; NaN where it is undefined."""


@dataclass(frozen=True)
class Metric:
    """What a measure is called and means."""

    place: str
    """"module:function"."""
    unit: str
    lowest: float
    highest: float
    higher_is_better: bool = True

    def load(self) -> Measure:
        """The function, imported now."""
        module, name = self.place.split(":")
        measure: Measure = getattr(import_module(module), name)
        return measure


METRICS = {
    "pesq_wb": Metric("unnoise.metrics.pesq:pesq_wb", "MOS", 1.0, 4.65),
    "si_sdr": Metric("unnoise.metrics.si_sdr:si_sdr", "dB", -float("inf"), float("inf")),
    "speech_loss_db": Metric("unnoise.metrics.speech_loss:speech_loss_db", "dB", -60.0, 0.0),
    "stoi": Metric("unnoise.metrics.stoi:stoi", "", 0.0, 1.0),
}


def measure(name: str, reference: NDArray[Any], estimate: NDArray[Any], rate: int) -> float:
    """The metric called `name` of two (samples,) at `rate` Hz; NaN where it is undefined."""
    return METRICS[name].load()(reference, estimate, rate)
