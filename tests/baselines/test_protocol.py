"""Estimators of `visiontk.baselines` follow scikit-learn's protocol."""

from __future__ import annotations

import importlib
import inspect
import pickle
import pkgutil
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC
from sklearn.utils import get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks

import visiontk.baselines
from visiontk.baselines.classifiers import Logistic, StagedMLP
from visiontk.baselines.embedding_bag import EmbeddingBag
from visiontk.baselines.gabor import Gabor
from visiontk.baselines.hog import HogComponents
from visiontk.baselines.image_inputs import ImageInputs, StatelessTransformer
from visiontk.baselines.lbp import LocalBinaryPatterns
from visiontk.baselines.naive_bayes import NBSVM
from visiontk.baselines.patches import KMeansPatches
from visiontk.baselines.principal_components import PrincipalComponents
from visiontk.baselines.random_fourier import RandomFourierFeatures
from visiontk.baselines.scaled_pixels import ScaledPixels
from visiontk.baselines.sift import VisualWords
from visiontk.baselines.spectrogram_features import CepstralStatistics, SegmentMeans
from visiontk.baselines.texture_features import TextureFeatures
from visiontk.baselines.virtual_examples import VirtualExamples

TABLES = [
    EmbeddingBag(epochs=30),
    Logistic(),
    NBSVM(),
    PrincipalComponents(),
    RandomFourierFeatures(100),
    StagedMLP((8,), epochs=60, learning_rate=0.03),
]
"""Estimators of features of shape (n, n_features)."""

IMAGES = [
    Gabor(2, 3, 2),
    HogComponents(cells=(6,), n_components=3),
    KMeansPatches(4, n_patches=200),
    LocalBinaryPatterns(),
    ScaledPixels(),
    TextureFeatures(),
    VisualWords(4, n_descriptors=100),
]
SPECTROGRAMS = [
    CepstralStatistics(),
    SegmentMeans(),
    VirtualExamples(make_pipeline(SegmentMeans(), LinearSVC()), (0.0, 1.0), (1.0, 1.0)),
]


DENSE, SPARSE = (f"check_sample_weight_equivalence_on_{kind}_data" for kind in ("dense", "sparse"))
EXPECTED_FAILURES = {
    Logistic: {DENSE: "C = c / n depends on the number of samples, not on the sum of their weights"},
    NBSVM: dict.fromkeys((DENSE, SPARSE), "log-count ratios count every sample once, whatever its weight"),
    StagedMLP: {DENSE: "batches hold a number of samples, whatever their weights"},
}
"""Checks of scikit-learn that fail, each with its reason."""


def expected_failures(estimator: BaseEstimator) -> dict[str, str]:
    return EXPECTED_FAILURES.get(type(estimator), {})


@parametrize_with_checks(TABLES, expected_failed_checks=expected_failures)
def test_estimators_pass_the_checks_of_scikit_learn(estimator: BaseEstimator, check: Any) -> None:
    check(estimator)


def test_every_estimator_is_checked() -> None:
    checked = {type(each) for each in (*TABLES, *IMAGES, *SPECTROGRAMS)}
    modules = [importlib.import_module(f"visiontk.baselines.{each.name}")
               for each in pkgutil.iter_modules(visiontk.baselines.__path__)]  # fmt: skip

    result = {
        each
        for module in modules
        for each in vars(module).values()
        if inspect.isclass(each) and issubclass(each, BaseEstimator) and each.__module__ == module.__name__
    }

    assert result - {ImageInputs, StatelessTransformer} == checked


def inputs(estimator: BaseEstimator) -> tuple[Any, Any]:
    rng, y = np.random.default_rng(0), np.arange(20) % 2
    if any(estimator is each for each in SPECTROGRAMS):
        return rng.uniform(-80, 0, (20, 30, 40, 1)).astype(np.float32), y
    return rng.integers(0, 256, (20, 24, 24, 1), np.uint8), y


@pytest.mark.parametrize("estimator", [*IMAGES, *SPECTROGRAMS], ids=lambda each: type(each).__name__)
def test_estimators_of_images_follow_the_protocol(estimator: BaseEstimator) -> None:
    """scikit-learn's checks only generate tables, so these repeat the relevant ones for images."""
    x, y = inputs(estimator)
    before = x.copy()
    fitted, parameters = clone(estimator), estimator.get_params(deep=False)

    assert not [name for name in vars(fitted) if name.endswith("_")]
    assert fitted.fit(x, y) is fitted
    assert (x == before).all()
    assert repr(fitted.get_params(deep=False)) == repr(parameters)
    name = "predict" if isinstance(fitted, ClassifierMixin) else "transform"
    once = getattr(fitted, name)(x)
    again = getattr(pickle.loads(pickle.dumps(clone(fitted).fit(x, y))), name)(x)
    assert np.array_equal(once, again)
    tags = get_tags(fitted)
    assert tags.no_validation and tags.input_tags.three_d_array and not tags.input_tags.two_d_array  # noqa: PT018
    assert tags.requires_fit is not isinstance(fitted, StatelessTransformer)


@pytest.mark.parametrize("estimator", [*IMAGES, *SPECTROGRAMS], ids=lambda each: type(each).__name__)
def test_an_unfitted_estimator_is_an_error(estimator: BaseEstimator) -> None:
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    if isinstance(estimator, StatelessTransformer):
        check_is_fitted(clone(estimator))
    else:
        with pytest.raises(NotFittedError):
            check_is_fitted(clone(estimator))
