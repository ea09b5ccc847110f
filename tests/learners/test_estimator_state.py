"""Fitted scikit-learn estimators as data."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier, GradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC, LinearSVC

from visiontk.core import CannotSave, Samples
from visiontk.errors import ModelError
from visiontk.learners.classical import Classical
from visiontk.learners.estimator_state import fill, state_of
from visiontk.learners.state import State, read_state, write_state

X = np.random.default_rng(0).normal(size=(60, 5)) + np.arange(60)[:, None] % 3
Y = np.arange(60) % 3

ESTIMATORS: dict[str, Callable[[], Any]] = {
    "logistic": lambda: make_pipeline(StandardScaler(), LogisticRegression()),
    "ridge": lambda: make_pipeline(StandardScaler(), RidgeClassifier()),
    "svm": lambda: make_pipeline(StandardScaler(), SVC()),
    "linear_svm": lambda: make_pipeline(LinearSVC(dual=False)),
    "mlp": lambda: make_pipeline(MLPClassifier((7,), max_iter=5, tol=0.0, random_state=0)),
    "extra_trees": lambda: make_pipeline(ExtraTreesClassifier(5, random_state=0)),
    "forest": lambda: make_pipeline(RandomForestClassifier(5, random_state=0)),
    "union": lambda: make_pipeline(make_union(StandardScaler(), FunctionTransformer(np.abs)), LogisticRegression()),
}


def scores(estimator: Any, x: Any = X) -> Any:
    return estimator.predict_proba(x) if hasattr(estimator, "predict_proba") else estimator.decision_function(x)


def on_disk(state: State, folder: Path) -> State:
    folder.mkdir()
    write_state(folder, *state)
    return read_state(folder)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_filled_estimator_gives_the_same_scores(tmp_path: Path, name: str) -> None:
    """Bit for bit; what the fit added is all that is needed."""
    fitted, fresh = ESTIMATORS[name]().fit(X, Y), ESTIMATORS[name]()

    fill(fresh, on_disk(state_of(fitted), tmp_path / "state"))

    np.testing.assert_array_equal(scores(fresh), scores(fitted))


def test_a_vocabulary_is_saved_as_its_words_in_order(tmp_path: Path) -> None:
    texts = ["a cat sat", "a dog sat", "no cat"]
    fitted, fresh = (make_pipeline(TfidfVectorizer(analyzer=str.split), LogisticRegression()) for _ in range(2))
    fitted.fit(texts, [0, 1, 0])
    state = on_disk(state_of(fitted), tmp_path / "state")

    fill(fresh, state)

    assert '{"vocabulary": ["a", "cat", "dog", "no", "sat"]}' in json.dumps(state.value)
    np.testing.assert_array_equal(scores(fresh, texts), scores(fitted, texts))


def test_arrays_keep_the_order_of_their_elements_in_memory(tmp_path: Path) -> None:
    """Products of matrices differ by it in their last bits."""
    fitted, fresh = (make_pipeline(LogisticRegression()) for _ in range(2))
    fitted.fit(X, Y)
    fitted[0].coef_ = np.asfortranarray(fitted[0].coef_)

    fill(fresh, on_disk(state_of(fitted), tmp_path / "state"))

    np.testing.assert_array_equal(fresh[0].coef_, fitted[0].coef_)
    assert fresh[0].coef_.flags.f_contiguous
    assert not fresh[0].coef_.flags.c_contiguous


def test_an_object_without_a_form_as_data_is_named(images: Samples, tmp_path: Path) -> None:
    """Its fit is then not kept."""
    boosted = make_pipeline(GradientBoostingClassifier(n_estimators=2)).fit(X, Y)

    with pytest.raises(CannotSave, match=r"it holds a sklearn\.[\w.]+, for which there is no form as data"):
        state_of(boosted)
    scaler = make_pipeline(StandardScaler()).fit(X)
    for value, kind in ((np.array(["a"]), "array of <U1"), ({"a": 5}, "a dictionary that is no vocabulary")):
        scaler[0].extra_ = value
        with pytest.raises(CannotSave, match=kind):
            state_of(scaler)
    learner = Classical(FunctionTransformer(_flat), GradientBoostingClassifier(n_estimators=2))
    learner.fit(images, images, seed=0, workdir=tmp_path, budget_s=60)
    with pytest.raises(CannotSave):
        learner.save(tmp_path)


def _flat(x: Any) -> Any:
    return x.reshape(len(x), -1)


def changed(state: State, change: Callable[[Any], Any]) -> State:
    value = copy.deepcopy(state.value)
    change(value["fitted"])
    return State(value, state.arrays)


def own(fitted: Any) -> Any:
    """The attributes of the last step of a pipeline."""
    return next(reversed(fitted["parts"].values()))["own"]


@pytest.mark.parametrize("kind", ["Popen", "Pipeline", "FunctionTransformer", "SVC"])
def test_a_type_that_is_not_listed_is_refused(kind: str) -> None:
    """No name in a file is imported."""
    state = state_of(make_pipeline(LogisticRegression()).fit(X, Y))
    foreign = {"estimator": kind, "parameters": {"args": "true"}, "fitted": {"own": {}, "parts": {}}}

    with pytest.raises(ValueError, match="a value of an unknown form"):
        fill(make_pipeline(LogisticRegression()), changed(state, lambda fitted: own(fitted).update(x_=foreign)))


@pytest.mark.parametrize("name", ["predict_proba", "C", "__class__", "__dict__", "get_params", "a b", "_optimizer", ""])
def test_only_fitted_attributes_are_filled(name: str) -> None:
    """Not methods, not parameters, which come from the trial."""
    state = state_of(make_pipeline(LogisticRegression()).fit(X, Y))

    with pytest.raises(ValueError, match="has no fitted attribute"):
        fill(make_pipeline(LogisticRegression()), changed(state, lambda fitted: own(fitted).update({name: 1})))


def test_other_parts_or_another_version_are_refused() -> None:
    state = state_of(make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y))

    with pytest.raises(ValueError, match=r"parts .*standardscaler, expected steps.logisticregression$"):
        fill(make_pipeline(LogisticRegression()), state)
    with pytest.raises(ModelError, match=r"fitted with scikit-learn 0\.1, installed is"):
        fill(make_pipeline(LogisticRegression()), State({**state.value, "scikit-learn": "0.1"}, state.arrays))


NODES = {
    "a cycle": lambda tree: tree["left_child"].__setitem__(0, 0),
    "a node outside": lambda tree: tree["right_child"].__setitem__(0, 10**6),
    "a negative node": lambda tree: tree["right_child"].__setitem__(0, -5),
    "one child": lambda tree: tree["right_child"].__setitem__(-1, 0),
    "a feature outside": lambda tree: tree["feature"].__setitem__(0, 5),
    "no feature": lambda tree: tree["feature"].__setitem__(0, -2),
}


@pytest.mark.parametrize("fault", NODES)
def test_a_tree_that_leads_outside_of_itself_is_refused(fault: str) -> None:
    """scikit-learn follows nodes without checking them: a wrong one ends the process."""
    estimator = make_pipeline(ExtraTreesClassifier(2, random_state=0))
    state = state_of(copy.deepcopy(estimator).fit(X, Y))
    tree = own(state.value["fitted"])["estimators_"]["list"][1]["fitted"]["own"]["tree_"]["tree"]
    NODES[fault]({name: state.arrays[place["array"]] for name, place in tree["nodes"].items()})

    with pytest.raises(ValueError, match="a tree whose nodes lead outside of it"):
        fill(estimator, state)


@pytest.mark.parametrize("place", ["tree", "estimator", "forest"])
def test_trees_of_other_numbers_of_features_are_refused(place: str) -> None:
    """The forest checks the width of its inputs by its first tree."""
    estimator = make_pipeline(ExtraTreesClassifier(2, random_state=0))
    state = state_of(copy.deepcopy(estimator).fit(X, Y))
    forest = own(state.value["fitted"])
    one = forest["estimators_"]["list"][1]["fitted"]["own"]
    if place == "tree":
        one["tree_"]["tree"]["n_features"] = 6
    else:
        (one if place == "estimator" else forest)["n_features_in_"] = 6

    with pytest.raises(ValueError, match="trees of other numbers of features"):
        fill(estimator, state)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("_n_support", np.array([5, 5, 10**6], np.int32)),
        ("_n_support", np.array([-5, 5, 5], np.int32)),
        ("_n_support", np.array([5], np.int32)),
        ("support_vectors_", np.zeros((3, 5))),
        ("support_vectors_", np.zeros((60, 1))),
        ("support_", np.zeros(1, np.int32)),
        ("_dual_coef_", np.zeros((1, 1))),
        ("_dual_coef_", np.zeros((2, 60), np.float32)),
        ("_intercept_", np.zeros(1)),
        ("_probA", np.zeros(9)),
    ],
)
def test_a_support_vector_machine_of_wrong_sizes_is_refused(name: str, array: Any) -> None:
    """Libsvm reads as many numbers as the counts say."""
    estimator = make_pipeline(SVC())
    state = state_of(copy.deepcopy(estimator).fit(X, Y))
    state.arrays[own(state.value["fitted"])[name]["array"]] = array

    with pytest.raises(ValueError, match="a support vector machine"):
        fill(estimator, state)


def test_a_word_that_occurs_twice_in_a_vocabulary_is_refused() -> None:
    estimator = make_pipeline(TfidfVectorizer(analyzer=str.split), LogisticRegression())
    state = state_of(copy.deepcopy(estimator).fit(["a b", "c"], [0, 1]))
    words = state.value["fitted"]["parts"]["steps.tfidfvectorizer"]["own"]["vocabulary_"]
    words["vocabulary"][1] = "a"

    with pytest.raises(ValueError, match="a word occurs twice"):
        fill(estimator, state)
