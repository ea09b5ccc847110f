"""A learner on the features of a frozen network."""

from __future__ import annotations

from pathlib import Path

from visiontk.core import FitReport, Floats, Learner, Samples
from visiontk.learners.backbone import Frozen, FrozenFeatures
from visiontk.learners.preprocessed import Preprocessed


class OnFeatures:
    """A learner on the features of a frozen network, which are cached by the content of the pictures.

    Parameters
    ----------
    features : FrozenFeatures
        Network.
    learner : Learner
        On features of shape (n, n_features).
    """

    def __init__(self, features: FrozenFeatures, learner: Learner) -> None:
        self.features, self.learner = features, learner
        self.fitted: Preprocessed | None = None

    def fit(self, train: Samples, valid: Samples, *, seed: int, workdir: Path, budget_s: float) -> FitReport:
        """Fit the learner; its size in the report includes the network."""
        self.fitted = self._preprocessed()
        report = self.fitted.fit(train, valid, seed=seed, workdir=workdir, budget_s=budget_s)
        return report._replace(size_bytes=(report.size_bytes or 0) + self.features.size_bytes)

    def predict(self, samples: Samples) -> Floats:
        """Return the scores of the learner."""
        if self.fitted is None:
            raise RuntimeError("predict was called before fit.")
        return self.fitted.predict(samples)

    def save(self, folder: Path) -> None:
        """Save which features they are, and the learner."""
        if self.fitted is None:
            raise RuntimeError("save was called before fit.")
        self.fitted.save(folder)

    def load(self, folder: Path) -> None:
        """Load the learner, if the features are the same."""
        fitted = self._preprocessed()
        fitted.load(folder)
        self.fitted = fitted

    def _preprocessed(self) -> Preprocessed:
        return Preprocessed(Frozen(self.features), lambda step: self.learner, cache=self.features.name)
