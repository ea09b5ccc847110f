"""The best of a few learners by the validation set."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from visiontk.core import FitReport, Floats, Learner, Samples, load_learner, save_learner
from visiontk.learners.imbalance import Imbalance, sample_weights
from visiontk.learners.state import read_state, write_state


class Chosen:
    """The learner with the smallest log loss on the validation set, of those fitted within the budget.

    Parameters
    ----------
    learners : sequence of Learner
        With probabilities; the first one wins ties.
    imbalance : {"none", "balanced"}
        Weights of the validation samples in the loss.

    Examples
    --------
    >>> from visiontk.learners.prior import prior
    >>> from visiontk.testing import tiny_images
    >>> images = tiny_images(30)
    >>> chosen = Chosen([prior(), prior()])
    >>> _ = chosen.fit(images, images, seed=0, workdir=Path("."), budget_s=9.0)
    >>> chosen.position
    0
    """

    def __init__(self, learners: Sequence[Learner], imbalance: Imbalance = "none") -> None:
        self.learners, self.imbalance = learners, imbalance
        self.position = 0

    def fit(self, train: Samples, valid: Samples, *, seed: int, workdir: Path, budget_s: float) -> FitReport:
        """Fit each learner on the training set; retain the best one."""
        start = time.process_time()
        weights = sample_weights(valid, self.imbalance)
        best, chosen, cut_off = np.inf, FitReport(), False
        for position, learner in enumerate(self.learners):
            left = budget_s - (time.process_time() - start)
            if cut_off := position > 0 and left <= 0:
                break
            report = learner.fit(train, valid, seed=seed, workdir=workdir, budget_s=left)
            scores = learner.predict(valid.blind())
            each = -np.log(np.clip(scores[np.arange(len(valid)), valid.y], 1e-12, None))
            loss = float(np.average(each, weights=weights))
            if loss < best or not position:
                best, chosen, self.position = loss, report, position
        return chosen._replace(cut_off=chosen.cut_off or cut_off)

    def predict(self, samples: Samples) -> Floats:
        """Return the probabilities of the best learner."""
        return self.learners[self.position].predict(samples)

    def save(self, folder: Path) -> None:
        """Save the best learner into the folder ``learner``, and its number, from 1."""
        write_state(folder, {"number": self.position + 1})
        save_learner(self.learners[self.position], folder / "learner")

    def load(self, folder: Path) -> None:
        """Load the best learner."""
        position = read_state(folder).whole("number", len(self.learners)) - 1
        load_learner(self.learners[position], folder / "learner")
        self.position = position
