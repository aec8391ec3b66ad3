import pytest

from tests.engine import models
from unnoise.bundle import StateInfo, list_bundles, load_bundle, protobuf, write_bundle
from unnoise.errors import BundleError, OutputError

SHIPPED = list_bundles()


def test_a_written_bundle_reads_back(tmp_path):
    path = models.identity(tmp_path, states=(StateInfo("memory", (3,)),), card={"hours": 2})
    bundle = load_bundle(path)
    assert bundle.path == path
    assert bundle.info.states == (StateInfo("memory", (3,)),)
    assert bundle.info.card == {"hours": 2}
    assert len(bundle.info.sha256) == 64
    assert bundle.model == path.read_bytes()


def test_other_metadata_stays_and_a_former_info_goes(tmp_path):
    path = tmp_path / "again.onnx"
    write_bundle(path, models.identity_bytes() + protobuf.metadata_entry("author", b"me"), models.info("first"))
    write_bundle(path, path.read_bytes(), models.info("second"))
    properties = {prop.key: prop.value for prop in models.onnx.load(path).metadata_props}
    assert set(properties) == {"author", "unnoise"}
    assert len(models.onnx.load(path).metadata_props) == 2
    assert load_bundle(path).info.name == "second"


def test_a_path_may_be_text(tmp_path):
    assert load_bundle(str(models.identity(tmp_path))).info.name == "identity"


def test_a_file_needs_no_ending(tmp_path, monkeypatch):
    models.identity(tmp_path).rename(tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    assert load_bundle("mine").info.name == "identity"


@pytest.mark.parametrize("content", [b"", b"not a network", b"\x08\x08", b"\x3a\x7f"])
def test_a_foreign_file_is_named(tmp_path, content):
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(BundleError, match=r"model\.onnx"):
        load_bundle(path)


def test_an_onnx_of_others_is_named(tmp_path):
    path = tmp_path / "other.onnx"
    path.write_bytes(models.identity_bytes())
    with pytest.raises(BundleError, match=r"other\.onnx.*unnoise export"):
        load_bundle(path)


def test_a_cut_bundle_is_refused(tmp_path):
    path = models.identity(tmp_path)
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(BundleError, match=r"identity\.onnx"):
        load_bundle(path)


def test_changed_weights_are_refused(tmp_path):
    path = models.gain(tmp_path, 0.5)
    data = bytearray(path.read_bytes())
    data[data.index(b"factor") + 1] ^= 1
    path.write_bytes(data)
    with pytest.raises(BundleError, match="weights"):
        _ = load_bundle(path).model


@pytest.mark.parametrize("name", ["missing.onnx", "folder/missing"])
def test_a_missing_file_is_named(name):
    with pytest.raises(BundleError, match="missing"):
        load_bundle(name)


def test_an_unknown_name_lists_the_known():
    with pytest.raises(BundleError, match=r"no-such-model.*Known models") as caught:
        load_bundle("no-such-model")
    assert all(name in str(caught.value) for name in SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_bundles_load_by_name(name):
    bundle = load_bundle(name)
    assert bundle.info.name == name
    assert bundle.model


def test_no_half_file_is_left(tmp_path):
    with pytest.raises(OutputError, match="nowhere"):
        write_bundle(tmp_path / "nowhere" / "m.onnx", models.identity_bytes(), models.info("m"))
    with pytest.raises(BundleError, match="broken"):
        write_bundle(tmp_path / "m.onnx", b"not a network", models.info("m"))
    (tmp_path / "taken.onnx").mkdir()
    with pytest.raises(OutputError, match="taken"):
        write_bundle(tmp_path / "taken.onnx", models.identity_bytes(), models.info("m"))
    assert [path.name for path in tmp_path.iterdir()] == ["taken.onnx"]
