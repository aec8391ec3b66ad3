"""Measures, one a file: name -> "module:function" of (reference, estimate, rate)."""

from __future__ import annotations

METRICS = {
    "pesq_wb": "unnoise.metrics.pesq:pesq_wb",
    "si_sdr": "unnoise.metrics.si_sdr:si_sdr",
    "speech_loss_db": "unnoise.metrics.speech_loss:speech_loss_db",
    "stoi": "unnoise.metrics.stoi:stoi",
}
