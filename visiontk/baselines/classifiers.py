"""Logistic regression and a multilayer perceptron with settings that suit data of any size."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from visiontk.core import Floats, Inputs


class _WrapperMixin(ClassifierMixin):  # type: ignore[misc]
    """Prediction by the scikit-learn classifier ``inner_``, which `fit` creates."""

    def predict_proba(self, x: Inputs) -> Floats:
        """Return probabilities, shape (n, n_classes)."""
        check_is_fitted(self)
        return np.asarray(self.inner_.predict_proba(validate_data(self, x, dtype=np.float64, reset=False)))

    def predict(self, x: Inputs) -> Any:
        """Return the most probable class."""
        probabilities = self.predict_proba(x)
        return self.classes_[probabilities.argmax(axis=1)]


class Logistic(_WrapperMixin, BaseEstimator):  # type: ignore[misc]
    """Multinomial logistic regression [1]_ whose penalty does not depend on the number of samples.

    scikit-learn weights the sum of losses by C. Here the mean is weighted, C = c / n, so that one value suits
    1,000 and 60,000 samples. Scores are computed in float64, so that a row does not depend on the others.

    Parameters
    ----------
    c : float
        Inverse strength of the penalty, > 0.
    max_iter : int
        Maximum number of iterations of L-BFGS.

    References
    ----------
    .. [1] Cox (1958), The regression analysis of binary sequences, JRSS B 20, 215.

    Examples
    --------
    >>> x = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> Logistic(c=100.0).fit(x, [0, 0, 1, 1]).predict_proba(x).argmax(axis=1).tolist()
    [0, 0, 1, 1]
    """

    def __init__(self, c: float = 300.0, max_iter: int = 1000) -> None:
        self.c = c
        self.max_iter = max_iter

    def fit(self, x: Inputs, y: Any, sample_weight: Floats | None = None) -> Self:
        """Fit to features of shape (n, n_features)."""
        from sklearn.linear_model import LogisticRegression

        x, y = _validated(self, x, y)
        inner = LogisticRegression(C=self.c / len(x), tol=1e-3, max_iter=self.max_iter)
        self.inner_ = inner.fit(x, y, sample_weight=sample_weight)
        inner.coef_, inner.intercept_ = inner.coef_.astype(np.float64), inner.intercept_.astype(np.float64)
        self.classes_, self.n_iter_ = inner.classes_, inner.n_iter_
        return self


class StagedMLP(_WrapperMixin, BaseEstimator):  # type: ignore[misc]
    """Multilayer perceptron [1]_ trained for a fixed number of epochs with a step in the learning rate.

    scikit-learn's early stopping would split off its own validation set, which no learner may do.

    Parameters
    ----------
    hidden : tuple of int
        Units of the hidden layers.
    epochs : int
        Number of epochs; the last third runs at a fifth of the learning rate.
    learning_rate : float
        Learning rate of Adam.
    alpha : float
        Strength of the squared penalty.
    random_state : int
        Seed of weights and order.

    References
    ----------
    .. [1] Rumelhart, Hinton and Williams (1986), Learning representations by back-propagating errors,
       Nature 323, 533.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(60, 3))
    >>> StagedMLP(hidden=(8,), epochs=30, learning_rate=0.03).fit(x, x[:, 0] > 0).score(x, x[:, 0] > 0) > 0.8
    True
    """

    def __init__(
        self,
        hidden: tuple[int, ...] = (512, 256),
        epochs: int = 13,
        learning_rate: float = 1e-3,
        alpha: float = 1e-4,
        random_state: int = 0,
    ) -> None:
        self.hidden = hidden
        self.epochs = epochs
        self.learning_rate = learning_rate
        self.alpha = alpha
        self.random_state = random_state

    def fit(self, x: Inputs, y: Any, sample_weight: Floats | None = None) -> Self:
        """Fit to features of shape (n, n_features)."""
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPClassifier

        x, y = _validated(self, x, y)
        self.inner_ = MLPClassifier(
            self.hidden,
            alpha=self.alpha,
            # Small data need small batches for enough steps.
            batch_size=min(len(x), 256, max(16, len(x) // 200)),
            warm_start=True,
            tol=0.0,
            n_iter_no_change=10**6,
        )
        last = self.epochs // 3
        with warnings.catch_warnings():
            # It warns whenever it runs all epochs, which is intended here.
            warnings.simplefilter("ignore", ConvergenceWarning)
            for stage, (epochs, factor) in enumerate(((self.epochs - last, 1.0), (last, 0.2))):
                if epochs:
                    rate = self.learning_rate * factor
                    self.inner_.set_params(
                        learning_rate_init=rate, max_iter=epochs, random_state=self.random_state + stage
                    )
                    self.inner_.fit(x, y, sample_weight=sample_weight)
        self.inner_.coefs_ = [weights.astype(np.float64) for weights in self.inner_.coefs_]
        self.inner_.intercepts_ = [weights.astype(np.float64) for weights in self.inner_.intercepts_]
        self.classes_ = self.inner_.classes_
        return self


def _validated(estimator: Any, x: Inputs, y: Any) -> tuple[Inputs, Any]:
    """Check training data as scikit-learn does and note the number of features."""
    x, y = validate_data(estimator, x, y, dtype=[np.float32, np.float64])
    check_classification_targets(y)
    return x, y
