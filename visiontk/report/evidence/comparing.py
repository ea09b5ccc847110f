"""Comparisons of learners: difference, verdict, what the uncertainty consists of and what would decide."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from visiontk.core import BEST_CLASSICAL, Metric, Task, about
from visiontk.errors import DataError
from visiontk.harness.plan import MIN_TEST_UNITS
from visiontk.report import formatting as fmt
from visiontk.report.evidence.learner import LearnerEvidence, TestSet, finite
from visiontk.report.values import Comparison, Family, FoldTest, Uncertainty
from visiontk.stats import Difference, conclude, describe_uncertainty, difference, holm, power_analysis, variance_shares
from visiontk.stats.folds import corrected_resampled_t

Learners = Mapping[str, LearnerEvidence]


def reference_of(requested: str, task: Task, learners: Learners) -> tuple[str | None, str]:
    """Return the learner that all others are compared with, None if there is none, and the reason."""
    if requested != BEST_CLASSICAL:
        return (requested, "as requested") if requested in learners else (None, f"{requested} has no finished trials")
    best = best_on_valid(task, learners, "classical")
    return best, "best traditional learner on the validation sets" if best else "no traditional learner has finished"


def best_on_valid(task: Task, learners: Learners, family: Family) -> str | None:
    """Return the learner of a family that did best on the validation sets, the first by name of equals."""
    names = sorted(name for name in learners if family_of(task, name) == family)
    sign = 1 if task.metrics[task.metric].higher_is_better else -1
    return max(names, key=lambda name: sign * learners[name].valid, default=None)


def family_of(task: Task, name: str) -> Family:
    """Return the family of a learner: floor, classical or network."""
    family: Family = about(task.learner(name)).family
    return family


def compare_all(
    task: Task, learners: Learners, reference: LearnerEvidence, test_set: TestSet, margin: float
) -> list[Comparison]:
    """Compare every learner but floors with the reference; p values are corrected by Holm over all of them."""
    rivals = [each for each in learners.values() if each is not reference and family_of(task, each.name) != "floor"]
    differences = [difference_of(task, rival, reference, test_set) for rival in rivals]
    adjusted = holm([each.p_value if isinstance(each, Difference) else np.nan for each in differences])
    n_tested = sum(isinstance(each, Difference) for each in differences)
    return [
        _invalid(task, rival, reference, each)
        if isinstance(each, str)
        else _comparison(task, rival, reference, each, float(p), test_set=test_set, margin=margin, n_tested=n_tested)
        for rival, each, p in zip(rivals, differences, adjusted, strict=True)
    ]


def difference_of(
    task: Task, rival: LearnerEvidence, reference: LearnerEvidence, test_set: TestSet
) -> Difference | str:
    """Return the difference in the metric that is compared, or the reason why there is none."""
    metric = task.metrics[task.metric]
    ranking = [each.name for each in (rival, reference) if not each.probabilities]
    if metric.needs_probabilities and ranking:
        return f"{task.metric} needs probabilities, and the scores of {' and '.join(ranking)} only rank."
    unranked = [each.name for each in (rival, reference) if not each.ranked]
    if unranked and not metric.decides:
        return f"{task.metric} needs scores, and {' and '.join(unranked)} only names classes."
    try:
        a, b = (each.scores_for(task.metric) for each in (rival, reference))
        return difference(metric, test_set.y, a, b, test_set.weights, test_set.n_units)
    except DataError as error:
        return error.message


def _comparison(
    task: Task,
    rival: LearnerEvidence,
    reference: LearnerEvidence,
    result: Difference,
    p_adjusted: float,
    *,
    test_set: TestSet,
    margin: float,
    n_tested: int,
) -> Comparison:
    judgement = conclude(
        result,
        p_adjusted,
        margin=margin,
        higher_is_better=task.metrics[task.metric].higher_is_better,
        n_comparisons=n_tested,
        invalid=too_small(test_set),
        unit=test_set.unit,
    )
    return {
        "learner": rival.name,
        "reference": reference.name,
        "metric": task.metric,
        "difference": finite(result.value),
        "low": finite(result.low),
        "high": finite(result.high),
        "p_value": finite(result.p_value),
        "p_adjusted": finite(p_adjusted),
        "test": result.test,
        "scope": result.scope,
        "uncertainty": _uncertainty(result, test_set, margin=margin, n_tested=n_tested),
        "verdict": judgement.verdict,
        "reason": judgement.reason,
    }


def _invalid(task: Task, rival: LearnerEvidence, reference: LearnerEvidence, reason: str) -> Comparison:
    return {
        "learner": rival.name,
        "reference": reference.name,
        "metric": task.metric,
        "difference": None,
        "low": None,
        "high": None,
        "p_value": None,
        "p_adjusted": None,
        "test": "none",
        "scope": None,
        "uncertainty": None,
        "verdict": "invalid",
        "reason": reason,
    }


def _uncertainty(result: Difference, test_set: TestSet, *, margin: float, n_tested: int) -> Uncertainty:
    variance, required = variance_shares(result), power_analysis(result, margin=margin, alpha=0.05 / n_tested)
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


def too_small(test_set: TestSet) -> str:
    """Return the reason why no verdict is possible on a test set; empty if one is."""
    if len(np.unique(test_set.y)) < 2:
        return "the test set has one class only"
    if test_set.n_units < MIN_TEST_UNITS:
        units = f"{test_set.n_units} {test_set.unit}{'s' if test_set.n_units != 1 else ''}"
        return f"the test set has {units}, too few for an interval"
    return ""


def fold_test(
    metric: Metric, name: str, rival: LearnerEvidence, reference: LearnerEvidence, n_train: float
) -> FoldTest | None:
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
    result = (
        corrected_resampled_t(differences, n_train, len(y) / len(parts)) if np.isfinite(differences).all() else None
    )
    if result is None:
        return None
    return {
        "test": "corrected resampled t",
        "n_folds": len(parts),
        "value": result.value,
        "low": result.low,
        "high": result.high,
        "p_value": result.p_value,
        "text": f"Over the {len(parts)} folds, with an allowance for training sets that overlap: "
        f"{fmt.difference(result.value, metric.kind, result.low, result.high)}{fmt.unit(metric.kind)} "
        f"{fmt.interval(result.low, result.high, metric.kind, signed=True)}, "
        f"p {fmt.equals(result.p_value)} (corrected resampled t test).",
    }
