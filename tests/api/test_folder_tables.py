"""Folders with tables: by class folders or by a table."""

from __future__ import annotations

from pathlib import Path

import pytest

from visiontk.api.user_data import UserData, recognise
from visiontk.errors import ConfigError


def files(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def write(path: Path, head: str, rows: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([head, *rows]) + "\n")


def labels(own: UserData) -> tuple[str, ...]:
    assert own.recognised is not None
    return own.recognised.labels


def setting(own: UserData, name: str) -> str:
    return next(each.value for each in own.settings if each.name == name)


def test_a_competition_is_its_labelled_table(tmp_path: Path) -> None:
    """Identifiers without endings; an unlabelled test set and an example of answers are left out, and notes say so."""
    ids = [f"{i * 7919:x}" for i in range(20)]
    files(tmp_path, *(f"train/{name}.jpg" for name in ids), *(f"test/t{name}.jpg" for name in ids))
    write(tmp_path / "train.csv", "id,breed", [f"{name},{'ab'[i % 2]}" for i, name in enumerate(ids)])
    write(tmp_path / "test.csv", "id", [f"t{name}" for name in ids])
    write(tmp_path / "sample_submission.csv", "id,a,b", [f"t{name},0.5,0.5" for name in ids])

    own = recognise(str(tmp_path), {})

    assert own.recognised is not None
    assert labels(own) == ("a", "b")
    assert own.recognised.ids[0] == "train/0.jpg"
    assert own.recognised.parts is None
    assert "test.csv ignored: no breed" in own.recognised.notes


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_tables_of_a_split_in_one_folder_are_one_comparison(tmp_path: Path, form: str) -> None:
    for part, n in (("train", 20), ("valid", 8), ("test", 8)):
        rows = [(f"it is a longer text {i} of {part}", f"c{i % 2}") for i in range(n)]
        if form == "csv":
            write(tmp_path / f"{part}.csv", "text,label", [",".join(row) for row in rows])
        elif form == "jsonl":
            (tmp_path / f"{part}.jsonl").write_text("".join(f'{{"text": "{a}", "label": "{b}"}}\n' for a, b in rows))
        else:
            pa = pytest.importorskip("pyarrow")
            from pyarrow import parquet

            columns = dict(zip(("text", "label"), map(list, zip(*rows, strict=True)), strict=True))
            parquet.write_table(pa.table(columns), tmp_path / f"{part}-00000-of-00001.parquet")

    own = recognise(str(tmp_path), {})

    assert own.document["dataset"] | {"path": ""} == {"name": "csv", "path": "", "part_column": "split"}
    assert own.recognised is not None
    assert own.recognised.parts is not None
    assert sorted(set(own.recognised.parts.tolist())) == ["test", "train", "valid"]


def test_a_metadata_table_comes_before_class_folders(tmp_path: Path) -> None:
    """It may name other classes than the folders."""
    files(tmp_path, *(f"{place}/{i}.png" for place in ("near", "far") for i in range(8)))
    rows = [f"{place}/{i}.png,{'xy'[i % 2]}" for place in ("near", "far") for i in range(8)]
    write(tmp_path / "metadata.csv", "file_name,label", rows)

    assert labels(recognise(str(tmp_path), {})) == ("x", "y")


@pytest.mark.parametrize(("other", "expected"), [("xy", ("x", "y")), ("same", ("far", "near"))])
def test_a_table_that_contradicts_the_folders_is_used_and_said(
    tmp_path: Path, other: str, expected: tuple[str, ...]
) -> None:
    """One with the same classes is not."""
    files(tmp_path, *(f"{place}/{i}.png" for place in ("near", "far") for i in range(8)))
    rows = [
        f"{place}/{i}.png,{'xy'[i % 2] if other == 'xy' else place.upper()}"
        for place in ("near", "far")
        for i in range(8)
    ]
    write(tmp_path / "labels.csv", "file,label", rows)

    own = recognise(str(tmp_path), {})

    assert labels(own) == expected
    assert any(each.name == "classes" for each in own.settings) == (other == "xy")


def test_a_table_beside_the_folder_of_files_is_used(tmp_path: Path) -> None:
    files(tmp_path, *(f"audio/{i}.wav" for i in range(12)))
    write(tmp_path / "meta/list.csv", "filename,category", [f"{i}.wav,{'ab'[i % 2]}" for i in range(12)])

    own = recognise(str(tmp_path), {})

    assert setting(own, "table") == "meta/list.csv"
    assert own.document["dataset"]["files_folder"] == str(tmp_path / "audio")


def test_several_tables_of_samples_are_a_question_with_commands(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        write(tmp_path / name, "text,label", [f"it is a longer text {i} of {name},{'xy'[i % 2]}" for i in range(12)])

    with pytest.raises(ConfigError, match="several tables") as caught:
        recognise(str(tmp_path), {})

    assert f"visiontk compare {tmp_path}/a.csv" in str(caught.value)


def test_tables_without_samples_are_passed_over(tmp_path: Path) -> None:
    """Such as names of classes."""
    write(tmp_path / "classes.csv", "number,name", ["0,cat", "1,dog"])
    write(tmp_path / "data.csv", "text,label", [f"it is a longer text {i},{i % 2}" for i in range(12)])

    assert setting(recognise(str(tmp_path), {}), "table") == "data.csv"


@pytest.mark.parametrize("body", ["description", "text", "content"])
def test_title_and_text_are_read_as_one(tmp_path: Path, body: str) -> None:
    from visiontk.data.readers.text_files import text_table

    rows = [f"Rain again {i},it rains since day {i},{'xy'[i % 2]}" for i in range(12)]
    write(tmp_path / "a.csv", f"title,{body},label", rows)

    own = recognise(str(tmp_path / "a.csv"), {})
    dataset = own.document["dataset"]

    assert dataset["text_column"] == f"title + {body}"
    assert text_table(dataset["path"], dataset["text_column"]).take([0]).tolist() == [
        "Rain again 0\nit rains since day 0"
    ]


def test_two_texts_may_be_requested_as_one(tmp_path: Path) -> None:
    rows = [f"is it {i} o'clock,it is {i} o'clock now,{'xy'[i % 2]}" for i in range(12)]
    write(tmp_path / "a.csv", "premise,hypothesis,label", rows)

    with pytest.raises(ConfigError) as caught:
        recognise(str(tmp_path / "a.csv"), {})

    assert "--text 'premise + hypothesis'" in caught.value.message
    own = recognise(str(tmp_path / "a.csv"), {"text": "premise + hypothesis"})
    assert own.document["dataset"]["text_column"] == "premise + hypothesis"


def test_the_same_table_in_two_forms_is_no_question(tmp_path: Path) -> None:
    rows = [f"it is a longer text {i},{'xy'[i % 2]}" for i in range(12)]
    write(tmp_path / "data.csv", "text,label", rows)
    write(tmp_path / "data.tsv", "text\tlabel", [row.replace(",", "\t") for row in rows])

    assert setting(recognise(str(tmp_path), {}), "table") == "data.csv"


def test_texts_without_an_ending_are_class_folders(tmp_path: Path) -> None:
    for i in range(12):
        path = tmp_path / f"sci.{'xy'[i % 2]}" / f"{5000 + i}"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"it is a longer text {i}")

    own = recognise(str(tmp_path), {})

    assert own.document["task"] == "text_classification"
    assert labels(own) == ("sci.x", "sci.y")


@pytest.mark.parametrize("ending", ["dcm", "nii.gz"])
def test_scans_may_be_named_by_a_table_with_tabs(tmp_path: Path, ending: str) -> None:
    files(tmp_path, *(f"s/{i}.{ending}" for i in range(12)))
    write(tmp_path / "scans.tsv", "path\tdiagnosis", [f"s/{i}.{ending}\t{'xy'[i % 2]}" for i in range(12)])

    own = recognise(str(tmp_path / "scans.tsv"), {})

    assert own.document["dataset"]["delimiter"] == "\t"


def test_classes_in_file_names_are_a_folder_that_is_read(tmp_path: Path) -> None:
    """As dogs versus cats, with an unlabelled test set."""
    from PIL import Image

    from visiontk.data import image_folder

    files(tmp_path, *(f"test1/{i}.png" for i in range(5)))
    (tmp_path / "train").mkdir()
    for i in range(20):
        Image.new("L", (9, 9), 10 * i).save(tmp_path / "train" / f"{('cat', 'dog')[i % 2]}.{i}.png")

    own = recognise(str(tmp_path), {})

    assert own.recognised is not None
    assert "5 images left out, as their names hold no class" in own.recognised.notes
    samples = image_folder(**{name: value for name, value in own.document["dataset"].items() if name != "name"})
    assert samples.labels == labels(own) == ("cat", "dog")
    assert samples.ids.tolist() == own.recognised.ids.tolist()


def test_folders_called_like_persons_are_no_classes_unasked(tmp_path: Path) -> None:
    """As in RAVDESS; both readings are offered, and the persons are then groups."""
    files(
        tmp_path,
        *(f"Actor_{a:02d}/03-{e:02d}-{i:02d}-{a:02d}.wav" for a in range(1, 7) for e in (1, 2, 3) for i in (1, 2)),
    )

    with pytest.raises(ConfigError) as caught:
        recognise(str(tmp_path), {})

    assert "--label name:2  (3 classes: 01, 02, 03)" in caught.value.message
    assert "--label folder:1  (the 6 folders)" in caught.value.message
    own = recognise(str(tmp_path), {"label": "name:2", "group": "folder"})
    assert own.recognised is not None
    assert own.recognised.groups is not None
    assert set(own.recognised.groups.tolist()) == {f"Actor_{a:02d}" for a in range(1, 7)}
    assert labels(recognise(str(tmp_path), {"label": "folder:1", "group": "none"}))[0] == "Actor_01"


def test_numbers_of_texts_are_no_files_of_a_neighbour(tmp_path: Path) -> None:
    """Rows are often numbered, and so are files elsewhere."""
    files(tmp_path, *(f"pictures/{i}.png" for i in range(12)))
    rows = [f"{i},it is a longer text {i},{'xy'[i % 2]}" for i in range(12)]
    write(tmp_path / "texts/a.csv", "number,text,label", rows)

    assert recognise(str(tmp_path / "texts/a.csv"), {}).document["task"] == "text_classification"
