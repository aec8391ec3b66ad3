"""Drawing: the same numbers from seed and index alone, inside what was asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from unnoise.mix.bank import Bank, Clip
from unnoise.mix.draw import Draw, Drawer, MixSpec


def bank(groups: int, kind: str = "k") -> Bank:
    clips = tuple(
        Clip(f"{k}", f"g{k}", f"{kind}{k % 3}", (k * 20000, 10**6 + k * 20000), (20000, 18000)) for k in range(groups)
    )
    return Bank(np.zeros(2 * 10**6, np.int16), clips, 16000, "")


@pytest.fixture
def drawer() -> Drawer:
    return Drawer(MixSpec(), bank(9), [(bank(5), 0.7), (bank(4), 0.3)], rooms=6, seed=3)


def fields(draw: Draw) -> list[bytes]:
    return [np.asarray(value).tobytes() for value in vars(draw).values()]


def test_an_item_is_its_seed_and_index(drawer):
    again = Drawer(MixSpec(), bank(9), [(bank(5), 0.7), (bank(4), 0.3)], rooms=6, seed=3)
    backwards = [fields(again.item(k)) for k in reversed(range(20))][::-1]
    assert backwards == [fields(drawer.item(k)) for k in range(20)]
    other = Drawer(MixSpec(), bank(9), [(bank(5), 0.7)], rooms=6, seed=4)
    assert fields(other.item(0)) != fields(drawer.item(0))


def test_choices_stay_in_their_ranges(drawer):
    stacked = Draw.stack([drawer.item(k) for k in range(600)])
    noisy = np.abs(stacked.snr_db) < 100
    assert stacked.snr_db[noisy].min() >= -5
    assert 30 < stacked.snr_db[noisy].max() <= 80
    assert np.mean(stacked.snr_db > 100) == pytest.approx(0.12, abs=0.05)
    assert np.mean(stacked.snr_db < -100) == pytest.approx(0.04, abs=0.03)
    assert stacked.level_dbfs.min() >= -60
    assert stacked.level_dbfs.max() <= -5
    assert set(np.unique(stacked.speech_room)) <= set(range(-1, 6))
    ends = stacked.speech_at + stacked.speech_length
    assert ends.max() <= drawer.samples
    assert (stacked.noise_phase < stacked.noise_length).all()


def test_speakers_in_a_weighted_folder_are_drawn_as_many_times_as_often():
    speech = bank(9)
    inside = replace(
        speech,
        clips=tuple(replace(c, group=f"{'few' if k < 3 else 'many'}/{c.group}") for k, c in enumerate(speech.clips)),
    )

    def share(weights: dict[str, float]) -> float:
        drawer = Drawer(MixSpec(speech_weights=weights), inside, [(bank(5), 1.0)], rooms=0, seed=3)
        starts = Draw.stack([drawer.item(k) for k in range(900)]).speech_start[:, 0]
        return float(np.mean(starts % 10**6 < 3 * 20000))

    assert share({}) == pytest.approx(1 / 3, abs=0.05)
    assert share({"few": 4.0}) == pytest.approx(2 / 3, abs=0.05)
    assert share({"few": 4.0, "many": 4.0}) == share({})


def test_pieces_do_not_overlap(drawer):
    for k in range(200):
        item = drawer.item(k)
        used = item.speech_length > 0
        starts, ends = item.speech_at[used], (item.speech_at + item.speech_length)[used]
        assert (starts[1:] >= ends[:-1]).all()


def test_no_kind_of_noise_is_heard_too_often():
    kinds = ["rain"] * 900 + ["wind"] * 120 + [f"kind {k % 20}" for k in range(100)]
    clips = tuple(Clip(f"{k}", f"{k}", kind, (0,), (1000 + k,)) for k, kind in enumerate(kinds))
    found, odds = Drawer._by_kind(Bank(np.zeros(3000, np.int16), clips, 16000, ""))
    shares = {kind: sum(p for clip, p in zip(found, odds, strict=True) if clip.kind == kind) for kind in set(kinds)}
    assert sum(shares.values()) == pytest.approx(1)
    assert [shares["rain"], shares["wind"]] == pytest.approx([0.08, 0.08])
    assert max(share for kind, share in shares.items() if "kind" in kind) < 0.08
    few = tuple(replace(clip, kind="all") for clip in clips)
    assert Drawer._by_kind(Bank(np.zeros(3000, np.int16), few, 16000, ""))[1].sum() == pytest.approx(1)
