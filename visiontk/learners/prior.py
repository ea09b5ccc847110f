"""The floor of every comparison: class frequencies."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from visiontk.core import About, FitReport, Floats, Learner, Samples, learner
from visiontk.learners.state import read_state, write_state


class Constant:
    """Predict the class frequencies of the training set for every sample.

    Examples
    --------
    >>> from visiontk.core import Card
    >>> data = Samples.from_arrays(np.zeros((4, 1)), [0, 0, 0, 1], ("a", "b"), Card("demo", "0"))
    >>> floor = Constant()
    >>> floor.fit(data, data, seed=0, workdir=Path("."), budget_s=1.0).n_parameters
    2
    >>> floor.predict(data.subset([0])).tolist()
    [[0.75, 0.25]]
    """

    def __init__(self) -> None:
        self.frequencies: Floats = np.empty(0)

    def fit(self, train: Samples, valid: Samples, *, seed: int, workdir: Path, budget_s: float) -> FitReport:
        """Count the classes of the training set."""
        self.frequencies = train.counts() / len(train)
        return FitReport(n_parameters=train.n_classes, size_bytes=self.frequencies.nbytes)

    def predict(self, samples: Samples) -> Floats:
        """Return the same row for every sample."""
        return np.tile(self.frequencies, (len(samples), 1))

    def save(self, folder: Path) -> None:
        """Write the frequencies."""
        write_state(folder, arrays={"frequencies": self.frequencies})

    def load(self, folder: Path) -> None:
        """Read the frequencies."""
        self.frequencies = read_state(folder).array("frequencies", shape=(None,))


@learner(About("floor", seeded=False, cost=0.001))
def prior() -> Learner:
    """Class frequencies of the training set [1]_, whatever the input is.

    References
    ----------
    .. [1] Guttman (1941), An outline of the statistical theory of prediction, in: The prediction of
       personal adjustment, Social Science Research Council Bulletin 48, 253.
    """
    return Constant()
