"""Classes that nobody can learn: refused by default, or left out with all that is theirs, and counted.

Every reader of a user's own data makes its samples here, after it read them; before that, `check_parts` refuses what
can be refused by names alone.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from visiontk.core import PARTS, Ints, Samples
from visiontk.data.checks.labels import RareClass, check_parts
from visiontk.data.fingerprints import fingerprint
from visiontk.errors import DataError
from visiontk.messages import printable

_NAMED = 20


def learnable(samples: Samples, least: int, on_rare_class: RareClass, where: str, what: str) -> Samples:
    """The samples whose class has enough to learn from.

    Parameters
    ----------
    samples : Samples
        As they were read.
    least : int
        Smallest number of samples of a class to learn from: those of train, where there is a split.
    on_rare_class : {"refuse", "drop"}
        Whether a class with fewer ends the work, or is left out with all its samples. Those of test are then
        unknown: `Card.n_unknown` counts them, and every metric is of the others.
    where : str
        The file or folder, named in errors.
    what : str
        What a sample is, such as "picture"; for messages.

    Returns
    -------
    Samples
        With what was left out, and the classes that are never tested, on the card.

    Raises
    ------
    ConfigError, DataError
        As `check_parts`; ``E-LABEL-SINGLE`` where fewer than two classes are left.

    Examples
    --------
    >>> from visiontk.core import Card
    >>> x, y, parts = np.zeros((6, 2)), [0, 0, 1, 1, 0, 2], ["train"] * 4 + ["test"] * 2
    >>> samples = Samples.from_arrays(x, y, ("cat", "dog", "fox"), Card("pets", "0"), parts=parts)
    >>> known = learnable(samples, 2, "drop", "pets", "picture")
    >>> known.labels, known.ids.tolist(), known.card.n_unknown
    (('cat', 'dog'), ['0', '1', '2', '3', '4'], 1)
    """
    if on_rare_class == "drop":
        samples = _without_rare(samples, least, where, what)
    notes = check_parts(samples.y, samples.labels, samples.parts, where, least, what, on_rare_class)
    return replace(samples, card=replace(samples.card, notes=tuple(dict.fromkeys((*samples.card.notes, *notes)))))


def _without_rare(samples: Samples, least: int, where: str, what: str) -> Samples:
    known = np.flatnonzero(_to_learn(samples) >= least)
    if len(known) == samples.n_classes:
        return samples
    if len(known) < 2:
        raise DataError(
            f"{where}: {len(known)} of {samples.n_classes} classes have {least} samples or more to learn from; at "
            "least two are needed.",
            error_id="E-LABEL-SINGLE",
            hint="Add samples, or lower min_per_class.",
        )
    place = np.full(samples.n_classes, -1)
    place[known] = np.arange(len(known))
    kept = samples.subset(np.flatnonzero(place[samples.y] >= 0))
    labels = tuple(samples.labels[i] for i in known)
    n_unknown = _n_tested(samples) - _n_tested(kept)
    card = replace(
        samples.card,
        # Another question is another data set: trials must not be mixed up.
        fingerprint=fingerprint(samples.card.fingerprint, "\n".join(labels)),
        n_unknown=n_unknown,
        warnings=(*samples.card.warnings, _said(samples, known, n_unknown, least, what)),
    )
    return replace(kept, y=place[kept.y].astype(np.int64), labels=labels, card=card)


def _to_learn(samples: Samples) -> Ints:
    """Samples of each class in train; without a split into parts, of all."""
    if samples.parts is None or not PARTS & set(samples.parts.tolist()):
        return samples.counts()
    return samples.subset(np.flatnonzero(samples.parts == "train")).counts()


def _n_tested(samples: Samples) -> int:
    return 0 if samples.parts is None else int(np.sum(samples.parts == "test"))


def _said(samples: Samples, known: Ints, n_unknown: int, least: int, what: str) -> str:
    counts = samples.counts()
    rare = [i for i in range(samples.n_classes) if i not in set(known.tolist())]
    named = ", ".join(f"{printable(samples.labels[i])} {counts[i]:,}" for i in rare[:_NAMED])
    more = f" and {len(rare) - _NAMED} more" if len(rare) > _NAMED else ""
    n = int(counts[rare].sum())
    unknown = f"; {n_unknown:,} of them in test are unknown to every learner and excluded by every metric"
    return (
        f"{n:,} {what}{'s' * (n != 1)} left out, of classes with fewer than {least} to learn from ({named}{more})"
        f"{unknown if n_unknown else ''}."
    )
