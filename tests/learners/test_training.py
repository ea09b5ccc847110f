import inspect
import typing
from dataclasses import dataclass
from typing import Annotated

import pytest
from annotated_types import Ge, Gt
from pydantic import TypeAdapter, ValidationError

from visiontk.core import described, flat
from visiontk.learners.training import Training


@dataclass(frozen=True)
class Size:
    """Size of an image.

    Parameters
    ----------
    width : int
        In pixels.
    depth : int
        In channels.
    """

    width: Annotated[int, Ge(1)] = 8
    depth: int = 2


@dataclass(frozen=True)
class Speed:
    rate: Annotated[float, Gt(0)] = 0.1


@flat(rate=0.5)
def example(size: Size, speed: Speed, name: str = "x", width_of: float | None = None):
    """Return the arguments.

    Parameters
    ----------
    name : str
        Of the example.
    depth : int
        Described here.

    Returns
    -------
    tuple
        All of it.
    """
    return size, speed, name, width_of


def test_every_field_is_a_keyword_argument_with_its_default():
    fields = inspect.signature(example).parameters

    assert {name: p.default for name, p in fields.items()} == {
        "name": "x", "width_of": None, "width": 8, "depth": 2, "rate": 0.5,
    }  # fmt: skip
    assert {name for name, p in fields.items() if p.kind is not inspect.Parameter.KEYWORD_ONLY} == {"name", "width_of"}
    assert example.__name__ == "example"


def test_fields_are_documented_after_the_parameters_of_the_function():
    assert (
        example.__doc__
        == """Return the arguments.

Parameters
----------
name : str
    Of the example.
depth : int
    Described here.
width : int
    In pixels.

Returns
-------
tuple
    All of it."""
    )
    assert list(described(example)) == ["name", "depth", "width"]


def test_a_function_without_a_docstring_has_the_documentation_of_its_fields():
    @flat()
    def silent(size: Size): ...

    assert list(described(silent)) == ["width", "depth"]
    assert silent.__doc__.startswith("Parameters\n-----")


def test_arguments_of_the_function_itself_may_be_positional():
    assert example("y", depth=5) == (Size(8, 5), Speed(0.5), "y", None)
    with pytest.raises(TypeError, match="too many positional"):
        example("y", 1.0, 8)


def test_an_argument_without_a_default_is_required():
    @flat()
    def strict(must, size: Size): ...

    with pytest.raises(TypeError, match="must"):
        strict(width=3)


def test_values_are_assigned_to_their_dataclasses():
    assert example() == (Size(8, 2), Speed(0.5), "x", None)
    assert example(depth=5, name="y") == (Size(8, 5), Speed(0.5), "y", None)


def test_an_unknown_argument_is_refused():
    with pytest.raises(TypeError, match=r"example\(\) has no argument dept, rat"):
        example(dept=5, rat=1)


def test_type_hints_can_be_resolved_and_validated():
    """They validate a config before anything is built."""
    hints = typing.get_type_hints(example, include_extras=True)

    assert hints.keys() == inspect.signature(example).parameters.keys()
    assert TypeAdapter(hints["width"]).validate_python(3) == 3
    with pytest.raises(ValidationError):
        TypeAdapter(hints["width"]).validate_python(0)
    assert all(p.annotation == hints[name] for name, p in inspect.signature(example).parameters.items())


def test_a_duplicate_field_is_refused():
    with pytest.raises(TypeError, match="invalid: 'width' is a field or argument twice"):

        @flat()
        def invalid(size: Size, width: int = 3): ...


def test_a_default_of_an_unknown_field_is_refused():
    with pytest.raises(TypeError, match="invalid: the default of 'widht' is of no field"):

        @flat(widht=3)
        def invalid(size: Size): ...


@pytest.mark.parametrize(
    ("n", "epochs"), [(100, 40), (13_500, 40), (27_000, 20), (54_000, 10), (90_000, 6), (10**7, 6)]
)
def test_the_number_of_epochs_decreases_with_the_size_of_the_data(n, epochs):
    """A fit uses about 540,000 samples in 6 to 40 epochs."""
    assert Training().n_epochs(n) == epochs


def test_an_explicit_number_of_epochs_has_precedence():
    assert Training(epochs=1).n_epochs(10**7) == 1


@pytest.mark.parametrize(
    ("name", "invalid"),
    [
        ("epochs", 0), ("batch_size", 0), ("learning_rate", 0.0), ("warmup", 0.0), ("warmup", 1.0),
        ("weight_decay", -0.1), ("label_smoothing", 1.0), ("patience", 0), ("imbalance", "yes"),
        ("precision", "float8"),
    ],
)  # fmt: skip
def test_ranges_are_part_of_the_type_hints(name, invalid):
    hints = typing.get_type_hints(Training, include_extras=True)

    TypeAdapter(hints[name]).validate_python(getattr(Training(), name))
    with pytest.raises(ValidationError):
        TypeAdapter(hints[name]).validate_python(invalid)
