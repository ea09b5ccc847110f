"""Core types: Samples, Learner, Metric, Task, Trial.

A *task* defines *samples*, *learners* that predict their targets, and *metrics* of the predictions; a *trial* is one
learner on one fold with one seed. NumPy and the standard library only.
"""

from visiontk.core.arrays import Floats, Inputs, Ints, Strings
from visiontk.core.dataset import AboutData, Form, about_data, dataset, general, read_dataset
from visiontk.core.declarations import Package, from_package, package_of, parameters, source, summary
from visiontk.core.flat import described, flat
from visiontk.core.learner import (
    About,
    CannotSave,
    Factory,
    Family,
    FitReport,
    Learner,
    Savable,
    about,
    learner,
    load_learner,
    save_learner,
)
from visiontk.core.metric import Metric
from visiontk.core.resizing import ArrayRead, MappedRead, Read, ResizableRead, read_at_size, resized
from visiontk.core.samples import HIDDEN, PARTS, Card, Fold, Origin, Samples
from visiontk.core.shuffle import Shuffle, shuffled_labels
from visiontk.core.task import BEST_CLASSICAL, Dataset, Folds, Task
from visiontk.core.trial import Trial
from visiontk.core.votes import Votes

__all__ = [
    "BEST_CLASSICAL",
    "HIDDEN",
    "PARTS",
    "About",
    "AboutData",
    "ArrayRead",
    "CannotSave",
    "Card",
    "Dataset",
    "Factory",
    "Family",
    "FitReport",
    "Floats",
    "Fold",
    "Folds",
    "Form",
    "Inputs",
    "Ints",
    "Learner",
    "MappedRead",
    "Metric",
    "Origin",
    "Package",
    "Read",
    "ResizableRead",
    "Samples",
    "Savable",
    "Shuffle",
    "Strings",
    "Task",
    "Trial",
    "Votes",
    "about",
    "about_data",
    "dataset",
    "described",
    "flat",
    "from_package",
    "general",
    "learner",
    "load_learner",
    "package_of",
    "parameters",
    "read_at_size",
    "read_dataset",
    "resized",
    "save_learner",
    "shuffled_labels",
    "source",
    "summary",
]
