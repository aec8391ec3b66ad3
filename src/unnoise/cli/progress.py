"""A line that tells how far the work is and how long it will take; only on a terminal."""

from __future__ import annotations

import sys
import time


class Line:
    """A text that is drawn over the one before, at most ten times a second, and taken away at the end."""

    def __init__(self, *, shown: bool = True) -> None:
        self._shown, self._drawn, self._widest = shown, 0.0, 0

    def due(self) -> bool:
        """Whether it is time for another text."""
        return self._shown and time.perf_counter() - self._drawn >= 0.1

    def draw(self, text: str) -> None:
        """In place of the text before."""
        self._drawn, self._widest = time.perf_counter(), max(self._widest, len(text))
        sys.stderr.write("\r" + text.ljust(self._widest))
        sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._widest:
            sys.stderr.write("\r" + " " * self._widest + "\r")
            sys.stderr.flush()


class Meter(Line):
    """Draws 'name 43 % · 51 × real time · 0:12 left'."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name, self._begun = name, time.perf_counter()

    def __call__(self, done_s: float, total_s: float | None) -> None:
        """`done_s` of `total_s` seconds of audio, None for an unknown total."""
        if not self.due():
            return
        elapsed_s = max(time.perf_counter() - self._begun, 1e-6)
        speed = done_s / elapsed_s
        text = f"{self._name} {clock(done_s)} · {speed:.0f} × real time"
        if total_s:
            left_s = elapsed_s * (total_s - done_s) / max(done_s, 1e-6)
            text = f"{self._name} {100 * done_s / total_s:3.0f} % · {speed:.0f} × real time · {clock(left_s)} left"
        self.draw(text)


def clock(seconds: float) -> str:
    """1:02:03 or 2:03."""
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
