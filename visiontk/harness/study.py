"""Studies: questions that need more fits than a comparison, such as with fewer data or with shuffled labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from visiontk.core import Fold, Samples, Task, Trial
from visiontk.harness.experiment import Experiment


class Compared(NamedTuple):
    """A comparison that a study adds fits to.

    Its settings, task and samples; its folds, with at most `max_train` training samples each; its trials with the first
    seed.
    """

    experiment: Experiment
    task: Task
    samples: Samples
    folds: Sequence[Fold]
    trials: Sequence[Trial]


@dataclass(frozen=True)
class Study:
    """A question that needs more fits than a comparison.

    A value: its fits are planned with those of the comparison, and a section of the report reads their predictions.

    Parameters
    ----------
    name : str
        Stored with its trials.
    fits : str
        Its fits in a plan, after their number, such as ``on smaller training sets``.
    is_requested : callable
        ``is_requested(experiment)``: True if the settings ask for it.
    trials : callable
        ``trials(compared)`` returns its fits: trials of the comparison with other data.
    """

    name: str
    fits: str
    is_requested: Callable[[Experiment], bool]
    trials: Callable[[Compared], list[Trial]]
