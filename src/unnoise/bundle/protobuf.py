"""The little of Protocol Buffers that it takes to reach the metadata of an .onnx without the onnx package.

A message is a run of fields, each a key (field number times 8 plus wire type) and its value. Of ModelProto
only two fields matter here: 7, the graph, and 14, the metadata, pairs of key (1) and value (2).
References: protobuf.dev/programming-guides/encoding; onnx/onnx.proto, message ModelProto.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

GRAPH = 7
METADATA = 14
_PAIR_KEY, _PAIR_VALUE = 1, 2
_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5


class Field(NamedTuple):
    """One field of a message: its number and where it lies."""

    number: int
    start: int
    """Where the key begins."""
    payload: int
    """Where the value begins, after its length."""
    end: int


def fields(stream: BinaryIO) -> Iterator[Field]:
    """Fields of a message that fills `stream`, values skipped; raises ValueError where it is no message."""
    size = stream.seek(0, io.SEEK_END)
    at = 0
    while at < size:
        stream.seek(at)
        key = _read_varint(stream)
        number, wire = key >> 3, key & 7
        length = _value_length(stream, wire)
        payload = stream.tell()
        if number == 0 or payload + length > size:
            raise ValueError("it is cut short or no ONNX model")
        yield Field(number, at, payload, payload + length)
        at = payload + length


def metadata(stream: BinaryIO) -> Iterator[tuple[str, bytes, Field]]:
    """Key, value and place of each metadata entry of the ModelProto that fills `stream`."""
    for field in fields(stream):
        if field.number == METADATA:
            stream.seek(field.payload)
            entry = stream.read(field.end - field.payload)
            parts = {part.number: entry[part.payload : part.end] for part in fields(io.BytesIO(entry))}
            yield parts.get(_PAIR_KEY, b"").decode(errors="replace"), parts.get(_PAIR_VALUE, b""), field


def metadata_entry(key: str, value: bytes) -> bytes:
    """The bytes of one metadata entry; appended to a ModelProto they add it."""
    return _field(METADATA, _field(_PAIR_KEY, key.encode()) + _field(_PAIR_VALUE, value))


def _field(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | _LENGTH) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read_varint(stream: BinaryIO) -> int:
    value = 0
    for shift in range(0, 64, 7):
        byte = stream.read(1)
        if not byte:
            break
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return value
    raise ValueError("it is cut short or no ONNX model")


def _value_length(stream: BinaryIO, wire: int) -> int:
    """Bytes of the value that follows; reads the length where one is written."""
    if wire == _LENGTH:
        return _read_varint(stream)
    if wire == _VARINT:
        here = stream.tell()
        _read_varint(stream)
        length = stream.tell() - here
        stream.seek(here)
        return length
    if wire == _EIGHT_BYTES:
        return 8
    if wire == _FOUR_BYTES:
        return 4
    raise ValueError("it is no ONNX model")
