"""Classes in the names of files."""

from __future__ import annotations

import pytest

from visiontk.data.layouts.name_classes import classes_by_name, guess_name_classes
from visiontk.errors import DataError

PETS = [f"{name}.{i}.jpg" for name in ("cat", "dog") for i in range(6)]


@pytest.mark.parametrize(
    "form", ["{0}.{1}.jpg", "{0}_{1:04d}.png", "images/{0}-{1}.png", "{0} ({1}).jpg", "img_{1}_{0}.png"]
)
def test_the_part_that_is_a_word_is_the_class(form: str) -> None:
    files = [form.format(name, i) for name in ("cat", "dog") for i in range(6)]

    specs, sure = guess_name_classes(files)

    assert sure
    assert len(specs) == 1
    ((spec, counts),) = specs.items()
    assert dict(counts) == {"cat": 6, "dog": 6}
    assert set(classes_by_name(files, spec, "pets", "images").classes) == {"cat", "dog"}


def test_names_of_several_words_are_ambiguous() -> None:
    """As in the Oxford pets, where one breed begins like another."""
    files = [f"{name}_{i}.jpg" for name in ("american_bulldog", "american_terrier", "Bengal") for i in range(9)]

    assert list(guess_name_classes(files)[0]) == ["name", "name:1"]


def test_codes_are_never_sure() -> None:
    """As in RAVDESS: emotion, intensity and actor are numbers."""
    files = [f"03-{e:02d}-{a:02d}-{i:02d}.wav" for e in (1, 2, 3) for a in range(1, 5) for i in (1, 2)]

    specs, sure = guess_name_classes(files)

    assert not sure
    assert list(specs) == ["name:2", "name:3", "name:4"]


def test_counters_and_unique_names_are_no_classes() -> None:
    assert guess_name_classes([f"{i:04d}.png" for i in range(40)]) == ({}, False)
    assert guess_name_classes([f"{'abcdefghij'[i]}.png" for i in range(10)]) == ({}, False)


def test_a_test_set_without_classes_is_left_out() -> None:
    files = [*(f"train/{name}" for name in PETS), *(f"test1/{i}.jpg" for i in range(5))]

    named = classes_by_name(files, "name:1", "pets", "images")

    assert (len(named.files), named.parts) == (12, None)
    assert named.left_out == ("5 images left out, as their names hold no class",)


def test_folders_around_the_files_are_the_split() -> None:
    files = [*(f"train/{name}" for name in PETS), *(f"test/{name}" for name in PETS)]

    named = classes_by_name(files, "name:1", "pets", "images")

    assert named.parts == ("train",) * 12 + ("test",) * 12
    assert classes_by_name(files, "name:1", "pets", "images", split="none").parts is None


def test_names_without_the_part_are_refused() -> None:
    with pytest.raises(DataError, match="1 of 13 files have no class by 'name:2'") as caught:
        classes_by_name([*PETS, "cat.jpg"], "name:2", "pets", "images")

    assert caught.value.error_id == "E-LABEL-MISSING"
