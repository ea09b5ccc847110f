"""Base classes of scikit-learn estimators that take images or spectrograms."""

from __future__ import annotations

from typing import Any, Self

from sklearn.base import BaseEstimator, TransformerMixin

from visiontk.core import Inputs


class ImageInputs(BaseEstimator):  # type: ignore[misc]
    """Tags of an estimator whose inputs have shape (n, height, width, channels)."""

    def __sklearn_tags__(self) -> Any:
        """Declare that inputs are not tables and are not validated here: they may be read from disk batch by batch."""
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.three_d_array = True
        tags.no_validation = True
        return tags


class StatelessTransformer(TransformerMixin, ImageInputs):  # type: ignore[misc]
    """Transformer of images that estimates nothing."""

    def fit(self, x: Inputs, y: Any = None) -> Self:
        """Do nothing: no parameter is estimated."""
        return self

    def __sklearn_is_fitted__(self) -> bool:
        """Return True."""
        return True

    def __sklearn_tags__(self) -> Any:
        """Declare that `transform` works without `fit`."""
        tags = super().__sklearn_tags__()
        tags.requires_fit = False
        return tags
