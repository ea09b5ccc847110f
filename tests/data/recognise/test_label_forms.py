"""Columns of labels that are no classes: refused with what they look like, and with the way out."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from visiontk.data.recognise.folders import recognise_folder
from visiontk.data.recognise.kinds import survey
from visiontk.data.recognise.label_forms import refuse_label_forms
from visiontk.data.recognise.records import Overrides, Recognised
from visiontk.data.recognise.user_tables import recognise_table
from visiontk.errors import DataError

WORDS = ("it barks all night", "it wants some milk", "it sleeps all day")


@pytest.fixture
def recognised(tmp_path: Path) -> Callable[..., Recognised]:
    """Recognise a table of texts with further columns."""

    def recognise(columns: dict[str, Callable[[int], object]], n: int = 300, **overrides: str) -> Recognised:
        with (tmp_path / "a.csv").open("w", newline="") as file:
            rows = [[f"{WORDS[i % 3]} {i}", *(cell(i) for cell in columns.values())] for i in range(n)]
            csv.writer(file).writerows([["text", *columns], *rows])
        return recognise_table(str(tmp_path / "a.csv"), Overrides(**overrides))  # type: ignore[arg-type]

    return recognise


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("age", lambda i: 20 + i // 10),
        ("Alter", lambda i: 1 + i % 12),
        ("age_years", lambda i: i % 90),
        ("kilos", lambda i: 40 + i // 10),
        ("label", lambda i: 5 * (i % 30)),
    ],
)
def test_measured_numbers_are_refused(
    recognised: Callable[..., Recognised], name: str, cell: Callable[..., object]
) -> None:
    """Ages as 30 classes, detected or named."""
    for overrides in ({}, {"label": name}):
        with pytest.raises(DataError, match=f"'{name}' holds .* look measured") as caught:
            recognised({name: cell}, **overrides)
        assert caught.value.error_id == "E-LABEL-NUMBER"


def test_numbers_that_count_classes_are_classes(recognised: Callable[..., Recognised]) -> None:
    """43 traffic signs from 0, or 26 letters from 1; with many rows each also other numbers, if named."""
    assert len(recognised({"class": lambda i: i % 43}).labels) == 43
    assert len(recognised({"class": lambda i: i % 26 + 1}).labels) == 26
    with pytest.raises(DataError) as caught:
        recognised({"sort": lambda i: i % 30 * 7}, 900)
    assert "--label sort" in caught.value.hint
    assert len(recognised({"sort": lambda i: i % 30 * 7}, 900, label="sort").labels) == 30


@pytest.mark.parametrize(
    "labels",
    [
        ["[0, 1]", "[1, 0]"],
        ["['cat']", "['cat', 'dog']", "[]"],
        ["{a}", "(b)", "(a, b)"],
        ["Mass|Edema", "Mass", "Edema|Nodule|Mass", "Nodule"],
        ["a;b", "b", "a", "c;a"],
        ["drama, comedy", "comedy", "drama"],
    ],
)
def test_lists_of_labels_are_refused(recognised: Callable[..., Recognised], labels: list[str]) -> None:
    """Each combination would be a class."""
    with pytest.raises(DataError, match="a row can have several labels") as caught:
        recognised({"label": lambda i: labels[i % len(labels)]})

    assert caught.value.error_id == "E-LABEL-FORM"


def test_tags_with_blanks_are_refused_by_the_name_of_their_column() -> None:
    tags = ["clear primary", "cloudy", "clear primary water", "road clear primary"] * 9

    with pytest.raises(DataError, match="several labels with ' '"):
        refuse_label_forms(tags, "tags", "a.csv")


@pytest.mark.parametrize(
    "labels",
    [
        ["golden retriever", "labrador retriever", "poodle"],
        ["bus", "school bus", "yellow school bus"],
        ["tench, Tinca tinca", "goldfish, Carassius auratus"],
        ["Paris, France", "Lyon, France", "Rome, Italy", "Milan, Italy"],
        ["No Finding", "Pneumonia"],
        ["C++", "C", "C#"],
        ["[unk]", "cat", "dog"],
    ],
)
def test_class_names_of_several_words_are_classes(labels: list[str]) -> None:
    refuse_label_forms(labels * 9, "label", "a.csv")


@pytest.mark.parametrize("value", ["unsup", "Unlabeled", "un-labelled", "no label"])
def test_a_value_for_a_missing_label_is_refused(recognised: Callable[..., Recognised], value: str) -> None:
    with pytest.raises(DataError, match=f"'{value}' in 100 rows"):
        recognised({"label": lambda i: ("pos", "neg", value)[i % 3]})


@pytest.mark.parametrize(("yes", "no"), [("1", "0"), ("1.0", "0.0"), ("True", "False")])
def test_one_hot_columns_are_refused(recognised: Callable[..., Recognised], yes: str, no: str) -> None:
    """The option, as printed, compares one class with the rest."""
    columns = {name: lambda i, k=k: yes if i % 3 == k else no for k, name in enumerate(("MEL", "NV", "B CC"))}

    with pytest.raises(DataError, match="columns MEL, NV, B CC are one-hot") as caught:
        recognised(columns)

    assert "--label MEL" in caught.value.hint
    assert len(recognised(columns, label="MEL").labels) == 2


def test_several_yes_or_no_columns_are_refused(recognised: Callable[..., Recognised]) -> None:
    with pytest.raises(DataError, match="columns a, b, c each say yes or no, up to 3"):
        recognised({"a": lambda i: i % 2, "b": lambda i: int(i % 3 == 0), "c": lambda i: int(i % 7 == 1)})


def test_a_column_named_label_beside_yes_or_no_columns_is_the_label(recognised: Callable[..., Recognised]) -> None:
    result = recognised({"label": lambda i: "ab"[i % 2], "x": lambda i: i % 2, "y": lambda i: 1 - i % 2})

    assert result.columns["label"] == "label"


def test_ages_as_class_folders_are_refused(tmp_path: Path) -> None:
    """Numbers from 1 on are classes; the option, as printed, works."""

    def folders(low: int) -> str:
        for age in range(low, low + 30):
            (tmp_path / str(low) / str(age)).mkdir(parents=True)
            for i in range(3):
                (tmp_path / str(low) / str(age) / f"{i}.png").touch()
        return str(tmp_path / str(low))

    path = folders(20)
    with pytest.raises(DataError, match="30 different numbers") as caught:
        recognise_folder(survey(path), path, "images", Overrides())
    assert "--label folder:1" in caught.value.hint
    assert len(recognise_folder(survey(path), path, "images", Overrides(label="folder:1")).labels) == 30
    path = folders(1)
    assert len(recognise_folder(survey(path), path, "images", Overrides()).labels) == 30
