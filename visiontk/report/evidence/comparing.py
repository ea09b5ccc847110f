"""Comparisons of learners: difference, verdict, what the uncertainty consists of and what would decide.

The comparison of the question, the primary one, was planned before the test set was read and is tested alone at 5 %.
Where a pretrained learner takes part there are two, which share the 5 %: each interval is at 97.5 % (Bonferroni). All
others form one family: each of k intervals is at 1 - 0.05 / k. The interval that is shown is the one that decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from visiontk.core import Metric, Task
from visiontk.errors import DataError
from visiontk.harness.plan import MIN_TEST_UNITS
from visiontk.report import formatting as fmt
from visiontk.report.evidence.choice import Learners, Primary, family_of
from visiontk.report.evidence.learner import LearnerEvidence, TestSet, finite
from visiontk.report.values import Comparison, FoldTest, Uncertainty
from visiontk.stats import (
    Difference,
    conclude,
    describe_uncertainty,
    difference,
    power_analysis,
    second_opinion,
    simultaneous,
    variance_shares,
)
from visiontk.stats.folds import Resampled, corrected_resampled_t
from visiontk.stats.units import FEWEST_OF_A_CLASS


class Plan(NamedTuple):
    """Common to all comparisons of a run."""

    task: Task
    test_set: TestSet
    labels: Sequence[str]
    margin: float
    n_train: float  # of a fold; 0 where it is not known
    n_primaries: int = 1  # planned comparisons, which share the 5 %


def compare_all(
    plan: Plan, learners: Learners, reference: str | None, primaries: Sequence[Primary]
) -> list[Comparison]:
    """Return the primary comparisons first, then every other learner but floors with the reference."""
    rows = [_primary(plan, each) for each in primaries]
    if reference is None or reference not in learners:
        return rows
    shown = {(row["learner"], row["reference"]) for row in rows}
    rivals = [
        each
        for name, each in learners.items()
        if name != reference and family_of(plan.task, name) != "floor" and (name, reference) not in shown
    ]
    k = max(len(rivals), 1)
    return rows + [_compared(plan, each, learners[reference], n_comparisons=k) for each in rivals]


def _primary(plan: Plan, primary: Primary) -> Comparison:
    rival, reference = primary.rival, primary.reference
    row = _compared(plan, rival.learner, reference.learner, n_comparisons=plan.n_primaries)
    challenger, classical = (
        side.name(family)
        for side, family in zip((primary.challenger, primary.classical), primary.families, strict=True)
    )
    return {
        **row,
        "learner": classical if primary.turned else challenger,
        "reference": challenger if primary.turned else classical,
        "primary": {
            "families": list(primary.families),
            "learner": rival.learner.name,
            "reference": reference.learner.name,
            "learner_by_fold": list(rival.by_fold),
            "reference_by_fold": list(reference.by_fold),
            "requested": [each.learner.name for each in (rival, reference) if each.requested],
            "learner_value": _value(plan, rival.learner),
            "reference_value": _value(plan, reference.learner),
        },
    }


def _value(plan: Plan, learner: LearnerEvidence) -> float | None:
    """Return the metric that is compared, mean over seeds; None where it is undefined."""
    metric, name = plan.task.metrics[plan.task.metric], plan.task.metric
    if learner.undefined(metric):
        return None
    return finite(float(np.mean([metric(learner.y, scores) for scores in learner.scores_for(name)])))


def difference_of(
    task: Task, rival: LearnerEvidence, reference: LearnerEvidence, test_set: TestSet
) -> Difference | str:
    """Return the difference in the metric that is compared, or the reason why there is none."""
    metric = task.metrics[task.metric]
    if known := [each for each in (rival, reference) if each.seen]:
        return seen_in_pretraining([each.name for each in known], known[0].seen)
    ranking = [each.name for each in (rival, reference) if not each.probabilities]
    if metric.needs_probabilities and ranking:
        return f"{task.metric} needs probabilities, and the scores of {' and '.join(ranking)} only rank."
    unranked = [each.name for each in (rival, reference) if not each.ranked]
    if unranked and not metric.decides:
        return f"{task.metric} needs scores, and {' and '.join(unranked)} only names classes."
    try:
        a, b = (each.scores_for(task.metric) for each in (rival, reference))
        return difference(metric, test_set.y, a, b, test_set.weights, test_set.groups)
    except DataError as error:
        return error.message


def seen_in_pretraining(names: Sequence[str], source: str) -> str:
    """Return the reason why learners that were fitted to the test samples before have no verdict.

    Examples
    --------
    >>> seen_in_pretraining(["features"], "ImageNet-1k")
    'seen in pretraining: features learnt from ImageNet-1k, which is known to contain these samples'
    """
    return f"seen in pretraining: {' and '.join(names)} learnt from {source}, which is known to contain these samples"


def _compared(plan: Plan, rival: LearnerEvidence, reference: LearnerEvidence, *, n_comparisons: int) -> Comparison:
    task, test_set, metric = plan.task, plan.test_set, plan.task.metrics[plan.task.metric]
    result = difference_of(task, rival, reference, test_set)
    if isinstance(result, str):
        return _invalid(task, rival, reference, result)
    result = result.at(simultaneous(n_comparisons))
    judgement = conclude(
        result,
        margin=plan.margin,
        higher_is_better=metric.higher_is_better,
        n_comparisons=n_comparisons,
        invalid=too_small(metric, test_set, plan.labels),
        unit=test_set.unit,
    )
    folds = over_folds(metric, task.metric, rival, reference, plan.n_train, result.confidence) if plan.n_train else None
    return {
        "learner": rival.name,
        "reference": reference.name,
        "primary": None,
        "metric": task.metric,
        "difference": finite(result.value),
        "low": finite(result.low),
        "high": finite(result.high),
        "confidence": result.confidence,
        "n_comparisons": n_comparisons,
        "p_value": finite(result.p_value),
        "p_adjusted": finite(min(1.0, n_comparisons * result.p_value)),
        "test": result.test,
        "scope": result.scope,
        "uncertainty": _uncertainty(result, test_set, margin=plan.margin),
        "verdict": judgement.verdict,
        "reason": judgement.reason,
        "mcnemar_p": result.mcnemar,
        "fold_test": folds and _fold_test(folds, metric, len(rival.valid_by_fold)),
        "second_opinion": second_opinion(judgement.verdict, result, folds, margin=plan.margin),
    }


def _invalid(task: Task, rival: LearnerEvidence, reference: LearnerEvidence, reason: str) -> Comparison:
    return {
        "learner": rival.name,
        "reference": reference.name,
        "primary": None,
        "metric": task.metric,
        "difference": None,
        "low": None,
        "high": None,
        "confidence": None,
        "n_comparisons": 1,
        "p_value": None,
        "p_adjusted": None,
        "test": "none",
        "scope": None,
        "uncertainty": None,
        "verdict": "invalid",
        "reason": reason,
        "mcnemar_p": None,
        "fold_test": None,
        "second_opinion": "",
    }


def _uncertainty(result: Difference, test_set: TestSet, *, margin: float) -> Uncertainty:
    variance, required = variance_shares(result), power_analysis(result, margin=margin)
    return {
        "unit": test_set.unit,
        "n_units": result.n_units,
        "n_seeds": result.n_seeds,
        "standard_error": finite(result.standard_error),
        "shares": None
        if variance is None
        else {
            "items": variance.items,
            "groups": variance.groups,
            "interaction": variance.interaction,
            "seeds": variance.seeds,
        },
        "detectable": finite(required.detectable),
        "target": required.target,
        "units_needed": required.units,
        "seeds_needed": required.seeds,
        "text": describe_uncertainty(result, unit=test_set.unit),
    }


def too_small(metric: Metric, test_set: TestSet, labels: Sequence[str]) -> str:
    """Return the reason why no verdict is possible on a test set; empty if one is."""
    units = test_set.units_by_class()
    if len(units) < 2:
        return "the test set has one class only"
    if test_set.n_units < MIN_TEST_UNITS:
        return f"the test set has {fmt.plural(test_set.n_units, test_set.unit)}, too few for an interval"
    rarest = min(units, key=lambda c: units[c])
    if metric.averages_classes and units[rarest] < FEWEST_OF_A_CLASS:
        return (
            f"the test set has {fmt.plural(units[rarest], test_set.unit)} of class {labels[rarest]}, too few for an "
            f"interval of {metric.name}, which takes {FEWEST_OF_A_CLASS} of each class"
        )
    return ""


def over_folds(
    metric: Metric, name: str, rival: LearnerEvidence, reference: LearnerEvidence, n_train: float, confidence: float
) -> Resampled | None:
    """Test the difference of two learners over the folds; None below three folds, or if a fold has no value.

    `name` is that of the metric in the task, `n_train` the number of training samples of a fold.
    """
    y, folds = rival.y, rival.folds
    parts = [np.flatnonzero(folds == fold) for fold in np.unique(folds)]
    if len(parts) < 3:
        return None
    means = [
        np.array(
            [float(np.mean([metric(y[part], of_seed[part]) for of_seed in each.scores_for(name)])) for part in parts]
        )
        for each in (rival, reference)
    ]
    differences = means[0] - means[1]
    if not np.isfinite(differences).all():
        return None
    return corrected_resampled_t(differences, n_train, len(y) / len(parts), confidence=confidence)


def _fold_test(result: Resampled, metric: Metric, n_folds: int) -> FoldTest:
    return {
        "test": "corrected resampled t",
        "n_folds": n_folds,
        "value": result.value,
        "low": result.low,
        "high": result.high,
        "p_value": result.p_value,
        "text": f"Over the {n_folds} folds, with an allowance for training sets that overlap: "
        f"{fmt.difference(result.value, metric.kind, result.low, result.high)}{fmt.unit(metric.kind)} "
        f"{fmt.interval(result.low, result.high, metric.kind, signed=True)}, "
        f"p {fmt.equals(result.p_value)} (corrected resampled t test).",
    }
