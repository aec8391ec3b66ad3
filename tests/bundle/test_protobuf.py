import contextlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unnoise.bundle import protobuf


@given(st.lists(st.tuples(st.text(max_size=9), st.binary(max_size=300)), max_size=4))
def test_entries_are_found_again(entries):
    model = b"".join(protobuf.metadata_entry(key, value) for key, value in entries)
    assert [(key, value) for key, value, _ in protobuf.metadata(io.BytesIO(model))] == entries


def test_every_wire_type_is_skipped():
    model = b"\x08\x96\x01" + b"\x11" + bytes(8) + b"\x1d" + bytes(4) + protobuf.metadata_entry("a", b"b")
    assert [field.number for field in protobuf.fields(io.BytesIO(model))] == [1, 2, 3, protobuf.METADATA]


@pytest.mark.parametrize("text", [b"not a network", b"this is no sound", b"RIFF\0\0\0\0", b"\x08", b"\x3a\x05ab"])
def test_what_is_no_message_is_refused(text):
    with pytest.raises(ValueError, match="no ONNX model"):
        list(protobuf.fields(io.BytesIO(text)))


@given(st.binary(max_size=60))
def test_any_bytes_end_in_fields_or_in_value_error(text):
    with contextlib.suppress(ValueError):
        assert all(field.end <= len(text) for field in protobuf.fields(io.BytesIO(text)))


def test_onnx_reads_what_was_appended():
    onnx = pytest.importorskip("onnx")
    model = onnx.ModelProto(ir_version=8).SerializeToString() + protobuf.metadata_entry("key", b"value")
    assert onnx.load_from_string(model).metadata_props[0].value == "value"
