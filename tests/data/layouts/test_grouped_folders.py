"""Readers of user data: groups from file names, and splits by time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from visiontk.core import Samples, flat
from visiontk.data.layouts import manifest as module
from visiontk.data.readers.audio_folder import audio_folder, audio_table
from visiontk.data.readers.image_folder import image_folder, image_table
from visiontk.data.readers.text_files import text_folder, text_lines, text_table
from visiontk.errors import ConfigError, DataError
from visiontk.registry import get_task

read_manifest = flat()(module.read_manifest)

PEOPLE = ("CANARYal", "CANARYbo", "CANARYcy")
Reader = Callable[..., Samples]


def image(path: Path, i: int) -> None:
    Image.fromarray(np.random.default_rng(i).integers(0, 255, (9, 9), np.uint8)).save(path)


def recording(path: Path, i: int) -> None:
    soundfile.write(path, np.random.default_rng(i).normal(0, 0.1, 4000), 8000)


def text(path: Path, i: int) -> None:
    path.write_text(f"it barks {i} times")


def write(root: Path, ending: str, make: Callable[[Path, int], None], parts: tuple[str, ...] = ("",)) -> list[str]:
    """Write two classes of five files for each of three people."""
    names = []
    for part in parts:
        for label in ("cat", "dog"):
            for person in PEOPLE:
                for i in range(5):
                    name = "/".join(filter(None, (part, label, f"{label}_{person}_{i}.{ending}")))
                    (root / name).parent.mkdir(parents=True, exist_ok=True)
                    make(root / name, len(names))
                    names.append(name)
    return names


READERS: list[tuple[Reader, str, Callable[[Path, int], None]]] = [
    (image_folder, "png", image),
    (audio_folder, "wav", recording),
    (text_folder, "txt", text),
    (get_task("facial_expression").dataset("folder"), "png", image),
]


@pytest.mark.parametrize(("reader", "ending", "make"), READERS)
def test_a_folder_is_grouped_by_a_part_of_the_file_names(
    reader: Reader, ending: str, make: Callable[[Path, int], None], tmp_path: Path
) -> None:
    """The groups are part of the fingerprint; by default there are none."""
    write(tmp_path, ending, make)

    plain, grouped = reader(str(tmp_path)), reader(str(tmp_path), group="name:2")

    assert plain.groups is None
    assert grouped.groups is not None
    assert grouped.groups.tolist() == [name.split("_")[1] for name in grouped.ids.tolist()]
    assert grouped.card.fingerprint != plain.card.fingerprint
    with pytest.raises(DataError, match="30 of 30 files have no group by 'name:4'"):
        reader(str(tmp_path), group="name:4")
    with pytest.raises(ConfigError, match="expected name:2"):
        reader(str(tmp_path), group="person")


def test_split_and_class_folders_are_not_groups(tmp_path: Path) -> None:
    """Only folders inside them are."""
    for part in ("train", "test"):
        for label in ("cat", "dog"):
            for i in range(6):
                path = tmp_path / part / label / f"{part}{i // 2}" / f"{i}.txt"
                path.parent.mkdir(parents=True, exist_ok=True)
                text(path, i)

    groups = text_folder(str(tmp_path), group="folder").groups

    assert groups is not None
    assert set(groups.tolist()) == {f"{part}{i}" for part in ("train", "test") for i in range(3)}


def test_patients_in_file_names_become_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The groups stay the same, and no name appears in samples, notes or errors."""
    monkeypatch.setenv("VISIONTK_CACHE", str(tmp_path / "cache"))
    write(tmp_path / "scans", "png", image)
    folder = get_task("medical_imaging").dataset("folder")

    samples = folder(str(tmp_path / "scans"), group="name:2")

    plain = image_folder(str(tmp_path / "scans"), group="name:2")
    assert samples.groups is not None
    assert plain.groups is not None
    assert len(set(zip(samples.groups.tolist(), plain.groups.tolist(), strict=True))) == 3
    assert "CANARY" not in str([samples.groups.tolist(), samples.ids.tolist(), samples.card])
    assert "3 patients, each on one side of every split." in samples.card.notes
    with pytest.raises(DataError) as caught:
        folder(str(tmp_path / "scans"), group="name:4")
    assert "CANARY" not in caught.value.message


TABLES: list[tuple[Reader, str, Callable[[Path, int], None], dict[str, str]]] = [
    (image_table, "png", image, {}),
    (audio_table, "wav", recording, {}),
    (get_task("facial_expression").dataset("csv"), "png", image, {}),
]


@pytest.mark.parametrize(("reader", "ending", "make", "options"), TABLES)
def test_a_table_of_files_is_split_by_time_and_grouped_by_names(
    reader: Reader, ending: str, make: Callable[[Path, int], None], options: dict[str, str], tmp_path: Path
) -> None:
    """The test set is later than the training set."""
    names = write(tmp_path, ending, make)
    rows = [f"{name},{name[:3]},2020-01-{i * 7 % 30 + 1:02}" for i, name in enumerate(names)]
    (tmp_path / "a.csv").write_text("\n".join(["path,label,day", *rows]))

    samples = reader(str(tmp_path / "a.csv"), group_column="name:2", time_column="day", min_per_class=1, **options)

    days = np.array([int(row[-2:]) for row in rows])
    assert samples.parts is not None
    assert samples.groups is not None
    assert days[samples.parts == "train"].max() < days[samples.parts == "test"].min()
    assert set(samples.groups.tolist()) == set(PEOPLE)


@pytest.mark.parametrize("reader", [text_table, text_lines])
def test_a_table_of_texts_is_split_by_time(reader: Reader, tmp_path: Path) -> None:
    """As CSV or JSON lines."""
    path = tmp_path / "a.csv"
    if reader is text_table:
        rows = [f"it barks {i},{'ab'[i % 2]},{2000 + i}" for i in range(40)]
        path.write_text("\n".join(["text,label,year", *rows]))
    else:
        rows = [f'{{"text": "it barks {i}", "label": "{"ab"[i % 2]}", "year": {2000 + i}}}' for i in range(40)]
        path.write_text("\n".join(rows))

    samples = reader(str(path), time_column="year")

    assert samples.parts is not None
    assert samples.parts.tolist() == ["train"] * 28 + ["valid"] * 4 + ["test"] * 8


def manifest(tmp_path: Path, head: str, tail: Callable[[str], str]) -> str:
    names = write(tmp_path, "png", lambda path, i: path.touch())
    (tmp_path / "a.csv").write_text("\n".join([f"path,label,{head}", *(f"{n},{n[:3]},{tail(n)}" for n in names)]))
    return str(tmp_path / "a.csv")


def test_a_column_has_precedence_over_a_part_of_the_file_names(tmp_path: Path) -> None:
    """If a column is called "name", group_column="name" selects it."""
    path = manifest(tmp_path, "name", lambda name: name[-5])

    result: Any = read_manifest(path, group_column="name")

    assert set(result.groups.tolist()) == set("01234")


def test_missing_columns_are_reported(tmp_path: Path) -> None:
    """Optional columns too."""
    path = manifest(tmp_path, "day", lambda name: "2020")

    for option in ("group_column", "part_column", "time_column"):
        with pytest.raises(DataError, match=r"no column 'days'\. Did you mean 'day'") as caught:
            read_manifest(path, **{option: "days"})  # type: ignore[arg-type]
        assert caught.value.error_id == "E-CSV-COLUMN"


def test_a_split_column_and_a_time_column_together_are_refused(tmp_path: Path) -> None:
    """One of them would be ignored silently."""
    path = manifest(tmp_path, "day", lambda name: "2020")

    with pytest.raises(ConfigError, match="name one of them"):
        read_manifest(path, part_column="day", time_column="day")
