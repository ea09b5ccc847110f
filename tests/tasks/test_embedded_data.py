"""Data that are shipped with the tasks: remade from the publishers' files, licensed, balanced, small."""

import io
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from visiontk.tasks.audio_classification import make_fsdd_part
from visiontk.tasks.medical_imaging import make_pneumoniamnist_part

from visiontk.audit.run_audit import audit
from visiontk.core import about_data
from visiontk.data import read_npz
from visiontk.errors import DataError
from visiontk.registry import get_task, installed_tasks

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SHIPPED = {
    "fsdd_part": ("audio_classification", "fsdd_part.zip"),
    "pneumoniamnist_part": ("medical_imaging", "pneumoniamnist_part.npz"),
    "pydoc": ("text_classification", "pydoc.jsonl.gz"),
}
EMBEDDED = [
    (task.name, name)
    for task in (get_task(each.name) for each in installed_tasks() if each.package is None)
    for name, function in task.datasets.items()
    if about_data(function).licence
]


def test_four_of_five_tasks_are_compared_on_real_data_by_default():
    first = {each.name: next(iter(get_task(each.name).datasets)) for each in installed_tasks() if not each.package}

    assert dict(EMBEDDED) == {name: dataset for name, dataset in first.items() if name != "facial_expression"}


@pytest.mark.parametrize(("task", "name"), EMBEDDED, ids=[name for _, name in EMBEDDED])
def test_the_card_has_the_declared_terms(task, name):
    """Lists, audits and reports show one licence and one citation."""
    function = get_task(task).datasets[name]
    declared = about_data(function)

    card = function().card

    assert (card.origin, card.name) == ("embedded", name)
    assert (card.licence, card.citation, card.homepage) == (declared.licence, declared.citation, declared.homepage)
    assert re.search(r"\((19|20)\d\d\)|3\.11", card.citation)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_licence_lies_beside_the_data_and_is_named_by_metadata_and_notice(name):
    task, file = SHIPPED[name]
    identifier = about_data(get_task(task).datasets[name]).licence.replace(" ", "-")

    assert f" AND {identifier}" in PROJECT["license"]
    assert (ROOT / "tasks" / task / f"LICENSE-{identifier}.txt").stat().st_size > 2_000
    assert f"\n{name} (visiontk/tasks/{task}/{file})\n" in (ROOT / "NOTICE").read_text()
    assert f"({identifier})" in (ROOT / "NOTICE").read_text()


def test_every_file_of_data_is_known():
    """None is shipped without a licence."""
    plain = {".py", ".txt", ".pyc"}
    files = {path.name for path in (ROOT / "tasks").rglob("*") if path.is_file() and path.suffix not in plain}

    assert files == {file for _, file in SHIPPED.values()}


def test_embedded_data_are_small():
    assert sum((ROOT / "tasks" / task / file).stat().st_size for task, file in SHIPPED.values()) < 4_000_000


@pytest.mark.slow
def test_the_package_has_data_and_licences(tmp_path):
    """In the wheel and in the source distribution."""
    build = (
        f"from setuptools import build_meta as b; b.build_wheel({str(tmp_path)!r}); b.build_sdist({str(tmp_path)!r})"
    )
    copy = tmp_path / "source"
    tracked = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    for name in tracked.stdout.splitlines():
        if name.startswith(("visiontk/", "tasks/")) or "/" not in name:
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run([sys.executable, "-c", build], cwd=copy, check=True, capture_output=True)
    (wheel,), (source,) = tmp_path.glob("*.whl"), tmp_path.glob("*.tar.gz")

    with zipfile.ZipFile(wheel) as archive:
        built = archive.namelist()
        metadata = archive.read(next(name for name in built if name.endswith("/METADATA"))).decode()
    with tarfile.open(source) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}

    licences = {path.relative_to(ROOT).as_posix() for path in (ROOT / "tasks").glob("*/LICENSE-*.txt")}
    assert len(licences) == 3
    assert f"\nLicense-Expression: {PROJECT['license']}\n" in metadata
    for task, file in SHIPPED.values():
        assert f"visiontk/tasks/{task}/{file}" in built
        assert f"tasks/{task}/{file}" in packed
    for name in ("LICENSE", "NOTICE", *licences):
        assert f"\nLicense-File: {name}\n" in metadata
        assert any(each.endswith(f".dist-info/licenses/{name}") for each in built)
        assert name in packed
    assert {f"visiontk/{name}" for name in licences} <= set(built)


def test_the_recordings_are_those_of_the_publisher(shared_data):
    """Remade, they have the same names and samples; the bytes of a FLAC file depend on its encoder."""
    folder = shared_data / "fsdd" / "recordings"
    if not folder.is_dir():
        pytest.skip("needs fsdd")

    shipped = zipfile.ZipFile(make_fsdd_part.TARGET)
    remade = zipfile.ZipFile(io.BytesIO(make_fsdd_part.content(folder)))

    assert shipped.namelist() == remade.namelist()
    for name in shipped.namelist():
        one, two = (soundfile.read(io.BytesIO(each.read(name)), dtype="int16") for each in (shipped, remade))
        original = soundfile.read(folder / name.replace(".flac", ".wav"), dtype="int16")
        assert one[1] == two[1] == original[1] == 8_000
        assert np.array_equal(one[0], two[0])
        assert np.array_equal(one[0], original[0])


def test_the_images_are_those_of_the_publisher(shared_data):
    """Remade, they are the same, also from a file of another order."""
    path = shared_data / "pneumoniamnist" / "pneumoniamnist.npz"
    if not path.is_file():
        pytest.skip("needs pneumoniamnist")
    whole = read_npz(path)

    shipped = read_npz(make_pneumoniamnist_part.TARGET)
    remade = make_pneumoniamnist_part.content({name: array[::-1] for name, array in whole.items()})

    assert set(shipped) == set(remade)
    for name, array in shipped.items():
        assert np.array_equal(array, remade[name]), name


def test_the_recordings_are_balanced_and_each_speaker_is_tested_once():
    task = get_task("audio_classification")
    samples = task.datasets["fsdd_part"]()

    pairs, n_each = np.unique(np.stack([samples.y.astype(str), samples.groups]), axis=1, return_counts=True)
    folds = task.folds(samples, 3, 0)

    assert pairs.shape[1] == 60
    assert len(set(n_each.tolist())) == 1
    assert len(samples) == 60 * n_each[0]
    assert [sorted(set(samples.groups[fold.test])) for fold in folds] == [
        ["george", "jackson"], ["lucas", "nicolas"], ["theo", "yweweler"],
    ]  # fmt: skip
    for fold in folds:
        assert len(set(samples.groups[fold.valid])) == 1
        assert not set(samples.groups[fold.test]) & {*samples.groups[fold.train], *samples.groups[fold.valid]}


def test_the_recordings_are_read_as_those_of_the_whole_set(shared_data):
    """The same names, classes and samples, cut to a shorter time."""
    if not (shared_data / "fsdd").is_dir():
        pytest.skip("needs fsdd")
    datasets = get_task("audio_classification").datasets
    part, whole = datasets["fsdd_part"](), datasets["fsdd"](duration_s=0.75)

    rows = [whole.ids.tolist().index(name) for name in part.ids]

    assert np.array_equal(part.y, whole.y[rows])
    assert np.array_equal(part.groups, whole.groups[rows])
    assert np.array_equal(part.take(np.arange(len(part))), whole.take(rows))


def test_the_images_keep_the_official_split_and_its_shares_of_classes():
    samples = get_task("medical_imaging").datasets["pneumoniamnist_part"]()

    counts = {part: np.bincount(samples.y[samples.parts == part]).tolist() for part in ("train", "valid", "test")}

    assert samples.labels == ("normal", "pneumonia")
    assert counts == {"train": [155, 445], "valid": [26, 74], "test": [112, 188]}
    assert samples.groups is None
    assert samples.card.caution.startswith("Not a medical device: ")
    assert len(np.unique(samples.take(np.arange(len(samples))).reshape(len(samples), -1), axis=0)) == len(samples)


@pytest.mark.parametrize(
    ("task", "name", "part", "whole"),
    [
        ("audio_classification", "fsdd_part", "600 of 3,000 recordings", "CC BY-SA 4.0: "),
        ("medical_imaging", "pneumoniamnist_part", "600 of 4,708 training", "CC BY 4.0: "),
    ],
)
def test_the_card_says_which_part_it_is_and_how_it_may_be_passed_on(task, name, part, whole):
    samples = get_task(task).datasets[name]()

    notes = " ".join(samples.card.notes)

    assert part in notes
    assert whole in notes
    assert "no result compares with published ones" in notes
    assert samples.card.part_of == name.removesuffix("_part")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["fsdd_part", "pneumoniamnist_part"])
def test_the_audit_finds_neither_copies_nor_leaks_in_real_data(name):
    values, _ = audit(get_task(SHIPPED[name][0]), name, {}, None)

    assert values["counts"]["error"] == values["counts"]["warning"] == 0
    assert not {finding["code"] for finding in values["findings"]} & {"VTK101", "VTK102", "VTK103", "VTK104", "VTK105"}


@pytest.mark.parametrize("module", [make_fsdd_part, make_pneumoniamnist_part], ids=lambda m: m.__name__)
def test_a_script_without_the_data_says_where_they_are_from(module, data):
    with pytest.raises(DataError, match="not found in") as caught:
        module.main()

    assert caught.value.error_id == "E-DATA-MISSING"
