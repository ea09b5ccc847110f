"""Groups guessed from file names: certain, ambiguous, and none."""

import itertools

import numpy as np
import pytest

from visiontk.data.layouts.file_groups import WORDS, groups_of, guess, is_spec, parts_of
from visiontk.errors import ConfigError, DataError

PEOPLE = ("anna", "george", "jackson", "lucas", "nicolas", "theo")


def specs(files: list[str]) -> list[tuple[str, bool]]:
    return [(match.spec, match.sure) for match in guess(files, [file.split("/")[0] for file in files], outer=1)]


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
    # The folder and the file name agree: one interpretation.
    (product("{0}/p{1}/p{1}_{2}.png", ("ill", "well"), range(6), range(3)), "folder"),
    (product("{0}/{1}_nohash_{2}.wav", ("yes", "no"), ("0a7c", "f2e1", "9bd0", "77ce", "e5d4"), range(3)), "name:1"),
    (
        product("{0}/{1}_{2:04}.png", ("sad", "happy"), ("Tony_Blair", "Al_Gore", "George_W_Bush", "Bono", "Cher"),
                range(3)),
        "name",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("files", "spec"), SURE, ids=lambda value: str(value)[:40])
def test_unambiguous_groups_are_used(files: list[str], spec: str) -> None:
    """From words such as "patient", or words that recur in several classes."""
    assert specs(files) == [(spec, True)]


AMBIGUOUS = [
    # One interpretation for each number, including the last.
    (product("{0}/0{0}-{1}-{2}-{3:02}.wav", range(1, 4), range(1, 4), range(1, 4), range(1, 9)),
     ["name:2", "name:3", "name:4"]),
    (product("{0}/IMG_202601{1:02}_{2}.jpg", ("cat", "dog"), range(10, 16), range(100, 104)), ["name:2", "name:3"]),
    (product("{0}/{1}_{2}.png", ("cat", "dog"), ("left", "right", "top"), range(9)), ["name:1", "name:2"]),
    (product("{0}/s{1:02}_{2}_{3}.png", ("a", "b"), range(6), PEOPLE, range(2)), ["name:1", "name:2"]),
    # Names that differ in letters and numbers only: persons or excerpts?
    (product("{0}/s{1:02}_{2}.png", ("a", "b"), range(6), "xyz"), ["name:1", "name:2"]),
]  # fmt: skip


@pytest.mark.parametrize(("files", "options"), AMBIGUOUS, ids=lambda value: str(value)[:40])
def test_ambiguous_groups_are_offered_but_not_used(files: list[str], options: list[str]) -> None:
    """Every interpretation is listed as uncertain."""
    assert specs(files) == [(spec, False) for spec in options]


NONE = [
    product("{0}/{0}.{1}.jpg", ("cat", "dog"), range(20)),
    product("{0}/{1:04}.jpg", ("cat", "dog"), range(20)),
    product("{0}/img_{1}.jpg", ("cat", "dog"), range(20)),
    product("{0}/{0}_{1}_{2}.jpg", ("n01", "n02"), range(20, 21), range(20)),
    product("{0}/cv{1:03}_{2}.txt", ("pos", "neg"), range(20), range(20, 21)),
    [f"{'ab'[i % 2]}/{i:x}f00.png" for i in range(40)],
    product("{0}/{1}_{2}.png", ("cat", "dog"), ("left", "right"), range(9)),
    # Cameras, telephones and browsers.
    product("{0}/{1}_{2:04}.jpg", ("cat", "dog"), ("DSC", "IMG", "my_cam"), range(9)),
    product("{0}/{1}_{2:04}.jpg", ("cat", "dog"), ("IMG", "DSC", "PXL", "download", "image", "photo"), range(9)),
    product("{0}/{1} ({2}).jpg", ("cat", "dog"), ("images", "download", "unnamed", "Screenshot", "IMG"), range(9)),
    product("{0}/{1}{2}.jpg", ("cat", "dog"), ("DSC_", "WhatsApp Image ", "P", "VID-", "received_", "file-"), range(9)),
    # Numbers that count the files of each class in each part of the split.
    product("{0}/{1}/{2}_{3}.txt", ("neg", "pos"), ("train", "test"), range(20), range(9, 10)),
    # Words with numbers that count the files of each class.
    product("{0}/{1}{2}.jpg", ("cat", "dog"), ("crop", "flip", "turn", "blur"), range(9)),
    # One group would hold most files.
    [f"{'ab'[i % 2]}/{'scene' if i % 10 else 'xyzuvw'[i // 10 % 6] * 3}_{i:04}.png" for i in range(200)],
    # The group is the class: the persons are to be recognised.
    product("person{0}/person{0}_{1}.png", range(6), range(9)),
    product("{0}/person_{0}_{1}.png", range(6), range(9)),
    [*product("{0}/{0}_{1}_x.png", PEOPLE, range(30)), "anna/theo_99_x.png"],
    ["cat/.png", "dog/_.png"],
    [],
]


@pytest.mark.parametrize("files", NONE, ids=lambda value: str(value)[:40])
def test_counters_class_names_and_fixed_words_are_not_groups(files: list[str]) -> None:
    """A running number recurs in several classes without a meaning."""
    assert specs(files) == []


def test_a_guess_does_not_depend_on_the_order_of_the_files() -> None:
    """The order of a listing depends on the file system."""
    rng = np.random.default_rng(0)
    for files in [*(files for files, _ in SURE), *(files for files, _ in AMBIGUOUS)]:
        assert specs([files[i] for i in rng.permutation(len(files))]) == specs(files)


def test_a_guessed_specification_gives_the_displayed_groups() -> None:
    """Using the offered option results in the groups that were listed."""
    for files in [*(files for files, _ in SURE), *(files for files, _ in AMBIGUOUS)]:
        for match in guess(files, [file.split("/")[0] for file in files], outer=1):
            assert groups_of(files, match.spec, "here", outer=1).tolist() == match.groups.tolist()


def test_all_files_without_a_group_are_listed() -> None:
    """The message counts them too."""
    with pytest.raises(DataError, match=r"2 of 3 files have no group by 'name:2':\n  a/1\.png\n  a/2\.png") as caught:
        groups_of(["a/1.png", "a/2.png", "a/1_2.png"], "name:2", "here")

    assert caught.value.error_id == "E-GROUP-MISSING"


@pytest.mark.parametrize("spec", ["name:0", "name:", "name:-1", "names", "name:2:3", "NAME:2", "name:1000", "col"])
def test_an_invalid_specification_is_refused(spec: str) -> None:
    """The message lists the valid forms."""
    assert not is_spec(spec)
    with pytest.raises(ConfigError, match="expected name:2") as caught:
        groups_of(["a/1.png"], spec, "here")

    assert caught.value.error_id == "E-GROUP-NAME"


def test_name_parts_are_numbered_from_one_without_the_suffix() -> None:
    """As documented for the option."""
    assert parts_of("x/a-b_c d@e.f.nii.gz") == ["a", "b", "c", "d", "e", "f"]
    assert groups_of(["x/a-b.png"], "name:1", "here").tolist() == ["a"]
    assert groups_of(["x/a_7.png", "x/12.png"], "name", "here").tolist() == ["a", "12"]


def test_group_names_can_be_hidden() -> None:
    """They may be names of patients."""
    (match,) = guess(DIGITS, [file[0] for file in DIGITS], outer=1)

    assert match.summary() == "6 groups: anna, george, jackson, lucas, …"
    assert match.summary(private=True) == "6 groups"
    assert all(word == word.casefold() for word in WORDS)
