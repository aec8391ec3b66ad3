"""Tags: the container's own blocks byte for byte; title and artist across containers."""

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unnoise.files.tags.ogg import checksum

from .sounds import drawn, noise, passed, store

KINDS = [b"bext", b"iXML", b"cart", b"id3 ", b"_PMX", b"zzzz"]


def chunks(data: bytes, order: str = "<") -> dict[bytes, bytes]:
    """Kind -> body of a RIFF or AIFF file."""
    found, at = {}, 12
    while at + 8 <= len(data):
        kind, size = data[at : at + 4], struct.unpack_from(order + "I", data, at + 4)[0]
        found[kind] = data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    assert at == len(data)
    return found


def add_chunks(path: Path, new: list[tuple[bytes, bytes]], order: str = "<") -> Path:
    """Append chunks as a recorder would have written them."""
    data = bytearray(path.read_bytes())
    for kind, body in new:
        data += kind + struct.pack(order + "I", len(body)) + body + b"\0" * (len(body) % 2)
    data[4:8] = struct.pack(order + "I", len(data) - 8)
    path.write_bytes(data)
    return path


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.binary(max_size=40)), unique_by=lambda c: c[0], max_size=4))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_24", "FLOAT"])
def test_riff_chunks_pass_byte_for_byte(tmp_path, subtype, new):
    source = add_chunks(store(tmp_path / "a.wav", noise(101), subtype=subtype), new)
    passed(source, tmp_path / "b.wav", force=True)
    data = (tmp_path / "b.wav").read_bytes()
    assert struct.unpack_from("<I", data, 4)[0] == len(data) - 8
    kept = chunks(data)
    for kind, body in new:
        assert kept[kind] == body
    assert len(drawn(tmp_path / "b.wav")[0]) == 101


def test_rf64_chunks_and_sizes(tmp_path):
    path = store(tmp_path / "a.rf64", noise(100))
    data = bytearray(path.read_bytes()) + b"bext" + struct.pack("<I", 6) + b"take 7"
    data[20:28] = struct.pack("<Q", len(data) - 8)
    path.write_bytes(data)
    passed(path, tmp_path / "b.rf64")
    out = (tmp_path / "b.rf64").read_bytes()
    assert out.endswith(b"bext\x06\0\0\0take 7")
    assert struct.unpack_from("<Q", out, 20)[0] == len(out) - 8


def test_a_piece_keeps_the_tags_but_not_the_positions(tmp_path):
    labels = b"adtl" + b"labl" + struct.pack("<I", 4) + bytes(4)
    new = [(b"cue ", bytes(28)), (b"smpl", bytes(36)), (b"LIST", labels), (b"bext", b"take 7")]
    source = add_chunks(store(tmp_path / "a.wav", noise(16000)), new)
    passed(source, tmp_path / "all.wav")
    assert {b"cue ", b"smpl", b"LIST", b"bext"} <= chunks((tmp_path / "all.wav").read_bytes()).keys()
    passed(source, tmp_path / "piece.wav", start_s=0.1)
    kept = chunks((tmp_path / "piece.wav").read_bytes())
    assert b"bext" in kept and not {b"cue ", b"smpl", b"LIST"} & kept.keys()


def test_the_channel_mask_is_kept(tmp_path):
    source = store(tmp_path / "a.wav", noise(10, 6), format="WAVEX")
    data = bytearray(source.read_bytes())
    data[40:44] = struct.pack("<I", 0x60F)
    source.write_bytes(data)
    passed(source, tmp_path / "b.wav")
    assert (tmp_path / "b.wav").read_bytes()[40:44] == struct.pack("<I", 0x60F)


def test_aiff_chunks_pass(tmp_path):
    new = [(b"NAME", b"talk"), (b"ID3 ", b"ID3odd!"), (b"MARK", bytes(2))]
    source = add_chunks(store(tmp_path / "a.aiff", noise(100)), new, ">")
    passed(source, tmp_path / "b.aiff")
    kept = chunks((tmp_path / "b.aiff").read_bytes(), ">")
    assert [kept[k] for k, _ in new] == [b for _, b in new]
    assert soundfile.info(tmp_path / "b.aiff").frames == 100


def picture(size: int) -> bytes:
    """The body of a FLAC picture of `size` bytes."""
    return struct.pack(">II9sI5I", 3, 9, b"image/png", 0, 1, 1, 24, 0, size) + bytes(size)


def flac_blocks(data: bytes) -> list[tuple[int, bytes]]:
    """(kind, body) of each metadata block."""
    found, at, last = [], 4, False
    while not last:
        last, size = bool(data[at] & 0x80), int.from_bytes(data[at + 1 : at + 4], "big")
        found.append((data[at] & 0x7F, data[at + 4 : at + 4 + size]))
        at += 4 + size
    return found


@pytest.mark.parametrize("front", [b"", b"ID3\x04\0\0\0\0\0\x05hello"])
def test_flac_blocks_pass(tmp_path, front):
    source = store(tmp_path / "a.flac", noise(5000))
    data = source.read_bytes()
    comment = struct.pack("<I3sII5s", 3, b"abc", 1, 5, b"A=\xc3\xbcb")
    own = [(4, comment), (6, picture(70000)), (2, b"ABCDdata"), (6, picture(9)), (1, bytes(10))]
    head = b"fLaC" + b"\0\0\0\x22" + data[8:42]
    for index, (kind, body) in enumerate(own):
        head += bytes([kind | (0x80 if index == len(own) - 1 else 0)]) + len(body).to_bytes(3, "big") + body
    frames = data.index(b"\xff\xf8") if b"\xff\xf8" in data else data.index(b"\xff\xf9")
    source.write_bytes(front + head + data[frames:])
    passed(source, tmp_path / "b.flac")
    kept = flac_blocks((tmp_path / "b.flac").read_bytes())
    assert kept[0][0] == 0 and kept[1:] == own[:-1]
    assert np.array_equal(drawn(source)[0], drawn(tmp_path / "b.flac")[0])


def test_mp3_tags_pass(tmp_path):
    plain = store(tmp_path / "plain.mp3", noise(8000)).read_bytes()
    front = b"ID3\x03\0\0\0\0\x02\x58" + bytes(344)
    ape = b"item body" + b"APETAGEX" + struct.pack("<IIII8x", 2000, 41, 1, 0)
    back = ape + b"TAG" + b"title".ljust(125, b"\0")
    source = tmp_path / "a.mp3"
    source.write_bytes(front + plain + back)
    assert len(drawn(source)[0]) == 8000
    passed(source, tmp_path / "b.mp3")
    data = (tmp_path / "b.mp3").read_bytes()
    assert data.startswith(front + b"\xff") and data.endswith(back)
    assert len(drawn(tmp_path / "b.mp3")[0]) == 8000


def ogg_page(flags: int, position: int, number: int, laces: bytes, body: bytes) -> bytes:
    head = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, position, 77, number, 0, len(laces)) + laces
    return head[:22] + struct.pack("<I", checksum(head + body)) + head[26:] + body


@pytest.mark.parametrize("ending", ["ogg", "opus"])
@pytest.mark.parametrize("size", [0, 300, 65025, 200_000])
def test_ogg_comments_of_any_size_pass(tmp_path, ending, size):
    with soundfile.SoundFile(
        tmp_path / f"a.{ending}", "w", 48000, 1, "OPUS" if ending == "opus" else "VORBIS", format="OGG"
    ) as sound:
        sound.title, sound.artist, sound.comment = "Übung 1", "a speaker", "x" * 100
        sound.write(noise(30000))
    first, second = tmp_path / f"a.{ending}", tmp_path / f"b.{ending}"
    from unnoise.files.tags import ogg

    with first.open("rb") as stream:
        comments = ogg._comments(first)
        assert comments is not None
        big = list(ogg._renewed(ogg._pages(stream), _more(ogg._list(comments), size)))
    first.write_bytes(b"".join(p.bytes() for p in big))
    passed(first, second)
    assert ogg._list(ogg._comments(second)) == ogg._list(ogg._comments(first))
    assert len(ogg._comments(second)) > size
    with soundfile.SoundFile(second) as sound:
        assert (sound.title, sound.artist, sound.frames) == ("Übung 1", "a speaker", 30000)
    assert len(drawn(second)[0]) == 30000


def _more(comments: bytes, size: int) -> bytes:
    """One comment more, `size` bytes long, as a picture would be."""
    at = 4 + int.from_bytes(comments[:4], "little")
    count = int.from_bytes(comments[at : at + 4], "little")
    body = b"METADATA_BLOCK_PICTURE=" + b"A" * size
    return comments[:at] + struct.pack("<I", count + 1) + comments[at + 4 :] + struct.pack("<I", len(body)) + body


@given(st.binary(max_size=300))
@settings(max_examples=30, deadline=None)
def test_the_checksum_is_that_of_ogg(data):
    slow = 0
    for byte in data:
        slow ^= byte << 24
        for _ in range(8):
            slow = (slow << 1 ^ (0x04C11DB7 if slow & 0x80000000 else 0)) & 0xFFFFFFFF
    assert checksum(data) == slow


@pytest.mark.parametrize("source", ["wav", "flac", "ogg", "aiff"])
@pytest.mark.parametrize("target", ["wav", "flac", "ogg", "opus", "caf"])
def test_title_and_artist_pass_between_all(tmp_path, source, target):
    path = tmp_path / f"a.{source}"
    with soundfile.SoundFile(path, "w", 48000, 1) as sound:
        sound.title, sound.artist = "Übung 1", "a speaker"
        sound.write(noise(2000))
    passed(path, tmp_path / f"b.{target}")
    with soundfile.SoundFile(tmp_path / f"b.{target}") as sound:
        assert (sound.title, sound.artist) == ("Übung 1", "a speaker")


def test_a_broken_tag_does_not_stop_the_sound(tmp_path):
    path = store(tmp_path / "a.wav", noise(100))
    path.write_bytes(path.read_bytes() + b"bext" + struct.pack("<I", 10**6) + b"short")
    passed(path, tmp_path / "b.wav")
    assert len(drawn(tmp_path / "b.wav")[0]) == 100
