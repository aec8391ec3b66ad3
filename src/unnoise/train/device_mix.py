"""Rendering whole batches of mixtures in torch, on the CPU or an accelerator, from draws made on the host.

Recordings lie on the device as int16; one forward and one inverse transform an item apply room, equaliser, low-pass
and high-pass at once.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from unnoise.mix.draw import PIECES, SOURCES, Draw
from unnoise.mix.vary import CURVE_POINTS
from unnoise.signal.lengths import fast_length

FALL_DB = 90.0  # beyond an edge
PAUSE_GATE_DB = 15.0  # by how much the target's own pauses are lowered ...
PAUSE_BELOW_DB = 38.0  # ... where they lie this far under its active level


@dataclass(frozen=True)
class Batch:
    """Rendered mixtures: what is heard and what should be left, both (items, samples) float32."""

    noisy: Tensor
    clean: Tensor
    active_rms: Tensor
    """Level of the clean speech where it is active, or of the noise where there is no speech; (items, 1)."""


def as_tensors(draw: Draw, device: torch.device) -> dict[str, Tensor]:
    """The fields of a stacked draw on `device`."""
    return {f.name: torch.from_numpy(getattr(draw, f.name)).to(device) for f in fields(Draw)}


class DeviceMixer:
    """Holds recordings and rooms on one device and renders stacked draws."""

    def __init__(
        self,
        rate: int,
        samples: int,
        speech: NDArray[np.int16],
        noise: list[NDArray[np.int16]],
        rooms: NDArray[np.float32],
        device: torch.device,
    ) -> None:
        self.rate, self.samples, self.device = rate, samples, device
        self.speech = torch.from_numpy(np.asarray(speech)).to(device)
        self.noise = torch.cat([torch.from_numpy(np.array(part)) for part in noise]).to(device)
        length = rooms.shape[1] if len(rooms) else 1
        self.fft_samples = fast_length(samples + length)
        flat = np.zeros((1, length), np.float32)
        flat[0, 0] = 1.0  # room -1: none
        bank = torch.from_numpy(np.concatenate([rooms.reshape(-1, length), flat]))
        self.rooms = torch.fft.rfft(bank.to(device), self.fft_samples)
        hz = torch.fft.rfftfreq(self.fft_samples, 1 / rate, device=device)
        self.hz = hz
        octaves = torch.log2(hz.clamp(min=60) / 60) / torch.log2(torch.tensor(rate / 2 / 60))
        self.curve_at = octaves * (CURVE_POINTS - 1)

    @torch.no_grad()
    def render(self, draw: Draw) -> Batch:
        """The mixtures of a stacked draw."""
        d = as_tensors(draw, self.device)
        time = torch.arange(self.samples, device=self.device)
        speech = self._shaped(self._speech(d, time), d["speech_room"], d["speech_curve_db"], d)
        noise = self._shaped(self._noise(d, time), d["noise_room"], d["noise_curve_db"], d)
        frames = frame_power(speech, self.rate)
        active = active_frames(frames)  # (items, frames)
        speech_power = masked_mean(frames, active)
        noise_frames = frame_power(noise, self.rate)
        over = torch.where(d["snr_over_active"][:, None], active.float(), torch.ones_like(noise_frames))
        noise_power = masked_mean(noise_frames, over)
        snr_db = d["snr_db"][:, None]
        speech = torch.where(snr_db < -100, 0.0, speech)
        wanted = speech_power / 10 ** (snr_db.clamp(-50, 100) / 10)
        gain = torch.sqrt(wanted / noise_power.clamp(min=1e-12)).clamp(max=1e4)
        noise = torch.where(snr_db > 100, 0.0, noise * gain)
        clean = speech * self._pause_gate(speech, frames, speech_power)
        return self._levelled(speech + noise, clean, torch.sqrt(speech_power), d)

    def _speech(self, d: dict[str, Tensor], time: Tensor) -> Tensor:
        out = torch.zeros(len(d["snr_db"]), self.samples, device=self.device)
        for piece in range(PIECES):
            start, at = d["speech_start"][:, piece, None], d["speech_at"][:, piece, None]
            inside = (time >= at) & (time < at + d["speech_length"][:, piece, None])
            index = (start + (time - at)).clamp(0, len(self.speech) - 1)
            out += torch.where(inside, self.speech[index].float() / 32768, 0.0)
        return out

    def _noise(self, d: dict[str, Tensor], time: Tensor) -> Tensor:
        out = torch.zeros(len(d["snr_db"]), self.samples, device=self.device)
        for source in range(SOURCES):
            gain_db = d["noise_gain_db"][:, source]
            if source and bool((gain_db < -100).all()):
                continue
            index = (time + d["noise_phase"][:, source, None]) % d["noise_length"][:, source, None]
            part = self.noise[d["noise_start"][:, source, None] + index].float() / 32768
            rms = part.square().mean(1, keepdim=True).sqrt().clamp(min=1e-4)
            out += part / rms * 0.1 * 10 ** (gain_db[:, None] / 20)
        return out

    def _shaped(self, audio: Tensor, room: Tensor, curve_db: Tensor, d: dict[str, Tensor]) -> Tensor:
        """Room, equaliser, low-pass and high-pass in one product of spectra."""
        spectrum = torch.fft.rfft(audio, self.fft_samples) * self.rooms[room]
        left = self.curve_at.floor().long().clamp(0, CURVE_POINTS - 2)
        share = self.curve_at - left
        gain_db = curve_db[:, left] * (1 - share) + curve_db[:, left + 1] * share
        top, bottom = d["low_pass_hz"][:, None], d["high_pass_hz"][:, None]
        above = torch.where(top > 0, ((self.hz - top) / (0.04 * top.clamp(min=1))).clamp(0, 1), 0.0)
        below = ((bottom - self.hz) / (0.5 * bottom.clamp(min=1))).clamp(0, 1)  # all gone at half of the edge
        spectrum = spectrum * 10 ** ((gain_db - FALL_DB * (above + below)) / 20)
        shaped: Tensor = torch.fft.irfft(spectrum, self.fft_samples)[:, : self.samples]
        return shaped

    def _pause_gate(self, speech: Tensor, frames: Tensor, active_power: Tensor) -> Tensor:
        """Softly lowers what is far under the active level: a noise floor must not be taught as speech."""
        level = 10 * torch.log10(frames / active_power.clamp(min=1e-12) + 1e-10)
        near = functional.max_pool1d(level[:, None], 5, 1, 2)  # 50 ms to both sides stay open
        gate_db = ((near + PAUSE_BELOW_DB) / 6).clamp(-1, 0) * PAUSE_GATE_DB
        smooth_db = functional.avg_pool1d(gate_db, 3, 1, 1, count_include_pad=False)
        over_time = functional.interpolate(smooth_db, size=speech.shape[1], mode="linear", align_corners=False)
        out: Tensor = 10 ** (over_time[:, 0] / 20)
        return out

    def _levelled(self, noisy: Tensor, clean: Tensor, speech_rms: Tensor, d: dict[str, Tensor]) -> Batch:
        """Random level of the sum, a step in it, clipping or scaling at full scale, 16-bit rounding, a mute."""
        time = torch.arange(self.samples, device=self.device)
        rms = noisy.square().mean(1, keepdim=True).sqrt().clamp(min=1e-6)
        gain = 10 ** (d["level_dbfs"][:, None] / 20) / rms
        step = 10 ** (d["jump_db"][:, None] / 20)
        gain = torch.where(time >= d["jump_at"][:, None], gain * step, gain)
        noisy, clean = noisy * gain, clean * gain
        peak = noisy.abs().amax(1, keepdim=True).clamp(min=1e-9)
        fit = torch.where(d["clip"][:, None], torch.ones_like(peak), (0.99 / peak).clamp(max=1.0))
        fit = torch.minimum(fit, 3.2 / peak)  # clipped by 10 dB at most
        noisy, clean = (noisy * fit).clamp(-1, 1), clean * fit
        rounded = torch.round(noisy * 32768) / 32768
        noisy = torch.where(d["rounded"][:, None], rounded, noisy)
        since = time - d["mute_at"][:, None]
        sounding = (since < 0) | (since >= d["mute_length"][:, None])
        noisy, clean = noisy * sounding, clean * sounding
        own = gain.mean(1, keepdim=True) * fit
        silent = d["snr_db"][:, None] < -100
        return Batch(noisy, clean, torch.where(silent, rms, speech_rms).clamp(min=1e-6) * own)


def frame_power(audio: Tensor, rate: int) -> Tensor:
    """Mean power of 20 ms frames, (items, samples) to (items, frames)."""
    n = rate // 50
    count = audio.shape[1] // n
    return audio[:, : count * n].reshape(len(audio), count, n).square().mean(2)


def active_frames(power: Tensor) -> Tensor:
    """Frames within 30 dB of the 95th percentile of the levels: the same rule as `signal.level`."""
    top = torch.quantile(power, 0.95, dim=1, keepdim=True)
    return power >= top * 1e-3


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Mean of `values` where `mask`, along axis 1, kept."""
    mask = mask.to(values.dtype)
    return (values * mask).sum(1, keepdim=True) / mask.sum(1, keepdim=True).clamp(min=1)
