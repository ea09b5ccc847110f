"""Classes with too few training samples."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from images import folder_of, noise

from visiontk.audit.reader_errors import reader_findings
from visiontk.core import Card, Samples, read_dataset
from visiontk.data import image_folder, image_table
from visiontk.data.checks.problems import Problems
from visiontk.data.checks.rare_classes import handle_rare_classes
from visiontk.data.options import ClassOptions
from visiontk.data.readers.audio_folder import audio_folder, audio_table
from visiontk.data.readers.text_files import text_folder, text_lines, text_table
from visiontk.data.splits import official_or, stratified_folds
from visiontk.errors import ConfigError, DataError
from visiontk.registry import get_task

LABELS = ("cat", "dog", "fox", "owl")


def samples_of(train: str, test: str = "") -> Samples:
    """Return one sample for each letter, the first of its label; without `test` there is no split."""
    names = list(train + test)
    y = ["cdfo".index(name) for name in names]
    parts = ["train"] * len(train) + ["test"] * len(test)
    x = np.arange(len(names))
    return Samples.from_arrays(x, y, LABELS, Card("pets", "0"), parts=parts if test else None)


def drop(samples: Samples, least: int = 2) -> Samples:
    return handle_rare_classes(samples, ClassOptions(least, "drop"), "pets", "image")


def test_test_samples_of_rare_classes_are_left_out_and_counted():
    """Two foxes in the test set are unknown; one owl in the training set is left out but not unknown."""
    known = drop(samples_of("ccddo", "cffd"))

    assert known.labels == ("cat", "dog")
    assert known.ids.tolist() == ["0", "1", "2", "3", "5", "8"]
    assert known.take(np.arange(6)).tolist() == [0, 1, 2, 3, 5, 8]
    assert known.y.tolist() == [0, 0, 1, 1, 0, 1]
    assert known.card.n_unknown == 2
    assert known.card.warnings == (
        "3 images left out, of classes with fewer than 2 training samples (fox 2, owl 1); 2 of them are test samples, "
        "unknown to every learner and excluded by every metric.",
    )


def test_targets_are_renumbered_after_a_class_is_left_out():
    """As the first class may be left out."""
    known = drop(samples_of("cddffoo", "cdfo"))

    assert known.labels == LABELS[1:]
    assert [known.labels[i] for i in known.y] == ["dog", "dog", "fox", "fox", "owl", "owl", "dog", "fox", "owl"]


def test_folds_of_the_remaining_classes_have_every_class():
    """Otherwise the split is refused, as the training set has no fox."""
    samples = samples_of("ccccdddd", "cdf")

    with pytest.raises(DataError, match="the training set has no sample"):
        official_or(stratified_folds)(samples, 1, 0)
    (fold,) = official_or(stratified_folds)(drop(samples), 1, 0)
    assert len(fold.test) == 2


def test_without_a_split_rare_classes_are_left_out_and_no_sample_is_unknown():
    """The test samples are not selected yet."""
    known = drop(samples_of("cccdddf"))

    assert (known.labels, len(known), known.card.n_unknown) == (("cat", "dog"), 6, 0)
    assert known.card.warnings == ("1 image left out, of classes with fewer than 2 training samples (fox 1, owl 0).",)


def test_another_selection_of_classes_changes_the_fingerprint():
    """Trials on different classes must not share results."""
    samples = samples_of("cccddffooo")
    prints = {drop(samples, least).card.fingerprint for least in (1, 2, 3)}

    assert len(prints) == 2
    assert "0" in prints


def test_rare_classes_are_refused_by_default_with_a_hint():
    """The hint names the option that drops them."""
    with pytest.raises(DataError) as caught:
        handle_rare_classes(samples_of("ccdd", "cdf"), ClassOptions(2), "pets", "image")

    assert caught.value.error_id == "E-SPLIT-CLASS"
    assert "fox: 0" in str(caught.value)
    assert "on_rare_class: drop" in caught.value.hint


def test_at_least_two_classes_must_remain():
    """A single class cannot be classified."""
    with pytest.raises(DataError, match="1 of 4 classes have 2 training samples or more") as caught:
        drop(samples_of("cccd", "cdf"))

    assert caught.value.error_id == "E-LABEL-SINGLE"


def test_an_unknown_rare_class_policy_is_refused():
    """In a call from Python the arguments are not validated before."""
    with pytest.raises(ConfigError, match="on_rare_class: 'skip', expected refuse or drop") as caught:
        handle_rare_classes(samples_of("ccdd"), ClassOptions(1, "skip"), "pets", "image")  # type: ignore[arg-type]

    assert caught.value.error_id == "E-CONFIG-RANGE"


def _images(root: Path) -> None:
    for part, classes in (("train", {"cat": 5, "dog": 5}), ("test", {"cat": 5, "dog": 5, "fox": 3})):
        folder_of(root / part, classes)


def _recordings(root: Path) -> None:
    rng = np.random.default_rng(0)
    for part, names in (("train", "cat dog"), ("test", "cat dog fox")):
        for name in names.split():
            (root / part / name).mkdir(parents=True)
            for i in range(3 if name == "fox" else 5):
                soundfile.write(root / part / name / f"{i}.wav", rng.uniform(-0.5, 0.5, 4000), 8_000)


def _texts(root: Path) -> None:
    for part, names in (("train", "cat dog"), ("test", "cat dog fox")):
        for name in names.split():
            (root / part / name).mkdir(parents=True)
            for i in range(3 if name == "fox" else 5):
                (root / part / name / f"{i}.txt").write_text(f"I am {name} number {i} of {part}.")


def _table(root: Path, files: bool) -> Path:
    """Write a table of all files below a folder, or of their texts."""
    paths = sorted(path.relative_to(root) for path in root.rglob("*") if path.is_file())
    rows = [[str(path) if files else (root / path).read_text(), path.parts[1], path.parts[0]] for path in paths]
    with (root / "pets.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["path" if files else "text", "label", "split"], *rows])
    return root / "pets.csv"


def _lines(root: Path) -> Path:
    with _table(root, files=False).open(newline="") as file:
        rows = list(csv.DictReader(file))
    (root / "pets.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return root / "pets.jsonl"


READERS = {
    "image_folder": (_images, lambda root: root, image_folder),
    "image_table": (_images, lambda root: _table(root, files=True), image_table),
    "audio_folder": (_recordings, lambda root: root, audio_folder),
    "audio_table": (_recordings, lambda root: _table(root, files=True), audio_table),
    "text_folder": (_texts, lambda root: root, text_folder),
    "text_table": (_texts, lambda root: _table(root, files=False), text_table),
    "text_lines": (_texts, _lines, text_lines),
}


@pytest.mark.parametrize("reader", READERS)
def test_every_reader_refuses_or_drops_rare_classes(reader, tmp_path):
    """With an official split, a class in the test set alone is refused, or dropped and counted as unknown."""
    write, place, read = READERS[reader]
    write(tmp_path)
    path = str(place(tmp_path))
    options = {} if reader.endswith("folder") else {"part_column": "split"}

    with pytest.raises(DataError) as caught:
        read(path, **options)
    known = read(path, on_rare_class="drop", **options)

    assert caught.value.error_id == "E-SPLIT-CLASS"
    assert known.labels == ("cat", "dog")
    assert (len(known), known.card.n_unknown) == (20, 3)
    assert not any("fox" in name for name in known.ids)
    assert len(known.take(np.arange(20))) == 20


def test_numbered_images_of_patients_keep_their_content(tmp_path, monkeypatch):
    """The first class is left out; each id still refers to its image."""
    monkeypatch.setenv("VISIONTK_CACHE", str(tmp_path / "cache"))
    folder_of(tmp_path / "scans", {"a": 1, "ill": 5, "well": 5})
    folder = get_task("medical_imaging").dataset("folder")

    known = folder(str(tmp_path / "scans"), on_rare_class="drop")

    everything = image_folder(str(tmp_path / "scans"), min_per_class=1)
    assert known.labels == ("ill", "well")
    assert "(a 1)" in known.card.warnings[0]
    np.testing.assert_array_equal(known.take(np.arange(10)), everything.take(np.arange(1, 11)))


def test_a_class_whose_images_were_all_skipped_is_reported(tmp_path):
    """The only image of an owl is damaged: the class is refused, or named as dropped."""
    folder_of(tmp_path, {"cat": 60, "dog": 60, "owl": 1})
    (tmp_path / "owl" / "000.png").write_bytes(b"")

    with pytest.raises(DataError, match="owl: 0"):
        image_folder(str(tmp_path), on_bad_file="skip", min_per_class=1)
    known = image_folder(str(tmp_path), on_bad_file="skip", min_per_class=1, on_rare_class="drop")
    assert "(owl 0)" in known.card.warnings[0]


def test_a_rare_class_is_a_single_audit_finding(tmp_path):
    """Although it is detected before and after the files are read."""
    folder_of(tmp_path, {"cat": 6, "dog": 6, "owl": 2})
    noise(9, 9).save(tmp_path / "owl" / "x.png")

    problems = Problems()
    read_dataset(image_folder, {"path": str(tmp_path)}, problems)

    assert [finding.code for finding in reader_findings(problems.problems)] == ["VTK002"]
