"""Leading principal components of wide features."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted, validate_data

from visiontk.core import Floats, Inputs

BATCH = 1000


class PrincipalComponents(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Leading principal components [1]_, partly whitened, of features or of a power of them.

    Parameters
    ----------
    n_components : int
        Maximum number of components.
    power : float
        Exponent applied first to features of at least 0. 0.5 turns inner products of histograms into their
        Bhattacharyya (Hellinger) kernel, as suits counts [2]_.
    whitening : float
        0 keeps the variances of the components, 1 makes them equal.
    n_fit : int
        Maximum number of evenly spaced training samples used by `fit`, whose cost grows with its cube.

    References
    ----------
    .. [1] Hotelling (1933), Analysis of a complex of statistical variables into principal components,
       Journal of Educational Psychology 24, 417.
    .. [2] Perronnin, Sánchez and Liu (2010), Large-scale image categorization with explicit data embedding, CVPR.

    Examples
    --------
    >>> x = np.random.default_rng(0).random((50, 400), np.float32)
    >>> PrincipalComponents(5).fit(x).transform(x).shape
    (50, 5)
    """

    def __init__(self, n_components: int = 200, power: float = 1.0, whitening: float = 0.3, n_fit: int = 4000) -> None:
        self.n_components = n_components
        self.power = power
        self.whitening = whitening
        self.n_fit = n_fit

    def fit(self, x: Inputs, y: Any = None) -> Self:
        """Estimate mean and components from features of shape (n, n_features)."""
        x = validate_data(self, x, dtype=[np.float32, np.float64])
        chosen = np.linspace(0, len(x) - 1, min(len(x), self.n_fit)).astype(np.int64)
        features = self._powered(x[chosen])
        self.mean_ = features.mean(axis=0, dtype=np.float64).astype(np.float32)
        features = features - self.mean_
        n, width = features.shape
        wide = width > n
        # Both products have the same eigenvalues: the smaller matrix is decomposed.
        products = (features @ features.T if wide else features.T @ features).astype(np.float64) / n
        k = max(min(self.n_components, n - 1, width), 1)
        variances, axes = largest_eigenpairs(products, k)
        if wide:
            axes = features.T.astype(np.float64) @ axes / np.sqrt(n * variances)
        self.components_ = fix_signs(axes) * np.maximum(variances / variances[0], 1e-9) ** (-self.whitening / 2)
        return self

    def transform(self, x: Inputs) -> NDArray[np.float64]:
        """Return components, shape (n, n_components)."""
        check_is_fitted(self)
        x = validate_data(self, x, dtype=[np.float32, np.float64], reset=False)
        steps = range(0, len(x), BATCH)
        return np.concatenate([(self._powered(x[i : i + BATCH]) - self.mean_) @ self.components_ for i in steps])

    def _powered(self, x: Inputs) -> Inputs:
        if self.power == 1:
            return x
        return np.asarray(np.sqrt(x) if self.power == 0.5 else x**self.power)


def largest_eigenpairs(products: Floats, k: int) -> tuple[Floats, Floats]:
    """Return the `k` largest eigenvalues of a symmetric matrix, at least 1e-12, and their eigenvectors in columns.

    Examples
    --------
    >>> values, vectors = largest_eigenpairs(np.diag([1.0, 3.0, 2.0]), 2)
    >>> values.tolist(), np.abs(vectors[:, 0]).tolist()
    ([3.0, 2.0], [0.0, 1.0, 0.0])
    """
    from scipy.linalg import eigh

    values, vectors = eigh(products, subset_by_index=(len(products) - k, len(products) - 1))
    return np.maximum(values[::-1], 1e-12), vectors[:, ::-1]


def fix_signs(axes: Floats) -> Floats:
    """Flip columns so that their largest element is positive: signs of eigenvectors differ between machines."""
    return np.asarray(axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])]))
