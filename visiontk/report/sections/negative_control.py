"""Negative control: learners fitted on shuffled labels, in which there is nothing to learn.

Chance is what the predictions of a family reach if they are dealt out to the test samples at random, as in a
permutation test [1]_. A floor that predicts the class frequencies of its training set is no measure of it: a class that
is more frequent there is rarer in the test set, and there are metrics, such as macro F1, by which any guess beats the
commonest class. Learners of noise on 200 samples of two classes in five folds beat the floor in 9 % instead of 1 % of
150 draws, by macro F1 in 15 %; on a single split by macro F1 in 30 %. They beat chance in 1 % each.

References
----------
.. [1] Ojala and Garriga (2010), Permutation tests for studying classifier performance, JMLR 11, 1833.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from visiontk.core import Floats
from visiontk.errors import DataError
from visiontk.report import formatting as fmt
from visiontk.report.blocks import Block, Cell, Column, Row, Table, Text
from visiontk.report.evidence import Evidence
from visiontk.report.evidence.choice import Entrant, chosen_by_fold
from visiontk.report.evidence.comparing import too_small
from visiontk.report.evidence.learner import LearnerEvidence, TestSet, build_test_set, finite
from visiontk.report.section import Page, Section
from visiontk.report.sections.cells import gain_cell
from visiontk.report.sections.comparisons import counted
from visiontk.report.values import ControlledFamily, Family, Interval, NegativeControl
from visiontk.stats import difference, simultaneous
from visiontk.studies import SHUFFLED_LABELS

N_DEALS = 10
"""Random assignments of predictions to samples: their variance is a tenth of that of a single one."""

MOST_SCORES = 10_000_000
"""Scores of all assignments together, above which there are fewer."""

FAMILIES: Mapping[Family, str] = {
    "network": "the networks", "pretrained": "the pretrained learners", "classical": "the traditional learners",
}  # fmt: skip


def compute(evidence: Evidence) -> NegativeControl | None:
    """Return what each family reaches on shuffled labels; None if no learner was fitted on them."""
    trials = [trial for trial in evidence.trials if trial.study == SHUFFLED_LABELS.name]
    names = dict.fromkeys(trial.learner for trial in trials)
    learners = {name: known for name in names if (known := evidence.read(name, trials)) is not None}
    entrants = {family: each for family in FAMILIES if (each := chosen_by_fold(evidence.task, learners, family))}
    if not entrants:
        return None
    shuffle, confidence = trials[0].shuffle, simultaneous(len(entrants))
    assert shuffle is not None
    test_set = build_test_set(next(iter(learners.values())).y, evidence.groups)
    floor = chosen_by_fold(evidence.task, learners, "floor")
    return {
        "by": shuffle.by,
        "confidence": confidence,
        "floor": None if floor is None else chosen(floor.by_fold),
        "floor_value": None if floor is None else _value(evidence, floor.learner, test_set),
        "families": [_family(evidence, each, family, test_set, confidence) for family, each in entrants.items()],
    }


def _family(
    evidence: Evidence, entrant: Entrant, family: Family, test_set: TestSet, confidence: float
) -> ControlledFamily:
    """Return the difference of a family from chance on shuffled labels."""
    metric, name, learner = evidence.metric, evidence.task.metric, entrant.learner
    value = _value(evidence, learner, test_set)
    row: ControlledFamily = {
        "family": family, "by_fold": list(entrant.by_fold), "value": value, "chance": None, "difference": None,
        "low": None, "high": None, "above": False, "reason": learner.undefined(metric),
    }  # fmt: skip
    row["reason"] = row["reason"] or too_small(metric, test_set, evidence.data["labels"])
    if row["reason"]:
        return row
    scores = learner.scores_for(name)
    try:
        result = difference(
            metric, test_set.y, scores, dealt(scores), test_set.weights, test_set.groups, confidence=confidence
        )
    except DataError as error:
        return {**row, "reason": error.message}
    ahead = result.low > 0 if metric.higher_is_better else result.high < 0
    return {
        **row,
        "chance": None if value is None else finite(value - result.value),
        "difference": finite(result.value),
        "low": finite(result.low),
        "high": finite(result.high),
        "above": bool(ahead),
    }


def _value(evidence: Evidence, learner: LearnerEvidence, test_set: TestSet) -> float | None:
    if learner.undefined(evidence.metric):
        return None
    try:
        every = [evidence.metric(test_set.y, scores) for scores in learner.scores_for(evidence.task.metric)]
    except DataError:
        return None
    return finite(float(np.mean(every)))


def dealt(scores: Floats) -> Floats:
    """Return the predictions of one fit assigned to other samples at random, several times.

    Parameters
    ----------
    scores : ndarray of shape (n_seeds, n, n_classes)
        The first seed is used.

    Returns
    -------
    ndarray of shape (n_deals, n, n_classes)
    """
    rng = np.random.default_rng(0)
    n_deals = max(1, min(N_DEALS, MOST_SCORES // max(scores[0].size, 1)))
    return np.stack([rng.permutation(scores[0], axis=0) for _ in range(n_deals)])


def chosen(by_fold: Sequence[str]) -> str:
    """Return the learner that was chosen on all folds, or how often each was.

    Examples
    --------
    >>> chosen(["mlp", "mlp"]), chosen(["mlp", "hog_svm"])
    ('mlp', 'mlp in 1 of 2 folds, hog_svm in 1')
    """
    return by_fold[0] if len(set(by_fold)) == 1 else counted(by_fold)


def alarm(control: NegativeControl | None, metric: str, kind: str) -> str:
    """Return the warning about families that are ahead of chance; empty if none is."""
    ahead = [row for row in control["families"] if row["above"]] if control else []
    if not ahead:
        return ""
    named = fmt.listed([f"{FAMILIES[row['family']]} ({chosen(row['by_fold'])})" for row in ahead])
    sizes = fmt.listed([
        f"{fmt.difference(row['difference'], kind, row['low'], row['high'])}{fmt.unit(kind)} "
        f"{fmt.interval(row['low'], row['high'], kind, signed=True)}"
        for row in ahead
    ])  # fmt: skip
    return (
        f"LEAK? On shuffled labels, in which there is nothing to learn, {named} are ahead of chance: {sizes} of "
        f"{fmt.words(metric)}. Labels of the test set seem to reach them; do not rely on any result of this run before "
        "the cause is known."
    )


def blocks(control: NegativeControl, page: Page) -> list[Block]:
    """Return each family on shuffled labels against chance, and what follows from it."""
    metric, rows = fmt.words(page.metric), control["families"]
    together = ", those of each group together" if control["by"] == "group" else ""
    calm = ", and no family is ahead of chance, as it should be" if not any(row["reason"] for row in rows) else ""
    doubt = alarm(control, page.metric, page.kind) or f"Nothing is left to learn{calm}."
    columns = [
        Column("family"),
        Column("chosen on the validation sets", "wide"),
        Column(metric, "number", "descending", "on the shuffled labels of the test set"),
        Column("chance", "number", "descending", "the same predictions, dealt out to the test samples at random"),
        Column("difference from chance", "number", "descending"),
        Column("", "wide"),
    ]
    return [
        Text(f"Every learner was also fitted on labels shuffled over all samples{together}. {doubt}", "lead"),
        Table("Learners on shuffled labels", columns, [_row(row, page) for row in rows], name="control"),
        *(Text(note, "note") for note in _notes(control, page)),
    ]


def _notes(control: NegativeControl, page: Page) -> list[str]:
    floor, level = control["floor_value"], f"{100 * control['confidence']:.4g} %"
    chance = f"Chance: the same predictions, dealt out to the test samples at random; intervals at {level}."
    if floor is not None:
        chance += (
            f" The floor ({control['floor']}) reaches {fmt.value(floor, page.kind)}, which is no measure of it: a "
            "class that is more frequent in a training set is rarer in the test set."
        )
    return [
        f"{chance} Fewer than 5 of 100 runs without a leak raise an alarm.",
        f"A difference between the families is no leak: the {fmt.words(page.metric)} of guesses depends on how a "
        "learner behaves, such as how often it predicts each class. Only the difference from chance counts.",
        "The control shows labels that reach a learner by another way than its training set, such as state that fits "
        "share, or features computed with the labels of all samples. It does not show inputs that give the true label "
        "away, nor copies of a sample on both sides of the split, as their labels are shuffled too: see the audit.",
    ]


def _row(row: ControlledFamily, page: Page) -> Row:
    known: Interval = {"value": row["difference"], "low": row["low"], "high": row["high"]}
    cell = gain_cell(known, page.kind)._replace(unit="" if known["value"] is None else fmt.unit(page.kind))
    remark = row["reason"] or ("ahead of chance" if row["above"] else "not ahead of chance")
    return Row(
        [
            Cell({"classical": "traditional"}.get(row["family"], row["family"]), family=row["family"]),
            Cell(chosen(row["by_fold"])),
            Cell(fmt.value(row["value"], page.kind), sort=row["value"]),
            Cell(fmt.value(row["chance"], page.kind), sort=row["chance"]),
            cell,
            Cell(remark, strong=row["above"]),
        ]
    )


NEGATIVE_CONTROL = Section(
    "negative_control", "Negative control: shuffled labels", blocks, compute, "learners on shuffled labels"
)
