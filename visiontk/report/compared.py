"""Who is compared with whom, and what came of it: differences, verdicts, what would decide, where the two disagree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from visiontk.core import BEST_CLASSICAL, Task, about
from visiontk.errors import DataError
from visiontk.harness.plan import MIN_TEST_UNITS
from visiontk.report.ensemble import average_right
from visiontk.report.evidence.record import Record, TestSet, finite, measured
from visiontk.stats import Difference, conclude, describe_uncertainty, difference, holm, power_analysis, variance_shares

EXHIBITS = 24
"""Items shown of each kind of disagreement."""


def reference_of(wanted: str, task: Task, records: Mapping[str, Record]) -> tuple[str | None, str]:
    """The learner that all others are compared with, and why it is this one; None where there is none."""
    if wanted != BEST_CLASSICAL:
        return (wanted, "as asked for") if wanted in records else (None, f"{wanted} has no finished trials")
    found = champion_of(task, records, {"classical"})
    return found, "best traditional learner on the valid parts" if found else "no traditional learner has finished"


def champion_of(task: Task, records: Mapping[str, Record], families: set[str]) -> str | None:
    """The learner of these families that did best on valid, the first by name of equals; test has no say."""
    names = sorted(name for name in records if family_of(task, name) in families)
    sign = 1 if task.metrics[task.metric].higher_is_better else -1
    return max(names, key=lambda name: sign * records[name].valid, default=None)


def pair_of(task: Task, records: Mapping[str, Record]) -> tuple[str, str] | None:
    """The best network and the best traditional learner on valid."""
    network, classical = (champion_of(task, records, {family}) for family in ("network", "classical"))
    return (network, classical) if network is not None and classical is not None else None


def family_of(task: Task, name: str) -> str:
    """Of a learner: floor, classical or network."""
    return about(task.learner(name)).family


def comparisons_of(
    task: Task, records: Mapping[str, Record], reference: Record, test_set: TestSet, margin: float
) -> list[dict[str, Any]]:
    """Every learner against the reference, with Holm's correction over all of them."""
    # A floor does not compete: it shows what can be had without looking.
    rivals = [r for r in records.values() if r is not reference and family_of(task, r.name) != "floor"]
    found = [difference_of(task, rival, reference, test_set) for rival in rivals]
    adjusted = holm([each.p_value if isinstance(each, Difference) else np.nan for each in found])
    n_tested = sum(isinstance(each, Difference) for each in found)
    higher = task.metrics[task.metric].higher_is_better
    rows = []
    for rival, each, p in zip(rivals, found, adjusted, strict=True):
        row: dict[str, Any] = {"learner": rival.name, "reference": reference.name, "metric": task.metric}
        if isinstance(each, str):
            unknown: dict[str, Any] = dict.fromkeys(("difference", "low", "high", "p_value", "p_adjusted"))
            unknown |= {"test": "none", "scope": None, "uncertainty": None}
            rows.append(row | unknown | {"verdict": "invalid", "reason": each})
            continue
        unit = "sample" if test_set.groups is None else "group"
        judgement = conclude(
            each,
            float(p),
            margin=margin,
            higher_is_better=higher,
            n_comparisons=n_tested,
            invalid=_invalid(test_set),
            unit=unit,
        )
        numbers = {"difference": each.value, "low": each.low, "high": each.high, "p_value": each.p_value}
        numbers["p_adjusted"] = float(p)
        row |= {name: finite(number) for name, number in numbers.items()}
        row |= {"test": each.test, "scope": each.scope}
        row["uncertainty"] = _uncertainty(each, unit, margin=margin, n_comparisons=n_tested)
        rows.append(row | {"verdict": judgement.verdict, "reason": judgement.reason})
    return rows


def _uncertainty(found: Difference, unit: str, *, margin: float, n_comparisons: int) -> dict[str, Any]:
    """What a comparison is unsure about, and what would decide it."""
    known, planned = variance_shares(found), power_analysis(found, margin=margin, alpha=0.05 / n_comparisons)
    return {
        "unit": unit,
        "n_units": found.n_units,
        "n_seeds": found.n_seeds,
        "standard_error": finite(found.standard_error),
        "shares": None if known is None else known._asdict(),
        "detectable": finite(planned.detectable),
        "target": planned.target,
        "units_needed": planned.units,
        "seeds_needed": planned.seeds,
        "text": describe_uncertainty(found, unit=unit),
    }


def difference_of(task: Task, rival: Record, reference: Record, test_set: TestSet) -> Difference | str:
    """The difference, or why there is none."""
    metric = task.metrics[task.metric]
    ranking = [r.name for r in (rival, reference) if not r.probabilities]
    if metric.needs_probabilities and ranking:
        return f"{task.metric} needs probabilities, and the scores of {' and '.join(ranking)} only rank."
    try:
        a, b = (record.scores_for(task.metric) for record in (rival, reference))
        return difference(metric, test_set.y, a, b, test_set.weights, test_set.n_units)
    except DataError as error:
        return error.message


def _invalid(test_set: TestSet) -> str:
    classes = len(np.unique(test_set.y))
    if classes < 2:
        return "the test part has one class only"
    if test_set.n_units < MIN_TEST_UNITS:
        what = ("group" if test_set.groups is not None else "sample") + ("s" if test_set.n_units != 1 else "")
        return f"the test part has {test_set.n_units} {what}, too few to say how sure anything is"
    return ""


def gain_of(task: Task, tuned: Record, given: Record, test_set: TestSet) -> dict[str, Any]:
    """What a learner reached as the config has it, and what the search added, on the same test samples."""
    found = measured(task.metrics[task.metric], given.scores_for(task.metric), test_set)
    ends = ("value", "low", "high")
    row = {"given": {name: found[name] for name in ends} | {"valid": given.valid}}
    if {trial.key for trial in tuned.trials} == {trial.key for trial in given.trials}:
        kept = {"value": 0.0, "low": None, "high": None, "reason": "every fold kept what was given: the same fits"}
        return row | {"gain": kept}
    gain = difference_of(task, tuned, given, test_set)
    if isinstance(gain, str):
        return row | {"gain": dict.fromkeys(ends) | {"reason": gain}}
    return row | {"gain": {name: finite(getattr(gain, name)) for name in ends} | {"reason": ""}}


def disagreement_of(
    task: Task, records: Mapping[str, Record], rival: str, reference: str, labels: Sequence[str]
) -> dict[str, Any]:
    """Where the two families agree and where not, by their first seed, with items to look at."""
    network, classical = (rival, reference) if family_of(task, rival) == "network" else (reference, rival)
    a, b = records[network], records[classical]
    says_a, says_b = a.decided[0].argmax(axis=1), b.decided[0].argmax(axis=1)
    right_a, right_b = says_a == a.y, says_b == a.y

    def items(chosen: Any) -> list[dict[str, Any]]:
        # Spread over the test part: the first ones would often be of one class.
        found = np.flatnonzero(chosen)
        found = found[np.linspace(0, len(found) - 1, min(EXHIBITS, len(found))).astype(int)] if len(found) else found
        return [
            {
                "id": str(a.ids[i]),
                "label": labels[a.y[i]],
                "network_says": labels[says_a[i]],
                "classical_says": labels[says_b[i]],
            }
            for i in found
        ]

    return {
        "network": network,
        "classical": classical,
        "seed": a.seeds[0],
        "n": len(a.y),
        "both_right": int((right_a & right_b).sum()),
        "only_network": int((right_a & ~right_b).sum()),
        "only_classical": int((~right_a & right_b).sum()),
        "both_wrong": int((~right_a & ~right_b).sum()),
        "only_network_items": items(right_a & ~right_b),
        "only_classical_items": items(~right_a & right_b),
        "average_right": average_right(a.y, a.scores[0], b.scores[0]),
    }
