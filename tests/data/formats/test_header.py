"""Tables without names of columns: the first line is not eaten."""

from pathlib import Path

import pytest

from visiontk.data.formats.header import is_data, numbered_names
from visiontk.data.formats.tables import delimiter_of, read_rows
from visiontk.data.recognise.records import Overrides
from visiontk.data.recognise.user_tables import recognise_table

WORDS = ("it barks all night", "it wants some milk", "it sleeps all day", "it eats much too fast")


def rows(n: int = 12) -> list[list[str]]:
    return [[("ham", "spam")[i % 2], f"{WORDS[i % 4]} {i}"] for i in range(n)]


DATA = [
    rows(),
    [[f"img/{i}.png", "ab"[i % 2]] for i in range(12)],
    [[str(i % 4 + 1), f"Title {i}", f"{WORDS[i % 4]} {i}"] for i in range(12)],  # AG News
    [["0" if i < 6 else "4", str(1467810369 + i), "NO_QUERY", "user", WORDS[i % 4]] for i in range(12)],  # Sentiment140
    [[f"{WORDS[i % 4]} {i}", str(i % 2)] for i in range(12)],
    [[("person", "video")[i % 2], f"{WORDS[i % 4]} {i}"] for i in range(12)],  # classes may be usual names of columns
    [[f"{WORDS[i % 4]} {i}", "", ("ja", "nein")[i % 2]] for i in range(12)],
    [["1.5", "2", "yes"], *[[str(i / 2), str(i), ("yes", "no")[i % 2]] for i in range(12)]],
]


@pytest.mark.parametrize("table", DATA, ids=lambda table: table[0][0])
def test_a_first_line_of_data_is_recognised(table: list[list[str]]) -> None:
    assert is_data(table)


HEADERS = [
    ["v1", "v2"],
    ["label", "text"],
    ["", "text"],
    ["class", "sms"],
    ["Kategorie", "Nachricht"],
    ["0", "1"],
    ["Was war gut an unserem Angebot heute?", "Weitere Bemerkungen zu diesem Kurs"],
]


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header[0])
def test_names_of_columns_are_no_data(header: list[str]) -> None:
    """Usual and unusual ones, and the numbers that pandas writes."""
    assert is_data([header, *rows()]) == ""


def test_a_name_unlike_its_column_is_no_data() -> None:
    """A word above numbers, or above names of files."""
    assert is_data([["a", "b"], *([str(i), "b"] for i in range(9))]) == ""
    assert is_data([["Bild", "Art"], *([f"{i}.png", "Art"] for i in range(9))]) == ""
    assert is_data([["a"], ["a"]]) == "", "too few rows to tell"


def test_columns_without_names_are_numbered(tmp_path: Path) -> None:
    """No row is lost, and the note says so."""
    path = tmp_path / "a.tsv"
    path.write_text("\n".join("\t".join(row) for row in rows()))

    table = read_rows(path, delimiter="\t", header="auto")

    assert list(table.columns) == numbered_names(2) == ["column_1", "column_2"]
    assert (len(table), table.lines[0]) == (12, 1)
    assert "the first line names no columns" in table.notes[0]
    assert len(read_rows(path, delimiter="\t")) == 11
    assert len(read_rows(path, delimiter="\t", header="none")) == 12


def test_the_line_in_which_a_spreadsheet_names_its_delimiter_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("sep=;\ntext;label\nit barks;dog\nit mews;cat\n")

    assert delimiter_of(path) == ";"
    assert read_rows(path, delimiter=";").columns == {"text": ["it barks", "it mews"], "label": ["dog", "cat"]}


@pytest.mark.parametrize(("name", "text"), [("a.tsv", "ham\tso, this, and, that"), ("a.csv", "0;so, this, and, that")])
def test_commas_in_texts_are_no_delimiters(tmp_path: Path, name: str, text: str) -> None:
    """The number of delimiters is the same in each line."""
    path = tmp_path / name
    path.write_text(f"{text}\n{text[:8]} it is\n{text}, or, so\n")

    assert delimiter_of(path) == ("\t" if name == "a.tsv" else ";")


def test_recognition_says_that_the_first_line_is_data(tmp_path: Path) -> None:
    """The option, as printed, takes it as names."""
    path = tmp_path / "a.csv"
    path.write_text("\n".join(",".join(row) for row in rows(60)))

    result = recognise_table(str(path), Overrides())

    assert (result.columns["label"], result.columns["text"], len(result.y)) == ("column_1", "column_2", 60)
    assert result.settings[0].name == "header"
    assert "cell 1 is also a value in other rows; columns are column_1 to column_2" in result.settings[0].reason
    assert result.settings[0].option == "--set dataset.header=first"
    named = recognise_table(str(path), Overrides(header="first"))
    assert (named.columns["label"], len(named.y)) == ("ham", 59)
