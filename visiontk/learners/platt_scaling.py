"""Platt scaling: probabilities from decision values."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from visiontk.core import FitReport, Floats, Learner, Samples, load_learner, save_learner
from visiontk.learners.state import read_state, write_state

LEAST_SLOPE = 1e-3
"""Lower bound of slopes: a smaller one would reverse the ranking, or make all probabilities equal."""


class PlattScaled:
    """A learner whose scores become probabilities by a sigmoid fitted on the validation set [1]_.

    With two classes the sigmoid acts on the difference of the two scores, so the ranking of samples is preserved.
    With more, each class has a sigmoid against the rest, and the results are divided by their sum.

    Parameters
    ----------
    learner : Learner
        Fitted on the same training and validation set.

    References
    ----------
    .. [1] Platt (1999), Probabilistic outputs for support vector machines and comparisons to regularized
       likelihood methods, in: Advances in large margin classifiers, 61; with the targets of its equation 10.

    Examples
    --------
    >>> from visiontk.core import Card
    >>> class Margin:
    ...     def fit(self, train, valid, *, seed, workdir, budget_s):
    ...         return FitReport()
    ...     def predict(self, samples):
    ...         x = samples.take(np.arange(len(samples)))
    ...         return np.stack([-x, x], axis=1)
    >>> x = np.array([-2.0, -1.0, 0.5, -0.5, 1.0, 2.0])
    >>> samples = Samples.from_arrays(x, [0, 0, 0, 1, 1, 1], ("no", "yes"), Card("demo", "0"))
    >>> learner = PlattScaled(Margin())
    >>> _ = learner.fit(samples, samples, seed=0, workdir=Path("."), budget_s=1.0)
    >>> learner.predict(samples)[:, 1].round(2).tolist()
    [0.22, 0.35, 0.58, 0.42, 0.65, 0.78]
    """

    def __init__(self, learner: Learner) -> None:
        self.learner = learner
        self.slopes: Floats = np.empty(0)
        self.offsets: Floats = np.empty(0)

    def fit(self, train: Samples, valid: Samples, *, seed: int, workdir: Path, budget_s: float) -> FitReport:
        """Fit the learner, then the sigmoids on its scores of the validation set."""
        report = self.learner.fit(train, valid, seed=seed, workdir=workdir, budget_s=budget_s)
        margins = _margins(self.learner.predict(valid.blind()))
        sigmoids = [_sigmoid(margins[:, c], valid.y == c) for c in range(margins.shape[1])]
        self.slopes, self.offsets = (np.array(each) for each in zip(*sigmoids, strict=True))
        if train.n_classes == 2:
            self.slopes[0], self.offsets[0] = self.slopes[1], -self.offsets[1]
        return report

    def predict(self, samples: Samples) -> Floats:
        """Return probabilities; rows sum to 1."""
        each = _logistic(_margins(self.learner.predict(samples)) * self.slopes + self.offsets)
        return np.asarray(each / each.sum(axis=1, keepdims=True))

    def save(self, folder: Path) -> None:
        """Write the sigmoids, and the learner into the folder ``learner``."""
        write_state(folder, arrays={"slopes": self.slopes, "offsets": self.offsets})
        save_learner(self.learner, folder / "learner")

    def load(self, folder: Path) -> None:
        """Read the sigmoids and the learner."""
        state = read_state(folder)
        self.slopes = state.array("slopes", shape=(None,))
        self.offsets = state.array("offsets", shape=self.slopes.shape)
        load_learner(self.learner, folder / "learner")


def _margins(scores: Floats) -> Floats:
    if scores.shape[1] == 2:
        difference = scores[:, 1] - scores[:, 0]
        return np.stack([-difference, difference], axis=1)
    return np.asarray(scores, dtype=np.float64)


def _logistic(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(x, -500, 500)))


def _sigmoid(margin: Floats, positive: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and offset of the maximum-likelihood sigmoid, for targets a little away from 0 and 1."""
    from scipy.optimize import minimize

    n_positive, n_negative = int(positive.sum()), int((~positive).sum())
    target = np.where(positive, (n_positive + 1) / (n_positive + 2), 1 / (n_negative + 2))
    # Scaled, so that the optimisation is the same for margins of any size.
    scale = float(np.abs(margin).max()) or 1.0
    x = margin / scale

    def loss(parameters: Floats) -> tuple[float, Floats]:
        z = parameters[0] * x + parameters[1]
        error = _logistic(z) - target
        return float((np.logaddexp(0, z) - target * z).sum()), np.array([error @ x, error.sum()])

    start = np.array([1.0, np.log((n_positive + 1) / (n_negative + 1))])
    optimum = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(LEAST_SLOPE, None), (None, None)])
    return float(optimum.x[0] / scale), float(optimum.x[1])
