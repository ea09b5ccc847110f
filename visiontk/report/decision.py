"""What to do: the decision that follows from the verdict, the costs and the learning curve, in few sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from visiontk.report import formatting as fmt
from visiontk.report.curves import rounded
from visiontk.report.headline import lead, training_cost
from visiontk.report.tuned import switched
from visiontk.stats.power import round_up


def decision(results: Mapping[str, Any]) -> list[str]:
    """Sentences for somebody who must choose; each follows from the verdict and says no more than it.

    Parameters
    ----------
    results : mapping
        The value of ``results.json``.

    Returns
    -------
    list of str
        Empty where nothing can be advised.

    Examples
    --------
    >>> headline = {"verdict": "equivalent", "network": "cnn", "classical": "svm", "difference": 0.001, "low": -0.002,
    ...             "high": 0.004, "fit_cost_ratio": 12.0, "predict_cost_ratio": 3.0}
    >>> metrics = {"accuracy": {"kind": "proportion", "higher_is_better": True}}
    >>> decision({"headline": headline, "metric": "accuracy", "metrics": metrics})
    ['Use svm: the two are equivalent, and training cnn takes 12 times the CPU time of svm.']
    """
    found = results["headline"]
    verdict, network, classical = found["verdict"], found["network"], found["classical"]
    if verdict == "invalid" or None in (network, classical, found["difference"], found["low"], found["high"]):
        return []
    fit, predict = found["fit_cost_ratio"], found["predict_cost_ratio"]
    cost = training_cost(found)
    if verdict == "better":
        told = [f"Use {network} if {lead(results, found)} are worth {_cost(fit, predict)} of {classical}."]
    elif verdict == "worse":
        told = [f"Use {classical}: {network} does not reach it here, at {_cost(fit, predict)}."]
    elif verdict == "equivalent":
        cheap = network if fit and fit < 1 else classical
        told = [f"Use {cheap}: the two are equivalent" + (f", and {cost}." if cost else ".")]
    else:
        told = [f"These data do not decide between the two{_meanwhile(found)}.{_needed(results, network, classical)}"]
    return told + _without_search(results, network, classical) + _with_less_data(results, network, classical)


def _cost(fit: float | None, predict: float | None) -> str:
    """Such as "40 times the training and 3 times the prediction cost"."""
    parts = [f"{fmt.times(ratio)} the {what}" for ratio, what in ((fit, "training"), (predict, "prediction")) if ratio]
    return f"{' and '.join(parts)} cost" if parts else "an unknown cost"


def _meanwhile(found: Mapping[str, Any]) -> str:
    """Which of two that may be as good is the cheaper one to train, if one is."""
    ratio = found["fit_cost_ratio"]
    if not ratio or 1 / 1.15 < ratio < 1.15:
        return ""
    return f": until more do, {found['network'] if ratio < 1 else found['classical']} is the cheaper one to train"


def _needed(results: Mapping[str, Any], network: str, classical: str) -> str:
    """How many test units, or seeds, would show the difference that the reason of the verdict speaks of."""
    pair = {network, classical}
    row = next((c for c in results["comparisons"] if {c["learner"], c["reference"]} == pair), None)
    known = (row or {}).get("uncertainty") or {}
    ways = [
        f"about {round_up(n):,} {noun}s in place of {here:,}"
        for n, here, noun in (
            (known.get("units_needed"), known.get("n_units"), f"test {known.get('unit')}"),
            (known.get("seeds_needed"), known.get("n_seeds"), "seed"),
        )
        if n and n > here
    ]
    if row is None or not ways:
        return ""
    measured = math.isclose(known["target"], abs(row["difference"]))
    size = "of the size that was measured" if measured else "as large as the margin"
    return f" To show a difference {size} takes {' or '.join(ways)}."


def _without_search(results: Mapping[str, Any], network: str, classical: str) -> list[str]:
    """That the verdict hangs on the search, where it does."""
    return [
        f"This hangs on the search: as configured, {learner} against {reference} is {was}."
        for learner, reference, was, _ in switched(results)
        if {learner, reference} == {network, classical}
    ]


def _with_less_data(results: Mapping[str, Any], network: str, classical: str) -> list[str]:
    curve = results.get("curve")
    found = curve["crossover"] if curve else None
    if not found or (found["network"], found["classical"]) != (network, classical) or not found["n"]:
        return []
    side = "higher" if results["metrics"][results["metric"]]["higher_is_better"] else "lower"
    return [f"With fewer than about {rounded(found['n'])} training samples the curve of {classical} is the {side} one."]
