import os
import pickle

import numpy as np
import pytest

from tests.engine import models
from unnoise.bundle import StateInfo, load_bundle, write_bundle
from unnoise.engine.session import Session, open_session
from unnoise.errors import BundleError


def test_states_begin_as_the_bundle_says(tmp_path):
    states = (StateInfo("memory", (4,), -3.0),)
    session = open_session(models.recurrent(tmp_path, states=states))
    (state,) = session.initial_states(2)
    assert state.shape == (2, 4) and state.dtype == np.float32 and (state == -3).all()


def test_one_session_for_one_file_until_it_changes(tmp_path):
    path = models.gain(tmp_path, 0.5)
    first = open_session(path)
    assert open_session(load_bundle(path)) is first
    models.gain(tmp_path, 0.25)
    os.utime(path, ns=(1, 1))
    assert open_session(path) is not first


def test_a_session_pickles(tmp_path, monkeypatch):
    models.identity(tmp_path)
    monkeypatch.chdir(tmp_path)
    text = pickle.dumps(open_session("identity.onnx"))
    monkeypatch.chdir("/")
    assert pickle.loads(text).info.name == "identity"


def test_a_graph_of_other_inputs_is_refused(tmp_path):
    path = models.identity(tmp_path, states=(StateInfo("memory", (4,)),))
    with pytest.raises(BundleError, match=r"identity\.onnx.*memory.*spectrum"):
        open_session(path)


def test_a_broken_graph_is_refused(tmp_path):
    graph = b"\x3a\x04\x0a\x02\x0a\x00"  # a graph with one node without a name, inputs or outputs
    path = write_bundle(tmp_path / "broken.onnx", b"\x08\x08" + graph, models.info("broken"))
    with pytest.raises(BundleError, match=r"broken\.onnx.*cannot load"):
        open_session(path)


def test_domain_and_causality_go_together(tmp_path):
    for changes in ({"causal": False}, {"domain": "waveform", "rate": 16000}, {"domain": "waveform", "causal": False}):
        with pytest.raises(ValueError, match="domain"):
            models.identity(tmp_path, **changes)


def test_a_failing_model_is_named(tmp_path):
    session = Session(load_bundle(models.lowpass(tmp_path, bins=40)))
    with pytest.raises(BundleError, match=r"lowpass\.onnx: the model failed"):
        session.run(np.zeros((1, 1, 33, 2), np.float32), [])


def test_a_model_gone_since_is_named(tmp_path):
    path = models.identity(tmp_path)
    bundle = load_bundle(path)
    path.unlink()
    with pytest.raises(BundleError, match=r"identity\.onnx"):
        open_session(bundle)
