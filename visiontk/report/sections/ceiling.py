"""Ceiling of the accuracy, where several people labelled the test samples."""

from __future__ import annotations

import numpy as np

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Block, Text
from visiontk.report.evidence import Evidence
from visiontk.report.evidence.learner import LearnerEvidence, interval_of
from visiontk.report.section import Page, Section
from visiontk.report.values import Ceiling
from visiontk.stats.ceiling import ceiling


def compute(evidence: Evidence) -> Ceiling | None:
    """Return the accuracy that nobody should exceed, and who does; None without repeated labels."""
    stored = evidence.store.votes()
    if stored is None or not evidence.learners:
        return None
    by_id, rule = stored
    ids = evidence.first.ids.tolist()
    known = np.array([i for i, name in enumerate(ids) if name in by_id], dtype=np.int64)
    counts = np.array([by_id[ids[i]] for i in known], dtype=np.int64).reshape(len(known), -1)
    groups = None if evidence.groups is None else evidence.groups[known]
    result = ceiling(counts, **rule, groups=groups) if len(known) else None
    if result is None:
        return None
    return {
        **interval_of(result),
        "rule": rule["rule"],
        "n": result.n,
        "n_votes": float(counts[counts.sum(axis=1) > 1].sum(axis=1).mean()),
        "above": [name for name, each in evidence.learners.items() if _accuracy(each) > result.high],
    }


def _accuracy(learner: LearnerEvidence) -> float:
    return float((learner.decided.argmax(axis=2) == learner.y).mean())


def blocks(value: Ceiling, page: Page) -> list[Block]:
    """Return the ceiling and its meaning."""
    label = "the label with most votes" if value["rule"] == "majority" else "the label of one annotator"
    accuracy = fmt.value(value["value"], "proportion", value["low"], value["high"])
    limits = fmt.interval(value["low"], value["high"], "proportion")
    other = "" if page.metric == "accuracy" else f" It is a ceiling of accuracy, not of {fmt.words(page.metric)}."
    return [
        Text(
            f"Nobody should exceed an accuracy of about {accuracy} {limits}: {value['n']:,} test samples have "
            f"{value['n_votes']:.3g} votes each. Whoever knew how people vote on each sample "
            f"would still be wrong where {label}, drawn anew, is another one. The brackets hold every ceiling that may "
            f"agree with the votes; with few votes it is too high rather than too low.{other}"
        )
    ]


def above_ceiling(value: Ceiling | None) -> list[str]:
    """Return a warning about learners above the ceiling."""
    if value is None or not value["above"]:
        return []
    return [
        f"Above the ceiling of {fmt.value(value['high'], 'proportion')} accuracy that disagreement of people leaves: "
        f"{', '.join(value['above'])}. Look for a leak of the labels, or for votes that are not independent."
    ]


CEILING = Section("ceiling", "The ceiling", blocks, compute, "from repeated labels; `null` without them")
