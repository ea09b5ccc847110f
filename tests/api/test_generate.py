"""Generated files agree with the declaration of settings."""

import inspect
from pathlib import Path

import pytest

import visiontk
from visiontk.api import Settings, compare
from visiontk.api.comparison import as_in_config
from visiontk.api.generate import settings_source
from visiontk.api.predicted import PredictionChoices
from visiontk.harness.experiment import SETTINGS, USER_DATA


def test_the_arguments_of_compare_are_up_to_date() -> None:
    """`python -m visiontk.api.generate` writes them."""
    path = Path(visiontk.__file__).parent / "api" / "settings.py"

    assert path.read_text() == settings_source(SETTINGS | USER_DATA), "run python -m visiontk.api.generate"
    assert set(Settings.__annotations__) == {*SETTINGS, *USER_DATA}


def test_the_signature_of_compare_has_every_setting() -> None:
    parameters = inspect.signature(compare).parameters

    own = {"target", "predictions", "out", "executor", "workers", "show", "audit"}
    assert {*SETTINGS, *USER_DATA, *PredictionChoices.__annotations__, *own} == set(parameters)
    assert parameters["preset"].kind is inspect.Parameter.KEYWORD_ONLY


def test_a_misspelt_argument_is_an_error_with_the_nearest_name() -> None:
    """A TypeError, as for any function."""
    with pytest.raises(TypeError, match=r"compare\(\) has no argument 'lerners'\. Did you mean 'learners'\?"):
        compare("image_classification", lerners=["prior"])  # type: ignore[call-arg]


def test_any_sequence_is_accepted_as_a_list() -> None:
    """Tuples and ranges; one name is a list of one where only lists are valid."""
    values = as_in_config({"seeds": range(2), "slices": "scanner", "learners": ("prior",), "dataset": "digits"})

    assert values == {"seeds": [0, 1], "slices": ["scanner"], "learners": ["prior"], "dataset": "digits"}
