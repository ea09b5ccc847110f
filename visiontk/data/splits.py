"""Training, validation and test sets, the same for every learner.

Every class is in the training set; a group, such as a patient, is in one part only; the same seed gives the
same parts.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from visiontk.core import PARTS, Fold, Folds, Ints, Samples, Strings
from visiontk.errors import ConfigError, DataError

HOLD_OUT = 5
"""Without cross-validation one sample in five is in the test set."""

VALID = 8
"""One sample in eight outside of the test set is in the validation set."""

VALID_OF_OFFICIAL = 10
"""One sample in ten of the publisher's training set is in the validation set, if none is published."""

_ATTEMPTS = 10
_NAMED = 3


def stratified_folds(samples: Samples, n_folds: int, seed: int) -> list[Fold]:
    """Stratified folds; groups, if any, are kept whole.

    Parameters
    ----------
    samples : Samples
        Only classes and groups are used; for a publisher's split see `official_or`.
    n_folds : int
        1 holds out a fifth as the test set; with k >= 2 every sample is tested once.
    seed : int
        Of the shuffling.

    Returns
    -------
    list of Fold
        The validation set is an eighth of the rest; every fold draws its own. Positions are sorted.

    Raises
    ------
    ConfigError
        ``E-CONFIG-RANGE`` if `n_folds` is below 1.
    DataError
        ``E-SPLIT-CLASS`` if a class is too small to be in all parts; ``E-SPLIT-GROUP`` if there are
        too few groups.

    References
    ----------
    .. [1] Kohavi (1995), A study of cross-validation and bootstrap for accuracy estimation and model
       selection, IJCAI.

    Examples
    --------
    >>> from visiontk.core import Card
    >>> y = [0, 1] * 50
    >>> samples = Samples.from_arrays(np.zeros((100, 4)), y, ("no", "yes"), Card("demo", "0"))
    >>> [len(part) for part in stratified_folds(samples, 5, seed=0)[0]]
    [70, 10, 20]
    """
    if n_folds < 1:
        raise ConfigError(f"folds: {n_folds}, expected at least 1.", error_id="E-CONFIG-RANGE")
    everything = np.arange(len(samples), dtype=np.int64)
    _check_classes(samples, everything, _needed(n_folds), f"{n_folds} folds")
    if n_folds == 1:
        rest, test = _carve(samples, everything, HOLD_OUT, seed)
        tests = [(rest, test)]
    elif samples.groups is None:
        tests = list(_k_fold(samples.y, n_folds, seed))
    else:
        tests = _grouped_k_fold(samples, everything, n_folds, seed)
    return _with_validation(samples, tests, seed)


def official_or(fallback: Folds) -> Folds:
    """Folds of the publisher's split if there is one, and of `fallback` otherwise.

    Parameters
    ----------
    fallback : callable
        Such as `stratified_folds`.

    Returns
    -------
    callable
        ``folds(samples, n_folds, seed)``. With a publisher's split there is one fold; without a
        published validation set, a tenth of the training set is used. Parts with other names than train, valid
        and test are test sets in turn, as in ESC-50 or for leave-one-speaker-out; each draws its validation set
        from the others, in whole groups if there are groups. It raises ConfigError ``E-SPLIT-OFFICIAL`` for
        more folds, and DataError ``E-SPLIT-PARTS``, ``E-SPLIT-GROUP`` or ``E-SPLIT-CLASS`` for a
        split without training or test set, with a group on two sides, or with a class missing in the training set.

    Examples
    --------
    >>> from visiontk.core import Card
    >>> parts = ["train"] * 40 + ["test"] * 10
    >>> samples = Samples.from_arrays(np.zeros((50, 4)), [0, 1] * 25, ("no", "yes"), Card("demo", "0"), parts=parts)
    >>> [len(part) for part in official_or(stratified_folds)(samples, 1, 0)[0]]
    [36, 4, 10]
    """

    def folds(samples: Samples, n_folds: int, seed: int) -> list[Fold]:
        if samples.parts is None:
            return fallback(samples, n_folds, seed)
        names = sorted(set(samples.parts.tolist()))
        n_published = 1 if PARTS & set(names) else len(names)
        if n_folds != n_published:
            what = "a split into training and test set" if n_published == 1 else f"{n_published} folds"
            raise ConfigError(
                f"folds: {n_folds}, but {samples.card.name} is published with {what}, used as it is.",
                error_id="E-SPLIT-OFFICIAL",
                hint=f"Set folds: {n_published}.",
            )
        if not PARTS & set(names):
            return _with_validation(samples, [_leave_out(samples, samples.parts == name) for name in names], seed)
        return [_official(samples, samples.parts, seed)]

    return folds


def _with_validation(samples: Samples, tests: Sequence[tuple[Ints, Ints]], seed: int) -> list[Fold]:
    """Folds of all (rest, test), with a part of the rest as the validation set.

    Each of several folds draws its own, of groups those that served least in the folds before it: otherwise leaving one
    group out would validate on one or two groups only.
    """
    if len(tests) == 1:
        return [Fold(*_carve(samples, rest, VALID, seed), test) for rest, test in tests]
    folds = []
    served = np.zeros(len(samples), dtype=np.int64)
    for i, (rest, test) in enumerate(tests):
        train, valid = _carve(samples, rest, VALID, _reseeded(seed, i), served)
        served[valid] += 1
        folds.append(Fold(train, valid, test))
    return folds


def _leave_out(samples: Samples, tested: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """One published fold as the test set, after the others."""
    rest, test = np.flatnonzero(~tested).astype(np.int64), np.flatnonzero(tested).astype(np.int64)
    if not len(rest):
        raise DataError(f"{samples.card.name}: the publisher's split is one fold only.", error_id="E-SPLIT-PARTS")
    _check_groups(samples, {"train": rest, "valid": rest[:0], "test": test})
    return rest, test


def _needed(n_folds: int) -> int:
    # A class of n has n - ceil(n / k) samples outside of a test set: training and validation set need two.
    return max(n_folds, 4 if n_folds == 2 else 3)


def _check_classes(samples: Samples, positions: Ints, needed: int, purpose: str) -> None:
    y = samples.y[positions]
    if len(y) == 0:
        raise DataError(f"{samples.card.name}: no samples to split.", error_id="E-DATA-EMPTY")
    what = "samples" if samples.groups is None else "groups"
    units = np.bincount(y, minlength=samples.n_classes)
    if samples.groups is not None:
        _, number = np.unique(samples.groups[positions], return_inverse=True)
        units = np.bincount(np.unique(np.stack([y, number]), axis=1)[0], minlength=samples.n_classes)
    scarce = [f"{samples.labels[i]!r} has {units[i]} {what}" for i in np.flatnonzero(units < needed)]
    if scarce:
        raise DataError(
            f"{samples.card.name}: {', '.join(scarce[:20])}{' and more' if len(scarce) > 20 else ''}; "
            f"{purpose} need at least {needed} of each class.",
            error_id="E-SPLIT-CLASS",
            hint=_remedy(samples, needed, int(units.min())),
        )


def _remedy(samples: Samples, needed: int, smallest: int) -> str:
    """Ways out where a class has too few samples or groups for the folds."""
    fewer = f"--folds {smallest}" if 3 <= smallest < needed else "fewer folds"
    out = "leave them out"
    if samples.card.origin == "own" and samples.groups is None:
        out += f" with `on_rare_class: drop` and `min_per_class: {needed}`"
    return f"Add samples of these classes, {out}, or use {fewer}."


def _official(samples: Samples, parts: Strings, seed: int) -> Fold:
    named = {name: np.flatnonzero(parts == name).astype(np.int64) for name in ("train", "valid", "test")}
    strange = sorted(set(parts.tolist()) - set(named))
    if strange or not len(named["train"]) or not len(named["test"]):
        present = ", ".join(sorted(set(parts.tolist())))
        raise DataError(
            f"{samples.card.name}: the publisher's split has parts {present}; expected train, test and perhaps valid.",
            error_id="E-SPLIT-PARTS",
        )
    _check_groups(samples, named)
    lacking = set(range(samples.n_classes)) - set(samples.y[named["train"]].tolist())
    if lacking:
        names = ", ".join(repr(samples.labels[i]) for i in sorted(lacking))
        raise DataError(f"{samples.card.name}: the training set has no sample of {names}.", error_id="E-SPLIT-CLASS")
    if len(named["valid"]):
        return Fold(named["train"], named["valid"], named["test"])
    if np.bincount(samples.y[named["train"]]).max() < 2:
        raise DataError(
            f"{samples.card.name}: the training set has one sample of each class, and none for the validation set.",
            error_id="E-SPLIT-CLASS",
        )
    train, valid = _carve(samples, named["train"], VALID_OF_OFFICIAL, seed)
    return Fold(train, valid, named["test"])


def _check_groups(samples: Samples, named: dict[str, Ints]) -> None:
    if samples.groups is None:
        return
    for one, other in (("train", "test"), ("valid", "test"), ("train", "valid")):
        shared = np.intersect1d(samples.groups[named[one]], samples.groups[named[other]])
        if len(shared):
            names = ", ".join(repr(name) for name in shared[:_NAMED].tolist())
            raise DataError(
                f"{samples.card.name}: {len(shared)} groups are in both {one} and {other}, such as {names}.",
                error_id="E-SPLIT-GROUP",
                hint="Similar samples would be in the training set and the test set; correct the groups or the split.",
            )


def _carve(samples: Samples, positions: Ints, n_parts: int, seed: int, served: Ints | None = None) -> tuple[Ints, Ints]:
    """Positions split into a rest and one part in `n_parts`, with every class in both if possible."""
    if samples.groups is not None:
        return _carve_groups(samples, positions, n_parts, seed, served)
    rng = np.random.default_rng(seed)
    taken = []
    for kind in np.unique(samples.y[positions]):
        members = rng.permutation(positions[samples.y[positions] == kind])
        # A class of two gives one; a class of one stays.
        taken.append(members[: max(round(len(members) / n_parts), 1) if len(members) > 1 else 0])
    part = np.sort(np.concatenate(taken))
    return np.setdiff1d(positions, part), part


def _carve_groups(samples: Samples, positions: Ints, n_parts: int, seed: int, served: Ints | None) -> tuple[Ints, Ints]:
    """Whole groups as the part, of a size as right as possible; with `served`, of about that size and seldom chosen."""
    classes, counts = np.unique(samples.y[positions], return_counts=True)
    n_groups = len(np.unique(_groups(samples, positions)))
    # The splitter needs at least one class in every part.
    n_parts = min(n_parts, n_groups, int(counts.max()))
    if n_parts < 2:
        raise _too_few_groups(samples, n_groups, 2)
    size = len(positions) / n_parts
    rng = np.random.default_rng(seed)
    usable: list[tuple[tuple[float, ...], Ints, Ints]] = []
    for attempt in range(_ATTEMPTS):
        for rest, part in _group_k_fold(samples, positions, n_parts, _reseeded(seed, attempt)):
            if len(part) and len(np.unique(samples.y[rest])) == len(classes):
                lacking, unlike = len(classes) - len(np.unique(samples.y[part])), abs(len(part) - size)
                rank: tuple[float, ...] = (lacking, unlike, len(usable))
                if served is not None:
                    rank = (lacking, unlike > size / 2, float(served[part].mean()), rng.random())
                usable.append((rank, rest, part))
        if usable and min(rank for rank, *_ in usable)[0] == 0:
            break
    if not usable:
        raise _no_grouped_split(samples)
    _, rest, part = min(usable, key=lambda candidate: candidate[0])
    return rest, part


def _k_fold(y: Ints, n_folds: int, seed: int) -> Iterator[tuple[Ints, Ints]]:
    from sklearn.model_selection import StratifiedKFold

    for rest, test in StratifiedKFold(n_folds, shuffle=True, random_state=seed).split(np.zeros(len(y)), y):
        yield rest.astype(np.int64), test.astype(np.int64)


def _grouped_k_fold(samples: Samples, positions: Ints, n_folds: int, seed: int) -> list[tuple[Ints, Ints]]:
    n_groups = len(np.unique(_groups(samples, positions)))
    if n_groups < n_folds:
        raise _too_few_groups(samples, n_groups, n_folds)
    for attempt in range(_ATTEMPTS):
        folds = list(_group_k_fold(samples, positions, n_folds, _reseeded(seed, attempt)))
        if all(len(test) and len(np.unique(samples.y[rest])) == samples.n_classes for rest, test in folds):
            return folds
    raise _no_grouped_split(samples)


def _group_k_fold(samples: Samples, positions: Ints, n_folds: int, seed: int) -> Iterator[tuple[Ints, Ints]]:
    from sklearn.model_selection import StratifiedGroupKFold

    splitter = StratifiedGroupKFold(n_folds, shuffle=True, random_state=seed)
    y = samples.y[positions]
    with warnings.catch_warnings():
        # It warns of classes with fewer members than folds; the training set is checked here.
        warnings.simplefilter("ignore", UserWarning)
        folds = list(splitter.split(np.zeros(len(y)), y, _groups(samples, positions)))
    for rest, part in folds:
        yield positions[rest], positions[part]


def _groups(samples: Samples, positions: Ints) -> Strings:
    assert samples.groups is not None
    return samples.groups[positions]


def _reseeded(seed: int, attempt: int) -> int:
    return int(np.random.default_rng((seed, attempt)).integers(1 << 31))


def _too_few_groups(samples: Samples, n_groups: int, needed: int) -> DataError:
    return DataError(
        f"{samples.card.name}: {n_groups} groups, but {needed} parts of whole groups are needed.",
        error_id="E-SPLIT-GROUP",
        hint="Use fewer folds, or add data of other groups.",
    )


def _no_grouped_split(samples: Samples) -> DataError:
    return DataError(
        f"{samples.card.name}: no split into whole groups has every class in the training set ({_ATTEMPTS} attempts).",
        error_id="E-SPLIT-CLASS",
        hint="Use fewer folds, or add groups with the rare classes.",
    )
