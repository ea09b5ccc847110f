"""Groups by the names of files: what is taken, what is asked, what is no group."""

import itertools

import numpy as np
import pytest

from visiontk.data.layouts.file_groups import WORDS, groups_of, guess, is_spec, parts_of
from visiontk.errors import ConfigError, DataError

PEOPLE = ("anna", "george", "jackson", "lucas", "nicolas", "theo")


def specs(files: list[str]) -> list[tuple[str, bool]]:
    return [(found.spec, found.sure) for found in guess(files, [file.split("/")[0] for file in files], outer=1)]


def product(pattern: str, *values: object) -> list[str]:
    return [pattern.format(*row) for row in itertools.product(*values)]  # type: ignore[arg-type]


DIGITS = product("{0}/{0}_{1}_{2}.wav", range(3), PEOPLE, range(4))

SURE = [
    (DIGITS, "name:2"),
    (product("{0}/patient_{1}_{2:03}.png", ("ill", "well"), range(12), range(3)), "name:2"),
    (product("{0}/speaker-{1}-{2}.wav", ("yes", "no"), range(3), range(9)), "name:2"),
    (product("{0}/Subject{1:02}_{2}.png", ("a", "b"), range(8), range(3)), "name:1"),
    # One patient has one finding, and two images each.
    ([f"{('ill', 'well')[i % 2]}/patient{i}_{j}.png" for i in range(20) for j in range(2)], "name:1"),
    (product("{0}/p{1}/{2}.png", ("ill", "well"), range(6), range(3)), "folder"),
    # The folder and the file say the same: one reading.
    (product("{0}/p{1}/p{1}_{2}.png", ("ill", "well"), range(6), range(3)), "folder"),
    (product("{0}/{1}_nohash_{2}.wav", ("yes", "no"), ("0a7c", "f2e1", "9bd0", "77ce", "e5d4"), range(3)), "name:1"),
    (
        product("{0}/{1}_{2:04}.png", ("sad", "happy"), ("Tony_Blair", "Al_Gore", "George_W_Bush", "Bono", "Cher"),
                range(3)),
        "name",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("files", "spec"), SURE, ids=lambda value: str(value)[:40])
def test_what_names_clearly_say_is_taken(files: list[str], spec: str) -> None:
    """Words for people, or words that recur from class to class."""
    assert specs(files) == [(spec, True)]


ASKED = [
    # As many readings as numbers, and the last could be one as well.
    (product("{0}/0{0}-{1}-{2}-{3:02}.wav", range(1, 4), range(1, 4), range(1, 4), range(1, 9)),
     ["name:2", "name:3", "name:4"]),
    (product("{0}/IMG_202601{1:02}_{2}.jpg", ("cat", "dog"), range(10, 16), range(100, 104)), ["name:2", "name:3"]),
    (product("{0}/{1}_{2}.png", ("cat", "dog"), ("left", "right", "top"), range(9)), ["name:1", "name:2"]),
    (product("{0}/s{1:02}_{2}_{3}.png", ("a", "b"), range(6), PEOPLE, range(2)), ["name:1", "name:2"]),
    # Three cameras, or three people?
    (product("{0}/{1}_{2:04}.jpg", ("cat", "dog"), ("DSC", "IMG", "my_cam"), range(9)),
     ["name"]),
    # All alike but for letters and numbers: persons or pieces?
    (product("{0}/s{1:02}_{2}.png", ("a", "b"), range(6), "xyz"), ["name:1", "name:2"]),
]  # fmt: skip


@pytest.mark.parametrize(("files", "options"), ASKED, ids=lambda value: str(value)[:40])
def test_what_could_be_several_things_is_asked(files: list[str], options: list[str]) -> None:
    """Nothing is taken; every reading is offered."""
    assert specs(files) == [(spec, False) for spec in options]


NONE = [
    product("{0}/{0}.{1}.jpg", ("cat", "dog"), range(20)),
    product("{0}/{1:04}.jpg", ("cat", "dog"), range(20)),
    product("{0}/img_{1}.jpg", ("cat", "dog"), range(20)),
    product("{0}/{0}_{1}_{2}.jpg", ("n01", "n02"), range(20, 21), range(20)),
    product("{0}/cv{1:03}_{2}.txt", ("pos", "neg"), range(20), range(20, 21)),
    [f"{'ab'[i % 2]}/{i:x}f00.png" for i in range(40)],
    product("{0}/{1}_{2}.png", ("cat", "dog"), ("left", "right"), range(9)),
    ["cat/.png", "dog/_.png"],
    [],
]


@pytest.mark.parametrize("files", NONE, ids=lambda value: str(value)[:40])
def test_counters_classes_and_fixed_words_are_no_groups(files: list[str]) -> None:
    """A running number recurs from class to class and means nothing."""
    assert specs(files) == []


def test_a_guess_does_not_depend_on_the_order_of_files() -> None:
    """Listings differ from disk to disk."""
    rng = np.random.default_rng(0)
    for files in [*(files for files, _ in SURE), *(files for files, _ in ASKED)]:
        assert specs([files[i] for i in rng.permutation(len(files))]) == specs(files)


def test_what_is_guessed_is_what_is_read() -> None:
    """The option that is offered gives the groups that were shown."""
    for files in [*(files for files, _ in SURE), *(files for files, _ in ASKED)]:
        for found in guess(files, [file.split("/")[0] for file in files], outer=1):
            assert groups_of(files, found.spec, "here", outer=1).tolist() == found.groups.tolist()


def test_files_without_the_part_are_all_listed() -> None:
    """Not the first one alone."""
    with pytest.raises(DataError, match=r"2 of 3 files have no group by 'name:2':\n  a/1\.png\n  a/2\.png") as caught:
        groups_of(["a/1.png", "a/2.png", "a/1_2.png"], "name:2", "here")

    assert caught.value.error_id == "E-GROUP-MISSING"


@pytest.mark.parametrize("spec", ["name:0", "name:", "name:-1", "names", "name:2:3", "NAME:2", "name:1000", "col"])
def test_another_form_is_refused(spec: str) -> None:
    """With the forms that there are."""
    assert not is_spec(spec)
    with pytest.raises(ConfigError, match="expected name:2") as caught:
        groups_of(["a/1.png"], spec, "here")

    assert caught.value.error_id == "E-GROUP-NAME"


def test_parts_are_counted_from_one_and_endings_left_out() -> None:
    """As the option says."""
    assert parts_of("x/a-b_c d@e.f.nii.gz") == ["a", "b", "c", "d", "e", "f"]
    assert groups_of(["x/a-b.png"], "name:1", "here").tolist() == ["a"]
    assert groups_of(["x/a_7.png", "x/12.png"], "name", "here").tolist() == ["a", "12"]


def test_names_of_groups_can_be_kept_back() -> None:
    """They may be those of patients."""
    (found,) = guess(DIGITS, [file[0] for file in DIGITS], outer=1)

    assert found.summary() == "6 groups: anna, george, jackson, lucas, …"
    assert found.summary(private=True) == "6 groups"
    assert all(word == word.casefold() for word in WORDS)
