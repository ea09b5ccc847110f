"""Cutting, wrapping and aligning for terminals."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiontk.cli.wrapping import aligned, cells, columns_of, cut, is_live, width, wrapped


@pytest.mark.parametrize(("columns", "expected"), [("40", 40), ("10", 30), ("500", 100)])
def test_the_width_is_the_terminals_within_reason(columns: str, expected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long lines are hard to read, and nothing fits into ten columns."""
    monkeypatch.setenv("COLUMNS", columns)

    assert width() == expected


@given(st.text(max_size=40), st.integers(1, 40))
def test_a_cut_text_never_takes_more_columns(text: str, columns: int) -> None:
    """Also where letters are wide."""
    assert cells(cut(text, columns)) <= columns or columns == 0


@given(st.text(max_size=20))
def test_what_fits_is_not_cut(text: str) -> None:
    """An ellipsis means that something is missing."""
    assert cut(text, 40) == text


def test_a_word_that_is_too_long_stays_whole() -> None:
    """It may be a path, to be copied."""
    path = "/a/very/long/path" * 5

    assert path in wrapped(f"see {path} there", columns=30).splitlines()


def test_columns_are_aligned_by_what_is_seen() -> None:
    """Wide letters count twice."""
    lines = aligned([("猫", "1"), ("ab", "2"), ("abc", "3")])

    assert [cells(line) for line in lines] == [6, 6, 6]


def test_a_file_is_no_terminal() -> None:
    """Nothing is overwritten in a pipe or a file, nor where nothing is open."""
    assert not is_live(io.StringIO())
    assert not is_live(None)
    assert columns_of(io.StringIO()) > 0
