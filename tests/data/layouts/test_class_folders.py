"""Class folders of files of any kind; images are tested in readers/test_image_folder.py."""

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


def test_files_are_selected_by_suffix(tmp_path):
    """Case is ignored; other files are counted."""
    root = tree(tmp_path, "b/1.WAV", "a/2.wav", "a/3.flac", "a/x.txt", "a/y.png", ".hidden/4.wav")

    result = list_files(root, (".wav", ".flac"), "recordings")

    assert result.files == ("a/2.wav", "a/3.flac", "b/1.WAV")
    assert result.folders == ("a", "b")
    assert (result.others, result.hidden, result.links) == (("a/x.txt", "a/y.png"), 1, ())


def test_folders_are_classes_for_files_of_any_kind(tmp_path):
    result = read_layout(list_files(tree(tmp_path, "a/1.wav", "b/2.wav", "3.wav"), (".wav",), "recordings"), "here")

    assert (result.files, result.classes, result.parts, result.outside) == (("a/1.wav", "b/2.wav"), ("a", "b"), None, 1)


@pytest.mark.parametrize("names", [("a/x.png",), ("1.wav",), ("train/a/1.wav", "test/a/1.wav", "docs/a/1.wav")])
def test_messages_name_the_expected_kind_of_file(tmp_path, names):
    """An error about recordings does not mention images."""
    root = tree(tmp_path, *names)

    with pytest.raises(DataError) as caught:
        read_layout(list_files(root, (".wav",), "recordings"), "here")

    message = f"{caught.value} {caught.value.hint}"
    assert "recordings" in message
    assert "image" not in message


def test_messages_about_the_path_name_the_expected_kind_of_file(tmp_path):
    with pytest.raises(ConfigError) as empty:
        list_files("", (".wav",), "recordings")
    with pytest.raises(DataError, match="one folder of recordings for each class"):
        list_files(tree(tmp_path, "a.zip") + "/a.zip", (".wav",), "recordings")

    assert "image" not in f"{empty.value} {empty.value.hint}"
