"""The four ideas: Samples, Learner, Task and Trial. Numpy and the standard library only.

A *task* asks a question of *samples*; *learners* compete to answer it; a *trial* is one learner on
one fold with one seed. A trial is a JSON value and its result is a function of that value.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from visiontk.errors import ConfigError, DataError, unknown

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Strings = NDArray[np.str_]
Inputs = NDArray[Any]

Family = Literal["network", "classical", "floor"]
Origin = Literal["public", "embedded", "drawn", "own"]

PARTS = frozenset({"train", "valid", "test"})
"""Names of the parts of a published split. Any other names are published folds."""

HIDDEN = -1
"""The target that ``Samples.blind`` shows to a learner that predicts."""

BEST_CLASSICAL = "best classical"
"""As a reference: the classical learner with the best mean metric on the valid parts of this run."""


@dataclass(frozen=True)
class Card:
    """What is known about a data set beside its samples.

    Parameters
    ----------
    name : str
        Short name, such as ``fashion_mnist``.
    fingerprint : str
        Hash of the decoded content; two data sets with one fingerprint give the same trials.
    origin : {"public", "embedded", "drawn", "own"}
        Published by others; shipped inside a package; drawn by a program (synthetic); the user's.
    licence, citation, homepage : str
        As the publisher states them; empty where unknown.
    mirror : bool
        Whether a picture keeps its class when left and right are exchanged. True for clothes and
        animals, false for digits and letters. Learners may use it to augment.
    sample_rate : int
        Of signals, in Hz; 0 for data that are no signals.
    caution : str
        One sentence that stands at the head of every report on these data, such as "Not a medical device."
    grouped_by : str
        What a group is, in the singular, such as ``person``; empty where unknown or where there are none.
    shown : bool
        Whether a report may show samples; false for scans, which may be handed on with a report.
    n_unknown : int
        Samples of test that were left out because their class cannot be learnt.
    warnings : tuple of str
        What limits every conclusion from these data; stands among the warnings of a report.
    notes : tuple of str
        What a reader of results must know: conversions, counts of ignored files, known faults.

    Examples
    --------
    >>> Card("squares", "9f3a", origin="drawn").synthetic
    True
    """

    name: str
    fingerprint: str
    origin: Origin = "own"
    licence: str = ""
    citation: str = ""
    homepage: str = ""
    mirror: bool = False
    sample_rate: int = 0
    caution: str = ""
    grouped_by: str = ""
    shown: bool = True
    n_unknown: int = 0
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def synthetic(self) -> bool:
        """Whether the data were drawn by a program."""
        return self.origin == "drawn"


@dataclass(frozen=True, eq=False)
class Samples:
    """Data with random access. A part of them is a view: indices change, inputs are not copied.

    Parameters
    ----------
    ids : ndarray of str, shape (n,)
        Unique, and the same whenever the same data are read.
    y : ndarray of int64, shape (n,)
        Class of each sample, 0 to ``len(labels) - 1``.
    labels : tuple of str
        The text of each class.
    read : callable
        Takes positions in the source, ndarray of int64 of shape (m,), and returns the inputs, an
        ndarray of shape (m, ...). Images are (m, height, width, channels), uint8; signals (m, time, 1),
        float32 in [-1, 1], shorter ones followed by zeros; texts (m,), Python strings (dtype object).
    card : Card
        What is known about the data.
    groups : ndarray of str, shape (n,), optional
        Unit of independence, such as a patient or a speaker. A group never straddles two parts.
    parts : ndarray of str, shape (n,), optional
        The publisher's split: ``train``, ``valid`` or ``test`` for each sample; or, with other names,
        the publisher's folds, each of which is test in turn.
    rows : ndarray of int64, shape (n,), optional
        Position of each sample in the source; by default 0 to n - 1.

    Raises
    ------
    DataError
        If lengths differ, an id occurs twice or a target is out of range.

    Examples
    --------
    >>> samples = Samples.from_arrays(np.zeros((3, 8, 8, 1), np.uint8), [0, 1, 0], ("cat", "dog"), Card("demo", "0"))
    >>> part = samples.subset(np.array([2, 0]))
    >>> part.ids.tolist(), part.take(np.array([0])).shape
    (['2', '0'], (1, 8, 8, 1))
    """

    ids: Strings
    y: Ints
    labels: tuple[str, ...]
    read: Callable[[Ints], Inputs]
    card: Card
    groups: Strings | None = None
    parts: Strings | None = None
    rows: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    def __post_init__(self) -> None:
        n = len(self.ids)
        if len(self.rows) == 0 and n:
            object.__setattr__(self, "rows", np.arange(n, dtype=np.int64))
        for name, column in (("y", self.y), ("groups", self.groups), ("parts", self.parts), ("rows", self.rows)):
            if column is not None and len(column) != n:
                raise DataError(f"{self.card.name}: {n} ids but {len(column)} {name}.", error_id="E-DATA-SHAPE")
        unique, counts = np.unique(self.ids, return_counts=True)
        if len(unique) != n:
            raise DataError(
                f"{self.card.name}: id {str(unique[counts > 1][0])!r} occurs {counts.max()} times; ids must be unique.",
                error_id="E-DATA-IDS",
            )
        if n and not (self.y.min() >= HIDDEN and self.y.max() < len(self.labels)):
            raise DataError(
                f"{self.card.name}: targets reach from {self.y.min()} to {self.y.max()}, "
                f"but there are {len(self.labels)} labels.",
                error_id="E-DATA-TARGETS",
            )

    @classmethod
    def from_arrays(
        cls,
        x: Inputs,
        y: ArrayLike,
        labels: Sequence[str],
        card: Card,
        *,
        ids: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        parts: ArrayLike | None = None,
    ) -> Samples:
        """Samples whose inputs are held in memory.

        Parameters
        ----------
        x : ndarray of shape (n, ...)
            One input per sample.
        y, labels, card, groups, parts
            As in `Samples`.
        ids : array-like of str, optional
            By default the positions, "0" to "n - 1".
        """
        return cls(
            ids=np.asarray(np.arange(len(x)) if ids is None else ids).astype(np.str_),
            y=np.asarray(y, dtype=np.int64),
            labels=tuple(labels),
            read=x.__getitem__,
            card=card,
            groups=None if groups is None else np.asarray(groups).astype(np.str_),
            parts=None if parts is None else np.asarray(parts).astype(np.str_),
        )

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, index: ArrayLike) -> Inputs:
        """Inputs at these positions, ndarray of shape (len(index), ...)."""
        return self.read(self.rows[np.asarray(index, dtype=np.int64)])

    def batches(self, size: int) -> Iterator[Inputs]:
        """All inputs in order, at most `size` at a time."""
        for start in range(0, len(self), size):
            yield self.read(self.rows[start : start + size])

    def subset(self, index: ArrayLike) -> Samples:
        """The samples at these positions, in this order, as a view."""
        i = np.asarray(index, dtype=np.int64)
        return dataclasses.replace(
            self,
            ids=self.ids[i],
            y=self.y[i],
            rows=self.rows[i],
            groups=None if self.groups is None else self.groups[i],
            parts=None if self.parts is None else self.parts[i],
        )

    def blind(self) -> Samples:
        """The same samples with every target replaced by `HIDDEN`, as learners see them in predict."""
        return dataclasses.replace(self, y=np.full(len(self), HIDDEN, dtype=np.int64))

    @property
    def n_classes(self) -> int:
        """Number of classes that the data know, present here or not."""
        return len(self.labels)

    def counts(self) -> Ints:
        """Number of samples of each class, ndarray of shape (n_classes,)."""
        return np.bincount(self.y[self.y >= 0], minlength=self.n_classes).astype(np.int64)


class Fold(NamedTuple):
    """Positions of the train, valid and test parts, each an ndarray of int64."""

    train: Ints
    valid: Ints
    test: Ints


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
F = TypeVar("F", bound=Callable[..., Any])


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


def summary(factory: Callable[..., Any]) -> str:
    """First line of the docstring, without reference marks.

    Examples
    --------
    >>> def f():
    ...     '''Two layers [1]_, then a vote.'''
    >>> summary(f)
    'Two layers, then a vote.'
    """
    lines = (inspect.getdoc(factory) or "").splitlines() or [""]
    return re.sub(r",?\s*\[\d+\]_", "", lines[0])


def source(factory: Callable[..., Any]) -> str:
    """First entry of the References section of the docstring, on one line; empty if there is none.

    Examples
    --------
    >>> def f():
    ...     '''A thing.
    ...
    ...     References
    ...     ----------
    ...     .. [1] Somebody (1998), A title,
    ...        a journal.
    ...     '''
    >>> source(f)
    'Somebody (1998), A title, a journal.'
    """
    text = inspect.getdoc(factory) or ""
    found = re.search(r"^References\n-+\n\.\. \[1\] (.*?)(?=^\.\. \[|^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    return " ".join(found.group(1).split()) if found else ""


def parameters(factory: Callable[..., Any]) -> dict[str, Any]:
    """Keyword arguments of a function with their defaults: the schema of its entry in a config.

    Raises
    ------
    TypeError
        If an argument has no default: every learner must run without being told anything.

    Examples
    --------
    >>> def f(depth: int = 3, rate: float = 0.1): ...
    >>> parameters(f)
    {'depth': 3, 'rate': 0.1}
    """
    found = inspect.signature(factory).parameters
    missing = [name for name, p in found.items() if p.default is inspect.Parameter.empty]
    if missing:
        raise TypeError(f"{getattr(factory, '__name__', factory)}: arguments without a default: {', '.join(missing)}.")
    return {name: p.default for name, p in found.items()}


class Package(NamedTuple):
    """A distribution outside of visiontk whose code decides results, by name and version."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def from_package(function: F, package: Package) -> F:
    """The function, marked as coming from a package.

    It is wrapped, not changed: what a package borrows from visiontk or from another package stays unmarked there.

    Examples
    --------
    >>> def f(depth: int = 3): ...
    >>> marked = from_package(f, Package("leaves", "1.0"))
    >>> str(package_of(marked)), package_of(f), parameters(marked)
    ('leaves 1.0', None, {'depth': 3})
    """

    @functools.wraps(function)
    def marked(*given: Any, **named: Any) -> Any:
        return function(*given, **named)

    marked.package = package  # type: ignore[attr-defined]
    return marked  # type: ignore[return-value]


def package_of(function: Callable[..., Any]) -> Package | None:
    """The package that `from_package` named; None for what visiontk itself brings."""
    found = getattr(function, "package", None)
    return found if isinstance(found, Package) else None


@dataclass(frozen=True)
class Metric:
    """A number computed from targets and scores, for one or many weightings of the samples at once.

    Weights let one set of bootstrap draws serve every metric and learner, so differences are paired.

    Parameters
    ----------
    name : str
        As printed.
    function : callable
        ``function(y_true, scores, weights)`` with shapes (n,), (n, n_classes) and (m, n) returns (m,).
    kind : {"proportion", "bounded", "unbounded"}
        The mean of right-or-wrong over samples; any other number in [0, 1]; any number.
    higher_is_better : bool
        Whether a larger value is better.
    needs_probabilities : bool
        Whether it is undefined for scores that only rank.
    adapt : callable, optional
        ``adapt(valid_y_true, valid_scores)`` returns a function of scores, which is applied to the scores
        on test before `function` sees them. It chooses an operating point by the valid part of each trial.
    decides : bool
        Whether it sees of the scores only which class is called, so that a threshold that is asked for applies.

    Examples
    --------
    >>> share = Metric("share of class 1", lambda y, s, w: (w @ y) / w.sum(axis=1), "proportion")
    >>> share(np.array([0, 1, 1, 1]), np.zeros((4, 2)))
    0.75
    """

    name: str
    function: Callable[[Ints, Floats, Floats], Floats]
    kind: Literal["proportion", "bounded", "unbounded"] = "bounded"
    higher_is_better: bool = True
    needs_probabilities: bool = False
    adapt: Callable[[Ints, Floats], Callable[[Floats], Floats]] | None = None
    decides: bool = False

    def adapted(self, scores: Floats, valid_y_true: Ints, valid_scores: Floats) -> Floats:
        """The scores as `function` wants them, with what `adapt` chooses by the valid part."""
        return scores if self.adapt is None else self.adapt(valid_y_true, valid_scores)(scores)

    def __call__(self, y_true: Ints, scores: Floats) -> float:
        """The metric with every sample counted once."""
        return float(self.function(y_true, scores, np.ones((1, len(y_true))))[0])


Dataset = Callable[..., Samples]
Folds = Callable[[Samples, int, int], list[Fold]]


@dataclass(frozen=True, eq=False)
class Task:
    """A domain: what the data are, what is asked, who competes. A frozen record of functions.

    Parameters
    ----------
    name : str
        Lower case, as in ``image_classification``.
    version : int
        Raised when the data or the meaning of a label changes; part of every trial's key.
    summary : str
        One sentence for lists.
    datasets : mapping of str to callable
        Functions that return `Samples`; their keyword arguments are the schema of the config. The
        first is embedded and needs no download.
    folds : callable
        ``folds(samples, n_folds, seed)`` returns a list of `Fold`.
    learners : mapping of str to callable
        Functions decorated by `learner`; their keyword arguments are the schema of the config.
    metrics : mapping of str to Metric
        The first one is compared.
    reference : str
        The learner that every other one is compared with, or `BEST_CLASSICAL`.
    defaults : tuple of str
        Learners that compete when none are named; by default all.
    excused : mapping of str to str
        Contract checks that do not hold here, each with its reason.
    """

    name: str
    version: int
    summary: str
    datasets: Mapping[str, Dataset]
    folds: Folds
    learners: Mapping[str, Factory]
    metrics: Mapping[str, Metric]
    reference: str = BEST_CLASSICAL
    defaults: tuple[str, ...] = ()
    excused: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for dataset, function in self.datasets.items():
            if "name" in inspect.signature(function).parameters:
                raise ConfigError(
                    f"task {self.name}: dataset {dataset!r} has a parameter called name, which in a config is the "
                    "dataset's own.",
                    error_id="E-CONFIG-TASK",
                    hint="Give the parameter another name.",
                )
        for name in self.defaults:
            if name not in self.learners:
                raise unknown("learner", name, self.learners, where=f"task {self.name}: defaults")
        if self.reference != BEST_CLASSICAL and self.reference not in self.learners:
            raise unknown("learner", self.reference, self.learners, where=f"task {self.name}: reference")

    def dataset(self, name: str) -> Dataset:
        """The dataset function of this name; raises ConfigError with the nearest name."""
        if name not in self.datasets:
            raise unknown("dataset", name, self.datasets)
        return self.datasets[name]

    def learner(self, name: str) -> Factory:
        """The learner function of this name; raises ConfigError with the nearest name."""
        if name not in self.learners:
            raise unknown("learner", name, self.learners)
        return self.learners[name]

    @property
    def about_patients(self) -> bool:
        """Whether groups are called patients: then no message or report repeats names of files or folders."""
        return any("patient_column" in parameters(dataset) for dataset in self.datasets.values())

    @property
    def metric(self) -> str:
        """Name of the metric that is compared."""
        return next(iter(self.metrics))

    def packages(self, dataset: str, learner: str) -> dict[str, str]:
        """Versions, by name, of the packages whose code decides a trial of these; empty where all is visiontk's."""
        functions: tuple[Callable[..., Any], ...] = (self.folds, self.dataset(dataset), self.learner(learner))
        return {package.name: package.version for function in functions if (package := package_of(function))}


_ADDED: Mapping[str, Any] = {"test": True, "draw": 0, "packages": {}}
"""Fields of `Trial` that leave its key as it was while they have these values."""


@dataclass(frozen=True)
class Trial:
    """One learner, one fold, one seed: a JSON value that decides its result.

    Parameters
    ----------
    task, task_version, dataset, learner : str, int, str, str
        By name, resolved where the trial runs.
    dataset_parameters, parameters : mapping
        Keyword arguments of the dataset and learner functions, every default filled in.
    fingerprint : str
        Of the data that were planned; a trial refuses to run on others.
    fold, n_folds, seed : int
        Which of how many folds; the seed of the learner. Folds are the same for every seed.
    max_train : int or None
        At most this many training samples, drawn by class; None takes all.
    budget_s : float
        CPU seconds that a fit may take.
    threads : int
        Threads the fit may use. They change sums, and so the last bits of a result.
    version : str
        Of visiontk.
    test : bool
        Whether the test part is predicted. A search for parameters leaves it alone.
    draw : int
        Which draw of `max_train` training samples: 1 and more for learning curves, whose trials differ in it.
    packages : mapping of str to str
        Versions of other packages that task, dataset and learner come from: a new version is a new trial.

    Examples
    --------
    >>> trial = Trial("images", 1, "digits", "prior", fingerprint="9f", version="0.1")
    >>> Trial.from_json(trial.to_json()) == trial
    True
    >>> trial.key == dataclasses.replace(trial, seed=1).key
    False
    """

    task: str
    task_version: int
    dataset: str
    learner: str
    fingerprint: str
    version: str
    dataset_parameters: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    fold: int = 0
    n_folds: int = 1
    seed: int = 0
    max_train: int | None = None
    budget_s: float = 600.0
    threads: int = 1
    test: bool = True
    draw: int = 0
    packages: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """Canonical JSON text: sorted keys, no spaces."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True, separators=(",", ":"), allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Trial:
        """The trial that `to_json` wrote."""
        return cls(**json.loads(text))

    @cached_property
    def key(self) -> str:
        """First 16 hexadecimal digits of a hash of all that decides the result.

        Where the data lie (``path``) is left out: their fingerprint stands for them, so a run
        directory and its data may be moved.
        """
        value = json.loads(self.to_json())
        value["dataset_parameters"].pop("path", None)
        # Fields that earlier releases did not have: what they wrote keeps its key.
        value = {name: given for name, given in value.items() if name not in _ADDED or given != _ADDED[name]}
        text = json.dumps(value, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def name(self) -> str:
        """For people: learner, seed and fold."""
        fold = f", fold {self.fold + 1}/{self.n_folds}" if self.n_folds > 1 else ""
        size = f", {self.max_train} samples, draw {self.draw}" if self.draw else ""
        return f"{self.learner} seed {self.seed}{fold}{size}{'' if self.test else ', search'}"
