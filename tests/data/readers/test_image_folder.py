from __future__ import annotations

import os
import shutil
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from images import encoded, folder_of, noise
from PIL import Image

from visiontk.core import parameters
from visiontk.data import image_folder, official_or, read_image, stratified_folds
from visiontk.data.readers import image_files
from visiontk.errors import ConfigError, DataError


def refused(path, **options) -> DataError:
    with pytest.raises(DataError) as caught:
        image_folder(str(path), **options)
    return caught.value


def everything(samples) -> np.ndarray:
    return samples.take(np.arange(len(samples)))


def snapshot(root: Path) -> dict[str, tuple[int, int, int, bytes]]:
    return {
        str(path): (stat.st_mtime_ns, stat.st_size, stat.st_mode, path.read_bytes() if path.is_file() else b"")
        for path in [root, *sorted(root.rglob("*"))]
        for stat in [path.lstat()]
    }


def test_folders_are_classes_and_ids_are_relative_paths(tmp_path):
    folder_of(tmp_path / "pets", {"dog": 6, "cat": 5, "cat/old": 1})

    samples = image_folder(str(tmp_path / "pets"), size=10)

    assert samples.labels == ("cat", "dog")
    assert samples.ids.tolist() == [*(f"cat/{i:03d}.png" for i in range(5)), "cat/old/000.png"] + [
        f"dog/{i:03d}.png" for i in range(6)
    ]
    assert samples.y.tolist() == [0] * 6 + [1] * 6
    assert (samples.groups, samples.parts) == (None, None)
    assert (samples.card.name, samples.card.origin) == ("pets", "own")
    for i, name in enumerate(samples.ids):
        np.testing.assert_array_equal(
            samples.take([i])[0], read_image(tmp_path / "pets" / name, size=10, color="grey").pixels
        )


def test_its_arguments_are_the_config_schema():
    assert parameters(image_folder) == {
        "path": "",
        "size": "auto",
        "color": "auto",
        "aspect": "pad",
        "on_bad_file": "refuse",
        "min_per_class": 5,
        "depth": None,
        "leak": "refuse",
        "label": "",
        "split": "",
        "group": "",
        "on_rare_class": "refuse",
    }


@pytest.mark.parametrize("valid", ["valid", "val", "validation", "Val"])
def test_split_folders_become_parts(tmp_path, valid):
    for part in ("train", valid, "test"):
        folder_of(tmp_path / part, {"cat": 5, "dog": 6})

    samples = image_folder(str(tmp_path))

    assert samples.labels == ("cat", "dog")
    assert sorted(set(samples.parts)) == ["test", "train", "valid"]
    assert all(part[0] in name[:2].lower() for part, name in zip(samples.parts, samples.ids, strict=True))
    (fold,) = official_or(stratified_folds)(samples, 1, 0)
    assert [len(part) for part in fold] == [11, 11, 11]


def test_a_class_missing_from_the_test_set_is_noted_and_from_the_training_set_refused(tmp_path):
    folder_of(tmp_path / "train", {"cat": 5, "dog": 5, "owl": 5})
    folder_of(tmp_path / "test", {"cat": 5, "dog": 5})

    assert "classes without test samples: owl" in image_folder(str(tmp_path)).card.notes

    folder_of(tmp_path / "test", {"elk": 5})
    error = refused(tmp_path)
    assert error.error_id == "E-SPLIT-CLASS"
    assert "elk: 0" in str(error)


@pytest.mark.parametrize(
    "tops", [("valid", "test"), ("train",), ("train", "test", "docs"), ("train", "test", "val", "valid"), ("test",)]
)
def test_an_incomplete_split_is_refused(tmp_path, tops):
    for top in tops:
        folder_of(tmp_path / top, {"cat": 5, "dog": 5})

    error = refused(tmp_path)

    assert error.error_id == "E-SPLIT-PARTS"
    assert ", ".join(sorted(tops)) in str(error)


def test_a_validation_set_takes_the_place_of_a_missing_test_set(tmp_path):
    """As in tables."""
    for top in ("train", "val"):
        folder_of(tmp_path / top, {"cat": 5, "dog": 5})

    samples = image_folder(str(tmp_path))

    assert set(samples.parts.tolist()) == {"train", "test"}
    assert "the validation set is the test set, as no other is labelled" in samples.card.notes


def test_a_class_may_have_the_name_train(tmp_path):
    folder_of(tmp_path, {"train": 5, "bus": 5})

    assert image_folder(str(tmp_path)).labels == ("bus", "train")


def test_unlabelled_images_in_train_and_test_are_refused(tmp_path):
    folder_of(tmp_path, {"train": 5, "test": 5})

    assert "none in a folder of its class" in str(refused(tmp_path))


@pytest.mark.parametrize("color", ["auto", "grey", "rgb"])
@pytest.mark.parametrize("mode", ["L", "RGB", "mixed"])
def test_images_in_memory_and_on_disk_are_equal(tmp_path, monkeypatch, color, mode):
    folder_of(tmp_path, {"a": 5}, "RGB" if mode == "RGB" else "L")
    folder_of(tmp_path, {"b": 5}, "L" if mode == "L" else "RGB")

    held = image_folder(str(tmp_path), size=9, color=color)
    monkeypatch.setattr(image_files, "MEMORY_LIMIT", 100)
    streamed = image_folder(str(tmp_path), size=9, color=color)

    assert held.read != streamed.read
    assert not hasattr(streamed.read, "__self__")
    channels = 1 if color == "grey" or (color == "auto" and mode == "L") else 3
    assert everything(held).shape == (10, 9, 9, channels)
    np.testing.assert_array_equal(everything(held), everything(streamed))
    np.testing.assert_array_equal(held.take([7, 0, 7]), streamed.take([7, 0, 7]))
    assert streamed.take([]).shape == (0, 9, 9, channels)
    assert held.card == streamed.card
    assert np.concatenate(list(streamed.batches(3))).tolist() == everything(held).tolist()


def test_images_are_streamed_if_colour_exceeds_the_memory_limit(tmp_path, monkeypatch):
    folder_of(tmp_path, {"a": 5}, "L")
    folder_of(tmp_path, {"b": 5}, "RGB")
    held = everything(image_folder(str(tmp_path), size=9))
    monkeypatch.setattr(image_files, "MEMORY_LIMIT", 10 * 81)

    samples = image_folder(str(tmp_path), size=9)

    assert isinstance(samples.read, image_files._Files)
    np.testing.assert_array_equal(everything(samples), held)


@pytest.mark.parametrize("change", ["rewritten", "removed"])
def test_a_file_that_changes_after_reading_is_refused(tmp_path, monkeypatch, change):
    monkeypatch.setattr(image_files, "MEMORY_LIMIT", 0)
    folder_of(tmp_path, {"a": 5, "b": 5})
    samples = image_folder(str(tmp_path))
    if change == "rewritten":
        noise(seed=99).save(tmp_path / "a" / "001.png")
    else:
        (tmp_path / "a" / "001.png").unlink()

    assert samples.take([0, 2]).shape[0] == 2
    with pytest.raises(DataError, match=r"a/001.png: (changed since it was first read|No such file)"):
        samples.take([1])


def test_the_fingerprint_depends_on_content_names_and_options(tmp_path):
    folder_of(tmp_path / "one", {"a": 5, "b": 5})
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    first = image_folder(str(tmp_path / "one")).card.fingerprint

    assert len(first) == 16
    assert image_folder(str(tmp_path / "two")).card.fingerprint == first
    assert image_folder(str(tmp_path / "two"), size=32).card.fingerprint != first
    assert image_folder(str(tmp_path / "two"), color="rgb").card.fingerprint != first
    (tmp_path / "two" / "a" / "004.png").rename(tmp_path / "two" / "a" / "005.png")  # the order stays
    assert image_folder(str(tmp_path / "two")).card.fingerprint != first
    noise(seed=99).convert("L").save(tmp_path / "one" / "b" / "003.png")
    assert image_folder(str(tmp_path / "one")).card.fingerprint != first


def test_hidden_files_system_files_links_and_other_files_are_ignored_and_counted(tmp_path):
    folder_of(tmp_path, {"a": 5, "b": 5, ".ipynb_checkpoints": 2, "__MACOSX": 2, "a/.thumbs": 1})
    for name in (".DS_Store", "a/Thumbs.db", "a/._001.png", "a/desktop.ini"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "a" / "readme.txt").write_text("x")
    (tmp_path / "b" / "link.png").symlink_to(tmp_path / "a" / "000.png")
    (tmp_path / "c").symlink_to(tmp_path / "a")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "a" / "dangling.png").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "a" / "pipe.png")
    noise().save(tmp_path / "stray.png")

    samples = image_folder(str(tmp_path), on_rare_class="drop")

    assert samples.labels == ("a", "b")
    assert len(samples) == 10
    assert samples.card.notes[:2] == (
        "7 hidden or system files and folders ignored",
        "1 images outside any class folder ignored",
    )
    assert samples.card.warnings[0].startswith(
        "6 files in class folders left out, as not read: 2 linked .png (a 1, b 1), 2 linked as a folder (a 1, c 1), "
        "1 .png (a 1), 1 .txt (a 1). Links are not followed; a copy holds their files: cp -rL "
    )


def test_conversions_are_counted(tmp_path):
    folder_of(tmp_path, {"a": 5, "b": 5}, "RGB")
    noise(mode="RGBA").save(tmp_path / "a" / "1.png")
    noise(mode="RGBA").save(tmp_path / "a" / "2.png")
    noise(mode="L").save(tmp_path / "a" / "3.png")
    noise().convert("CMYK").save(tmp_path / "a" / "4.jpg")
    noise().convert("P").save(tmp_path / "a" / "5.gif", save_all=True, append_images=[noise(seed=1).convert("P")])
    exif = Image.Exif()
    exif[0x0112] = 3
    noise().save(tmp_path / "a" / "6.jpg", exif=exif)
    (tmp_path / "a" / "7.jpg").write_bytes(encoded(noise()))
    Image.new("RGB", (400, 4), "red").save(tmp_path / "a" / "8.png")

    notes = image_folder(str(tmp_path)).card.notes

    for note in (
        "2 RGBA images composited on white",
        "2 RGBA images converted to RGB",
        "1 L images converted to RGB",
        "1 CMYK images converted to RGB",
        "1 P images converted to RGB",
        "1 files with several images, of which the first is used",
        "1 images rotated or flipped by their EXIF data",
        "1 files with the suffix of another format",
        "1 images more than 50 times as long as wide",
        "1 images with a side below 8 pixels",
        "1 images of one colour only",
        "images of 12x10 to 400x4 pixels read at 10x10, aspect kept by a border",
    ):
        assert note in notes


def test_a_folder_without_conversions_has_no_notes(tmp_path):
    for k, name in enumerate("ab"):
        (tmp_path / name).mkdir()
        for i in range(5):
            noise(16, 16, seed=10 * k + i).save(tmp_path / name / f"{i}.png")

    assert image_folder(str(tmp_path), size=16).card.notes == ()


def test_all_unreadable_files_are_listed(tmp_path):
    folder_of(tmp_path, {"a": 20, "b": 20})
    (tmp_path / "a" / "003.png").write_bytes(b"")
    (tmp_path / "b" / "004.png").write_bytes(b"<html>")
    (tmp_path / "b" / "zz.jpg").write_bytes(encoded(noise(), "JPEG")[:400])

    error = refused(tmp_path)

    assert (error.error_id, error.exit_code) == ("E-DATA-DECODE", 3)
    assert error.message.splitlines() == [
        f"{tmp_path}: 3 of 41 files cannot be read:",
        "  a/003.png: empty file",
        "  b/004.png: not an image (looks like HTML)",
        "  b/zz.jpg: truncated image",
    ]
    assert "on_bad_file: skip" in error.hint


def test_three_of_many_unreadable_files_are_listed(tmp_path):
    """The hint is not pushed off the screen; the error has all of them."""
    folder_of(tmp_path, {"a": 5, "b": 5})
    for i in range(33):
        (tmp_path / "a" / f"bad{i:02d}.png").write_bytes(b"")

    error = refused(tmp_path)

    assert error.message.splitlines()[1:] == [*(f"  a/bad{i:02d}.png: empty file" for i in range(3)), "  and 30 more"]
    assert len(error.lines) == len(error.as_dict()["error"]["lines"]) == 33


@pytest.mark.parametrize(
    ("n_bad", "n_good", "systemic"), [(10, 150, True), (10, 190, False), (9, 60, False), (10, 0, True)]
)
def test_many_unreadable_files_indicate_a_systemic_fault(tmp_path, n_bad, n_good, systemic):
    for name in "ab":
        (tmp_path / name).mkdir()
    good = encoded(Image.new("L", (2, 2)))
    for i in range(n_good):
        (tmp_path / "ab"[i % 2] / f"{i}.png").write_bytes(good)
    for i in range(n_bad):
        (tmp_path / "ab"[i % 2] / f"bad{i}.png").write_bytes(b"x")

    error = refused(tmp_path)

    assert error.error_id == ("E-DATA-SYSTEMIC" if systemic else "E-DATA-DECODE")
    assert f"{n_bad} of {n_bad + n_good} files" in str(error)


def test_at_most_one_percent_of_the_files_is_skipped_and_noted(tmp_path):
    folder_of(tmp_path, {"a": 50, "b": 50})
    (tmp_path / "a" / "003.png").write_bytes(b"")
    expected_ids = [name for name in image_folder(str(tmp_path), on_bad_file="skip").ids if name != "a/003.png"]

    samples = image_folder(str(tmp_path), on_bad_file="skip", size=9)

    assert samples.ids.tolist() == expected_ids
    assert len(samples) == 99
    assert samples.y.tolist() == [0] * 49 + [1] * 50
    for i in (2, 3, 98):
        expected = read_image(tmp_path / str(samples.ids[i]), size=9, color="grey").pixels
        np.testing.assert_array_equal(samples.take([i])[0], expected)
    assert "1 unreadable files skipped: a/003.png: empty file" in samples.card.notes
    assert refused(tmp_path).error_id == "E-DATA-DECODE"

    (tmp_path / "a" / "004.png").write_bytes(b"")
    assert "at most 1% may be skipped" in str(refused(tmp_path, on_bad_file="skip"))


def test_after_a_skipped_file_streamed_images_equal_those_in_memory(tmp_path, monkeypatch):
    folder_of(tmp_path, {"a": 50, "b": 50})
    (tmp_path / "a" / "003.png").write_bytes(b"")
    held = image_folder(str(tmp_path), on_bad_file="skip", size=9)
    monkeypatch.setattr(image_files, "MEMORY_LIMIT", 0)
    streamed = image_folder(str(tmp_path), on_bad_file="skip", size=9)

    np.testing.assert_array_equal(everything(held), everything(streamed))
    assert held.card == streamed.card


def test_images_of_16_bits_are_refused_instead_of_clipped(tmp_path):
    folder_of(tmp_path, {"a": 5, "b": 5})
    Image.fromarray(np.arange(100, dtype=np.uint16).reshape(10, 10) * 600).save(tmp_path / "a" / "deep.png")

    error = refused(tmp_path)

    assert error.error_id == "E-DATA-DEPTH"
    assert "a/deep.png: 16-bit image (mode I;16, 0 to 59400)" in str(error)


def test_huge_images_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("visiontk.data.formats.image.MAX_PIXELS", 500)
    folder_of(tmp_path, {"a": 5, "b": 5})
    noise(50, 40).save(tmp_path / "a" / "huge.png")

    error = refused(tmp_path)

    assert error.error_id == "E-DATA-HUGE"
    assert "a/huge.png: 50x40 pixels" in str(error)


def test_an_empty_path_is_a_config_error():
    with pytest.raises(ConfigError, match=r"^path: empty") as caught:
        image_folder()
    assert caught.value.error_id == "E-CONFIG-PATH"
    assert "pets/cat" in caught.value.hint


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"size": 0}, "size: 0, expected 1 to 4096"),
        ({"size": 5000}, "size: 5000"),
        ({"color": "gray"}, "color: 'gray', expected grey or rgb or auto"),
        ({"on_bad_file": "ignore"}, "on_bad_file: 'ignore', expected refuse or skip"),
        ({"min_per_class": 0}, "min_per_class: 0"),
    ],
)
def test_arguments_out_of_range_are_refused(tmp_path, options, words):
    with pytest.raises(ConfigError, match=words):
        image_folder(str(tmp_path), **options)


def test_a_missing_folder_suggests_the_nearest(tmp_path):
    (tmp_path / "images").mkdir()

    error = refused(tmp_path / "imags")

    assert error.error_id == "E-DATA-EMPTY"
    assert f"{tmp_path}/imags: no such folder" in str(error)
    assert error.hint == f"Did you mean {tmp_path}/images?"
    assert refused(tmp_path / "x" / "y").hint == "Check the path."


@pytest.mark.parametrize("name", ["a\0b", "x" * 300])
def test_an_impossible_path_is_refused(tmp_path, name):
    assert refused(tmp_path / name).error_id == "E-DATA-EMPTY"


def test_a_file_instead_of_a_folder_is_refused(tmp_path):
    (tmp_path / "pets.zip").write_bytes(b"PK")

    error = refused(tmp_path / "pets.zip")

    assert error.error_id == "E-DATA-EMPTY"
    assert "unpacked" in error.hint


def test_a_folder_without_images_lists_the_supported_suffixes(tmp_path, monkeypatch):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.txt").touch()
    (tmp_path / "a" / "y.csv").touch()
    monkeypatch.chdir(tmp_path)

    error = refused(".")

    assert error.error_id == "E-DATA-EMPTY"
    assert str(error).startswith(f"{tmp_path}: no images; looked for .bmp .gif ")
    assert "found 1 .csv and 1 .txt." in str(error)


def test_images_without_class_folders_are_refused(tmp_path):
    noise().save(tmp_path / "a.png")

    assert "1 images, but none in a folder of its class" in str(refused(tmp_path))


def test_a_single_class_is_refused(tmp_path):
    folder_of(tmp_path, {"cat": 7})

    error = refused(tmp_path)

    assert error.error_id == "E-LABEL-SINGLE"
    assert "only class 'cat' (7 images)" in str(error)


def test_all_classes_with_too_few_images_are_listed(tmp_path):
    folder_of(tmp_path, {"a": 5, "b": 4, "c": 1, "d": 9})
    (tmp_path / "e").mkdir()

    error = refused(tmp_path)

    assert error.error_id == "E-SPLIT-CLASS"
    assert error.message.splitlines()[1:] == ["  b: 4", "  c: 1", "  e: 0"]
    assert image_folder(str(folder_of(tmp_path, {"e": 1})), min_per_class=1).labels == tuple("abcde")


def test_every_class_needs_enough_images_after_skipping(tmp_path):
    folder_of(tmp_path, {"a": 5, "b": 100})
    (tmp_path / "a" / "000.png").write_bytes(b"")

    assert refused(tmp_path, on_bad_file="skip").error_id == "E-SPLIT-CLASS"


@pytest.mark.parametrize(
    "twins",
    [("Cat", "cat"), ("cat", "cat "), ("a b", "a  b"), tuple(unicodedata.normalize(f, "café") for f in ("NFC", "NFD"))],
)
def test_classes_that_look_the_same_are_refused(tmp_path, twins):
    folder_of(tmp_path, dict.fromkeys((*twins, "dog"), 5))

    error = refused(tmp_path)

    assert error.error_id == "E-LABEL-TWINS"
    assert all(ascii(name) in str(error) for name in twins)


def test_similar_class_names_in_train_and_test_are_refused(tmp_path):
    folder_of(tmp_path / "train", {"Cat": 5, "dog": 5})
    folder_of(tmp_path / "test", {"cat": 5, "dog": 5})

    assert refused(tmp_path).error_id == "E-LABEL-TWINS"


def test_names_that_are_not_unicode_are_escaped(tmp_path):
    folder_of(tmp_path, {"a": 5, "b": 5})
    for name in (b"caf\xe9", b"line\nbreak"):
        odd = tmp_path / os.fsdecode(name)
        (tmp_path / "a").rename(odd)
        samples = image_folder(str(tmp_path))
        odd.rename(tmp_path / "a")

        expected = name.decode("utf-8", "backslashreplace")
        assert expected in samples.labels
        assert f"{expected}/000.png" in samples.ids
        assert "\n".join(samples.ids).encode()


def test_reading_does_not_modify_files(tmp_path):
    folder_of(tmp_path, {"a": 50, "b": 50}, "RGB")
    (tmp_path / "a" / "003.png").write_bytes(b"")
    before = snapshot(tmp_path)

    everything(image_folder(str(tmp_path), on_bad_file="skip"))
    refused(tmp_path)

    assert snapshot(tmp_path) == before


def test_a_folder_without_read_permission_is_refused(tmp_path, monkeypatch):
    folder_of(tmp_path, {"a": 5, "b": 5, "b/deep": 2})
    real = os.scandir

    def denied(path):
        if Path(path).name in ("a", "deep"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr("os.scandir", denied)

    error = refused(tmp_path)

    assert error.error_id == "E-DATA-PERM"
    assert error.message.splitlines()[1:] == ["  a", "  b/deep"]


def test_files_without_read_permission_are_refused_even_with_skip(tmp_path, monkeypatch):
    folder_of(tmp_path, {"a": 50, "b": 50})
    real = Path.open

    def denied(self, *arguments, **named):
        if (self.parent.name, self.name) == ("a", "001.png"):
            raise PermissionError(13, "Permission denied")
        return real(self, *arguments, **named)

    monkeypatch.setattr(Path, "open", denied)

    for option in ("refuse", "skip"):
        error = refused(tmp_path, on_bad_file=option)
        assert error.error_id == "E-DATA-PERM"
        assert error.message.splitlines()[1:] == ["  a/001.png: permission denied"]


def test_a_failing_disk_is_reported(tmp_path, monkeypatch):
    def broken(path):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("os.scandir", broken)

    error = refused(tmp_path)

    assert error.error_id == "E-DATA-READ"
    assert "Input/output error" in str(error)


@pytest.mark.parametrize(("depth", "least"), [("full", 200), ("percentile", 200)])
def test_images_of_16_bits_are_scaled_by_the_depth_rule(tmp_path, monkeypatch, depth, least):
    """A ramp over all 65,536 levels is scaled equally in memory and when streamed."""
    ramp = np.linspace(0, 65535, 32 * 32).astype(np.uint16).reshape(32, 32)
    for k, name in enumerate(("a", "b")):
        (tmp_path / name).mkdir()
        for i in range(5):
            Image.fromarray(np.roll(ramp, 5 * k + i, axis=0)).save(tmp_path / name / f"{i}.png")

    held = image_folder(str(tmp_path), size=32, depth=depth)
    monkeypatch.setattr("visiontk.data.readers.image_files.MEMORY_LIMIT", 0)
    streamed = image_folder(str(tmp_path), size=32, depth=depth)

    assert len(np.unique(held.take([0]))) > least
    assert np.array_equal(held.take(np.arange(10)), streamed.take(np.arange(10)))
    assert held.card.fingerprint == streamed.card.fingerprint
