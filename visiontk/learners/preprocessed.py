"""A learner behind a preprocessing step, such as texts to word indices or audio to spectrograms."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from visiontk.core import CannotSave, FitReport, Floats, Inputs, Learner, Samples, load_learner, save_learner
from visiontk.data.cache import CHUNK, cached

Step = Callable[[Inputs], Inputs]
"""Maps a batch of inputs, shape (m, ...), to as many rows."""


@runtime_checkable
class SavablePreparation(Protocol):
    """A preparation whose steps can be saved as data."""

    def __call__(self, train: Samples) -> Any:
        """Return the step for a training set."""

    def save(self, step: Any, folder: Path) -> None:
        """Write what was estimated for a step into an empty folder."""

    def load(self, folder: Path) -> Any:
        """Return the step that was saved into the folder."""


@dataclass(frozen=True)
class Fixed:
    """Preparation of a step that estimates nothing, such as one that follows from parameters.

    Parameters
    ----------
    step : callable
        See `Step`.

    Examples
    --------
    >>> Fixed(np.sqrt)(None)(np.array([4.0])).tolist()
    [2.0]
    """

    step: Step

    def __call__(self, train: Samples) -> Step:
        """Return the step."""
        return self.step

    def save(self, step: Step, folder: Path) -> None:
        """Write nothing."""

    def load(self, folder: Path) -> Step:
        """Return the step."""
        return self.step


class Preprocessed:
    """A learner on inputs transformed by a step.

    Parameters
    ----------
    prepare : callable
        ``prepare(train)`` returns the `Step`. It sees the training set only, so the validation and test set
        have no influence on a vocabulary or a mean; ``train.card`` holds the sample rate. Fits can be saved if it
        is a `SavablePreparation`, such as `Vocabulary`, or `Fixed` for a step that estimates nothing.
    make : callable
        ``make(step)`` returns the learner, which may depend on the step, such as on the size of its vocabulary.
    cache : str
        Empty for a step that depends on the training set. A step that depends on each input and the sample
        rate alone may have a name, with its version and all parameters: its results are then stored on disk
        and shared by learners, folds and seeds. Costs are counted as if they were not.
    """

    def __init__(self, prepare: Callable[[Samples], Step], make: Callable[[Any], Learner], *, cache: str = "") -> None:
        self.prepare, self.make, self.cache = prepare, make, cache
        self.step: Step | None = None
        self.learner: Learner | None = None

    def fit(self, train: Samples, valid: Samples, *, seed: int, workdir: Path, budget_s: float) -> FitReport:
        """Prepare the step on the training set, then fit the learner on the transformed sets."""
        start = time.process_time()
        self.step = self.prepare(train)
        train, train_s = self._transformed(train)
        valid, valid_s = self._transformed(valid)
        self.learner = self.make(self.step)
        now = time.process_time() - start
        spent = max(now, train_s + valid_s)
        report = self.learner.fit(train, valid, seed=seed, workdir=workdir, budget_s=max(budget_s - spent, 1e-3))
        own = max(time.process_time() - start - now, report.cpu_s)
        return report._replace(cpu_s=spent + own)

    def predict(self, samples: Samples) -> Floats:
        """Return the scores of the learner. The cache is not used here, since prediction is timed."""
        if self.step is None or self.learner is None:
            raise RuntimeError("predict was called before fit.")
        step = self.step
        return self.learner.predict(dataclasses.replace(samples, read=lambda rows: step(samples.read(rows))))

    def save(self, folder: Path) -> None:
        """Save the step into the folder ``step`` and the learner into ``learner``."""
        if self.learner is None:
            raise RuntimeError("save was called before fit.")
        if not isinstance(self.prepare, SavablePreparation):
            raise CannotSave(f"its preprocessing {type(self.prepare).__name__} has no methods save and load")
        (folder / "step").mkdir()
        self.prepare.save(self.step, folder / "step")
        save_learner(self.learner, folder / "learner")

    def load(self, folder: Path) -> None:
        """Load the step, make the learner for it, and load that."""
        if not isinstance(self.prepare, SavablePreparation):
            raise TypeError("this preprocessing has no methods save and load")
        step = self.prepare.load(folder / "step")
        learner = self.make(step)
        load_learner(learner, folder / "learner")
        self.step, self.learner = step, learner

    def _transformed(self, samples: Samples) -> tuple[Samples, float]:
        """Transformed samples, held in memory, and CPU seconds that earlier fits spent on them."""
        assert self.step is not None
        if self.cache:
            values, seconds = cached(samples, self.step, self.cache)
        else:
            values, seconds = np.concatenate([self.step(batch) for batch in samples.batches(CHUNK)]), 0.0
        return dataclasses.replace(samples, read=values.__getitem__, rows=np.arange(len(samples))), seconds
