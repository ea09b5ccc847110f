"""Search spaces in annotations."""

from __future__ import annotations

from typing import Annotated

import pytest
from annotated_types import Ge, Le
from hypothesis import given
from hypothesis import strategies as st

from visiontk.spaces import Categorical, Range, edges, searchable, space

Inner = Annotated[int, Ge(1)]


def learner(
    c: Annotated[float, Range(0.01, 100.0, log=True)] = 1.0,
    depth: Annotated[int, Ge(1), Le(9), Range(2, 9)] | None = None,
    kernel: Annotated[str, Categorical(("linear", "rbf"))] = "linear",
    wide: Annotated[Inner, Range(8, 64, log=True)] = 16,
    plain: int = 3,
) -> None:
    """Accept a parameter of every kind of space."""


def test_spaces_are_in_the_order_of_the_arguments():
    assert list(space(learner)) == ["c", "depth", "kernel", "wide"]
    assert space(learner)["depth"] == Range(2, 9)


def test_two_spaces_of_one_parameter_are_an_error():
    def twice(c: Annotated[float, Range(0.0, 1.0), Categorical((0.1, 0.2))] = 0.1) -> None: ...

    twice.__annotations__["c"] = Annotated[float, Range(0.0, 1.0), Categorical((0.1, 0.2))]
    with pytest.raises(TypeError, match="'c' has 2 search spaces"):
        space(twice)


def test_parameters_set_by_a_config_are_not_searched():
    assert list(searchable(learner, {"c": 2.0, "depth": None, "kernel": "linear", "wide": 16})) == [
        "depth",
        "kernel",
        "wide",
    ]


@pytest.mark.parametrize(
    ("low", "high", "log"), [(1.0, 1.0, False), (2.0, 1.0, False), (0.0, 1.0, True), (float("nan"), 1.0, False)]
)
def test_an_invalid_range_is_an_error(low, high, log):
    with pytest.raises(ValueError, match="expected low < high"):
        Range(low, high, log)


@pytest.mark.parametrize("values", [(), (1,), (1, 1), ("a", "a", "b")])
def test_an_invalid_choice_is_an_error(values):
    with pytest.raises(ValueError, match="two or more values"):
        Categorical(values)


def test_true_is_not_a_number_and_one_is_not_true():
    assert True not in Range(0, 3)
    assert 1 not in Categorical((True, False))
    assert None in Categorical((None, 3))


@given(st.floats(0.01, 100))
def test_an_edge_is_a_twentieth_of_the_range_on_its_own_scale(value):
    import math

    place = (math.log10(value) + 2) / 4
    edge = Range(0.01, 100.0, log=True).at_edge(value)

    if abs(place - 0.05) > 1e-9 and abs(place - 0.95) > 1e-9:
        assert edge == ("low" if place < 0.05 else "high" if place > 0.95 else "")


def test_an_edge_at_the_limit_of_a_parameter_is_not_reported():
    assert edges(learner, {"c": 0.01, "depth": 9, "kernel": "rbf", "wide": 8}) == {"c": "low", "wide": "low"}
    assert edges(learner, {"c": 1.0, "depth": 2, "kernel": "rbf", "wide": 9}) == {"depth": "low"}
