"""Tables of any format by suffix."""

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from visiontk.data.formats.tables import SUFFIXES, delimiter_of, read_parquet, read_rows
from visiontk.data.recognise.records import Overrides
from visiontk.data.recognise.user_tables import recognise_table
from visiontk.errors import ConfigError, DataError, EnvironmentFault

ROWS = [{"text": f"it barks {i}, loudly", "label": "dog" if i % 2 else "cat", "n": i} for i in range(20)]


@pytest.fixture
def pyarrow() -> Any:
    return pytest.importorskip("pyarrow", reason="needs the extra parquet")


def as_csv(delimiter: str) -> str:
    rows = [f'"{row["text"]}"{delimiter}{row["label"]}{delimiter}{row["n"]}' for row in ROWS]
    return "\n".join([delimiter.join(ROWS[0]), *rows])


@pytest.mark.parametrize(("name", "delimiter"), [("a.csv", ","), ("a.CSV", ";"), ("a.tsv", "\t"), ("b", "|")])
def test_the_delimiter_is_detected_in_the_header(tmp_path: Path, name: str, delimiter: str) -> None:
    """Commas within quotes of later lines do not count."""
    (tmp_path / name).write_text(as_csv(delimiter))

    assert delimiter_of(tmp_path / name) == delimiter
    assert read_rows(tmp_path / name, delimiter=delimiter).columns["text"][0] == "it barks 0, loudly"


def test_json_lines_and_csv_give_the_same_table(tmp_path: Path) -> None:
    """Every cell is a text."""
    (tmp_path / "a.csv").write_text(as_csv(","))
    for name in ("a.jsonl", "a.ndjson"):
        (tmp_path / name).write_text("\n".join(map(json.dumps, ROWS)))

        assert read_rows(tmp_path / name).columns == read_rows(tmp_path / "a.csv").columns
        assert delimiter_of(tmp_path / name) == ","


def test_the_delimiter_of_a_missing_file_is_a_comma() -> None:
    """The error is raised when the file is read."""
    assert delimiter_of("nowhere.csv") == ","
    assert delimiter_of("") == ","


def test_without_pyarrow_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hint also suggests CSV."""
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(EnvironmentFault, match="needs the package pyarrow") as caught:
        recognise_table(str(tmp_path / "a.parquet"), Overrides())

    assert caught.value.error_id == "E-ENV-PACKAGE"
    assert "visiontk[parquet]" in caught.value.hint
    assert "CSV" in caught.value.hint


def test_a_missing_parquet_file_is_reported_before_the_missing_package(tmp_path: Path) -> None:
    """A misspelt name is the more likely mistake."""
    with pytest.raises(DataError, match="no such file"):
        read_parquet(tmp_path / "nowhere.parquet")
    with pytest.raises(DataError, match="a folder, expected a file"):
        read_parquet(tmp_path)
    with pytest.raises(ConfigError, match="path: empty"):
        read_parquet("")


def test_a_parquet_file_gives_the_table_of_the_same_csv(tmp_path: Path, pyarrow: Any) -> None:
    """Whole numbers have no decimal point, even if pandas stored them as floats because of missing values."""
    import pyarrow.parquet as parquet

    columns = {name: [row[name] for row in ROWS] for name in ROWS[0]}
    more = {
        "whole": [1.0, None, *range(18)],
        "half": [0.5] * 20,
        "flag": [True, False] * 10,
        "day": [dt.date(2020, 1, 2)] * 20,
        "bytes": [b"x"] * 20,
        "list": [["a"]] * 20,
    }
    parquet.write_table(pyarrow.table(columns | more), tmp_path / "a.parquet")
    (tmp_path / "a.csv").write_text(as_csv(","))

    result = read_rows(tmp_path / "a.parquet", "text", "label")

    assert {name: result.columns[name] for name in columns} == read_rows(tmp_path / "a.csv").columns
    assert [result.columns[name][:2] for name in ("whole", "half", "flag", "day", "bytes")] == [
        ["1", ""], ["0.5", "0.5"], ["true", "false"], ["2020-01-02", "2020-01-02"], ["x", "x"],
    ]  # fmt: skip
    assert "list" not in result.columns
    assert result.notes == ("column list is ignored, as it holds lists",)
    assert recognise_table(str(tmp_path / "a.parquet"), Overrides()).columns["label"] == "label"


def test_errors_of_a_parquet_file_are_those_of_a_csv_file(tmp_path: Path, pyarrow: Any) -> None:
    """No exception of pyarrow is raised."""
    import pyarrow.parquet as parquet

    parquet.write_table(pyarrow.table({"text": ["a"]}), tmp_path / "a.parquet")
    parquet.write_table(pyarrow.table({"text": pyarrow.array([], pyarrow.string())}), tmp_path / "empty.parquet")
    twice = pyarrow.Table.from_arrays([pyarrow.array(["a"])] * 2, names=["text", "text"])
    parquet.write_table(twice, tmp_path / "twice.parquet")
    (tmp_path / "broken.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:-9])

    for name, error_id in (("empty", "E-CSV-EMPTY"), ("twice", "E-CSV-HEADER"), ("broken", "E-CSV-SYNTAX")):
        with pytest.raises(DataError) as caught:
            read_parquet(tmp_path / f"{name}.parquet", "text")
        assert caught.value.error_id == error_id
    with pytest.raises(DataError, match=r"no column 'label'\. Known: text") as caught:
        read_parquet(tmp_path / "a.parquet", "label")
    assert caught.value.error_id == "E-CSV-COLUMN"


def test_every_suffix_is_supported(tmp_path: Path) -> None:
    """The list is complete."""
    assert set(SUFFIXES) == {
        *(".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".json", ".parquet", ".npz", ".npy", ".h5", ".hdf5"),
    }
