"""Medical imaging: synthetic data, and protection of personal data."""

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
def workdir(tmp_path, monkeypatch):
    monkeypatch.setenv("VISIONTK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("VISIONTK_DATA", str(tmp_path / "data"))
    return tmp_path


@pytest.fixture(scope="module")
def phantoms():
    return TASK.datasets["phantoms"]()


def scan_table(root: Path, kind: str = "dcm") -> str:
    """Write scans of 20 people with names in every possible place; return the path of their table."""
    rng = np.random.default_rng(0)
    folder = root / "scans"
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


def assert_no_names(*folders: Path) -> None:
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert scans.CANARY.encode() not in path.read_bytes(), path
        assert scans.CANARY not in str(path)


def test_phantoms_are_marked_as_synthetic(phantoms):
    assert phantoms.card.origin == "synthetic"
    assert phantoms.card.synthetic
    assert "no image shows a person" in phantoms.card.notes[0]


def test_phantoms_have_both_classes_and_one_to_three_images_per_person(phantoms):
    _, n_images = np.unique(phantoms.groups, return_counts=True)

    assert phantoms.labels == ("clear", "opacity")
    assert phantoms.counts().min() > 200
    assert set(n_images.tolist()) == {1, 2, 3}


def test_brightness_does_not_predict_the_opacity(phantoms):
    from visiontk.metrics import auc

    mean = phantoms.take(np.arange(len(phantoms))).mean(axis=(1, 2, 3))

    assert 0.35 < auc(phantoms.y, np.stack([-mean, mean], axis=1)) < 0.7


def test_every_dataset_warns_that_this_is_not_a_medical_device(phantoms, workdir):
    from visiontk.data.readers.medmnist import read_medmnist

    scan_samples = TASK.datasets["dicom"](path=scan_table(workdir))

    assert read_medmnist.__kwdefaults__["caution"] == ""
    for card in (phantoms.card, scan_samples.card):
        assert card.caution.startswith("Not a medical device: ")


def test_images_of_a_table_are_numbered(workdir):
    folder = workdir / "images"
    folder.mkdir()
    rows = [(f"{scans.CANARY}-{i}.png", "a" if i % 2 else "b", f"{scans.CANARY}{i // 2}") for i in range(12)]
    for i, (name, _, _) in enumerate(rows):
        Image.fromarray(np.full((9, 9), i, np.uint8)).save(folder / name)
    (folder / "t.csv").write_text("path,label,patient\n" + "".join(",".join(row) + "\n" for row in rows))

    samples = TASK.datasets["csv"](path=str(folder / "t.csv"), size=9, patient_column="patient")

    assert samples.ids[0] == "image-00001"
    assert samples.groups[[0, 1, 2]].tolist() == ["p0001", "p0001", "p0002"]
    assert scans.CANARY not in repr((samples.card, samples.ids.tolist(), samples.groups.tolist()))


def test_a_damaged_image_of_a_table_is_reported_by_number(workdir):
    folder = workdir / "images"
    folder.mkdir()
    rows = [(f"{scans.CANARY}-{i}.png", "a" if i % 2 else "b") for i in range(12)]
    for name, _ in rows:
        Image.new("L", (9, 9)).save(folder / name)
    (folder / rows[4][0]).write_bytes(b"not an image")
    (folder / "t.csv").write_text("path,label\n" + "".join(",".join(row) + "\n" for row in rows))

    with pytest.raises(DataError, match="image-00005: not an image") as caught:
        TASK.datasets["csv"](path=str(folder / "t.csv"))

    assert scans.CANARY not in caught.value.message


@pytest.mark.parametrize("damaged", [False, True])
def test_images_of_a_folder_are_numbered(workdir, damaged):
    folder = workdir / "images"
    for i in range(12):
        path = folder / ("a" if i % 2 else "b") / f"{scans.CANARY}-{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((9, 9), i, np.uint8)).save(path)
    if damaged:
        path.write_bytes(b"not an image")
        with pytest.raises(DataError, match="image-0000") as caught:
            TASK.datasets["folder"](path=str(folder))
        assert scans.CANARY not in caught.value.message
        return

    samples = TASK.datasets["folder"](path=str(folder), size=9)

    assert samples.ids[0] == "image-00001"
    assert scans.CANARY not in repr((samples.card, samples.ids.tolist()))


@pytest.mark.slow
def test_no_file_of_a_run_contains_a_name(workdir, capsys, caplog, monkeypatch):
    """No protected element, private element, file name or patient appears in results, report or logs."""
    monkeypatch.chdir(workdir)
    table = scan_table(workdir)
    config = workdir / "scan.yaml"
    config.write_text(
        "task: medical_imaging\ndataset: {name: dicom, path: " + table + ", size: 16}\n"
        "learners: [prior, pixel_logistic, texture_forest]\nseeds: 1\n"
    )

    with caplog.at_level(logging.DEBUG), pytest.raises(SystemExit) as exit_info:
        main(["compare", str(config), "--out", str(workdir / "run"), "--executor", "serial", "--preset", "quick"])
    printed = capsys.readouterr()

    assert not exit_info.value.code, printed.err
    assert (workdir / "run" / "report.html").exists()
    assert_no_names(workdir / "run")
    assert scans.CANARY not in printed.out + printed.err + caplog.text


@pytest.mark.slow
def test_the_error_of_a_failed_trial_contains_no_name(workdir, caplog):
    table = scan_table(workdir)
    experiment = Experiment(
        "medical_imaging", "dicom", {"pixel_logistic": {}}, dataset_parameters={"path": table, "size": 16}, seeds=(0,)
    )
    prepared = prepare(experiment, TASK, version="check")
    shutil.rmtree(workdir / "scans" / scans.CANARY)

    with caplog.at_level(logging.DEBUG):
        store = drive(prepared, TASK, workdir / "run", executor=Serial())

    assert any(store.failure(trial) for trial in prepared.fits)
    assert_no_names(workdir / "run")
    assert scans.CANARY not in caplog.text


def test_a_report_does_not_contain_the_path_of_the_data(workdir):
    """A folder may have the name of a person; only the run directory stores it, to resume the run."""
    root = workdir / scans.CANARY
    root.mkdir()
    experiment = Experiment(
        "medical_imaging", "dicom", {"prior": {}}, dataset_parameters={"path": scan_table(root), "size": 16}, seeds=(0,)
    )
    store = drive(prepare(experiment, TASK, version="check"), TASK, workdir / "run", executor=Serial())

    value = compute_results(store, TASK, command="")

    assert scans.CANARY not in json.dumps(value)
    assert "path: PATH" in value["reproduce"]["config"]
    assert scans.CANARY in (workdir / "run" / "experiment.yaml").read_text()
    assert scans.CANARY not in str(default_out(replace(experiment, dataset_parameters={"path": str(root)})))


def test_no_scan_is_shown_in_a_report_or_an_audit(workdir, tmp_path):
    """Reports may be shared; other 16-bit images are shown."""
    from visiontk.audit.process import answer
    from visiontk.report.exhibits.exhibit import exhibits_of

    path = Path(scan_table(workdir))
    lines = path.read_text().splitlines()
    first, label, patient = lines[1].split(",")
    shutil.copy(path.parent / first, path.parent / "copy.dcm")  # of which an audit gives an example
    path.write_text("\n".join([*lines, f"copy.dcm,{label},{patient}"]))
    samples = TASK.datasets["dicom"](path=str(path))
    disagreement = {"only_challenger_items": [{"id": samples.ids[0]}], "only_classical_items": []}
    request = {"task": "medical_imaging", "dataset": "dicom", "parameters": {"path": str(path)}, "folds": None}
    answer(request, tmp_path)
    audit = json.loads((tmp_path / "audit.json").read_text())

    assert exhibits_of(samples, {"disagreement": disagreement}) == {}
    assert exhibits_of(replace(samples, card=replace(samples.card, shown=True)), {"disagreement": disagreement})
    assert any(finding["examples"] for finding in audit["findings"])
    assert not (tmp_path / "examples.npz").exists()
