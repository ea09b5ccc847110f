"""Reading of CSV and JSON lines."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiontk.data.formats import text_table
from visiontk.data.formats.json_lines import read_jsonl
from visiontk.data.formats.text_table import read_table, texts_of
from visiontk.errors import ConfigError, DataError, VisiontkError


def written(folder: Path, content: str | bytes, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refused(path, *required, reader=read_table, kind: type[VisiontkError] = DataError, **options) -> VisiontkError:
    with pytest.raises(kind) as caught:
        reader(path, *required, **options)
    return caught.value


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8))
def test_a_written_csv_is_read_back(rows):
    """For any text, including commas, quotes, line ends and surrounding blanks."""
    import tempfile

    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([("text", "label"), *rows])
    with tempfile.TemporaryDirectory() as folder:
        result = read_table(written(Path(folder), stream.getvalue()), "text", "label")

    assert list(zip(result.columns["text"], result.columns["label"], strict=True)) == rows
    assert len(result) == len(rows)


def test_rows_have_their_line_numbers(tmp_path):
    """After cells with line ends and after blank lines too."""
    result = read_table(written(tmp_path, 'a,b\n1,2\n"3\nand\nmore",4\n\n5,6\n'))

    assert result.lines == [2, 3, 7]
    assert result.columns == {"a": ["1", "3\nand\nmore", "5"], "b": ["2", "4", "6"]}
    assert result.notes == ("1 blank lines ignored",)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read(tmp_path, end):
    """Those of Unix, Windows and classic Mac OS."""
    result = read_table(written(tmp_path, end.join(["a,b", "1,2", "3,4", ""])))

    assert result.columns == {"a": ["1", "3"], "b": ["2", "4"]}
    assert result.lines == [2, 3]


def test_a_byte_order_mark_is_ignored(tmp_path):
    """Spreadsheets write one."""
    result = read_table(written(tmp_path, b"\xef\xbb\xbftext,label\nx,y\n"), "text")

    assert list(result.columns) == ["text", "label"]
    assert result.notes == ("byte order mark ignored",)


def test_column_names_can_be_passed_for_a_file_without_a_header(tmp_path):
    """As for the published AG News."""
    result = read_table(written(tmp_path, '"1","a, b"\n"2","c"\n'), header=("class", "text"))

    assert result.columns == {"class": ["1", "2"], "text": ["a, b", "c"]}
    assert result.lines == [1, 2]


def test_column_names_are_stripped_but_cells_are_not(tmp_path):
    result = read_table(written(tmp_path, "a , b\n x , y\n"), "a", "b")

    assert result.columns == {"a": [" x "], "b": [" y"]}


def test_another_delimiter_can_be_set(tmp_path):
    assert read_table(written(tmp_path, "a\tb\n1,5\t2\n"), delimiter="\t").columns == {"a": ["1,5"], "b": ["2"]}


def test_bytes_of_another_encoding_are_reported(tmp_path):
    """With line and byte; the encoding in the hint works."""
    path = written(tmp_path, "text,label\nplain,x\ncafé,y\n".encode("latin-1"))

    error = refused(path)

    assert error.error_id == "E-CSV-ENCODING"
    assert f"{path}: line 3, byte 0xE9 is not utf-8." in str(error)
    assert "encoding: latin-1" in error.hint
    assert read_table(path, encoding="latin-1").columns["text"] == ["plain", "café"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_detected(tmp_path, encoding):
    """The encoding in the hint works."""
    path = written(tmp_path, "text,label\nplain,x\ncafé,y\n".encode(encoding))

    error = refused(path)

    assert error.error_id == "E-CSV-ENCODING"
    assert "UTF-16" in str(error)
    assert f"`encoding: {encoding}`," in error.hint
    assert read_table(path, encoding=encoding).columns["text"] == ["plain", "café"]


@pytest.mark.parametrize("encoding", ["klingon", "zip", "rot13", "base64", ""])
def test_an_unknown_encoding_is_refused(tmp_path, encoding):
    error = refused(written(tmp_path, "a,b\n1,2\n"), kind=ConfigError, encoding=encoding)

    assert error.error_id == "E-CONFIG-RANGE"


@pytest.mark.parametrize("delimiter", ["", ";;", '"', "\n"])
def test_a_delimiter_must_be_one_character(tmp_path, delimiter):
    assert "one character" in str(refused(written(tmp_path, "a,b\n"), kind=ConfigError, delimiter=delimiter))


def test_an_unclosed_quote_is_reported_with_its_first_line(tmp_path):
    """The rows after it are not read as part of the cell."""
    error = refused(written(tmp_path, 'a,b\n1,2\n3,"4\n' + "5,6\n" * 50))

    assert error.error_id == "E-CSV-SYNTAX"
    assert "line 3 to 53: a quote is never closed" in str(error)


def test_text_after_a_closing_quote_is_an_error(tmp_path):
    error = refused(written(tmp_path, 'a,b\n1,"2"3\n'))

    assert error.error_id == "E-CSV-SYNTAX"
    assert "line 2" in str(error)
    assert '""' in error.hint


def test_a_cell_beyond_the_limit_is_an_error_and_the_global_limit_is_unchanged(tmp_path, monkeypatch):
    monkeypatch.setattr(text_table, "MAX_CELL", 1000)
    before = csv.field_size_limit()

    error = refused(written(tmp_path, f'a,b\n1,"{"x" * 2000}"\n'))

    assert error.error_id == "E-CSV-SYNTAX"
    assert "more than 1000 characters" in str(error)
    assert csv.field_size_limit() == before


def test_a_long_text_is_read(tmp_path):
    """Above the default limit of the csv module."""
    long = "x" * 1_000_000

    assert read_table(written(tmp_path, f"a,b\n{long},1\n")).columns["a"] == [long]


def test_a_nul_character_is_refused(tmp_path):
    error = refused(written(tmp_path, b"a,b\n1,2\n3,\0\n"))

    assert error.error_id == "E-CSV-SYNTAX"
    assert "line 3 has a NUL" in str(error)


def test_all_ragged_rows_are_listed(tmp_path):
    error = refused(written(tmp_path, "a,b\n1\n1,2\n1,2,3\n"))

    assert error.error_id == "E-CSV-RAGGED"
    assert "2 of 3 rows do not have 2 cells" in str(error)
    assert error.message.splitlines()[1:] == ["  line 2: 1 cells", "  line 4: 3 cells"]


def test_two_columns_of_one_name_are_refused(tmp_path):
    error = refused(written(tmp_path, "a,b,a\n1,2,3\n"))

    assert error.error_id == "E-CSV-HEADER"
    assert "'a' more than once" in str(error)


def test_the_first_column_may_have_no_name(tmp_path):
    """As for an index written by pandas."""
    assert read_table(written(tmp_path, ",text\n0,x\n"), "text").columns == {"": ["0"], "text": ["x"]}


def test_a_missing_column_suggests_the_nearest(tmp_path):
    error = refused(written(tmp_path, "text,labels\nx,y\n"), "text", "label")

    assert error.error_id == "E-CSV-COLUMN"
    assert "no column 'label'. Did you mean 'labels'? Known: labels, text." in str(error)


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_a_missing_column_may_suggest_another_delimiter(tmp_path, delimiter):
    error = refused(written(tmp_path, delimiter.join("ab") + "\n"), "a")

    value = {"|": '"|"', "\t": r"\t"}.get(delimiter, delimiter)
    assert error.hint == f"Use `delimiter: {value}`."


@pytest.mark.parametrize("content", ["", "\n\n", "a,b\n", "\ufeff"])
def test_a_table_without_rows_is_refused(tmp_path, content):
    assert refused(written(tmp_path, content)).error_id == "E-CSV-EMPTY"


@pytest.mark.parametrize("reader", [read_table, read_jsonl])
def test_a_file_that_cannot_be_opened_is_reported(tmp_path, reader):
    for path in (tmp_path / "none.csv", tmp_path, tmp_path / ("x" * 300), f"{tmp_path}/a\0b"):
        assert refused(path, reader=reader).error_id == "E-CSV-FILE"
    assert refused("", reader=reader, kind=ConfigError).error_id == "E-CONFIG-PATH"


def test_a_pipe_is_refused_without_blocking(tmp_path):
    import os

    os.mkfifo(tmp_path / "pipe")

    assert refused(tmp_path / "pipe").error_id == "E-CSV-FILE"


def test_a_huge_file_is_refused_before_reading(tmp_path, monkeypatch):
    monkeypatch.setattr(text_table, "MAX_FILE_BYTES", 10)

    assert refused(written(tmp_path, "a,b\n1,2\n3,4\n")).error_id == "E-DATA-HUGE"


def test_names_in_messages_are_printable(tmp_path):
    """As for a column with terminal escape codes in its name."""
    error = refused(written(tmp_path, "te\x1b[31mxt,label\nx,y\n"), "text")

    assert "\x1b" not in str(error)


def lines_of(*values: object) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)


def test_json_lines_give_columns(tmp_path):
    """Numbers stay as written, null becomes an empty text, and keys that some lines lack are left out."""
    text = (
        '{"text": "a", "label": 1.0, "x": [1]}\n\n{"label": true, "text": "b", "y": 2}\n{"text": null, "label": NaN}\n'
    )

    result = read_jsonl(written(tmp_path, text), "text", "label")

    assert result.columns == {"text": ["a", "b", ""], "label": ["1.0", "true", ""]}
    assert result.lines == [1, 3, 4]


def test_a_unicode_line_separator_does_not_end_a_line(tmp_path):
    """JSON allows U+2028 in a text."""
    text = json.dumps({"text": "a\u2028b\x85c"}, ensure_ascii=False)

    assert read_jsonl(written(tmp_path, text), "text").columns == {"text": ["a\u2028b\x85c"]}


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8))
def test_written_json_lines_are_read_back(rows):
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), lines_of(*({"text": a, "label": b} for a, b in rows)))
        result = read_jsonl(path, "text", "label")

    assert list(zip(*result.columns.values(), strict=True)) == rows


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("{'text': 1}", "Expecting property name"),
        ("[1, 2]", "no object in braces"),
        ('{"text": "a"} {"text": "b"}', "Extra data"),
        ('{"text": "a", "text": "b"}', "key 'text' more than once"),
        ("[" * 100_000, "nested too deeply"),
        ('{"text": "a', "Unterminated string"),
    ],
)
def test_lines_that_are_not_objects_are_listed(tmp_path, bad, reason):
    error = refused(written(tmp_path, f'{{"text": "x"}}\n{bad}\n'), "text", reader=read_jsonl)

    assert error.error_id == "E-JSONL-SYNTAX"
    assert f"line 2: {reason}" in str(error)


def test_an_integer_of_5000_digits_is_read_as_text(tmp_path):
    """Python refuses to convert it to an int, which is not needed."""
    text = "9" * 5000

    assert read_jsonl(written(tmp_path, f'{{"label": {text}}}'), "label").columns["label"] == [text]


def test_a_missing_key_is_reported_with_its_lines(tmp_path):
    error = refused(written(tmp_path, lines_of({"text": "a"}, {"txt": "b"}, {"text": "c"})), "text", reader=read_jsonl)

    assert error.error_id == "E-JSONL-KEY"
    assert "no key 'text' in 1 of 3 lines: 2." in str(error)


def test_a_list_as_a_text_is_refused(tmp_path):
    error = refused(written(tmp_path, lines_of({"text": "a"}, {"text": ["b"]})), "text", reader=read_jsonl)

    assert error.error_id == "E-JSONL-VALUE"
    assert "lines 2" in str(error)


def test_lone_surrogates_are_refused(tmp_path):
    """JSON can express lone surrogates, which cannot be encoded."""
    path = written(tmp_path, '{"text": "ok"}\n{"text": "\\ud83d"}\n')

    error = refused(path, "text", reader=read_jsonl)

    assert error.error_id == "E-TEXT-ENCODING"
    assert "in lines 2." in str(error)


def test_json_in_another_encoding_is_reported(tmp_path):
    assert refused(written(tmp_path, b'{"text": "caf\xe9"}'), reader=read_jsonl).error_id == "E-CSV-ENCODING"


def test_texts_are_normalised_and_validated():
    """Composed and decomposed characters become the same text."""
    texts = texts_of([unicodedata.normalize("NFD", "déjà"), "\u202eabc"], "a.csv")

    assert texts.dtype == object
    assert texts.tolist() == ["déjà", "\u202eabc"]
    with pytest.raises(DataError, match="in lines 7") as caught:
        texts_of(["a", "\ud800"], "a.csv", lines=[2, 7])
    assert caught.value.error_id == "E-TEXT-ENCODING"


def test_columns_without_name_and_values_are_ignored_and_counted(tmp_path):
    """As spreadsheets write them; those with values get numbers."""
    path = written(tmp_path, "v1,v2,,,\nham,a,,,\nspam,b,,note,\n")

    result = read_table(path)

    assert list(result.columns) == ["v1", "v2", ""]
    assert result.columns[""] == ["", "note"]
    assert result.notes == ("2 columns without name and values ignored",)
    assert list(read_table(written(tmp_path, "v1,,\na,b,c\n")).columns) == ["v1", "", "column 3"]
