"""Learners, and what the functions that make them declare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from visiontk.core.arrays import Floats
from visiontk.core.declarations import F
from visiontk.core.samples import Samples

Family = Literal["network", "classical", "floor"]


class FitReport(NamedTuple):
    """What a learner says about its fit.

    Trainable parameters, bytes of what predict needs, whether the budget ended it, and the CPU seconds
    of all attempts where an interrupted fit was continued.
    """

    n_parameters: int | None = None
    size_bytes: int | None = None
    cut_off: bool = False
    cpu_s: float = 0.0


class Learner(Protocol):
    """Anything that can be fitted. The harness knows these two methods and nothing else."""

    def fit(self, train: Samples, valid: Samples, *, seed: int, workdir: Path, budget_s: float) -> FitReport:
        """Learn from `train`; choose by `valid`.

        Parameters
        ----------
        train, valid : Samples
            Never the test part. No learner makes a split of its own.
        seed : int
            All randomness follows from it.
        workdir : Path
            For checkpoints, ``history.csv`` and ``progress.json``. What an earlier, interrupted call
            of the same trial left there may be continued.
        budget_s : float
            CPU seconds. A learner that can stops by itself and says ``cut_off``.
        """

    def predict(self, samples: Samples) -> Floats:
        """Scores, ndarray of float of shape (n, n_classes), larger for a likelier class."""


@dataclass(frozen=True)
class About:
    """What a learner's function says about itself, for lists and reports.

    Parameters
    ----------
    family : {"network", "classical", "floor"}
        A floor predicts without looking at the inputs.
    probabilities : bool
        Whether scores are probabilities (rows sum to 1) or only rank.
    seeded : bool
        Whether the seed changes anything. One that does not is fitted once for all seeds.
    layers : int, optional
        Learned layers of a network.
    weights : int, optional
        Trainable parameters of a network at the input named by `at`.
    at : str
        Input for which `weights` holds.
    """

    family: Family
    probabilities: bool = True
    seeded: bool = True
    layers: int | None = None
    weights: int | None = None
    at: str = ""


Factory = Callable[..., Learner]


def learner(about: About) -> Callable[[F], F]:
    """Decorator that attaches `about` to a function that returns a Learner.

    Examples
    --------
    >>> @learner(About("floor"))
    ... def nothing() -> Learner:
    ...     '''Knows nothing.'''
    >>> about(nothing).family
    'floor'
    """

    def attach(function: F) -> F:
        function.about = about  # type: ignore[attr-defined]
        return function

    return attach


def about(factory: Factory) -> About:
    """What `learner` attached to this function.

    Raises
    ------
    TypeError
        If nothing was attached.
    """
    found = getattr(factory, "about", None)
    if not isinstance(found, About):
        raise TypeError(f"{factory!r} does not say what family it is: decorate it with @learner(About(...)).")
    return found
