import pickle
from pathlib import Path

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import SVC

from visiontk.baselines.classifiers import StagedMLP
from visiontk.baselines.patches import KMeansPatches
from visiontk.core import Card, Samples
from visiontk.learners import classical
from visiontk.learners.classical import Classical
from visiontk.learners.imbalance import sample_weights
from visiontk.learners.prior import Constant
from visiontk.testing import tiny_images


def points(y, n_classes=3, seed=0):
    y = np.asarray(y)
    x = np.random.default_rng(seed).normal(size=(len(y), 4)) + np.eye(4)[y] * 3
    return Samples.from_arrays(x, y, [str(c) for c in range(n_classes)], Card("points", "0"))


def fitted(learner, samples, seed=0):
    report = learner.fit(samples, samples, seed=seed, workdir=Path(), budget_s=1.0)
    return learner, report


def test_probabilities_are_those_of_the_pipeline():
    samples = points(np.arange(60) % 3)
    learner, _ = fitted(Classical(LogisticRegression()), samples)

    expected = LogisticRegression().fit(samples.take(np.arange(60)), samples.y).predict_proba(samples.take(range(60)))

    np.testing.assert_allclose(learner.predict(samples), expected)


def test_a_binary_margin_becomes_two_scores():
    """scikit-learn returns one column, positive for the second class."""
    samples = points(np.arange(40) % 2, n_classes=2)
    learner, _ = fitted(Classical(SVC()), samples)

    scores = learner.predict(samples)

    assert scores.shape == (40, 2)
    assert np.array_equal(scores[:, 0], -scores[:, 1])
    assert (scores.argmax(axis=1) == samples.y).mean() > 0.9


@pytest.mark.parametrize("classifier", [SVC(), RidgeClassifier(), LogisticRegression()])
@pytest.mark.parametrize("present", [[0, 2], [0, 1, 3]], ids=["two of five", "three of five"])
def test_a_class_without_training_samples_is_never_predicted(classifier, present):
    """The other classes stay in their columns, and rows do not depend on each other."""
    samples = points(np.repeat(present, 20), n_classes=5)
    learner, _ = fitted(Classical(classifier), samples)

    scores = learner.predict(samples)

    absent = sorted({0, 1, 2, 3, 4} - set(present))
    assert scores.shape == (len(samples), 5)
    assert set(scores.argmax(axis=1)) == set(present)
    assert (scores[:, absent].max(axis=1) < scores[:, present].min(axis=1)).all()
    np.testing.assert_allclose(learner.predict(samples.subset([7])), scores[[7]], atol=1e-12)


def test_weights_reach_the_classifier():
    samples = points([0] * 50 + [1] * 8 + [2] * 4)
    learner, _ = fitted(Classical(FunctionTransformer(), LogisticRegression(C=0.01), imbalance="balanced"), samples)

    x = samples.take(np.arange(62))
    expected = LogisticRegression(C=0.01, class_weight="balanced").fit(x, samples.y).predict_proba(x)
    unweighted, _ = fitted(Classical(LogisticRegression(C=0.01)), samples)
    np.testing.assert_allclose(learner.predict(samples), expected, atol=1e-3)
    assert np.abs(unweighted.predict(samples) - expected).max() > 0.1


def test_the_seed_reaches_every_step():
    """Every step with a ``random_state``, at any depth."""
    learner = Classical(KMeansPatches(4, n_patches=50), StagedMLP((3,), epochs=1))

    fitted(learner, tiny_images(9), seed=11)

    seeds = {name: value for name, value in learner.pipeline.get_params().items() if "random_state" in name}
    assert seeds == {"kmeanspatches__random_state": 11, "stagedmlp__random_state": 11}


def test_the_seed_determines_the_scores():
    samples = points(np.arange(60) % 3)

    def scores(seed):
        return fitted(Classical(ExtraTreesClassifier(5, max_depth=1)), samples, seed)[0].predict(samples)

    assert np.array_equal(scores(1), scores(1))
    assert not np.array_equal(scores(1), scores(2))


def test_scores_do_not_depend_on_the_batch_size(monkeypatch):
    samples = points(np.arange(60) % 3)
    learner, _ = fitted(Classical(SVC()), samples)
    whole = learner.predict(samples)

    monkeypatch.setattr(classical, "PREDICT_BATCH", 7)

    np.testing.assert_allclose(learner.predict(samples), whole, atol=1e-12)


def test_the_reported_size_is_that_of_the_pickle():
    learner, report = fitted(Classical(ExtraTreesClassifier(5)), points(np.arange(60) % 3))

    assert report.size_bytes == len(pickle.dumps(learner.pipeline, protocol=5))
    assert not report.cut_off


def test_the_validation_set_is_not_used():
    samples = points(np.arange(60) % 3)
    learner = Classical(LogisticRegression())

    learner.fit(samples, None, seed=0, workdir=Path(), budget_s=1.0)

    assert learner.predict(samples).shape == (60, 3)


def test_the_floor_predicts_the_class_frequencies_of_the_training_set():
    learner, report = fitted(Constant(), points([0, 0, 0, 2]))

    scores = learner.predict(points([1, 1]))

    assert scores.tolist() == [[0.75, 0.0, 0.25]] * 2
    assert report.n_parameters == 3


def test_balanced_weights_have_the_same_total_for_every_present_class():
    """The sum of all weights stays n."""
    samples = points([0] * 7 + [2] * 3, n_classes=3)

    weights = sample_weights(samples, "balanced")

    assert weights[samples.y == 0].sum() == pytest.approx(5)
    assert weights[samples.y == 2].sum() == pytest.approx(5)
    assert sample_weights(samples, "none") is None
