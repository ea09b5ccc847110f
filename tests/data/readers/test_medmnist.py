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
    content = {}
    for part, n in SIZES.items():
        content[f"{part}_images"] = rng.integers(0, 256, (n, side, side, *channels), np.uint8)
        if subset.kind == "multi-label":
            labels = rng.integers(0, 2, (n, len(subset.labels)), np.uint8) * (rng.random((n, 1)) < 0.7)
        else:
            labels = (np.arange(n) % len(subset.labels))[:, None]
        content[f"{part}_labels"] = labels.astype(np.uint8)
    return content


def write(data, name, content=None, file=""):
    (data / name).mkdir()
    np.savez(data / name / (file or f"{name}.npz"), **(content or arrays(name)))


@pytest.mark.parametrize("name", sorted(SUBSETS))
def test_every_subset_is_read_with_its_labels_and_split(data, name):
    content = arrays(name, channels=(3,) if name in {"pathmnist", "retinamnist"} else ())
    write(data, name, content)

    samples = read_medmnist(name, caution="Careful.")

    assert samples.parts.tolist() == ["train"] * 30 + ["valid"] * 20 + ["test"] * 25
    assert samples.ids[[0, 30, 50]].tolist() == ["train-000000", "valid-000000", "test-000000"]
    assert (samples.take([50])[0].squeeze() == content["test_images"][0].squeeze()).all()
    assert samples.card.caution == "Careful."
    assert samples.card.licence == published(name).licence
    if SUBSETS[name].kind != "multi-label":
        assert samples.labels == SUBSETS[name].labels
        assert samples.y[30:50].tolist() == content["val_labels"][:, 0].tolist()


def test_multi_label_findings_become_any_finding_or_none(data):
    content = arrays("chestmnist")
    write(data, "chestmnist", content)

    samples = read_medmnist("chestmnist")

    assert samples.labels == ("no finding", "any finding")
    assert (samples.y[:30] == content["train_labels"].any(axis=1)).all()
    assert any("any number of 14 findings" in note for note in samples.card.notes)


def test_a_single_finding_can_be_selected(data):
    content = arrays("chestmnist")
    write(data, "chestmnist", content)

    samples = read_medmnist("chestmnist", finding="hernia")

    assert samples.labels == ("no hernia", "hernia")
    assert (samples.y[50:] == content["test_labels"][:, 13]).all()


def test_the_selected_finding_is_part_of_the_fingerprint(data):
    write(data, "chestmnist")

    assert read_medmnist("chestmnist").card.fingerprint != read_medmnist("chestmnist", finding="mass").card.fingerprint


def test_an_ordinal_subset_notes_that_the_order_is_ignored(data):
    write(data, "retinamnist")

    assert any("order of severity" in note for note in read_medmnist("retinamnist").card.notes)


def test_unknown_names_suggest_the_nearest(data):
    write(data, "chestmnist")

    with pytest.raises(ConfigError, match="Did you mean 'pneumoniamnist'"):
        read_medmnist("pneumonia_mnist")
    with pytest.raises(ConfigError, match="Did you mean 'effusion'"):
        read_medmnist("chestmnist", finding="efusion")


def test_selecting_a_finding_of_a_single_label_subset_is_refused(data):
    write(data, "breastmnist")

    with pytest.raises(ConfigError, match="has one class") as caught:
        read_medmnist("breastmnist", finding="mass")

    assert caught.value.error_id == "E-UNKNOWN-FINDING"


def test_larger_images_are_read_from_a_separate_file(data):
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
def test_files_that_differ_from_the_published_format_are_refused(data, change, error_id):
    content = {key: value for key, value in (arrays("breastmnist") | change).items() if value is not None}
    write(data, "breastmnist", content)

    with pytest.raises(DataError) as caught:
        read_medmnist("breastmnist")

    assert caught.value.error_id == error_id


def test_the_published_file_is_read_if_available(shared_data, monkeypatch):
    path = shared_data / "pneumoniamnist" / "pneumoniamnist.npz"
    if not path.exists():
        pytest.skip("needs pneumoniamnist.npz in the folder of public data")
    monkeypatch.setenv("VISIONTK_DATA", str(shared_data))

    samples = read_medmnist("pneumoniamnist")

    assert {part: int((samples.parts == part).sum()) for part in ("train", "valid", "test")} == {
        "train": 4708, "valid": 524, "test": 624,
    }  # fmt: skip
    assert samples.y[samples.parts == "test"].sum() == read_npz(path, "test_labels")["test_labels"].sum() == 390
