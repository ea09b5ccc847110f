"""Levels of folders: classes, parts of a split, folds."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from visiontk.data.layouts.class_folders import Layout, list_files, read_layout
from visiontk.errors import ConfigError, DataError


def tree(root: Path, pattern: str, *values: Sequence[str], n: int = 3) -> None:
    """Create empty files, `n` for each combination."""
    combinations = [()]
    for each in values:
        combinations = [(*row, value) for row in combinations for value in each]  # type: ignore[misc]
    for row in combinations:
        for i in range(n):
            path = root / pattern.format(*row) / f"{i}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()


def layout(root: Path, **options: str) -> Layout:
    return read_layout(list_files(str(root), (".png",), "images"), "here", **options)  # type: ignore[arg-type]


PETS = ("cat", "dog")


@pytest.mark.parametrize(
    ("pattern", "tops"),
    [
        ("{}/{}", ("Training", "Testing")),
        ("{}/{}", ("train", "dev", "eval")),
        ("{0}/{0}/{1}", ("seg_train", "seg_test")),
        ("archive/data/{}/{}", ("train_set", "test_set")),
        ("{1}/{0}", ("train", "test")),
        ("{}/{}", ("训练集", "测试集")),
    ],
)
def test_split_folders_are_parts(tmp_path: Path, pattern: str, tops: tuple[str, ...]) -> None:
    """Around or in the class folders, below other folders, in other languages."""
    tree(tmp_path, pattern, tops, PETS)

    result = layout(tmp_path)

    assert set(result.classes) == set(PETS)
    assert result.parts is not None
    assert set(result.parts) == {"train", "test"} | ({"valid"} if "dev" in tops else set())
    assert layout(tmp_path, split="none").parts is None
    assert set(layout(tmp_path, split="none").classes) == set(PETS)


@pytest.mark.parametrize("pattern", ["{}/{}", "{1}/{0}", "data/{}/{}"])
def test_fold_folders_are_published_folds(tmp_path: Path, pattern: str) -> None:
    tree(tmp_path, pattern, ("fold_0", "fold_1", "fold_2"), PETS)

    result = layout(tmp_path)

    assert set(result.classes) == set(PETS)
    assert Counter(result.parts or ()) == {"fold_0": 6, "fold_1": 6, "fold_2": 6}


@pytest.mark.parametrize("tops", [("fold1", "fold2"), ("train", "test"), ("train", "test", "dog")])
def test_parts_without_class_folders_are_refused(tmp_path: Path, tops: tuple[str, ...]) -> None:
    """They are not classes, unless the user says so."""
    tree(tmp_path, "{}", tops)

    with pytest.raises(DataError, match="none in a folder of its class") as caught:
        layout(tmp_path)

    assert "--label folder:1" in caught.value.hint
    assert set(layout(tmp_path, label="folder:1", split="none").classes) == set(tops)


def test_folds_with_splits_of_their_own_are_refused(tmp_path: Path) -> None:
    """Each is mostly the same data."""
    tree(tmp_path, "{}/{}/{}", ("fold1", "fold2"), ("train", "test"), PETS)

    with pytest.raises(DataError, match="each hold a split") as caught:
        layout(tmp_path)

    assert caught.value.hint.endswith("visiontk compare here/fold1")


def test_other_folders_beside_a_split_are_left_out_on_request(tmp_path: Path) -> None:
    """The hint, as printed, works."""
    tree(tmp_path, "{}/{}", ("train", "test", "extra"), PETS)

    with pytest.raises(DataError) as caught:
        layout(tmp_path)
    result = layout(tmp_path, split="folder:1")

    assert "--split folder:1 leaves out extra" in caught.value.hint
    assert result.left_out == ("6 images in extra left out, as it is no part of the split",)
    assert len(result.files) == 12


@pytest.mark.parametrize("name", ["unsup", "Unlabeled", "un-labelled"])
@pytest.mark.parametrize("pattern", ["train/{}", "{}"])
def test_files_without_labels_are_left_out_and_counted(tmp_path: Path, name: str, pattern: str) -> None:
    """As in IMDB and STL-10."""
    tree(tmp_path, "{}/{}", ("train", "test"), PETS)
    tree(tmp_path, pattern, (name,))

    result = layout(tmp_path)

    assert set(result.classes) == set(PETS)
    assert result.left_out[0].startswith("3 images in")
    assert "have no label" in result.left_out[0]


def test_masks_beside_images_are_left_out(tmp_path: Path) -> None:
    tree(tmp_path, "{}/{}", PETS, ("images", "masks"))

    assert len(layout(tmp_path).files) == 6
    assert "are masks" in layout(tmp_path).left_out[0]


def test_folders_around_everything_are_skipped_only_alone(tmp_path: Path) -> None:
    """A folder beside might be another class whose files are not read."""
    tree(tmp_path, "data/{}", PETS)

    assert set(layout(tmp_path).classes) == set(PETS)

    (tmp_path / "heic").mkdir()
    assert set(layout(tmp_path).classes) == {"data"}


def test_the_level_of_the_classes_can_be_chosen(tmp_path: Path) -> None:
    """A split around or in them is still used."""
    tree(tmp_path, "{}/{}/{}", ("train", "test"), ("siteA", "siteB"), PETS)

    result = layout(tmp_path, label="folder:3")

    assert set(result.classes) == set(PETS)
    assert set(result.parts or ()) == {"train", "test"}
    assert set(layout(tmp_path, label="folder:3", split="folder:2").parts or ()) == {"siteA", "siteB"}


@pytest.mark.parametrize(
    "options", [{"label": "kind"}, {"split": "folder:0"}, {"label": "folder:1", "split": "folder:1"}]
)
def test_invalid_levels_are_refused(tmp_path: Path, options: dict[str, str]) -> None:
    tree(tmp_path, "{}", PETS)

    with pytest.raises(ConfigError) as caught:
        layout(tmp_path, **options)

    assert caught.value.error_id == "E-CONFIG-VALUE"


def test_a_level_that_no_file_has_is_refused(tmp_path: Path) -> None:
    tree(tmp_path, "{}", PETS)

    with pytest.raises(DataError, match="folder:3"):
        layout(tmp_path, label="folder:3")
