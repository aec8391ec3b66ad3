"""Rendering mixtures: the asked SNR and level, targets without lag, the same bytes for any batch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from msgspec import structs

torch = pytest.importorskip("torch")

from tests.sounds import noise, voice  # noqa: E402
from unnoise.mix.bank import Bank, Clip  # noqa: E402
from unnoise.mix.draw import Draw, Drawer, MixSpec  # noqa: E402
from unnoise.mix.rooms import aligned  # noqa: E402
from unnoise.signal.level import active_level_dbfs, dbfs  # noqa: E402
from unnoise.train.device_mix import DeviceMixer  # noqa: E402

RATE = 16000


def banked(sounds: list[np.ndarray]) -> Bank:
    whole = np.concatenate(sounds)
    starts = np.cumsum([0, *map(len, sounds)])
    clips = tuple(Clip(f"{k}", f"g{k}", "", (int(starts[k]),), (len(s),)) for k, s in enumerate(sounds))
    return Bank(np.round(whole * 32767).astype(np.int16), clips, RATE, "")


@pytest.fixture(scope="module")
def speech() -> Bank:
    return banked([voice(3, RATE, k) for k in range(5)])


@pytest.fixture(scope="module")
def sounds() -> Bank:
    return banked([noise(1 + 0.3 * k, RATE, k) for k in range(4)])


def mixer_of(speech: Bank, sounds: Bank, spec: MixSpec, rooms: int = 2) -> tuple[Drawer, DeviceMixer]:
    rng = np.random.default_rng(0)
    decay = np.exp(-np.arange(4000) / 800)
    bank = np.stack([aligned((rng.standard_normal(4000) * decay).astype(np.float32), 4000) for _ in range(rooms)])
    drawer = Drawer(spec, speech, [(sounds, 1.0)], rooms, seed=5)
    return drawer, DeviceMixer(RATE, drawer.samples, speech.samples, [sounds.samples], bank, torch.device("cpu"))


PLAIN = MixSpec(
    clean_share=0, noise_only_share=0, jump_share=0, mute_share=0, round_share=0, level_dbfs=(-40, -30), seconds=3
)  # fmt: skip


def test_snr_asked_for_is_snr_got(speech, sounds):
    drawer, mixer = mixer_of(speech, sounds, PLAIN)
    draw = Draw.stack([drawer.item(k) for k in range(24)])
    draw = replace(
        draw,
        snr_over_active=np.zeros_like(draw.snr_over_active),
        clip=np.ones_like(draw.clip),
        snr_db=np.minimum(draw.snr_db, 40),
    )
    batch = mixer.render(draw)
    for k in range(24):
        clean, rest = batch.clean[k].numpy(), (batch.noisy - batch.clean)[k].numpy()
        got = active_level_dbfs(clean, RATE) - dbfs(rest)
        # The target's pauses are lowered, which moves a little of the speech into the rest: beside a faint noise, much.
        assert got == pytest.approx(float(draw.snr_db[k]), abs=0.5)
        assert dbfs(batch.noisy[k].numpy()) == pytest.approx(float(draw.level_dbfs[k]), abs=0.1)
        assert 20 * np.log10(float(batch.active_rms[k])) == pytest.approx(active_level_dbfs(clean, RATE), abs=0.2)


def test_rooms_do_not_delay_the_target(speech, sounds):
    spec = structs.replace(PLAIN, room_share=1.0, snr_db=(15, 20), low_pass_share=0, equaliser_share=0)
    drawer, mixer = mixer_of(speech, sounds, spec)
    batch = mixer.render(Draw.stack([drawer.item(k) for k in range(8)]))
    for clean, noisy in zip(batch.clean.numpy(), batch.noisy.numpy(), strict=True):
        n = 2 * len(clean)
        correlation = np.fft.irfft(np.fft.rfft(noisy, n) * np.conj(np.fft.rfft(clean, n)), n)
        assert int(np.argmax(correlation)) == 0


def test_a_telephone_takes_both_ends_of_speech_and_noise_alike(speech, sounds):
    spec = structs.replace(
        PLAIN, low_pass_share=1.0, low_pass_hz=(3400,), high_pass_share=1.0, high_pass_hz=(300,), round_share=0.0
    )
    drawer, mixer = mixer_of(speech, sounds, spec)
    batch = mixer.render(Draw.stack([drawer.item(k) for k in range(4)]))
    hz = np.fft.rfftfreq(batch.clean.shape[1], 1 / RATE)
    for sound in (batch.clean, batch.noisy - batch.clean):
        power = (np.abs(np.fft.rfft(sound.numpy() * np.hanning(sound.shape[1]), axis=1)) ** 2).sum(0)
        outside = power[(hz < 140) | (hz > 3600)].sum()
        assert outside < 1e-4 * power.sum()
        assert power[(hz > 300) & (hz < 1000)].sum() > 0.01 * power.sum()


def test_a_mute_silences_noise_and_target_for_a_while(speech, sounds):
    spec = structs.replace(PLAIN, mute_share=1.0)
    drawer, mixer = mixer_of(speech, sounds, spec)
    batch = mixer.render(Draw.stack([drawer.item(k) for k in range(8)]))
    for clean, noisy in zip(batch.clean.numpy(), batch.noisy.numpy(), strict=True):
        mute = noisy == 0
        assert not clean[mute].any()
        assert 0 <= mute.sum() <= 1.51 * RATE
        assert np.count_nonzero(np.diff(mute.astype(int))) <= 12  # one stretch, and crossings of zero
    assert (batch.noisy == 0).float().mean() > 0.1


def test_an_item_is_the_same_in_any_batch(speech, sounds):
    drawer, mixer = mixer_of(speech, sounds, MixSpec(seconds=1.0))
    items = [drawer.item(k) for k in range(6)]
    together = mixer.render(Draw.stack(items))
    for k, item in enumerate(items):
        alone = mixer.render(Draw.stack([item]))
        assert torch.allclose(alone.noisy[0], together.noisy[k], atol=1 / 32768)  # some are rounded


def test_clean_and_noise_only_items(speech, sounds):
    drawer, mixer = mixer_of(speech, sounds, structs.replace(PLAIN, clean_share=1.0))
    draw = Draw.stack([drawer.item(k) for k in range(4)])
    batch = mixer.render(draw)
    assert dbfs((batch.noisy - batch.clean).numpy()) < dbfs(batch.clean.numpy()) - 30
    alone = mixer.render(replace(draw, snr_db=np.full_like(draw.snr_db, -300)))
    assert alone.clean.abs().max() == 0
    assert torch.isfinite(alone.noisy).all()
    assert (alone.active_rms > 1e-4).all()


def test_silent_speech_is_no_trap(sounds):
    silent = banked([np.zeros(3 * RATE, np.float32)])
    drawer, mixer = mixer_of(silent, sounds, PLAIN)
    batch = mixer.render(Draw.stack([drawer.item(k) for k in range(3)]))
    assert torch.isfinite(batch.noisy).all()
    assert torch.isfinite(batch.clean).all()
    assert batch.noisy.abs().max() <= 1
