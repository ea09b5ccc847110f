"""Classifiers on features: logistic regression and perceptrons."""

import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from visiontk.baselines.classifiers import Logistic, StagedMLP
from visiontk.baselines.hog import HogComponents
from visiontk.baselines.lbp import LocalBinaryPatterns
from visiontk.baselines.patches import KMeansPatches
from visiontk.baselines.scaled_pixels import ScaledPixels


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1, 2], 40)
    return rng.normal(size=(120, 4)) + np.eye(4)[y] * 1.5, y


@pytest.mark.parametrize("k", [2, 3])
def test_logistic_agrees_with_scikit_learn_for_c_divided_by_n(data, k):
    x, y = data[0][: 40 * k], data[1][: 40 * k]

    result = Logistic(c=30.0).fit(x, y).predict_proba(x)

    expected = LogisticRegression(C=30.0 / len(x), tol=1e-3, max_iter=1000).fit(x, y).predict_proba(x)
    np.testing.assert_allclose(result, expected, atol=1e-12)


def test_the_penalty_of_logistic_does_not_depend_on_the_number_of_samples(data):
    """Every sample ten times over gives the same probabilities."""
    x, y = data

    once, ten = Logistic(c=1.0).fit(x, y), Logistic(c=1.0).fit(np.tile(x, (10, 1)), np.tile(y, 10))

    np.testing.assert_allclose(once.predict_proba(x), ten.predict_proba(x), atol=5e-3)


@pytest.mark.parametrize("make", [lambda: Logistic(c=1.0), lambda: StagedMLP((8,), epochs=6)], ids=["logistic", "mlp"])
def test_sample_weights_are_used(data, make):
    x, y = data
    plain, heavy = make().fit(x, y), make().fit(x, y, np.where(y == 2, 20.0, 0.5))

    assert heavy.predict_proba(x)[:, 2].mean() > plain.predict_proba(x)[:, 2].mean() + 0.05


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_logistic_predictions_do_not_depend_on_other_samples(data, dtype):
    x, y = data[0].astype(dtype), data[1]
    fitted = Logistic().fit(x, y)

    result = np.concatenate([fitted.predict_proba(x[i : i + 1]) for i in range(len(x))])

    np.testing.assert_allclose(result, fitted.predict_proba(x), atol=1e-13)


def test_a_staged_perceptron_runs_all_epochs_on_all_samples(data):
    """Without early stopping and its validation split; the last third at a fifth of the rate."""
    x, y = data
    fitted = StagedMLP((5,), epochs=10, learning_rate=0.01).fit(x, y)

    assert fitted.inner_.early_stopping is False
    assert len(fitted.inner_.loss_curve_) == 10
    assert fitted.inner_.t_ == 10 * len(x)
    assert fitted.inner_.learning_rate_init == pytest.approx(0.002)


def test_the_second_stage_continues_from_the_first(data):
    x, y = data
    fitted = StagedMLP((8,), epochs=60, learning_rate=0.01).fit(x, y)

    curve = np.array(fitted.inner_.loss_curve_)

    assert curve[40] < 0.7 * curve[0]


def test_a_staged_perceptron_depends_on_its_seed(data):
    x, y = data

    def scores(seed):
        return StagedMLP((8,), epochs=3, random_state=seed).fit(x, y).predict_proba(x)

    assert np.array_equal(scores(1), scores(1))
    assert not np.array_equal(scores(1), scores(2))


@pytest.mark.parametrize("epochs", [1, 2, 3])
def test_a_staged_perceptron_may_have_few_epochs(data, epochs):
    fitted = StagedMLP((4,), epochs=epochs).fit(*data)

    assert len(fitted.inner_.loss_curve_) == epochs


@pytest.mark.parametrize("make", [Logistic, lambda: StagedMLP((4,), epochs=2)], ids=["logistic", "mlp"])
def test_labels_may_be_texts(data, make):
    x, y = data
    names = np.array(["ant", "bee", "cow"])

    fitted = make().fit(x, names[y])

    assert fitted.classes_.tolist() == ["ant", "bee", "cow"]
    assert set(fitted.predict(x)) <= set(names)


def test_pixels_are_scaled_to_0_and_1():
    x = np.random.default_rng(0).integers(0, 256, (3, 4, 5, 2), np.uint8)

    result = ScaledPixels().transform(x)

    assert result.dtype == np.float32
    np.testing.assert_allclose(result, x.reshape(3, 40) / 255, rtol=1e-6)


STEPS = {
    "hog": lambda: HogComponents((3,), n_components=5),
    "lbp": lambda: LocalBinaryPatterns(2, radii=(1,)),
    "patches": lambda: KMeansPatches(6, n_patches=200),
    "pixels": lambda: ScaledPixels(),
}


@pytest.mark.parametrize("name", STEPS)
def test_features_can_be_cloned_pickled_and_put_into_a_pipeline(name):
    """A fitted pipeline predicts the same after pickling; a clone is unfitted with equal parameters."""
    x = np.random.default_rng(0).integers(0, 256, (40, 12, 12, 1), np.uint8)
    y = np.arange(40) % 3
    before = x.copy()
    pipeline = make_pipeline(STEPS[name](), StandardScaler(copy=False), Logistic(c=1.0)).fit(x, y)

    copy = clone(pipeline)
    again = pickle.loads(pickle.dumps(pipeline))

    assert np.array_equal(again.predict_proba(x), pipeline.predict_proba(x))
    assert np.array_equal(x, before)
    assert repr(copy.get_params()) == repr(clone(copy).get_params())
    assert np.array_equal(copy.fit(x, y).predict_proba(x), pipeline.predict_proba(x))


@pytest.mark.parametrize("make", [Logistic, lambda: StagedMLP((4,), epochs=2)], ids=["logistic", "mlp"])
def test_classifiers_can_be_cloned_and_pickled(data, make):
    x, y = data
    fitted = make().fit(x, y)

    assert np.array_equal(pickle.loads(pickle.dumps(fitted)).predict_proba(x), fitted.predict_proba(x))
    assert np.array_equal(clone(fitted).fit(x, y).predict_proba(x), fitted.predict_proba(x))
    assert not hasattr(clone(fitted), "inner_")
