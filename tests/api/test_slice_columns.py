"""Columns of the user's table, stored with the run as values by sample."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from visiontk.api import compare, load
from visiontk.api.preview import preview_of
from visiontk.api.request import Request
from visiontk.api.slice_columns import slice_columns
from visiontk.errors import ConfigError, DataError
from visiontk.harness.drive import prepare
from visiontk.harness.store import RunDirectory

QUICK: dict[str, Any] = {"preset": "quick", "group": "none"}


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    """Texts with a label, a site and a length."""
    rows = [f'"it {("barks", "purrs")[i % 2]}, says {i}",{"dc"[i % 2]},{"xyz"[i % 3]},{i}' for i in range(120)]
    (tmp_path / "pets.csv").write_text("\n".join(["text,label,site,length", *rows]))
    return tmp_path / "pets.csv"


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """Forty images in a separate folder, listed in a table."""
    (tmp_path / "p").mkdir()
    for i in range(40):
        pixels = np.random.default_rng(i).integers(0, 256, (9, 9, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / "p" / f"{i}.png")
    rows = [f"p/{i}.png,{'dc'[i % 2]},v{i},{i // 4}" for i in range(40)]
    (tmp_path / "pets.csv").write_text("\n".join(["path,label,camera,owner", *rows]))
    return tmp_path / "pets.csv"


def read_columns(target: Path, slices: Sequence[str], **settings: Any) -> tuple[Any, dict[str, dict[str, str]]]:
    """Return the samples and their columns."""
    task, experiment = Request(str(target), {**QUICK, "slices": list(slices), **settings}).read()
    samples = prepare(experiment, task, version="0").samples
    return samples, slice_columns(experiment, samples)


def test_each_text_has_the_value_of_its_row(texts: Path) -> None:
    """Including training samples, since test samples are chosen later."""
    samples, columns = read_columns(texts, ["site", "length"])

    assert list(columns) == ["site", "length"]
    assert set(columns["length"]) == set(samples.ids.tolist())
    texts_by_id = dict(zip(samples.ids.tolist(), samples.take(np.arange(len(samples))).tolist(), strict=True))
    assert all(texts_by_id[name].endswith(f"says {length}") for name, length in columns["length"].items())


def test_each_image_has_the_value_of_its_row(images: Path) -> None:
    """Its id is the file name."""
    _, columns = read_columns(images, ["camera"])

    assert columns["camera"] == {f"p/{i}.png": f"v{i}" for i in range(40)}


def test_an_excluded_image_has_no_value(images: Path) -> None:
    """Values of the others are unchanged."""
    task, experiment = Request(str(images), {**QUICK, "slices": ["camera"]}).read()
    samples = prepare(experiment, task, version="0").samples

    columns = slice_columns(experiment, samples.subset(np.flatnonzero(samples.ids != "p/7.png")))

    assert "p/7.png" not in columns["camera"]
    assert columns["camera"]["p/8.png"] == "v8"


def test_images_of_patients_are_numbered(images: Path) -> None:
    """No file name and no other column is stored."""
    _, columns = read_columns(images, ["camera"], task="medical_imaging", group="owner")

    assert columns == {"camera": {f"image-{i + 1:05d}": f"v{i}" for i in range(40)}}


def test_numbered_images_with_a_missing_row_are_an_error(images: Path) -> None:
    """The number of an image would not be that of its row."""
    task, experiment = Request(str(images), {**QUICK, "task": "medical_imaging", "slices": ["camera"]}).read()
    samples = prepare(experiment, task, version="0").samples.subset(np.arange(39))

    with pytest.raises(ConfigError, match="1 of 40 rows of the table were left out"):
        slice_columns(experiment, samples)


def test_a_table_that_changed_is_an_error(texts: Path) -> None:
    """Values of other rows would be shown."""
    task, experiment = Request(str(texts), {**QUICK, "slices": ["site"]}).read()
    samples = prepare(experiment, task, version="0").samples
    texts.write_text("\n".join(texts.read_text().splitlines()[:50]))

    with pytest.raises(ConfigError, match="the table has changed"):
        slice_columns(experiment, samples)


@pytest.mark.parametrize("plans", [True, False])
def test_a_misspelt_column_is_an_error_before_data_are_read(texts: Path, plans: bool, tmp_path: Path) -> None:
    """With the nearest name, also in a plan; no file is written."""
    request = {**QUICK, "slices": ["sight"]}

    with pytest.raises(DataError, match=r"no column 'sight'.*site") as caught:
        preview_of(Request(str(texts), request)) if plans else compare(texts, out=tmp_path / "run", **request)

    assert caught.value.error_id == "E-CSV-COLUMN"
    assert not (tmp_path / "run").exists()


def test_data_without_a_table_have_no_columns() -> None:
    """The hint has the option for them."""
    with pytest.raises(ConfigError, match=r"'site' given, but dataset 'digits' is not a table") as caught:
        preview_of(Request("image_classification", {"preset": "quick", "slices": ["site"]}))

    assert "--slice FILE.csv:COLUMN" in caught.value.hint


def test_a_plan_lists_slice_columns_and_unused_columns(texts: Path) -> None:
    own = preview_of(Request(str(texts), {**QUICK, "slices": ["site"]})).user_data

    assert own is not None
    assert own.recognised is not None
    assert [(choice.name, choice.value) for choice in own.settings if choice.name == "slice"] == [("slice", "site")]
    assert own.recognised.notes == ("columns not used: length",)


def test_columns_are_stored_and_later_ones_marked(texts: Path, tmp_path: Path) -> None:
    """Every report shows them; columns added after the test set was read are marked."""
    run: dict[str, Any] = {**QUICK, "learners": ["prior", "nb_svm"], "out": tmp_path / "run", "executor": "serial"}

    first = compare(texts, slices=["site"], **run).values
    again = load(tmp_path / "run").values
    repeated = compare(tmp_path / "run" / "experiment.yaml", out=tmp_path / "run", executor="serial").values
    later = compare(texts, slices=["site", "length"], **run).values
    without = compare(texts, **run).values

    for value in (first, again, repeated):
        assert [(c["column"], c["chosen"]) for c in value["slices"]] == [("site", "before")]
        assert "chosen after" not in str(value["warnings"]) + value["signature"]
    for value in (later, without):
        assert [(c["column"], c["chosen"]) for c in value["slices"]] == [("site", "before"), ("length", "after")]
        assert "Slices were chosen after the run, by length:" in value["warnings"][0]
    assert later["n_test_readings"] == first["n_test_readings"]
    assert sum(row["n"] for row in first["slices"][0]["slices"]) == first["dataset"]["n_test"]


def test_a_column_with_changed_values_is_marked_as_chosen_after(texts: Path, tmp_path: Path) -> None:
    """Slices could otherwise be chosen after seeing the results."""
    run: dict[str, Any] = {**QUICK, "learners": ["prior"], "out": tmp_path / "run", "executor": "serial"}
    compare(texts, slices=["site"], **run)
    texts.write_text(texts.read_text().replace(",x,", ",w,"))

    slices_of_run = compare(texts, slices=["site"], **run).values["slices"]

    assert [(c["column"], c["chosen"]) for c in slices_of_run] == [("site", "after")]
    assert "w" in {row["name"] for row in slices_of_run[0]["slices"]}


def test_columns_of_a_damaged_file_are_marked_as_chosen_after(texts: Path, tmp_path: Path) -> None:
    run: dict[str, Any] = {**QUICK, "learners": ["prior"], "out": tmp_path / "run", "executor": "serial"}
    compare(texts, slices=["site"], **run)
    (tmp_path / "run" / "slices.json").write_text("{")

    compare(texts, slices=["site"], **run)

    assert RunDirectory(tmp_path / "run").read_json("slices.json")["site"]["chosen"] == "after"


def test_columns_do_not_change_fits(texts: Path) -> None:
    """The keys of the trials are the same."""
    plain, sliced = (preview_of(Request(str(texts), QUICK | more)).prepared.fits for more in ({}, {"slices": ["site"]}))

    assert [trial.key for trial in plain] == [trial.key for trial in sliced]
