"""Names of parts and folds in several languages and spellings."""

import pytest

from visiontk.data.layouts.part_names import (
    folds_by_name,
    is_filler,
    is_mask,
    is_split_word,
    is_unlabelled,
    parts_by_name,
    spelled_twice,
)

SPLITS = [
    "Training Testing",
    "train dev eval",
    "TRAIN VAL TEST",
    "train_set test_set",
    "seg_train seg_test",
    "trainset testset",
    "images_train images_val images_test",
    "Training PublicTest PrivateTest",
    "tr te",
    "01-train 02-valid 03-test",
    "TrainingData ValidationData TestData",
    "training_images hold_out",
    "train1 train2 test1",
    "train-clean-100 dev-clean dev-other test-clean test-other",
    "entraînement validation essai",
    "trainval test",
    "Trainingsdaten Validierungsdaten Testdaten",
    "entrenamiento validación prueba",
    "treino teste",
    "Lernen Validierung Test",
    "addestramento test",
    "обучающая_выборка тестовая_выборка",
    "训练集 验证集 测试集",
    "学習用 検証用 テスト",
    "훈련 검증 시험",
    "eğitim doğrulama test",
]


@pytest.mark.parametrize("names", SPLITS)
def test_every_name_of_a_split_is_a_part(names: str) -> None:
    """The first is the training set and the last the test set."""
    parts = parts_by_name(names.split())

    assert list(parts) == names.split()
    assert next(iter(parts.values())) == "train"
    assert list(parts.values())[-1] == "test"
    assert not spelled_twice(parts)


@pytest.mark.parametrize(
    "names",
    ["cat dog", "bullet_train test_drive", "blood_test dna_test", "tr te en", "trainer testament", "contest attest"],
)
def test_names_of_classes_are_no_parts(names: str) -> None:
    assert parts_by_name(names.split()) == {}


def test_an_ambiguous_word_depends_on_the_others() -> None:
    """`eval` and `PublicTest` may be validation or test set."""
    assert parts_by_name(["train", "eval"])["eval"] == "test"
    assert parts_by_name(["train", "eval", "test"])["eval"] == "valid"
    assert parts_by_name(["Training", "PublicTest"])["PublicTest"] == "test"
    assert parts_by_name(["Training", "PublicTest", "PrivateTest"])["PublicTest"] == "valid"


def test_two_words_for_one_part_are_reported() -> None:
    assert spelled_twice(parts_by_name(["train", "val", "valid", "test"])) == ["val", "valid"]


@pytest.mark.parametrize(
    "names",
    [
        "fold1 fold2",
        "fold_0 fold_1",
        "Fold-A Fold-B",
        "cv_1 cv_2",
        "k-fold-1 k-fold-2",
        "10fold_1 10fold_2",
        "cats_fold1 cats_fold2",
        "1st_fold 2nd_fold",
        "第1折 第2折",
    ],
)
def test_numbered_folds_are_folds(names: str) -> None:
    assert folds_by_name(names.split())


@pytest.mark.parametrize("names", ["cat dog", "fold1", "fold1 dog", "1 2 3", "fold new_fold", "split_1 split_2"])
def test_other_names_are_no_folds(names: str) -> None:
    assert not folds_by_name(names.split())


def test_words_for_missing_labels_masks_and_samples_are_known() -> None:
    assert all(map(is_unlabelled, ("unsup", "Unlabeled", "un-labelled", "no_label", "seg_pred", "_background_noise_")))
    assert not any(map(is_unlabelled, ("unknown", "other", "suppression")))
    assert is_mask("lung_masks")
    assert not is_mask("with mask on")
    assert is_filler("images")
    assert not is_filler("cat images")
    assert is_split_word("Fold 3")
    assert not is_split_word("steam train")
