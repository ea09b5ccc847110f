"""Learning curves: what each learner reaches, and costs, with fewer training samples; where the families cross."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from visiontk.core import Floats, Task, Trial
from visiontk.stats.crossover import crossover

if TYPE_CHECKING:
    from visiontk.report.evidence.record import Record, TestSet

FITS_SEED = 0


def curve(
    task: Task,
    trials: Sequence[Trial],
    whole: Mapping[str, Record],
    test_set: TestSet,
    *,
    read: Callable[[str, Sequence[Trial]], Record | None],
    measure: Callable[[Record], Mapping[str, Any]],
    pair: tuple[str, str] | None,
) -> dict[str, Any] | None:
    """The value ``curve`` of ``results.json``; None if no trial of a learning curve has finished.

    Parameters
    ----------
    task : Task
        Whose first metric is shown.
    trials : sequence of Trial
        All that were planned; those with a draw belong to the curve.
    whole : mapping of str to Record
        Of all training samples, by learner.
    judged : TestSet
        Targets, resamples and groups of the test part.
    read : callable
        ``read(name, trials)`` puts trials of one learner and size together.
    measure : callable
        ``measure(record)`` gives ``value``, ``low`` and ``high`` of the metric.
    pair : (str, str), optional
        Network and traditional learner whose curves are compared.
    """
    by_learner: dict[str, dict[int, list[Trial]]] = {}
    for trial in trials:
        if trial.draw and trial.max_train:
            by_learner.setdefault(trial.learner, {}).setdefault(trial.max_train, []).append(trial)
    points: dict[str, list[tuple[float, Record]]] = {}
    for name, by_size in by_learner.items():
        records = [*(read(name, by_size[size]) for size in sorted(by_size)), whole.get(name)]
        known = [record for record in records if record is not None]
        sized = [(n, record) for record in known if (n := _n_train(record)) is not None]
        if len(sized) > 1:
            points[name] = sized
    if not points:
        return None
    value: dict[str, Any] = {
        "draws": max(trial.draw for trial in trials),
        "learners": {
            name: [
                {
                    "n": n,
                    **{key: found[key] for key in ("value", "low", "high")},
                    "fit_cpu_s": _cpu_s(record),
                    "n_fits": len(record.trials),
                }
                for n, record in sized
                if (found := measure(record))
            ]
            for name, sized in points.items()
        },
        "twice": {name: _twice(sized) for name, sized in points.items()},
        "crossover": None,
    }
    if pair is not None and all(name in points for name in pair):
        value["crossover"] = _crossover(task, points[pair[0]], points[pair[1]], test_set) | {
            "network": pair[0],
            "classical": pair[1],
        }
    return value


def sentence(curve: Mapping[str, Any] | None) -> str:
    """Where the curves cross, in words that claim no more than the interval; empty without a curve of both families.

    Examples
    --------
    >>> found = {"network": "cnn", "classical": "svm", "n": 3012.4, "low": 1190.0, "high": None, "largest": 54000}
    >>> sentence({"crossover": found | {"smallest": 421, "reached": True}})
    'The curves of cnn and svm cross near 3,000 training samples [1,200 to beyond 54,000].'
    """
    found = None if curve is None else curve["crossover"]
    if found is None:
        return ""
    network, classical = found["network"], found["classical"]
    least, most = rounded(found["smallest"]), rounded(found["largest"])
    low = f"below {least}" if found["low"] == 0 else rounded(found["low"]) if found["low"] else f"beyond {most}"
    high = f"below {least}" if found["high"] == 0 else rounded(found["high"]) if found["high"] else f"beyond {most}"
    interval = f"[{low} to {high}]" if low != high else f"[{low}]"
    where = f"the interval of where they cross is {interval}"
    if low == high:
        where = f"the interval of where they cross lies {'beyond' if found['low'] is None else 'below'} that, too"
    if not found["reached"]:
        return f"The curve of {network} does not reach that of {classical} by {most} training samples; {where}."
    if found["n"] == 0:
        return f"The curve of {network} lies above that of {classical} at {least} training samples and more; {where}."
    return f"The curves of {network} and {classical} cross near {rounded(found['n'])} training samples {interval}."


def rounded(n: float) -> str:
    """Two significant digits."""
    if n < 10:
        return f"{n:.0f}"
    unit = 10 ** (math.floor(math.log10(n)) - 1)
    return f"{round(n / unit) * unit:,.0f}"


def _n_train(record: Record) -> float | None:
    known = [cost.n_train for cost in record.costs]
    return None if not known or None in known else float(np.mean([n for n in known if n is not None]))


def _cpu_s(record: Record) -> float:
    return float(np.mean([cost.fit_cpu_s for cost in record.costs]))


def _twice(sized: Sequence[tuple[float, Record]]) -> dict[str, float | None]:
    """CPU seconds that twice the data would cost, by the growth over the last two halvings."""
    last = sized[-3:]
    n, cpu = np.array([each for each, _ in last]), np.array([_cpu_s(record) for _, record in last])
    if (cpu <= 0).any():
        return {"n": 2 * float(n[-1]), "fit_cpu_s": None, "exponent": None}
    exponent = float(np.polyfit(np.log(n), np.log(cpu), 1)[0])
    return {"n": 2 * float(n[-1]), "fit_cpu_s": float(cpu[-1] * 2**exponent), "exponent": exponent}


def _crossover(
    task: Task, network: Sequence[tuple[float, Record]], classical: Sequence[tuple[float, Record]], test_set: TestSet
) -> dict[str, Any]:
    by_n = {round(n): record for n, record in classical}
    shared = [(n, one, by_n[round(n)]) for n, one in network if round(n) in by_n]
    sizes = [n for n, _, _ in shared]
    rng = np.random.default_rng(FITS_SEED)
    values, replicates = [], []
    for _, one, other in shared:
        ours, mine = _values(task, one, test_set)
        theirs, yours = _values(task, other, test_set)
        values.append(ours.mean() - theirs.mean())
        replicates.append(_resampled(mine, yours, rng))
    found = crossover(sizes, np.array(values), np.stack(replicates, axis=1))

    def number(n: float) -> float | None:
        return n if math.isfinite(n) else None

    return {
        "n": number(found.value),
        "low": number(found.low),
        "high": number(found.high),
        "reached": math.isfinite(found.value),
        "smallest": sizes[0],
        "largest": sizes[-1],
        "differences": [float(value) for value in values],
        "sizes": sizes,
    }


def _values(task: Task, record: Record, test_set: TestSet) -> tuple[Floats, Floats]:
    """The metric of each fit, more being better: as measured (n_fits,), and on every resample (n_fits, n_resamples)."""
    metric = task.metrics[task.metric]
    sign = 1.0 if metric.higher_is_better else -1.0
    each = record.scores_for(task.metric)
    whole = np.array([sign * metric(test_set.y, scores) for scores in each])
    return whole, np.stack([sign * metric.function(test_set.y, scores, test_set.weights) for scores in each])


def _resampled(ours: Floats, theirs: Floats, rng: np.random.Generator) -> Floats:
    """Differences on resamples of test items and of fits; fits of one draw of train stay together."""
    n_resamples = ours.shape[1]
    columns = np.arange(n_resamples)

    def drawn(values: Floats, chosen: Any) -> Floats:
        return np.asarray(values[chosen, columns[:, None]].mean(axis=1))

    first = rng.integers(len(ours), size=(n_resamples, len(ours)))
    second = first if len(theirs) == len(ours) else rng.integers(len(theirs), size=(n_resamples, len(theirs)))
    return drawn(ours, first) - drawn(theirs, second)
