"""Columns to slice by: from a table named by the user, or stored in the run."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from visiontk.errors import ConfigError, DataError, ResumeError
from visiontk.harness.store import SLICES, RunDirectory
from visiontk.report.evidence.slice_columns import Column, read_columns, stored_columns

IDS = np.array(["a1", "a2", "a3"])


def column_of(path: Path, column: str = "sex") -> Column:
    (columns,) = read_columns(RunDirectory(path.parent), [f"{path}:{column}"], IDS)
    return columns


def error_of(folder: Path, value: str) -> str:
    with pytest.raises((ConfigError, DataError)) as caught:
        read_columns(RunDirectory(folder), [value], IDS)
    return f"{caught.value.error_id} {caught.value.message}"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.csv", "id,sex\na1,f\na2,m\nb9,f\n"),
        ("p.csv", "id;sex;age\na1;f;1\na2;m;2\nb9;f;3\n"),
        ("p.tsv", "id\tsex\na1\tf\na2\tm\nb9\tf\n"),
        ("p.jsonl", '{"id": "a1", "sex": "f"}\n{"id": "a2", "sex": "m"}\n{"id": "b9", "sex": "f"}\n'),
    ],
)
def test_every_table_format_is_read(tmp_path: Path, name: str, content: str) -> None:
    """Extra samples are ignored, and some test samples may be missing."""
    (tmp_path / name).write_text(content)

    assert column_of(tmp_path / name) == Column("sex", name, "after", {"a1": "f", "a2": "m", "b9": "f"})


def test_colons_may_be_in_names_of_files_and_columns(tmp_path: Path) -> None:
    """The colon that separates them follows an existing file."""
    (tmp_path / "a:b.csv").write_text("id,x:y\na1,1\n")

    assert column_of(tmp_path / "a:b.csv", "x:y").name == "x:y"


@pytest.mark.parametrize(
    ("content", "pattern"),
    [
        (None, "E-CSV-FILE .*no such file"),
        ("", "E-CSV-EMPTY .*no rows"),
        ("id,sex\n", "E-CSV-EMPTY .*no rows below"),
        ("id,age\na1,3\n", "E-CSV-COLUMN .*no column 'sex'"),
        ("name,sex\na1,f\n", "E-CSV-COLUMN .*no column 'id'"),
        ("id,sex\na1\n", "E-CSV-RAGGED"),
        ("id,sex\na1,f\na1,m\n", "E-REPORT-SLICE .*id 'a1' has two values of sex: 'f' and 'm'"),
        ("id,sex\nb1,f\n", "E-REPORT-SLICE .*none of its 1 ids is one of the 3 test samples, such as 'a1'"),
    ],
)
def test_each_invalid_table_has_one_clear_error(tmp_path: Path, content: str | None, pattern: str) -> None:
    """Missing, empty, without the column, without ids, ragged, contradictory, of other samples."""
    if content is not None:
        (tmp_path / "p.csv").write_text(content)

    columns = error_of(tmp_path, f"{tmp_path / 'p.csv'}:sex")

    assert re.match(pattern, columns), columns


@pytest.mark.parametrize("value", ["sex", ":sex", "p.csv:", ""])
def test_a_value_without_a_column_is_an_error(tmp_path: Path, value: str) -> None:
    """The message shows the form."""
    assert error_of(tmp_path, value) == f"E-REPORT-SLICE --slice: {value!r} is not a column of a table."


def test_identical_duplicate_rows_are_accepted(tmp_path: Path) -> None:
    """Joined tables have them."""
    (tmp_path / "p.csv").write_text("id,sex\na1,f\na1,f\n")

    assert column_of(tmp_path / "p.csv").values == {"a1": "f"}


def test_a_column_requested_twice_counts_once(tmp_path: Path) -> None:
    """Otherwise it would count twice in the correction."""
    (tmp_path / "p.csv").write_text("id,sex\na1,f\n")

    assert len(read_columns(RunDirectory(tmp_path), [f"{tmp_path / 'p.csv'}:sex"] * 2, IDS)) == 1


def test_columns_stored_in_the_run_come_first(tmp_path: Path) -> None:
    """They need no table, and state when they were chosen."""
    (tmp_path / "p.csv").write_text("id,sex\na1,f\n")
    RunDirectory(tmp_path).write_json(SLICES, {"site": {"chosen": "before", "values": {"a1": "x"}}})

    columns = read_columns(RunDirectory(tmp_path), [f"{tmp_path / 'p.csv'}:sex"], IDS)

    assert [(each.name, each.table, each.chosen) for each in columns] == [
        ("site", "", "before"),
        ("sex", "p.csv", "after"),
    ]


@pytest.mark.parametrize("content", ["[]", '{"site": 3}', '{"site": {"chosen": "before"}}', "{"])
def test_a_damaged_file_of_columns_is_an_error(tmp_path: Path, content: str) -> None:
    """The message names it."""
    (tmp_path / SLICES).write_text(content)

    with pytest.raises(ResumeError, match=r"slices\.json: damaged"):
        stored_columns(RunDirectory(tmp_path))
