"""A line that tells how far the work is and how long it will take; only on a terminal."""

from __future__ import annotations

import sys
import time


class Meter:
    """Draws 'name 43 % · 51 × real time · 0:12 left' in place, at most ten times a second."""

    def __init__(self, name: str) -> None:
        self._name, self._begun, self._drawn = name, time.perf_counter(), 0.0
        self._widest = 0

    def __call__(self, done_s: float, total_s: float | None) -> None:
        """`done_s` of `total_s` seconds of audio, None for an unknown total."""
        now = time.perf_counter()
        if now - self._drawn < 0.1:
            return
        self._drawn = now
        elapsed_s = max(now - self._begun, 1e-6)
        speed = done_s / elapsed_s
        text = f"{self._name} {clock(done_s)} · {speed:.0f} × real time"
        if total_s:
            left_s = elapsed_s * (total_s - done_s) / max(done_s, 1e-6)
            text = f"{self._name} {100 * done_s / total_s:3.0f} % · {speed:.0f} × real time · {clock(left_s)} left"
        self._draw(text)

    def clear(self) -> None:
        """Take the line away."""
        if self._widest:
            self._draw("")
            sys.stderr.write("\r")

    def _draw(self, text: str) -> None:
        self._widest = max(self._widest, len(text))
        sys.stderr.write("\r" + text.ljust(self._widest))
        sys.stderr.flush()


def clock(seconds: float) -> str:
    """1:02:03 or 2:03."""
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
