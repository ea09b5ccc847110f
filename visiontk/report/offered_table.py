"""The table of what calibration on valid makes of every learner's probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from visiontk.report import formatting as fmt
from visiontk.report.figures import Results

NAMES = {"none": "as they are", "temperature": "temperature", "isotonic": "isotonic"}
KINDS = {"brier": "bounded", "log_loss": "unbounded"}
RANKS_ONLY = ("", "scores only rank")


class Offered(NamedTuple):
    """Heads of (metric, method); rows of (name, family, cells), cells of (value, interval); last, the difference."""

    heads: list[tuple[str, str]]
    rows: list[tuple[str, str, list[tuple[str, str]]]]
    apart: tuple[str, list[tuple[str, str]]] | None


def offered_table(results: Results) -> Offered | None:
    """One row a learner; None where nothing gives probabilities."""
    found = results.get("probabilities")
    if not found:
        return None
    heads = [(metric, method) for metric in KINDS for method in NAMES]
    rows = []
    for item in results["learners"]:
        mine = found["learners"].get(item["name"])
        if mine is not None:
            rows.append((item["name"], item["family"], [_cell(mine.get(how), metric) for metric, how in heads]))
    apart = None
    if found["pair"] and found["difference"]:
        network, classical = found["pair"]
        cells = [_difference((found["difference"].get(how) or {}).get(metric), metric) for metric, how in heads]
        apart = (f"{network} minus {classical}", cells)
    return Offered([(fmt.words(metric), NAMES[how]) for metric, how in heads], rows, apart)


def _cell(of_method: Mapping[str, Any] | None, metric: str) -> tuple[str, str]:
    found = (of_method or {}).get(metric)
    if found is None:
        return RANKS_ONLY
    value, low, high = found["value"], found["low"], found["high"]
    return fmt.value(value, KINDS[metric], low, high), fmt.interval(low, high, KINDS[metric])


def _difference(found: Mapping[str, Any] | None, metric: str) -> tuple[str, str]:
    if found is None:
        return RANKS_ONLY
    value, low, high = found["value"], found["low"], found["high"]
    return fmt.difference(value, KINDS[metric], low, high), fmt.interval(low, high, KINDS[metric], signed=True)
