"""Cutting, wrapping and aligning for terminals."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiontk.cli.wrapping import aligned, cells, columns_of, cut, is_live, width, wrapped


@pytest.mark.parametrize(("columns", "expected"), [("40", 40), ("10", 30), ("500", 100)])
def test_the_width_of_the_terminal_is_limited_on_both_sides(
    columns: str, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)

    assert width() == expected


@given(st.text(max_size=40), st.integers(1, 40))
def test_a_cut_text_never_exceeds_its_width(text: str, columns: int) -> None:
    """Also with wide characters."""
    assert cells(cut(text, columns)) <= columns or columns == 0


@given(st.text(max_size=20))
def test_a_text_that_fits_is_not_cut(text: str) -> None:
    assert cut(text, 40) == text


def test_a_long_word_is_not_broken() -> None:
    """It may be a path to copy."""
    path = "/a/very/long/path" * 5

    assert path in wrapped(f"see {path} there", columns=30).splitlines()


def test_columns_are_aligned_by_display_width() -> None:
    """Wide characters count twice."""
    lines = aligned([("猫", "1"), ("ab", "2"), ("abc", "3")])

    assert [cells(line) for line in lines] == [6, 6, 6]


def test_a_file_is_not_a_terminal() -> None:
    """Nor is a pipe or a closed stream."""
    assert not is_live(io.StringIO())
    assert not is_live(None)
    assert columns_of(io.StringIO()) > 0
