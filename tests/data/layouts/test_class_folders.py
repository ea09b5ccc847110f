"""Files of any kind in folders. What it says about images is tested in test_folder."""

from __future__ import annotations

import pytest

from visiontk.data import list_files, read_layout
from visiontk.errors import ConfigError, DataError


def tree(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return str(root)


def test_files_are_chosen_by_the_end_of_their_name(tmp_path):
    """In either case; others are counted."""
    root = tree(tmp_path, "b/1.WAV", "a/2.wav", "a/3.flac", "a/x.txt", "a/y.png", ".hidden/4.wav")

    found = list_files(root, (".wav", ".flac"), "recordings")

    assert found.files == ("a/2.wav", "a/3.flac", "b/1.WAV")
    assert found.folders == ("a", "b")
    assert (found.others, found.hidden, found.links) == (2, 1, 0)


def test_folders_are_classes_of_any_kind_of_file(tmp_path):
    found = read_layout(list_files(tree(tmp_path, "a/1.wav", "b/2.wav", "3.wav"), (".wav",), "recordings"), "here")

    assert (found.files, found.classes, found.parts, found.outside) == (("a/1.wav", "b/2.wav"), ("a", "b"), None, 1)


@pytest.mark.parametrize("names", [("a/x.png",), ("1.wav",), ("train/a/1.wav", "test/a/1.wav", "docs/a/1.wav")])
def test_messages_say_what_was_wanted(tmp_path, names):
    """An error about recordings does not speak of images."""
    root = tree(tmp_path, *names)

    with pytest.raises(DataError) as caught:
        read_layout(list_files(root, (".wav",), "recordings"), "here")

    said = f"{caught.value} {caught.value.hint}"
    assert "recordings" in said
    assert "picture" not in said


def test_so_do_those_about_the_path(tmp_path):
    with pytest.raises(ConfigError) as empty:
        list_files("", (".wav",), "recordings")
    with pytest.raises(DataError, match="one folder of recordings for each class"):
        list_files(tree(tmp_path, "a.zip") + "/a.zip", (".wav",), "recordings")

    assert "pictures" not in f"{empty.value} {empty.value.hint}"
