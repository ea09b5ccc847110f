"""Support vector machine with naive Bayes features (NBSVM), for texts."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, check_non_negative, validate_data

from visiontk.core import Floats


def log_count_ratio(x: Any, y: Any, *, alpha: float = 1.0) -> Floats:
    """Return the log ratio of the frequency of each feature inside and outside a class [1]_.

    Parameters
    ----------
    x : sparse matrix of shape (n, n_features)
        Counts, or 0 and 1.
    y : ndarray of bool, shape (n,)
        True for samples of the class.
    alpha : float
        Added to every count, > 0.

    Returns
    -------
    ndarray of float64, shape (n_features,)

    References
    ----------
    .. [1] Wang and Manning (2012), Baselines and bigrams: simple, good sentiment and topic classification,
       ACL, section 2.

    Examples
    --------
    >>> from scipy.sparse import csr_matrix
    >>> log_count_ratio(csr_matrix([[1.0, 0.0], [1.0, 1.0]]), np.array([True, False])).round(2).tolist()
    [0.29, -0.41]
    """
    inside = alpha + np.asarray(x[y].sum(axis=0), dtype=np.float64).ravel()
    outside = alpha + np.asarray(x[~y].sum(axis=0), dtype=np.float64).ravel()
    ratio: Floats = np.log(inside / inside.sum()) - np.log(outside / outside.sum())
    return ratio


class NBSVM(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Linear support vector machine on features weighted by log-count ratios, interpolated with naive Bayes [1]_.

    More than two classes are handled one versus rest.

    Parameters
    ----------
    c : float
        Inverse strength of the penalty on the sum of squared hinge losses, > 0.
    alpha : float
        Added to every count, > 0.
    beta : float
        Interpolation in [0, 1]: 1 is the support vector machine, 0 is naive Bayes.

    References
    ----------
    .. [1] Wang and Manning (2012), Baselines and bigrams: simple, good sentiment and topic classification,
       ACL, section 2.3.

    Examples
    --------
    >>> from scipy.sparse import csr_matrix
    >>> x = csr_matrix([[1.0, 0.0, 1.0], [0.0, 1.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    >>> NBSVM().fit(x, [0, 1, 0, 1]).predict(x).tolist()
    [0, 1, 0, 1]
    """

    def __init__(self, c: float = 0.03, alpha: float = 0.5, beta: float = 0.4) -> None:
        self.c = c
        self.alpha = alpha
        self.beta = beta

    def fit(self, x: Any, y: Any, sample_weight: Floats | None = None) -> Self:
        """Fit to a sparse matrix of zeros and ones, of shape (n, n_features)."""
        x, y = validate_data(self, x, y, accept_sparse="csr", dtype=[np.float64, np.float32])
        check_classification_targets(y)
        check_non_negative(x, "NBSVM.fit")
        self.classes_ = np.unique(y)
        if len(self.classes_) < 2:
            raise ValueError(f"Two classes or more are needed; got one class, {self.classes_[0]!r}.")
        positives = self.classes_[1:] if len(self.classes_) == 2 else self.classes_
        fits = [self._fit_binary(x, y == positive, sample_weight) for positive in positives]
        self.coef_ = np.array([weights for weights, _ in fits])
        self.intercept_ = np.array([intercept for _, intercept in fits])
        return self

    def _fit_binary(self, x: Any, y: Any, sample_weight: Floats | None) -> tuple[Floats, float]:
        from scipy.sparse import diags
        from sklearn.svm import LinearSVC

        ratio = log_count_ratio(x, y, alpha=self.alpha)
        # The primal problem has a solver without random numbers.
        machine = LinearSVC(C=self.c, dual=False).fit(x @ diags(ratio), y, sample_weight=sample_weight)
        weights = machine.coef_[0]
        level = np.abs(weights).mean()
        return ratio * ((1 - self.beta) * level + self.beta * weights), float(machine.intercept_[0])

    def decision_function(self, x: Any) -> Floats:
        """Return margins, of shape (n,) for two classes and (n, n_classes) for more."""
        check_is_fitted(self)
        x = validate_data(self, x, accept_sparse="csr", dtype=[np.float64, np.float32], reset=False)
        margins: Floats = np.asarray(x @ self.coef_.T) + self.intercept_
        return np.asarray(margins[:, 0]) if len(self.classes_) == 2 else margins

    def predict(self, x: Any) -> Any:
        """Return the class with the largest margin."""
        margins = self.decision_function(x)
        return self.classes_[(margins > 0).astype(int) if margins.ndim == 1 else margins.argmax(axis=1)]

    def __sklearn_tags__(self) -> Any:
        """Declare zeros and ones, sparse or dense; other features give poor scores."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True
        tags.input_tags.sparse = tags.input_tags.positive_only = True
        return tags
