"""Files that are not read: counted by suffix and class, never a class lost in silence."""

from __future__ import annotations

import re
import shlex
import subprocess

import pytest

from visiontk.data import list_files, read_layout
from visiontk.data.checks.problems import Problems
from visiontk.data.layouts.class_folders import check_layout
from visiontk.data.layouts.left_out import left_out
from visiontk.errors import DataError


def tree(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


def numbered(folder, n, suffix):
    return [f"{folder}/{i}{suffix}" for i in range(n)]


def remarks(root):
    listing = list_files(str(root), (".png",), "images")
    return left_out(listing, read_layout(listing, "pets"), "pets")


def refused(root, least=1, on_problem=None):
    listing = list_files(str(root), (".png",), "images")
    check_layout(listing, read_layout(listing, str(root)), str(root), least, "image", "refuse", on_problem)


def test_files_left_out_are_counted_by_suffix_and_class(tmp_path):
    """With the command that converts them."""
    tree(tmp_path, *numbered("cat", 9, ".png"), *numbered("dog", 9, ".png"))
    tree(tmp_path, "cat/x.HEIC", "cat/y.heic", "dog/z.heic", "dog/w.cr2")

    notes, (warning,) = remarks(tmp_path)

    assert notes == ()
    assert warning.startswith(
        "4 files in class folders left out, as not read: 3 .heic (cat 2, dog 1), 1 .cr2 (dog 1). "
    )
    assert "find pets -iname '*.heic' -exec mogrify -format png {} +" in warning


def test_files_that_describe_others_are_no_samples(tmp_path):
    """A file beside an image with the same name but for the suffix; and what lies outside of the classes."""
    tree(tmp_path, *numbered("cat", 2, ".png"), *numbered("dog", 2, ".png"))
    tree(tmp_path, *numbered("cat", 2, ".json"), "README.md", ".DS_Store", "stray.png")

    assert remarks(tmp_path) == (
        (
            "1 hidden or system files and folders ignored",
            "1 images outside any class folder ignored",
            "3 other files or links ignored, outside of the classes or beside a file of the same name",
        ),
        (),
    )


def test_a_single_file_among_many_is_a_note(tmp_path):
    tree(tmp_path, *numbered("cat", 100, ".png"), *numbered("dog", 2, ".png"), "cat/ABOUT")

    assert remarks(tmp_path) == (
        ("1 file in class folders left out, as not read: 1 without a suffix (cat 1)",),
        (),
    )


def test_a_class_of_unread_files_is_refused(tmp_path):
    """The hint converts them; to leave the class out would lose it."""
    tree(tmp_path, *numbered("cat", 2, ".png"), *numbered("dog", 2, ".png"), *numbered("cow", 3, ".HEIC"))

    with pytest.raises(
        DataError, match=re.escape("1 class has no file that is read:\n  cow: 0 images, and 3 .heic")
    ) as caught:
        refused(tmp_path)

    assert caught.value.error_id == "E-CLASS-UNREAD"
    assert "mogrify" in caught.value.hint
    assert "on_rare_class" not in caught.value.hint


def test_too_few_read_files_are_refused_only_in_the_training_set(tmp_path):
    """Converted test files would not help a class that is not learnt."""
    tree(
        tmp_path, *numbered("train/cat", 5, ".png"), *numbered("train/dog", 2, ".png"), *numbered("test/dog", 2, ".png")
    )
    tree(tmp_path, *numbered("test/cat", 2, ".png"), "test/dog/a.heic")

    with pytest.raises(DataError, match="fewer than 5 training samples"):
        refused(tmp_path, least=5)
    tree(tmp_path, "train/dog/a.heic")
    with pytest.raises(DataError, match=re.escape("hardly any file that is read:\n  dog: 2 images, and 1 .heic")):
        refused(tmp_path, least=5)


def test_a_folder_that_may_be_no_class_can_be_left_out(tmp_path):
    tree(tmp_path, *numbered("cat", 2, ".png"), *numbered("dog", 2, ".png"), *numbered("cow", 3, ".npy"))

    with pytest.raises(DataError, match=re.escape("cow: 0 images, and 3 .npy")) as caught:
        refused(tmp_path)

    assert "on_rare_class: drop" in caught.value.hint


@pytest.mark.parametrize("name", ["meta/labels.csv", "boxes/0.xml", "notes/0.txt"])
@pytest.mark.parametrize("around", ["", "images/"])
def test_a_folder_of_tables_and_notes_is_no_class(tmp_path, name, around):
    """Beside class folders, or beside the folder around them."""
    root = tree(tmp_path, *(f"{around}{pet}/{i}.png" for pet in ("cat", "dog") for i in range(2)), name)
    listing = list_files(str(root), (".png",), "images")

    layout = read_layout(listing, "pets")

    assert set(layout.classes) == {"cat", "dog"}
    assert layout.empty == ()
    assert left_out(listing, layout, "pets").notes[-1].startswith("1 other file or link ignored")


def test_a_linked_class_is_refused_with_a_command_that_copies_it(tmp_path):
    """The command of the hint works, also with blanks in the path."""
    root = tree(tmp_path / "my pets", *numbered("cat", 2, ".png"), *numbered("dog", 2, ".png"))
    (root / "cow").symlink_to(tree(tmp_path / "store", *numbered(".", 3, ".png")))
    (root / "cat" / "link.png").symlink_to(root / "dog" / "0.png")

    with pytest.raises(DataError, match="cow: 0 images, and 1 linked as a folder") as caught:
        refused(root)
    subprocess.run(shlex.split(caught.value.hint.partition(": ")[2].removesuffix(".")), check=True)

    refused(f"{root}-copy", least=2)
    assert (
        len(list_files(f"{root}-copy", (".png",), "images").files),
        list((tmp_path / "my pets-copy").iterdir()),
    ) != (
        0,
        [],
    )


def test_links_alone_are_named_with_the_command(tmp_path):
    (tmp_path / "pets").mkdir()
    (tmp_path / "pets" / "cat").symlink_to(tmp_path)
    tree(tmp_path / "pets", "a.heic", "b.heic")

    with pytest.raises(DataError, match=re.escape("found 2 .heic and 1 link, which are not followed")) as caught:
        list_files(str(tmp_path / "pets"), (".png",), "images")

    assert "cp -rL" in caught.value.hint


def test_an_audit_continues_with_the_files_that_are_read(tmp_path):
    tree(tmp_path, *numbered("cat", 2, ".png"), *numbered("dog", 2, ".png"), *numbered("cow", 3, ".HEIC"))
    problems = Problems()

    refused(tmp_path, on_problem=problems)

    assert problems.problems[0].error.error_id == "E-CLASS-UNREAD"
