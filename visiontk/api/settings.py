"""Arguments of ``compare`` for editors; written by ``python -m visiontk.api.generate`` from `Experiment`."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from typing_extensions import TypedDict


class Settings(TypedDict, total=False):
    """Settings of a comparison, each optional."""

    task: str
    """Task for a folder or table. Default: by the kind of files."""

    dataset: str | Mapping[str, Any]
    """Name of a dataset. Default: the first of the task. The first one needs no download."""

    learners: Sequence[str] | Mapping[str, Mapping[str, Any] | None] | None
    """Learners to compare. Default: chosen by the task."""

    seeds: int | Sequence[int]
    """Number of seeds, or a list such as 0,1,5."""

    folds: int | None
    """Number of folds; 1 holds out a fifth. Default: the published split; without one 5 folds, or 1 with the preset
    quick."""

    preset: Literal["quick", "standard", "thorough"]
    """quick, standard (default) or thorough; sets the rest. quick: a rough comparison from 1 seed, 1 fold, 2,000
    training samples and 60 CPU s per fit. standard: 3 seeds, 5 folds, all samples, 10 CPU min. thorough: 5 seeds, 5
    folds, and a search: 20 configurations and 30 CPU min per learner and fold."""

    budget: float | str
    """CPU time per fit, such as 90s, 10m or 1h. With a search, of all fits of a learner on a fold."""

    search: int
    """Configurations each learner tries on a fold; 1 is none. The default configuration is the first. On the validation
    set ties go to it: the best configuration is tested if it is ahead of it by more than a standard error. That is no
    test."""

    max_train: int | None
    """Largest number of training samples, drawn by class."""

    curve: int
    """Learning curve: also fit on a half, a quarter, ... of the training set. Each smaller training set is drawn N
    times (3 if no number is given)."""

    negative_control: bool
    """Also fit every learner on shuffled labels, where none should be ahead of chance. One more fit of each learner and
    fold, with the first seed; whole groups are shuffled together. A family ahead of chance is a sign that labels of the
    test set reach a learner."""

    threads: int
    """Threads per fit. Default: 1."""

    imbalance: Literal["none", "balanced"] | None
    """none, or balanced: the same total weight for every class. For every learner alike; by default as each learner has
    it."""

    reference: str
    """Learner that the others are compared with. Default: the traditional one that is best on the validation set."""

    claim: str
    """Claim to answer first, such as "network > traditional by 2". "A > B by X": A is better by more than X. "A >= B
    within X": A is worse by less than X. "A = B within X": they differ by less than X. X is in points for metrics
    between 0 and 1; A and B are network, pretrained, traditional or learners. It is stored before the test set is read;
    one stated later is marked as exploratory."""

    margin: float | None
    """Difference too small to matter, such as 0.01. Default: one point, but at most half of the reference's error on
    the validation set, and at least one test sample; of metrics that are not best at 1 what they state."""

    calibration: Literal["none", "temperature", "isotonic"]
    """Calibration of the scores on the validation set: none, temperature or isotonic. For every learner alike. Default:
    none; the report shows the effect of each."""

    threshold: Literal["largest", "youden"] | float
    """Decision threshold for two classes: largest, youden, or a sensitivity. A number, such as 0.95, is the sensitivity
    required on the validation set. Default: largest."""

    keep: Literal["best", "all", "none"]
    """Fitted models to keep: best (default), all or none. best: of each family but floors the learner that was chosen
    most often, its fit of the first fold and seed. They are in the folder models of the run directory, as data that
    cannot run code."""

    slices: Sequence[str]
    """Also show results by this column, such as scanner. May be repeated. No learner sees it."""

    label: str | None
    """Column with the classes. Of folders: folder:1 (the outermost ones), folder:2 (those in them)."""

    group: str | None
    """Column of what belongs together, such as person; or none. Samples of one group are never in both training and
    test set. Of the names of files: name:2 (their second part), name (without the last number), folder or folder:1."""

    split: str | None
    """Column with train, valid and test, or folds; or none. Of folders: folder:1 (the outermost ones), folder:2 (those
    in them); none puts all parts together."""

    time: str | None
    """Column with dates: the latest fifth is the test set."""

    text: str | None
    """Column with the texts."""

    path: str | None
    """Column with the names of the files."""

    files: str | None
    """Folder of the files that a table names. Default: that of the table; the folders in it, around it and beside it
    are tried. With --predictions or --also: of files called like the ids of the samples, to be shown."""
