"""Learners, and the declarations of the functions that construct them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol, runtime_checkable

from visiontk.core.arrays import Floats
from visiontk.core.declarations import F
from visiontk.core.samples import Samples

Family = Literal["network", "pretrained", "classical", "floor", "unstated"]


class FitReport(NamedTuple):
    """Report of a fit.

    Parameters
    ----------
    n_parameters : int, optional
        Trainable parameters.
    size_bytes : int, optional
        Bytes that predict needs.
    cut_off : bool
        True if the budget ended the fit.
    cpu_s : float
        CPU seconds of all attempts, if an interrupted fit was resumed.
    knew : str
        Source data, network and input of what the learner had learnt before it saw the training set, such as
        "ImageNet-1k (1.28 million photos, 1,000 classes), EfficientNet-Lite0, 224 x 224 pixels". Empty: nothing.
    input_size : str
        Size at which a learner of images sees them, such as "64 x 64".
    """

    n_parameters: int | None = None
    size_bytes: int | None = None
    cut_off: bool = False
    cpu_s: float = 0.0
    knew: str = ""
    input_size: str = ""


class Learner(Protocol):
    """Anything that can be fitted. The harness calls only these two methods."""

    def fit(self, train: Samples, valid: Samples, *, seed: int, workdir: Path, budget_s: float) -> FitReport:
        """Fit on `train`; use `valid` for early stopping and other choices.

        Parameters
        ----------
        train, valid : Samples
            Training and validation sets. Learners make no further splits.
        seed : int
            Determines all randomness.
        workdir : Path
            For checkpoints, ``history.csv`` and ``progress.json``. An interrupted fit of the same trial may be resumed
            from there.
        budget_s : float
            CPU seconds. A learner that can stop early does so and reports ``cut_off``.
        """

    def predict(self, samples: Samples) -> Floats:
        """Return scores, ndarray of float of shape (n, n_classes), larger for more likely classes."""


@runtime_checkable
class Savable(Protocol):
    """A learner whose fit can leave the process as data; both methods are optional for a `Learner`.

    Neither writes or reads code: no pickle, no name of a class or function that is imported. What follows from the
    parameters is not saved, as `load` fills a learner that was made with the same ones.
    """

    def save(self, folder: Path) -> None:
        """Write the fit as data into an empty folder; raise `CannotSave` where that is impossible."""

    def load(self, folder: Path) -> None:
        """Read what `save` wrote; predictions are then those of the fit, bit for bit."""


class CannotSave(Exception):
    """A fit that cannot be saved as data.

    Parameters
    ----------
    reason : str
        Why, to be shown to the user: what the learner holds, or what it lacks.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)


def save_learner(learner: Learner, folder: Path) -> None:
    """Save a fitted learner, such as the one inside a wrapper, into a folder, which is created.

    Raises
    ------
    CannotSave
        If the learner has no `save` and `load`, or cannot be written as data.
    """
    if not isinstance(learner, Savable):
        raise CannotSave(f"{type(learner).__name__} has no methods save and load")
    folder.mkdir(parents=True, exist_ok=True)
    learner.save(folder)


def load_learner(learner: Learner, folder: Path) -> None:
    """Fill a learner that was made with the parameters of the saved one."""
    if not isinstance(learner, Savable):
        raise TypeError(f"{type(learner).__name__} has no methods save and load.")
    learner.load(folder)


@dataclass(frozen=True)
class About:
    """Properties of a learner, for lists and reports.

    Parameters
    ----------
    family : {"network", "pretrained", "classical", "floor", "unstated"}
        A network from scratch; a learner that starts from a network fitted to other data; a traditional method; a
        floor, which predicts without the inputs. That of a model that was fitted elsewhere may not be stated.
    probabilities : bool
        If True, scores are probabilities: rows sum to 1. If False, they only rank.
    seeded : bool
        If False, the result does not depend on the seed, and one fit serves all seeds.
    layers : int, optional
        Layers of a network with weights.
    weights : int, optional
        Trainable parameters of a network at the input named by `at`.
    at : str
        Input for which `weights` holds.
    ranked : bool
        If False, scores only name a class, so metrics that need more are undefined.
    cost : float, optional
        CPU seconds of a fit with the default parameters on 1,000 small samples: images of 28 x 28 pixels, clips of a
        second at 8 kHz, short texts. For the rough time of a plan, within a factor of three or so.
    pretrained_on : str
        Short name of the data that a pretrained learner has seen, such as ``ImageNet-1k``; empty: from scratch.
    suits : callable, optional
        A learner that is compared as well, if none are named, on data that suit it. Takes the shape of one input and
        the shorter side of images as stored (0 if unknown).
    missing : callable, optional
        Takes the arguments of the learner; returns what it needs that is not installed and how to get it, else nothing.
    """

    family: Family
    probabilities: bool = True
    seeded: bool = True
    layers: int | None = None
    weights: int | None = None
    at: str = ""
    ranked: bool = True
    cost: float | None = None
    pretrained_on: str = ""
    suits: Callable[[tuple[int, ...], int], bool] | None = None
    missing: Callable[[Mapping[str, Any]], str] | None = None


Factory = Callable[..., Learner]


def learner(about: About) -> Callable[[F], F]:
    """Decorate a function that returns a Learner with its properties.

    Examples
    --------
    >>> @learner(About("floor"))
    ... def nothing() -> Learner:
    ...     '''Predicts nothing.'''
    >>> about(nothing).family
    'floor'
    """

    def attach(function: F) -> F:
        function.about = about  # type: ignore[attr-defined]
        return function

    return attach


def about(factory: Factory) -> About:
    """Return the properties that the decorator `learner` attached.

    Raises
    ------
    TypeError
        If the function is not decorated.
    """
    declared = getattr(factory, "about", None)
    if not isinstance(declared, About):
        raise TypeError(f"{factory!r} declares no family: decorate it with @learner(About(...)).")
    return declared
