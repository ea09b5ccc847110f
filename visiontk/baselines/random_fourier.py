"""Random Fourier features."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from visiontk.core import Floats, Inputs


class RandomFourierFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Random Fourier features [1]_ of a Gaussian kernel whose width is relative to the training data.

    Parameters
    ----------
    n_components : int
        Number of features.
    width : float
        Width of the kernel in units of the root mean squared distance between two training rows.
    random_state : int
        Seed of the frequencies.

    References
    ----------
    .. [1] Rahimi and Recht (2007), Random features for large-scale kernel machines, NeurIPS.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(50, 3))
    >>> z = RandomFourierFeatures(4000).fit(x).transform(x)
    >>> bool(np.allclose((z * z).sum(axis=1), 1, atol=0.1))
    True
    """

    def __init__(self, n_components: int = 3000, width: float = 1.0, random_state: int = 0) -> None:
        self.n_components = n_components
        self.width = width
        self.random_state = random_state

    def fit(self, x: Inputs, y: Any = None) -> Self:
        """Draw frequencies for features of shape (n, n_features)."""
        x = validate_data(self, x, dtype=[np.float32, np.float64])
        rng = np.random.default_rng(self.random_state)
        # The mean squared distance between two rows is twice the total variance.
        distance = np.sqrt(2 * max(float(x.var(axis=0, dtype=np.float64).sum()), 1e-12))
        self.frequencies_ = rng.normal(size=(x.shape[1], self.n_components)) / (self.width * distance)
        self.phases_ = rng.uniform(0, 2 * np.pi, self.n_components)
        return self

    def transform(self, x: Inputs) -> Floats:
        """Return features, shape (n, n_components), in float64 so that a row does not depend on the others."""
        check_is_fitted(self)
        x = validate_data(self, x, dtype=np.float64, reset=False)
        angle = x @ self.frequencies_ + self.phases_
        return np.asarray(np.sqrt(2 / self.n_components) * np.cos(angle))
