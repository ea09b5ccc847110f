"""What calibration on valid would do for the probabilities of each learner: the same offer for both families."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from visiontk.core import Metric
from visiontk.errors import DataError
from visiontk.metrics import log_loss
from visiontk.metrics.operating import brier
from visiontk.report.evidence.policy import Policy
from visiontk.report.evidence.record import Record, TestSet, finite, measured
from visiontk.stats import difference
from visiontk.stats.recalibration import METHODS

PROPER: Mapping[str, Metric] = {"brier": brier, "log_loss": log_loss}
"""Both fall only when probabilities come nearer to the truth, which an error by bins does not promise."""


def offered(
    read: Callable[[str, Policy], Record | None], names: list[str], pair: tuple[str, str] | None, test_set: TestSet
) -> dict[str, Any]:
    """Brier score and log loss of every learner as it is and after each calibration.

    Parameters
    ----------
    read : callable
        ``read(name, policy)``: the record of a learner with its scores as the policy makes them.
    names : list of str
        Learners.
    pair : tuple of str or None
        The network and the classical learner of the headline, whose difference is given too.
    judged : TestSet
        Of the test samples.

    Returns
    -------
    dict
        ``learners``: by name and method, the two metrics with intervals, None for scores that only rank.
        ``difference``: by method and metric, the network less the classical one; no verdict hangs on it.
    """
    records = {method: {name: read(name, Policy(method)) for name in names} for method in METHODS}
    found = {name: {method: _scored(records[method][name], test_set) for method in METHODS} for name in names}
    apart = {}
    if pair is not None:
        for method, of_method in records.items():
            network, classical = of_method[pair[0]], of_method[pair[1]]
            apart[method] = {key: _apart(metric, network, classical, test_set) for key, metric in PROPER.items()}
    return {"learners": found, "difference": apart, "pair": None if pair is None else list(pair)}


def _scored(record: Record | None, test_set: TestSet) -> dict[str, Any] | None:
    if record is None or not record.probabilities:
        return None
    return {key: measured(metric, record.scores, test_set) for key, metric in PROPER.items()}


def _apart(
    metric: Metric, network: Record | None, classical: Record | None, test_set: TestSet
) -> dict[str, Any] | None:
    if network is None or classical is None or not (network.probabilities and classical.probabilities):
        return None
    try:
        found = difference(metric, test_set.y, network.scores, classical.scores, test_set.weights, test_set.n_units)
    except DataError:
        return None
    return {"value": finite(found.value), "low": finite(found.low), "high": finite(found.high)}
