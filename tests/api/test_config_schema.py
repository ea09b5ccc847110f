"""The JSON Schema of configs agrees with the reader of configs."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from schema_subset import accepts

import visiontk
from visiontk.api.config_schema import schema
from visiontk.api.generate import schema_text
from visiontk.config import experiment
from visiontk.core import parameters
from visiontk.errors import ConfigError
from visiontk.harness.experiment import SETTINGS
from visiontk.registry import get_task
from visiontk.strict_yaml import Document

BUILT_IN = [
    "audio_classification", "facial_expression", "image_classification", "medical_imaging", "text_classification",
]  # fmt: skip
CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.yaml"))
VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    3,
    40,
    0.5,
    1e9 + 0.5,
    "x",
    "",
    "none",
    "grey",
    "256",
    [],
    [1],
    {},
    {"a": 1},
)


@cache
def built_in_schema() -> dict[str, Any]:
    return schema(BUILT_IN)


def is_read(document: dict[str, Any]) -> bool:
    try:
        experiment(Document(document, {}))
    except ConfigError:
        return False
    return True


def agree(document: dict[str, Any]) -> bool:
    return accepts(built_in_schema(), document) == is_read(document)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_every_shipped_config_is_valid(path: Path) -> None:
    """Also after the reader has filled in the defaults."""
    document = yaml.safe_load(path.read_text())
    _, read = experiment(Document(document, {}))

    assert accepts(built_in_schema(), document)
    assert accepts(built_in_schema(), json.loads(json.dumps(read.as_document())))


def test_the_file_in_the_package_is_up_to_date() -> None:
    """`python -m visiontk.api.generate` writes it."""
    path = Path(visiontk.__file__).with_name("config.schema.json")

    assert path.read_text() == schema_text(), "run python -m visiontk.api.generate"


INVALID: list[dict[str, Any]] = [
    {},
    {"task": "image"},
    {"task": 3},
    *({"task": "image_classification", name: value} for name in SETTINGS for value in VALUES if name != "task"),
    *({"task": "image_classification", "seeds": value} for value in ([0, 0], [0, -1], [2**31], [0, 1], 1000, 1001)),
    {"task": "image_classification", "seeds": ["0"]},
    *({"task": "image_classification", "budget": value} for value in ("10m", "1.5 h", "0", "m", "-3s", "0s", 90)),
    *({"task": "image_classification", "folds": value} for value in (1, 100, 101)),
    *({"task": "image_classification", "max_train": value} for value in (1, 2, 10**9, 10**9 + 1)),
    *({"task": "image_classification", "margin": value} for value in (0, 0.99, 1, 1.0, -0.1, "0.1")),
    *({"task": "image_classification", "slices": value} for value in ([], ["a", "b"], ["a", "a"], [""], [3], "a")),
    *({"task": "image_classification", "preset": value} for value in ("quick", "quik")),
    *({"task": "image_classification", "imbalance": value} for value in ("balanced", "none", "weights")),
    *({"task": "image_classification", "learners": value} for value in (["prior"], ["x"], {"prior": {}}, {"x": {}},
      {"prior": None}, {"lenet5": {"epoch": 1}}, {"lenet5": {"epochs": 1}}, {"lenet5": []}, ["prior", 3])),
    *({"task": "image_classification", "dataset": value} for value in ("digits", "digit", {"name": "digits"},
      {"name": "digits", "size": 3}, {"name": "folder", "size": 3}, {"size": 3}, {"name": "trec"}, {"name": 3})),
    {"task": "image_classification", "lerners": ["prior"]},
    {"task": "text_classification", "dataset": {"name": "trec", "level": "coarse"}},
    {"task": "text_classification", "dataset": {"name": "trec", "level": "rough"}},
]  # fmt: skip


@pytest.mark.parametrize("document", INVALID, ids=lambda document: str(document)[:70])
def test_schema_and_reader_agree(document: dict[str, Any]) -> None:
    """An editor marks what the reader rejects."""
    if isinstance(document.get("reference"), str):
        pytest.skip("whether the reference competes is seen by the reader alone")

    assert agree(document)


def variations(name: str) -> Iterator[dict[str, Any]]:
    """Yield every parameter of every dataset and learner of a task, with every value."""
    task = get_task(name)
    for key, functions in (("dataset", task.datasets), ("learners", task.learners)):
        for one, function in functions.items():
            for parameter in parameters(function):
                for value in VALUES:
                    parameters_of_entry = {parameter: value}
                    yield {
                        "task": name,
                        key: {"name": one, **parameters_of_entry} if key == "dataset" else {one: parameters_of_entry},
                    }


def test_schema_and_reader_agree_on_some_parameters() -> None:
    """A random sample of the slow test below."""
    documents = [document for name in BUILT_IN for document in variations(name)]
    rng = np.random.default_rng(0)

    assert len(documents) > 1000
    assert not [document for document in rng.choice(np.array(documents, dtype=object), 40) if not agree(document)]


@pytest.mark.slow
@pytest.mark.parametrize("name", BUILT_IN)
def test_schema_and_reader_agree_on_every_parameter(name: str) -> None:
    """Types and ranges have one source."""
    assert not [document for document in variations(name) if not agree(document)]


def test_the_subset_agrees_with_the_jsonschema_package() -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="checks against an independent package")
    validator = jsonschema.Draft202012Validator
    validator.check_schema(built_in_schema())
    check = validator(built_in_schema())
    documents = [*INVALID, *(yaml.safe_load(path.read_text()) for path in CONFIGS)]

    assert [check.is_valid(document) for document in documents] == [
        accepts(built_in_schema(), document) for document in documents
    ]


def test_the_schema_has_descriptions_and_defaults() -> None:
    """Editors show them for completion."""
    task = built_in_schema()["allOf"][BUILT_IN.index("text_classification")]["then"]["properties"]

    assert all(entry["description"] for entry in built_in_schema()["properties"].values())
    cnn = task["learners"]["anyOf"][2]["properties"]["text_cnn"]["anyOf"][1]
    assert cnn["properties"]["epochs"]["default"] == 10
    assert "Kim" in cnn["description"]


def test_tasks_that_cannot_be_imported_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unless they are requested by name."""
    from visiontk.errors import EnvironmentFault

    def broken(name: str) -> Any:
        raise EnvironmentFault("broken", error_id="E-TASK-BROKEN")

    monkeypatch.setattr("visiontk.api.config_schema.get_task", broken)

    assert schema()["properties"]["task"]["enum"] == []
    with pytest.raises(EnvironmentFault):
        schema(["image_classification"])
