"""What the streams of the package take."""

from __future__ import annotations

MIN_RATE_HZ, MAX_RATE_HZ = 2_000, 1_000_000
MAX_CHANNELS = 64
LOUDEST = 1e9
"""180 dB above full scale, where samples are limited: squares of louder ones would not stay finite in float32."""
