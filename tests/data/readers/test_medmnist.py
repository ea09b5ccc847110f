from __future__ import annotations

import numpy as np
import pytest

from visiontk.data import read_npz
from visiontk.data.public.sources import published
from visiontk.data.readers.medmnist import SUBSETS, read_medmnist
from visiontk.errors import ConfigError, DataError

SIZES = {"train": 30, "val": 20, "test": 25}


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("VISIONTK_DATA", str(tmp_path))
    return tmp_path


def arrays(name, side=28, channels=(), seed=0):
    rng = np.random.default_rng(seed)
    subset = SUBSETS[name]
    found = {}
    for part, n in SIZES.items():
        found[f"{part}_images"] = rng.integers(0, 256, (n, side, side, *channels), np.uint8)
        if subset.kind == "multi-label":
            labels = rng.integers(0, 2, (n, len(subset.labels)), np.uint8) * (rng.random((n, 1)) < 0.7)
        else:
            labels = (np.arange(n) % len(subset.labels))[:, None]
        found[f"{part}_labels"] = labels.astype(np.uint8)
    return found


def write(data, name, given=None, file=""):
    (data / name).mkdir()
    np.savez(data / name / (file or f"{name}.npz"), **(given or arrays(name)))


@pytest.mark.parametrize("name", sorted(SUBSETS))
def test_every_subset_is_read_with_its_labels_and_parts(data, name):
    given = arrays(name, channels=(3,) if name in {"pathmnist", "retinamnist"} else ())
    write(data, name, given)

    samples = read_medmnist(name, caution="Careful.")

    assert samples.parts.tolist() == ["train"] * 30 + ["valid"] * 20 + ["test"] * 25
    assert samples.ids[[0, 30, 50]].tolist() == ["train-000000", "valid-000000", "test-000000"]
    assert (samples.take([50])[0].squeeze() == given["test_images"][0].squeeze()).all()
    assert samples.card.caution == "Careful."
    assert samples.card.licence == published(name).licence
    if SUBSETS[name].kind != "multi-label":
        assert samples.labels == SUBSETS[name].labels
        assert samples.y[30:50].tolist() == given["val_labels"][:, 0].tolist()


def test_many_findings_are_one_question_any_of_them_or_none(data):
    given = arrays("chestmnist")
    write(data, "chestmnist", given)

    samples = read_medmnist("chestmnist")

    assert samples.labels == ("no finding", "any finding")
    assert (samples.y[:30] == given["train_labels"].any(axis=1)).all()
    assert any("any number of 14 findings" in note for note in samples.card.notes)


def test_one_finding_may_be_asked_for(data):
    given = arrays("chestmnist")
    write(data, "chestmnist", given)

    samples = read_medmnist("chestmnist", finding="hernia")

    assert samples.labels == ("no hernia", "hernia")
    assert (samples.y[50:] == given["test_labels"][:, 13]).all()


def test_two_questions_are_two_data_sets(data):
    write(data, "chestmnist")

    assert read_medmnist("chestmnist").card.fingerprint != read_medmnist("chestmnist", finding="mass").card.fingerprint


def test_an_ordinal_set_says_that_order_is_not_used(data):
    write(data, "retinamnist")

    assert any("order of severity" in note for note in read_medmnist("retinamnist").card.notes)


def test_unknown_names_are_refused_with_the_nearest(data):
    write(data, "chestmnist")

    with pytest.raises(ConfigError, match="Did you mean 'pneumoniamnist'"):
        read_medmnist("pneumonia_mnist")
    with pytest.raises(ConfigError, match="Did you mean 'effusion'"):
        read_medmnist("chestmnist", finding="efusion")


def test_a_finding_of_a_set_with_one_class_a_image_is_refused(data):
    write(data, "breastmnist")

    with pytest.raises(ConfigError, match="has one class") as caught:
        read_medmnist("breastmnist", finding="mass")

    assert caught.value.error_id == "E-UNKNOWN-FINDING"


def test_larger_images_have_a_file_of_their_own(data):
    write(data, "breastmnist", arrays("breastmnist", side=64), "breastmnist_64.npz")

    assert read_medmnist("breastmnist", size=64).take([0]).shape == (1, 64, 64, 1)
    with pytest.raises(DataError, match=r"breastmnist\.npz not found"):
        read_medmnist("breastmnist")
    with pytest.raises(ConfigError, match="expected 28, 64, 128 or 224"):
        read_medmnist("breastmnist", size=32)


@pytest.mark.parametrize(
    ("change", "error_id"),
    [
        ({"val_labels": None}, "E-DATA-KEY"),
        ({"test_images": np.zeros((25, 28, 28), np.float32)}, "E-DATA-SHAPE"),
        ({"test_images": np.zeros((25, 64, 64), np.uint8)}, "E-DATA-SHAPE"),
        ({"test_images": np.zeros((24, 28, 28), np.uint8)}, "E-DATA-SHAPE"),
        ({"train_labels": np.zeros((30, 14), np.uint8)}, "E-DATA-SHAPE"),
        ({"train_labels": np.zeros((30, 1), np.float32)}, "E-DATA-SHAPE"),
        ({"train_labels": np.full((30, 1), 2, np.uint8)}, "E-DATA-TARGETS"),
        ({"train_labels": np.array([[object()]] * 30)}, "E-DATA-UNSAFE"),
    ],
)
def test_files_that_are_not_as_published_are_refused(data, change, error_id):
    given = {key: value for key, value in (arrays("breastmnist") | change).items() if value is not None}
    write(data, "breastmnist", given)

    with pytest.raises(DataError) as caught:
        read_medmnist("breastmnist")

    assert caught.value.error_id == error_id


def test_the_published_file_is_read_where_it_is_there(shared_data, monkeypatch):
    path = shared_data / "pneumoniamnist" / "pneumoniamnist.npz"
    if not path.exists():
        pytest.skip("needs pneumoniamnist.npz in the folder of public data")
    monkeypatch.setenv("VISIONTK_DATA", str(shared_data))

    samples = read_medmnist("pneumoniamnist")

    assert {part: int((samples.parts == part).sum()) for part in ("train", "valid", "test")} == {
        "train": 4708, "valid": 524, "test": 624,
    }  # fmt: skip
    assert samples.y[samples.parts == "test"].sum() == read_npz(path, "test_labels")["test_labels"].sum() == 390
