"""The ideas that everything else is made of: Samples, Learner, Metric, Task, Trial.

A *task* asks a question of *samples*; *learners* compete to answer it; a *metric* scores their predictions; a *trial*
is one learner on one fold with one seed. Numpy and the standard library only.
"""

from visiontk.core.arrays import Floats, Inputs, Ints, Strings
from visiontk.core.declarations import Package, from_package, package_of, parameters, source, summary
from visiontk.core.flat import described, flat
from visiontk.core.learner import About, Factory, Family, FitReport, Learner, about, learner
from visiontk.core.metric import Metric
from visiontk.core.samples import HIDDEN, PARTS, Card, Fold, Origin, Samples
from visiontk.core.task import BEST_CLASSICAL, Dataset, Folds, Task
from visiontk.core.trial import Trial

__all__ = [
    "BEST_CLASSICAL",
    "HIDDEN",
    "PARTS",
    "About",
    "Card",
    "Dataset",
    "Factory",
    "Family",
    "FitReport",
    "Floats",
    "Fold",
    "Folds",
    "Inputs",
    "Ints",
    "Learner",
    "Metric",
    "Origin",
    "Package",
    "Samples",
    "Strings",
    "Task",
    "Trial",
    "about",
    "described",
    "flat",
    "from_package",
    "learner",
    "package_of",
    "parameters",
    "source",
    "summary",
]
