"""Splits by time."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiontk.data import splits
from visiontk.data.layouts.time_split import LATE, LATEST, parse_time, parts_by_time
from visiontk.errors import DataError


@given(st.lists(st.integers(0, 50), min_size=3, max_size=80), st.randoms(use_true_random=False))
def test_the_test_set_is_later_than_the_training_set(times: list[int], random: object) -> None:
    """For any ties and order of rows; no part is empty."""
    cells = [(dt.date(2020, 1, 1) + dt.timedelta(time)).isoformat() for time in times]
    latest = sorted(times)[-max(len(times) // LATEST, 1)]
    if len({time for time in times if time < latest}) < 2:
        with pytest.raises(DataError, match="different times"):
            parts_by_time(cells, "a.csv")
        return

    parts = parts_by_time(cells, "a.csv")

    order = np.array(times)
    assert set(parts.tolist()) == {"train", "valid", "test"}
    assert order[parts == "train"].max() < order[parts == "valid"].min()
    assert order[parts == "valid"].max() < order[parts == "test"].min()
    assert (parts == "test").sum() >= max(len(times) // LATEST, 1)


def test_ties_do_not_empty_the_training_set() -> None:
    """Rows of the same time stay together, even if most rows have it."""
    parts = parts_by_time([*["2000"] * 20, "2009", *["2010"] * 5], "a.csv").tolist()

    assert [parts.count(name) for name in ("train", "valid", "test")] == [20, 1, 5]


def test_a_split_by_time_has_the_proportions_of_other_splits() -> None:
    """70 % training, 10 % validation, 20 % test."""
    parts = parts_by_time([str(i) for i in range(1000)], "a.csv").tolist()

    assert [parts.count(name) for name in ("train", "valid", "test")] == [700, 100, 200]
    assert (LATEST, LATE) == (splits.HOLD_OUT, splits.VALID)


def test_cells_without_a_valid_time_are_listed_with_their_lines() -> None:
    """One message lists them all."""
    with pytest.raises(DataError, match=r"2 of 4 rows have no valid time.*:\n  line 3: 'soon'\n  line 5: ''") as caught:
        parts_by_time(["2020", "soon", "2021", ""], "a.csv", lines=[2, 3, 4, 5])

    assert caught.value.error_id == "E-TIME-FORMAT"


@pytest.mark.parametrize(
    ("earlier", "later"),
    [("2019", "2020"), ("2020-01-31", "2020-02-01"), ("2020-01-01T09:59", "2020-01-01 10:00"), ("-5", "1e3"),
     ("2020-01-01T10:00+02:00", "2020-01-01T09:00+00:00"), ("20200131", "20200201")],
)  # fmt: skip
def test_times_are_compared_chronologically(earlier: str, later: str) -> None:
    """Across time zones too, and if the texts would sort differently."""
    first, second = parse_time(earlier), parse_time(later)

    assert first is not None
    assert second is not None
    assert first < second


@pytest.mark.parametrize("text", ["", "soon", "nan", "inf", "31.01.2020", "2020-13-01"])
def test_an_invalid_time_is_none(text: str) -> None:
    """Dates with an ambiguous order of day and month are invalid."""
    assert parse_time(text) is None
