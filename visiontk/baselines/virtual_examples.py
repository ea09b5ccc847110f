"""Virtual training examples: spectrograms shifted and stretched along the mel axis."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin

from visiontk.baselines.image_inputs import ImageInputs
from visiontk.core import Floats, Inputs


class VirtualExamples(ClassifierMixin, ImageInputs):  # type: ignore[misc]
    """Classifier of spectrograms fitted with copies that are shifted and stretched along the mel axis [1]_.

    The copies imitate other vocal tracts and pitches. Predictions use the spectrogram as it is.

    Parameters
    ----------
    estimator : estimator
        A pipeline that takes spectrograms of shape (n, n_frames, n_mels, 1).
    shifts : tuple of float
        Shift of each copy in bands; 0 is the original.
    stretches : tuple of float
        Factor of the distance between bands in each copy.

    References
    ----------
    .. [1] DeCoste and Schölkopf (2002), Training invariant support vector machines, Machine Learning 46, 161:
       virtual examples.
    """

    def __init__(
        self, estimator: Any, shifts: tuple[float, ...] = (0.0,), stretches: tuple[float, ...] = (1.0,)
    ) -> None:
        self.estimator = estimator
        self.shifts = shifts
        self.stretches = stretches

    def fit(self, x: Inputs, y: Any, sample_weight: Floats | None = None) -> Self:
        """Fit the estimator to all copies."""
        copies = np.concatenate([shift_bands(x, *copy) for copy in zip(self.shifts, self.stretches, strict=True)])
        n = len(self.shifts)
        last = self.estimator.steps[-1][0]
        weights = {} if sample_weight is None else {f"{last}__sample_weight": np.tile(sample_weight, n)}
        self.estimator.fit(copies, np.tile(y, n), **weights)
        self.classes_ = self.estimator.classes_
        return self

    def __sklearn_is_fitted__(self) -> bool:
        """Return True after `fit`."""
        return hasattr(self, "classes_")

    def decision_function(self, x: Inputs) -> Floats:
        """Return the decision values of the estimator."""
        return np.asarray(self.estimator.decision_function(x))

    def predict(self, x: Inputs) -> Any:
        """Return the class with the largest decision value."""
        return self.estimator.predict(x)


def shift_bands(x: Inputs, shift: float, stretch: float) -> Inputs:
    """Shift spectrograms by a number of bands and stretch them around the middle band, repeating the outermost.

    Examples
    --------
    >>> shift_bands(np.arange(4.0).reshape(1, 1, 4, 1), 1.0, 1.0).ravel().tolist()
    [1.0, 2.0, 3.0, 3.0]
    """
    if shift == 0 and stretch == 1:
        return x
    bands = x.shape[2]
    middle = (bands - 1) / 2
    position = np.clip((np.arange(bands) - middle) * stretch + middle + shift, 0, bands - 1)
    lower = np.minimum(position.astype(np.int64), max(bands - 2, 0))
    upper = np.minimum(lower + 1, bands - 1)
    fraction = (position - lower).astype(x.dtype)[:, None]
    return np.asarray(x[:, :, lower] * (1 - fraction) + x[:, :, upper] * fraction)
