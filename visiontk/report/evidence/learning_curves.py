"""Learning curves: results and costs of each learner with fewer training samples, and where families cross."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from visiontk.core import Floats, Metric
from visiontk.report.evidence.evidence import Evidence
from visiontk.report.evidence.learner import LearnerEvidence, TestSet, finite, interval, measure
from visiontk.report.values import Crossover, Curve, CurvePoint, Extrapolation
from visiontk.stats.crossover import crossover
from visiontk.studies import LEARNING_CURVE

SEED = 0


class Sized(NamedTuple):
    """A learner fitted on `n` training samples."""

    n: float
    learner: LearnerEvidence

    @property
    def fit_cpu_s(self) -> float:
        """Mean CPU seconds of a fit."""
        return float(np.mean([cost.fit_cpu_s for cost in self.learner.costs]))


def learning_curves(evidence: Evidence) -> Curve | None:
    """Return the curves of every learner; None if no trial of a learning curve has finished."""
    points = _sized(evidence)
    if not points:
        return None
    metric, name = evidence.metric, evidence.task.metric
    crossings = [
        _crossover(metric, name, *pair, points[pair[0]], points[pair[1]], evidence.test_set)
        for pair in (primary.names for primary in evidence.primaries)
        if all(learner in points for learner in pair)
    ]
    return {
        "draws": max(trial.draw for trial in evidence.trials if trial.study == LEARNING_CURVE.name),
        "learners": {
            learner: [_point(metric, name, each, evidence.test_set) for each in sized]
            for learner, sized in points.items()
        },
        "extrapolation": {learner: _twice_the_data(sized) for learner, sized in points.items()},
        "crossovers": [each for each in crossings if each is not None],
    }


def _sized(evidence: Evidence) -> dict[str, list[Sized]]:
    """Return each learner at each size, by rising size; learners with one size are left out."""
    by_learner: dict[str, dict[int, list[int]]] = {}
    for i, trial in enumerate(evidence.trials):
        if trial.study == LEARNING_CURVE.name and trial.max_train:
            by_learner.setdefault(trial.learner, {}).setdefault(trial.max_train, []).append(i)
    points = {}
    for name, by_size in by_learner.items():
        smaller = [evidence.read(name, [evidence.trials[i] for i in by_size[size]]) for size in sorted(by_size)]
        known = [learner for learner in (*smaller, evidence.configured.get(name)) if learner is not None]
        sized = [Sized(n, learner) for learner in known if (n := _n_train(learner)) is not None]
        if len(sized) > 1:
            points[name] = sized
    return points


def _n_train(learner: LearnerEvidence) -> float | None:
    known = [cost.n_train for cost in learner.costs if cost.n_train is not None]
    return float(np.mean(known)) if len(known) == len(learner.costs) > 0 else None


def _point(metric: Metric, name: str, sized: Sized, test_set: TestSet) -> CurvePoint:
    result = measure(metric, sized.learner.scores_for(name), test_set)
    return {"n": sized.n, **interval(result), "fit_cpu_s": sized.fit_cpu_s, "n_fits": len(sized.learner.trials)}


def _twice_the_data(sized: Sequence[Sized]) -> Extrapolation:
    """Extrapolate CPU seconds to twice the data, by the growth over the last two halvings."""
    last = sized[-3:]
    n, cpu = np.array([each.n for each in last]), np.array([each.fit_cpu_s for each in last])
    if (cpu <= 0).any():
        return {"n": 2 * float(n[-1]), "fit_cpu_s": None, "exponent": None}
    exponent = float(np.polyfit(np.log(n), np.log(cpu), 1)[0])
    return {"n": 2 * float(n[-1]), "fit_cpu_s": float(cpu[-1] * 2**exponent), "exponent": exponent}


def _crossover(
    metric: Metric, name: str, challenger: str, classical: str,
    of_challenger: Sequence[Sized], of_classical: Sequence[Sized], test_set: TestSet,
) -> Crossover | None:  # fmt: skip
    by_n = {round(each.n): each.learner for each in of_classical}
    shared = [(each.n, each.learner, by_n[round(each.n)]) for each in of_challenger if round(each.n) in by_n]
    sizes = [n for n, _, _ in shared]
    rng = np.random.default_rng(SEED)
    values, replicates = [], []
    for _, one, other in shared:
        ours, our_replicates = _values(metric, name, one, test_set)
        theirs, their_replicates = _values(metric, name, other, test_set)
        values.append(ours.mean() - theirs.mean())
        replicates.append(_resampled(our_replicates, their_replicates, rng))
    if not np.isfinite(values).all():
        return None
    result = crossover(sizes, np.array(values), np.stack(replicates, axis=1))
    return {
        "n": finite(result.value),
        "low": finite(result.low),
        "high": finite(result.high),
        "reached": math.isfinite(result.value),
        "smallest": sizes[0],
        "largest": sizes[-1],
        "differences": [float(value) for value in values],
        "sizes": sizes,
        "challenger": challenger,
        "classical": classical,
    }


def _values(metric: Metric, name: str, learner: LearnerEvidence, test_set: TestSet) -> tuple[Floats, Floats]:
    """Return the metric of each fit, more being better: (n_fits,), and of each resample (n_fits, n_resamples)."""
    sign = 1.0 if metric.higher_is_better else -1.0
    every = learner.scores_for(name)
    measured = np.array([sign * metric(test_set.y, scores) for scores in every])
    return measured, np.stack([sign * metric.function(test_set.y, scores, test_set.weights) for scores in every])


def _resampled(ours: Floats, theirs: Floats, rng: np.random.Generator) -> Floats:
    """Return differences on resamples of test samples and of fits; fits on one draw of the training set stay paired."""
    n_resamples = ours.shape[1]
    columns = np.arange(n_resamples)

    def means(values: Floats, chosen: NDArray[np.int64]) -> Floats:
        return np.asarray(values[chosen, columns[:, None]].mean(axis=1))

    first = rng.integers(len(ours), size=(n_resamples, len(ours)))
    second = first if len(theirs) == len(ours) else rng.integers(len(theirs), size=(n_resamples, len(theirs)))
    return means(ours, first) - means(theirs, second)
