"""Finding codes, leaks, and the models of the checks."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

import visiontk.audit
from visiontk.audit import near_pairs
from visiontk.audit.audit_view import AuditView, view_of
from visiontk.audit.duplicate_checks import exact_duplicates, exact_leaks, near_duplicates, near_leaks
from visiontk.audit.findings import CODES, Finding
from visiontk.audit.label_checks import label_issues
from visiontk.audit.quick_learner import folds_for, out_of_fold
from visiontk.audit.reader_errors import code_of
from visiontk.audit.shortcut_checks import auc
from visiontk.audit.signatures import minhash, of_images, shingles
from visiontk.core import Card, Fold, Samples
from visiontk.data.checks.problems import Problems, refuse
from visiontk.errors import DataError

PAGE = Path(__file__).parents[2] / "docs" / "audit.md"
SOURCE = "\n".join(path.read_text() for path in Path(visiontk.audit.__file__).parent.glob("*.py"))


def table_rows() -> dict[str, list[str]]:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.read_text().splitlines()
             if line.startswith("| `VTK")]  # fmt: skip
    return {row[0].strip("`"): row for row in rows}


def images(n: int = 40, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 200, (n, 20, 20, 1)).astype(np.uint8)


def view(x: np.ndarray, folds: list[Fold], parts: list[str] | None = None) -> AuditView:
    y = np.arange(len(x)) % 2
    return view_of(Samples.from_arrays(x, y, ("a", "b"), Card("test", "0"), parts=parts), folds)


def fold(train: list[int], valid: list[int], test: list[int]) -> Fold:
    return Fold(*(np.array(part, np.int64) for part in (train, valid, test)))


@pytest.mark.skipif(not PAGE.exists(), reason="needs the repository, not an installed package")
def test_the_page_describes_every_code_and_no_other() -> None:
    """Each row has the printed title, the meaning and a remedy."""
    assert set(table_rows()) == set(CODES)
    for code, row in table_rows().items():
        assert len(row) == 4, code
        assert all(row), code
        assert row[1] == CODES[code].title


def test_every_code_is_used_by_a_check() -> None:
    """Every code that a check uses is in the table."""
    used = set(
        re.findall(
            r'"(VTK\d{3})"', SOURCE.replace((Path(visiontk.audit.__file__).parent / "findings.py").read_text(), "")
        )
    )

    assert used == set(CODES)


def test_a_finding_has_a_known_code_and_severity() -> None:
    with pytest.raises(ValueError, match="VTK999"):
        Finding("VTK999", "note", "", 1)
    with pytest.raises(ValueError, match="grave"):
        Finding("VTK101", "grave", "", 1)  # type: ignore[arg-type]


def test_problems_are_collected_or_raised() -> None:
    error = DataError("a.png: empty", error_id="E-DATA-DECODE")
    problems = Problems()

    refuse(error, ["a.png", "b.png"], problems)
    with pytest.raises(DataError, match="empty"):
        refuse(error)

    assert [problem.lines for problem in problems.problems] == [("a.png", "b.png")]
    assert code_of("E-SPLIT-PARTS") == "VTK002"


def test_a_copy_of_a_test_sample_in_the_training_or_validation_set_is_a_leak() -> None:
    """A training sample copied in the validation set is not a leak."""
    x = images()
    x[1], x[21], x[31] = x[0], x[20], x[30]  # train and train, train and valid, valid and test
    split = fold(list(range(21)), list(range(21, 31)), list(range(31, 40)))

    assert exact_leaks(view(x, [split])).tolist() == [31]


def test_in_cross_validation_copies_in_different_folds_are_leaks() -> None:
    x = images()
    x[39], x[1] = x[0], x[2]
    everything = set(range(40))
    folds = [fold(sorted(everything - set(part)), [], list(part)) for part in (range(20), range(20, 40))]

    audited = view(x, folds)

    assert exact_leaks(audited).tolist() == [0, 39]
    assert [finding.code for finding in exact_duplicates(audited)] == ["VTK101", "VTK102"]


def test_comparing_only_pairs_across_the_split_finds_the_same_leaks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    x = images(60)
    x[50] = np.minimum(x[3] + 1 + (x[3] > 100), 255)
    x[4] = np.minimum(x[5] + 1 + (x[5] > 100), 255)
    audited = view(x, [fold(list(range(40)), [], list(range(40, 60)))])

    few = near_pairs.near_pairs(audited)
    monkeypatch.setattr(near_pairs, "MAX_ALL_PAIRS", 10)
    many = near_pairs.near_pairs(audited)

    assert sorted(zip(few.first.tolist(), few.second.tolist(), strict=True)) == [(3, 50), (4, 5)]
    assert near_leaks(audited, few).tolist() == near_leaks(audited, many).tolist() == [50]


def test_samples_that_are_all_similar_are_not_leaks() -> None:
    """If all signatures correlate, copies cannot be distinguished from other samples."""
    base = images(1)[0].astype(int)
    x = np.stack([np.clip(base + np.random.default_rng(i).integers(-3, 4, base.shape), 0, 255) for i in range(60)])
    audited = view(x.astype(np.uint8), [fold(list(range(40)), [], list(range(40, 60)))])

    pairs = near_pairs.near_pairs(audited)
    pairs = pairs._replace(crowded=True) if not pairs.crowded else pairs

    assert near_leaks(audited, pairs).tolist() == []
    assert [finding.code for finding in near_duplicates(audited, pairs)] == ["VTK105"]


def test_the_signature_of_an_image_ignores_brightness_and_contrast() -> None:
    x = images(3)

    a, b = of_images(x)[0], of_images((x * 0.6 + 30).astype(np.uint8))[0]

    assert (np.einsum("ij,ij->i", a, b) > 0.999).all()
    assert (np.abs(a @ a.T)[~np.eye(3, dtype=bool)] < 0.5).all()


def test_minhash_estimates_the_jaccard_similarity() -> None:
    """The mean error over many pairs is near 0."""
    rng = np.random.default_rng(0)
    errors = []
    for _ in range(200):
        a, b = np.unique(rng.integers(0, 60, 30)), np.unique(rng.integers(0, 60, 30))
        hashed = [np.unique(x * 2_654_435_761 % 2**32) for x in (a, b)]
        truth = len(np.intersect1d(a, b)) / len(np.union1d(a, b))
        errors.append((minhash(hashed[0]) == minhash(hashed[1])).mean() - truth)

    assert abs(np.mean(errors)) < 0.02
    assert len(shingles("one two")) == 1


def test_the_area_under_the_curve_agrees_with_scikit_learn_for_ties() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 300)
    scores = np.round(rng.normal(0, 1, 300) + 0.5 * y, 1)

    area, error = auc(scores, y)

    assert area == pytest.approx(roc_auc_score(y, scores))
    assert 0.02 < error < 0.05


def test_out_of_fold_scores_of_random_labels_are_at_chance() -> None:
    """No sample is scored by a model that was fitted on it."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 300)

    scores = out_of_fold(rng.normal(0, 1, (300, 20)), y, 2, folds_for(y, None))

    assert 0.4 < (scores.argmax(axis=1) == y).mean() < 0.6


def test_a_group_is_in_a_single_fold() -> None:
    groups = np.random.default_rng(0).integers(0, 30, 200).astype(str)

    folds = folds_for(np.zeros(200, np.int64), groups)

    assert all(len(set(folds[groups == group].tolist())) == 1 for group in set(groups.tolist()))
    assert np.bincount(folds).min() > 20


def test_confident_learning_finds_flipped_labels_and_no_others() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 600)
    probability = np.full((600, 3), 0.04)
    probability[np.arange(600), truth] = 0.92
    labels = truth.copy()
    labels[:20] = (labels[:20] + 1) % 3

    assert label_issues(probability, truth)[0].tolist() == []
    assert sorted(label_issues(probability, labels)[0].tolist()) == list(range(20))
