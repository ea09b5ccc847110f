"""Traditional learners: a scikit-learn pipeline from raw inputs to classes."""

from __future__ import annotations

import io
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from annotated_types import Ge, Le

from visiontk.core import FitReport, Floats, Samples
from visiontk.learners.imbalance import ClassBalance, Imbalance, sample_weights
from visiontk.learners.lazy_inputs import all_inputs, image_size, n_bytes
from visiontk.learners.state import read_state, write_state
from visiontk.spaces import Range

PREDICT_BATCH = 512
PREDICT_BYTES = 200_000_000
MOST_CLASSES = 2**24
"""Of a saved learner: more are a damaged file."""


class Classical:
    """A scikit-learn pipeline on raw inputs that ends with a classifier.

    All estimates (means, components, centroids, vocabularies) are steps of the pipeline, so they see
    training samples only. Inputs that do not fit into memory reach the first step as `LazyInputs`,
    which features that work in batches read batch by batch.

    Parameters
    ----------
    steps : estimator
        Transformers, and last a classifier that takes ``sample_weight``.
    imbalance : {"none", "balanced"}
        See `sample_weights`.
    """

    def __init__(self, *steps: Any, imbalance: Imbalance = "none") -> None:
        from sklearn.pipeline import make_pipeline

        self.pipeline = make_pipeline(*steps)
        self.imbalance: Imbalance = imbalance
        self.n_classes = 0

    def fit(self, train: Samples, valid: Samples, *, seed: int, workdir: Path, budget_s: float) -> FitReport:
        """Fit all steps on the training set. The validation set is not used."""
        self.n_classes = train.n_classes
        seeded = {name: seed for name in self.pipeline.get_params() if name.split("__")[-1] == "random_state"}
        self.pipeline.set_params(**seeded)
        weights = sample_weights(train, self.imbalance)
        last = self.pipeline.steps[-1][0]
        fit_params = {} if weights is None else {f"{last}__sample_weight": weights}
        self.pipeline.fit(all_inputs(train), train.y, **fit_params)
        return FitReport(size_bytes=_pickled_size(self.pipeline), input_size=image_size(train))

    def predict(self, samples: Samples) -> Floats:
        """Return probabilities if the classifier has them, else decision values, which only rank.

        A class without training samples gets probability 0, or one less than the lowest decision value.
        """
        size = max(min(PREDICT_BATCH, PREDICT_BYTES * len(samples) // max(n_bytes(samples), 1)), 1)
        return np.concatenate([self._scores(batch) for batch in samples.batches(size)])

    def save(self, folder: Path) -> None:
        """Write what the fit added to the steps; see `visiontk.learners.estimator_state`."""
        from visiontk.learners.estimator_state import state_of

        value, arrays = state_of(self.pipeline)
        write_state(folder, {"n_classes": self.n_classes, **value}, arrays)

    def load(self, folder: Path) -> None:
        """Read it into the steps."""
        from visiontk.learners.estimator_state import fill

        state = read_state(folder)
        n_classes = state.whole("n_classes", MOST_CLASSES)
        fill(self.pipeline, state)
        classes = self.pipeline.classes_
        if not (classes.min() >= 0 and classes.max() < n_classes):
            raise ValueError(f"classes {classes.tolist()} of {n_classes}")
        self.n_classes = n_classes

    def _scores(self, batch: Any) -> Floats:
        if hasattr(self.pipeline, "predict_proba"):
            present = self.pipeline.predict_proba(batch)
            absent: Any = 0.0
        else:
            present = self.pipeline.decision_function(batch)
            if present.ndim == 1:
                present = np.stack([-present, present], axis=1)
            # Per row, not per batch: a score must not depend on neighbours.
            absent = present.min(axis=1, keepdims=True) - 1
        scores = np.empty((len(batch), self.n_classes))
        scores[:] = absent
        scores[:, self.pipeline.classes_] = present
        return scores


@dataclass(frozen=True)
class Forest:
    """Extremely randomised trees with leaves of two: half the size of the forest at the same accuracy.

    Parameters
    ----------
    n_trees : int
        Number of trees.
    """

    n_trees: Annotated[int, Ge(1), Le(10_000), Range(100, 1000, log=True)] = 300

    def on(self, features: Any, balance: ClassBalance) -> Classical:
        """Learner on these features."""
        from sklearn.ensemble import ExtraTreesClassifier

        forest = ExtraTreesClassifier(self.n_trees, min_samples_leaf=2)
        return Classical(features, forest, imbalance=balance.imbalance)


class _Counter(io.RawIOBase):
    """File that counts the bytes written to it and discards them."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, data: Any) -> int:
        n = memoryview(data).nbytes
        self.size += n
        return n


def _pickled_size(estimator: Any) -> int | None:
    """Pickled size of a fitted estimator in bytes, without holding the pickle; None if it cannot be pickled."""
    counter = _Counter()
    try:
        pickle.dump(estimator, counter, protocol=5)
    except (AttributeError, TypeError, pickle.PicklingError):
        return None  # such as a lambda in a pipeline; the fit is valid all the same
    return counter.size
