"""Standard input and output: WAV and raw samples, with sizes known and unknown."""

import io
import struct
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from unnoise.errors import InputError, OutputError
from unnoise.files import RawFormat, SoundInfo, open_source, open_target
from unnoise.files.formats import Shape
from unnoise.files.growing import GrowingWav
from unnoise.files.wav_header import write_wav_header

from .sounds import noise, store

COPY = """
import sys
from unnoise.files import RawFormat, open_source, open_target
raw = RawFormat(16000, 2, sys.argv[1]) if len(sys.argv) > 1 else None
with open_source('-', raw=raw) as source, open_target('-', source.info, raw=raw) as target:
    for block in source.blocks(1000):
        target.write(block)
print(source.info.samples, *source.warnings, sep='|', file=sys.stderr, end='')
"""


def through(data: bytes, *arguments: str) -> tuple[bytes, str]:
    """What a process that copies standard input to standard output gives."""
    done = subprocess.run([sys.executable, "-c", COPY, *arguments], input=data, capture_output=True, check=True)
    return done.stdout, done.stderr.decode()


def read_from(monkeypatch, data: bytes, raw: RawFormat | None = None):
    """As through(), in this process."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    with open_source("-", raw=raw) as source:
        blocks = list(source.blocks(999))
    return np.concatenate([np.zeros((0, source.info.channels)), *blocks]), source


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
@pytest.mark.parametrize("kind", ["WAV", "WAVEX", "RF64"])
def test_wav_comes_in_as_a_stream(tmp_path, monkeypatch, subtype, kind):
    path = store(tmp_path / "a.wav", noise(3001, 2), subtype=subtype, format=kind)
    audio, source = read_from(monkeypatch, path.read_bytes())
    assert np.array_equal(audio, soundfile.read(path)[0])
    assert (source.info.samples, source.info.subtype, source.warnings) == (3001, subtype, [])


@pytest.mark.parametrize(("name", "subtype"), [("a.flac", "PCM_16"), ("a.wav", "ULAW"), ("a.ogg", "VORBIS")])
def test_everything_else_comes_in_too(tmp_path, monkeypatch, name, subtype):
    path = store(tmp_path / name, noise(3001, 2), subtype=subtype)
    audio, source = read_from(monkeypatch, path.read_bytes())
    assert audio.shape == (3001, 2) and source.info.subtype == subtype


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 0x7FFFFFFF])
def test_a_wav_of_unknown_length_is_read_to_the_end(tmp_path, monkeypatch, size):
    data = bytearray(store(tmp_path / "a.wav", noise(500)).read_bytes())
    data[40:44] = struct.pack("<I", size)
    audio, source = read_from(monkeypatch, bytes(data))
    assert len(audio) == 500 and source.info.samples == -1 and source.warnings == []


def test_a_wav_cut_on_its_way(tmp_path, monkeypatch):
    data = store(tmp_path / "a.wav", noise(500)).read_bytes()
    audio, source = read_from(monkeypatch, data[:-301])
    assert len(audio) == 349
    assert any("500" in w and "349" in w for w in source.warnings)


@pytest.mark.parametrize("data", [b"", b"no sound at all", b"RIFF\0\0\0\0WAVEfmt "])
def test_what_is_no_sound_is_refused(monkeypatch, data):
    with pytest.raises(InputError, match="standard input"):
        read_from(monkeypatch, data)


def test_raw_bytes_pass_exactly_through_a_process():
    data = np.random.default_rng(1).bytes(2501 * 2 * 3)
    assert through(data, "s24le") == (data, "-1")


@pytest.mark.parametrize(("encoding", "width"), [("s16le", 2), ("s24le", 3), ("s32le", 4), ("f32le", 4)])
def test_raw_bytes_pass_exactly(monkeypatch, encoding, width):
    data = noise(501, 2).tobytes() if encoding == "f32le" else np.random.default_rng(1).bytes(501 * 2 * width)
    out = io.BytesIO()
    raw = RawFormat(16000, 2, encoding)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(out))
    with open_source("-", raw=raw) as source, open_target("-", source.info, raw=raw) as target:
        for block in source.blocks(100):
            target.write(block)
    assert out.getvalue() == data


def test_an_incomplete_last_frame_is_said(monkeypatch):
    audio, source = read_from(monkeypatch, bytes(4 * 10 + 3), RawFormat(8000, 2, "s16le"))
    assert len(audio) == 10
    (warning,) = source.warnings
    assert "3 bytes" in warning


def test_a_wav_through_a_process(tmp_path):
    data = store(tmp_path / "a.wav", noise(2000, 2)).read_bytes()
    assert through(data) == (data, "2000")


def test_raw_to_and_from_files(tmp_path):
    raw = RawFormat(16000, 2, "s24le")
    data = np.random.default_rng(2).bytes(600)
    (tmp_path / "a.pcm").write_bytes(data)
    with open_source(tmp_path / "a.pcm", raw=raw) as source:
        assert source.info.samples == 100
        with open_target(tmp_path / "b.pcm", source.info, raw=raw) as target:
            for block in source.blocks(30):
                target.write(block)
    assert (tmp_path / "b.pcm").read_bytes() == data


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize(("subtype", "encoding"), [("PCM_16", "s16le"), ("PCM_32", "s32le"), ("FLOAT", "f32le")])
def test_the_header_is_a_wav(tmp_path, channels, subtype, encoding):
    width = {"s16le": 2}.get(encoding, 4)
    for samples in (10, -1):
        head = write_wav_header(SoundInfo(8000, channels, samples, "WAV", subtype), encoding)
        (tmp_path / "a.wav").write_bytes(head + bytes(10 * channels * width))
        info = soundfile.info(tmp_path / "a.wav")
        assert (info.frames, info.channels, info.samplerate, info.subtype) == (10, channels, 8000, subtype)


def test_the_header_past_4_gib_is_rf64():
    head = write_wav_header(SoundInfo(8000, 1, 2**32, "WAV", "PCM_16"), "s16le")
    assert head[:4] == b"RF64" and head[12:16] == b"ds64"
    assert struct.unpack_from("<QQ", head, 20)[1] == 2**33


def test_a_file_of_unknown_length_grows(tmp_path):
    info = SoundInfo(16000, 1, -1, "WAV", "PCM_24")
    with open_target(tmp_path / "a.wav", info) as target:
        for _ in range(3):
            target.write(noise(101))
    out = soundfile.info(tmp_path / "a.wav")
    assert (out.format, out.frames, out.subtype) == ("WAV", 303, "PCM_24")
    data = (tmp_path / "a.wav").read_bytes()
    assert struct.unpack_from("<I", data, 4)[0] == len(data) - 8


def test_a_file_of_unknown_length_becomes_rf64(tmp_path, monkeypatch):
    monkeypatch.setattr("unnoise.files.growing._MOST", 1000)
    writer = GrowingWav(tmp_path / "a.wav", Shape("WAV", "PCM_16", "FILE", 16000, 1), "a.wav")
    writer.write(noise(900))
    writer.finish()
    data = bytearray((tmp_path / "a.wav").read_bytes())
    assert data[:4] == b"RF64" and struct.unpack_from("<QQQ", data, 20) == (len(data) - 8, 1800, 900)


WRITE = """
import sys
import numpy as np
from unnoise.errors import OutputError
from unnoise.files import SoundInfo, open_target
try:
    with open_target('-', SoundInfo(16000, 1, 10**6, 'WAV', 'PCM_16')) as target:
        for _ in range(1000):
            target.write(np.zeros((1000, 1), np.float32))
except OutputError as error:
    sys.exit(str(error))
"""


@pytest.mark.parametrize(("redirect", "says"), [("> /dev/full", "No space left"), ("| head -c 10", "broken pipe")])
def test_a_standard_output_that_fails(tmp_path, redirect, says):
    (tmp_path / "write.py").write_text(WRITE)
    command = f"set -o pipefail; {sys.executable} {tmp_path}/write.py {redirect}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False)
    lines = done.stderr.decode().strip().splitlines()
    assert done.returncode == 1 and len(lines) == 1 and says in lines[0]


def test_refused_output_is_an_output_error(monkeypatch):
    class Gone(io.RawIOBase):
        def writable(self):
            return True

        def write(self, data):
            raise BrokenPipeError

    class Out:
        buffer = Gone()

        def flush(self):
            pass

    monkeypatch.setattr("sys.stdout", Out())
    with pytest.raises(OutputError, match="broken pipe"):
        open_target("-", SoundInfo(8000, 1, -1, "WAV", "PCM_16"))
