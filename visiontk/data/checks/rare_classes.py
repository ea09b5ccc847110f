"""Classes with too few training samples: refused by default, or left out with all their samples, and counted.

The last step of every reader of the user's data; `check_parts` refuses earlier what names alone show.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from visiontk.core import PARTS, Ints, Samples
from visiontk.data.checks.labels import check_parts
from visiontk.data.checks.problems import Problems
from visiontk.data.fingerprints import fingerprint
from visiontk.data.options import ClassOptions
from visiontk.errors import DataError
from visiontk.messages import printable

_NAMED = 20


def handle_rare_classes(
    samples: Samples, classes: ClassOptions, where: str, what: str, on_problem: Problems | None = None
) -> Samples:
    """Refuse or leave out the classes with too few training samples, and note it on the card.

    Test samples of a class that is left out are unknown: `Card.n_unknown` counts them, and every metric is of the
    others. `what` is the singular noun for a sample in messages.
    """
    least, rule = classes.min_per_class, classes.on_rare_class
    if rule == "drop":
        samples = _without_rare(samples, least, where, what)
    notes = check_parts(samples.y, samples.labels, samples.parts, where, least, what, rule, on_problem)
    return replace(samples, card=replace(samples.card, notes=tuple(dict.fromkeys((*samples.card.notes, *notes)))))


def _without_rare(samples: Samples, least: int, where: str, what: str) -> Samples:
    known = np.flatnonzero(_training_counts(samples) >= least)
    if len(known) == samples.n_classes:
        return samples
    if len(known) < 2:
        second = int(np.sort(samples.counts())[-2])
        raise DataError(
            f"{where}: {len(known)} of {samples.n_classes} classes have {least} training samples or more; at least "
            "two are needed.",
            error_id="E-LABEL-SINGLE",
            hint=f"Add samples, or accept fewer with `min_per_class: {second}`." if second > 1 else "Add samples.",
        )
    place = np.full(samples.n_classes, -1)
    place[known] = np.arange(len(known))
    kept = samples.subset(np.flatnonzero(place[samples.y] >= 0))
    labels = tuple(samples.labels[i] for i in known)
    n_unknown = _n_tested(samples) - _n_tested(kept)
    card = replace(
        samples.card,
        # Other classes are another data set: trials must not be mixed.
        fingerprint=fingerprint(samples.card.fingerprint, "\n".join(labels)),
        n_unknown=n_unknown,
        warnings=(*samples.card.warnings, _rare_warning(samples, known, n_unknown, least, what)),
    )
    votes = kept.votes and kept.votes.of_classes(known)
    return replace(kept, y=place[kept.y].astype(np.int64), labels=labels, card=card, votes=votes)


def _training_counts(samples: Samples) -> Ints:
    """Samples of each class in the training set; without a published split, in all."""
    if samples.parts is None or not PARTS & set(samples.parts.tolist()):
        return samples.counts()
    return samples.subset(np.flatnonzero(samples.parts == "train")).counts()


def _n_tested(samples: Samples) -> int:
    return 0 if samples.parts is None else int(np.sum(samples.parts == "test"))


def _rare_warning(samples: Samples, known: Ints, n_unknown: int, least: int, what: str) -> str:
    counts = samples.counts()
    rare = [i for i in range(samples.n_classes) if i not in set(known.tolist())]
    named = ", ".join(f"{printable(samples.labels[i])} {counts[i]:,}" for i in rare[:_NAMED])
    more = f" and {len(rare) - _NAMED} more" if len(rare) > _NAMED else ""
    n = int(counts[rare].sum())
    unknown = f"; {n_unknown:,} of them are test samples, unknown to every learner and excluded by every metric"
    return (
        f"{n:,} {what}{'s' * (n != 1)} left out, of classes with fewer than {least} training samples ({named}{more})"
        f"{unknown if n_unknown else ''}."
    )
