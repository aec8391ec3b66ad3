"""Cleaning needs no torch, and `import unnoise` needs next to nothing."""

import subprocess
import sys

from tests.engine import models

CLEAN = """
import sys
import numpy as np
import unnoise
stream = unnoise.Denoiser({model!r}).stream(16000)
stream.process(np.zeros(1600, np.float32))
stream.flush()
print(*sorted({{"torch", "onnx", "lightning", "scipy", "soundfile"}} & set(sys.modules)))
"""
IMPORT = """
import sys
import unnoise
print(*sorted({"torch", "numpy", "onnxruntime", "msgspec", "soundfile", "soxr", "click"} & set(sys.modules)))
"""


def said_by(program):
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()


def test_a_stream_without_torch(tmp_path):
    assert said_by(CLEAN.format(model=str(models.recurrent(tmp_path)))) == []


def test_import_is_light():
    assert said_by(IMPORT) == []
