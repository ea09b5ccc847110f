"""Datasets declared by plugins: kinds of files, general tasks and privacy."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from visiontk.api.request import Request, default_out
from visiontk.api.user_data import recognise
from visiontk.core import AboutData, about_data, dataset, general, parameters
from visiontk.errors import ConfigError, VisiontkError
from visiontk.registry import get_task

PLUGIN = """
import dataclasses
from visiontk.core import AboutData, dataset
from visiontk.testing import tiny_images, tiny_task

@dataset(AboutData("heart rhythms", "folder", general=True, private=True, group="patient", suffixes=(".ecg",)))
def rhythms(path: str = "", patient: str = ""):
    return tiny_images(64)

@dataset(AboutData("images", "table", private=True, group="patient"))
def photos(path: str = "", path_column: str = "path", label_column: str = "label", patient: str = ""):
    return tiny_images(64)

TASK = dataclasses.replace(tiny_task(), name="hearts", datasets={**tiny_task().datasets, "r": rhythms, "p": photos})
"""


@pytest.fixture
def hearts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An installed plugin that reads private files of a new kind, and private images."""
    metadata = tmp_path / "site" / "hearts_plugin-1.0.dist-info"
    metadata.mkdir(parents=True)
    (tmp_path / "site" / "hearts_plugin.py").write_text(PLUGIN)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: hearts-plugin\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[visiontk.tasks]\nhearts = hearts_plugin:TASK\n")
    monkeypatch.syspath_prepend(tmp_path / "site")
    yield tmp_path / "CANARY"
    sys.modules.pop("hearts_plugin", None)


def files(root: Path, suffix: str) -> list[str]:
    """Create two classes of files of four people, each named in the file names."""
    names = [f"{label}/CANARY{person}-{i}.{suffix}" for label in ("ill", "well") for person in "abcd" for i in range(3)]
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return names


def test_files_that_only_a_plugin_reads_choose_its_task(hearts: Path) -> None:
    files(hearts, "ecg")

    own = recognise(str(hearts), {"group": "name:1"})

    assert own.document == {"task": "hearts", "dataset": {"name": "r", "path": str(hearts), "patient": "name:1"}}
    assert own.recognised is not None
    assert (own.recognised.kind, len(own.recognised.y)) == ("heart rhythms", 24)


def test_messages_about_private_files_of_a_plugin_contain_no_name(hearts: Path) -> None:
    rows = [f"{name},{name[:3]}" for name in files(hearts, "png")]
    (hearts / "a.csv").write_text("\n".join(["path,label", *rows]))

    with pytest.raises(VisiontkError) as caught:
        recognise(str(hearts / "a.csv"), {"task": "hearts"})
    own = recognise(str(hearts / "a.csv"), {"task": "hearts", "group": "name:1"})
    _, experiment = Request(str(hearts / "a.csv"), {"task": "hearts", "group": "name:1"}).read()

    assert "CANARY" not in (caught.value.message + caught.value.hint).replace(str(hearts), "")
    assert own.document["dataset"]["name"] == "p"
    assert own.document["dataset"]["patient"] == "name:1"
    assert "CANARY" not in str(default_out(experiment))
    assert get_task("hearts").is_private


def test_a_private_reader_does_not_replace_the_general_task(hearts: Path) -> None:
    files(hearts, "png")

    (hearts / "t.csv").write_text("text,label\n" + "it barks all night,a\nit wants some milk,b\n" * 9)

    own = recognise(str(hearts), {"group": "name:1"})

    assert own.document["task"] == "image_classification"
    with pytest.raises(ConfigError, match="reads no tables of texts"):
        recognise(str(hearts / "t.csv"), {"task": "hearts"})


def test_general_preserves_the_parameters() -> None:
    @dataset(AboutData("images", "folder"))
    def folder(path: str = "", size: int = 3): ...

    assert about_data(general(folder)).general
    assert not about_data(folder).general
    assert parameters(general(folder)) == {"path": "", "size": 3}


def test_a_reader_of_user_files_needs_a_path() -> None:
    with pytest.raises(TypeError, match="needs a parameter called path"):

        @dataset(AboutData("images", "folder"))
        def folder(root: str = ""): ...
