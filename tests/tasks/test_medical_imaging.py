"""Medical imaging: drawn data, what is never kept about a person, and what learners say about themselves."""

from __future__ import annotations

import importlib.util
import json
import logging
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from visiontk.api import default_out
from visiontk.cli import main
from visiontk.errors import DataError
from visiontk.executors import Serial
from visiontk.harness.drive import drive, prepare
from visiontk.harness.experiment import Experiment
from visiontk.registry import get_task
from visiontk.report.results import compute_results

_spec = importlib.util.spec_from_file_location("scans", Path(__file__).parents[1] / "data" / "scans.py")
scans = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(scans)

TASK = get_task("medical_imaging")
N = 40


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    monkeypatch.setenv("VISIONTK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("VISIONTK_DATA", str(tmp_path / "data"))
    return tmp_path


@pytest.fixture(scope="module")
def phantoms():
    return TASK.datasets["phantoms"]()


def named(where: Path, kind: str = "dcm") -> str:
    """A table of scans of 20 people, with names of people wherever a name can stand."""
    rng = np.random.default_rng(0)
    folder = where / "scans"
    folder.mkdir()
    files = [
        (f"{scans.CANARY}/Doe^{i}.{kind}", "ill" if i % 2 else "well", f"{scans.CANARY}{i // 2}") for i in range(N)
    ]
    contents = []
    for i in range(N):
        stored = rng.integers(0, 3000, (16, 16)).astype(np.uint16)
        stored[4:9, 4:9] += 900 * (i % 2)
        contents.append(scans.dicom(stored, protected=True, patient=f"{scans.CANARY}-{i // 2}"))
    return scans.table(folder, files, contents)


def assert_nobody_is_named(*folders: Path) -> None:
    found = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert found
    for path in found:
        assert scans.CANARY.encode() not in path.read_bytes(), path
        assert scans.CANARY not in str(path)


def test_phantoms_are_drawn_and_say_so(phantoms):
    assert phantoms.card.origin == "synthetic"
    assert phantoms.card.synthetic
    assert "no image shows a person" in phantoms.card.notes[0]


def test_phantoms_have_both_classes_and_one_to_three_images_a_person(phantoms):
    _, n_images = np.unique(phantoms.groups, return_counts=True)

    assert phantoms.labels == ("clear", "opacity")
    assert phantoms.counts().min() > 200
    assert set(n_images.tolist()) == {1, 2, 3}


def test_brightness_alone_does_not_give_the_opacity_away(phantoms):
    from visiontk.metrics import auc

    mean = phantoms.take(np.arange(len(phantoms))).mean(axis=(1, 2, 3))

    assert 0.35 < auc(phantoms.y, np.stack([-mean, mean], axis=1)) < 0.7


def test_every_dataset_warns_that_this_is_no_medical_device(phantoms, places):
    from visiontk.data.readers.medmnist import read_medmnist

    found = TASK.datasets["dicom"](path=named(places))

    assert read_medmnist.__kwdefaults__["caution"] == ""
    for card in (phantoms.card, found.card):
        assert card.caution.startswith("Not a medical device: ")


def test_a_table_of_pictures_has_numbers_for_names(places):
    folder = places / "pictures"
    folder.mkdir()
    rows = [(f"{scans.CANARY}-{i}.png", "a" if i % 2 else "b", f"{scans.CANARY}{i // 2}") for i in range(12)]
    for i, (name, _, _) in enumerate(rows):
        Image.fromarray(np.full((9, 9), i, np.uint8)).save(folder / name)
    (folder / "t.csv").write_text("path,label,patient\n" + "".join(",".join(row) + "\n" for row in rows))

    samples = TASK.datasets["csv"](path=str(folder / "t.csv"), size=9, patient_column="patient")

    assert samples.ids[0] == "image-00001"
    assert samples.groups[[0, 1, 2]].tolist() == ["p0001", "p0001", "p0002"]
    assert scans.CANARY not in repr((samples.card, samples.ids.tolist(), samples.groups.tolist()))


def test_a_damaged_image_of_a_table_is_named_by_number(places):
    folder = places / "pictures"
    folder.mkdir()
    rows = [(f"{scans.CANARY}-{i}.png", "a" if i % 2 else "b") for i in range(12)]
    for name, _ in rows:
        Image.new("L", (9, 9)).save(folder / name)
    (folder / rows[4][0]).write_bytes(b"no image")
    (folder / "t.csv").write_text("path,label\n" + "".join(",".join(row) + "\n" for row in rows))

    with pytest.raises(DataError, match="image-00005: not an image") as caught:
        TASK.datasets["csv"](path=str(folder / "t.csv"))

    assert scans.CANARY not in caught.value.message


@pytest.mark.parametrize("damaged", [False, True])
def test_a_folder_of_images_has_numbers_for_names(places, damaged):
    folder = places / "pictures"
    for i in range(12):
        path = folder / ("a" if i % 2 else "b") / f"{scans.CANARY}-{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((9, 9), i, np.uint8)).save(path)
    if damaged:
        path.write_bytes(b"no image")
        with pytest.raises(DataError, match="image-0000") as caught:
            TASK.datasets["folder"](path=str(folder))
        assert scans.CANARY not in caught.value.message
        return

    samples = TASK.datasets["folder"](path=str(folder), size=9)

    assert samples.ids[0] == "image-00001"
    assert scans.CANARY not in repr((samples.card, samples.ids.tolist()))


@pytest.mark.slow
def test_no_file_of_a_run_names_anybody(places, capsys, caplog, monkeypatch):
    """30 protected elements, private ones, file and folder names and patients: none in results, report or logs."""
    monkeypatch.chdir(places)
    table = named(places)
    config = places / "scan.yaml"
    config.write_text(
        "task: medical_imaging\ndataset: {name: dicom, path: " + table + ", size: 16}\n"
        "learners: [prior, pixel_logistic, texture_forest]\nseeds: 1\n"
    )

    with caplog.at_level(logging.DEBUG), pytest.raises(SystemExit) as ended:
        main(["compare", str(config), "--out", str(places / "run"), "--executor", "serial", "--preset", "quick"])
    told = capsys.readouterr()

    assert not ended.value.code, told.err
    assert (places / "run" / "report.html").exists()
    assert_nobody_is_named(places / "run")
    assert scans.CANARY not in told.out + told.err + caplog.text


@pytest.mark.slow
def test_the_error_of_a_failed_trial_names_nobody(places, caplog):
    table = named(places)
    experiment = Experiment(
        "medical_imaging", "dicom", {"pixel_logistic": {}}, dataset_parameters={"path": table, "size": 16}, seeds=(0,)
    )
    prepared = prepare(experiment, TASK, version="check")
    shutil.rmtree(places / "scans" / scans.CANARY)

    with caplog.at_level(logging.DEBUG):
        store = drive(prepared, TASK, places / "run", executor=Serial())

    assert any(store.failure(trial) for trial in prepared.fits)
    assert_nobody_is_named(places / "run")
    assert scans.CANARY not in caplog.text


def test_a_report_does_not_say_where_the_data_lie(places):
    """A folder may be called after somebody; the run directory itself remembers it, to be gone on with."""
    where = places / scans.CANARY
    where.mkdir()
    experiment = Experiment(
        "medical_imaging", "dicom", {"prior": {}}, dataset_parameters={"path": named(where), "size": 16}, seeds=(0,)
    )
    store = drive(prepare(experiment, TASK, version="check"), TASK, places / "run", executor=Serial())

    value = compute_results(store, TASK, command="")

    assert scans.CANARY not in json.dumps(value)
    assert "path: PATH" in value["reproduce"]["config"]
    assert scans.CANARY in (places / "run" / "experiment.yaml").read_text()
    assert scans.CANARY not in str(default_out(replace(experiment, dataset_parameters={"path": str(where)})))


def test_no_image_of_a_scan_gets_into_a_report_or_an_audit(places, tmp_path):
    """Both may be handed on; others of 16 bits are shown."""
    from visiontk.audit.process import answer
    from visiontk.report.exhibits.exhibit import exhibits_of

    path = Path(named(places))
    lines = path.read_text().splitlines()
    first, label, patient = lines[1].split(",")
    shutil.copy(path.parent / first, path.parent / "copy.dcm")  # of which an audit gives an example
    path.write_text("\n".join([*lines, f"copy.dcm,{label},{patient}"]))
    samples = TASK.datasets["dicom"](path=str(path))
    found = {"only_network_items": [{"id": samples.ids[0]}], "only_classical_items": []}
    request = {"task": "medical_imaging", "dataset": "dicom", "parameters": {"path": str(path)}, "folds": None}
    answer(request, tmp_path)
    audit = json.loads((tmp_path / "audit.json").read_text())

    assert exhibits_of(samples, {"disagreement": found}) == {}
    assert exhibits_of(replace(samples, card=replace(samples.card, shown=True)), {"disagreement": found})
    assert any(finding["examples"] for finding in audit["findings"])
    assert not (tmp_path / "examples.npz").exists()
