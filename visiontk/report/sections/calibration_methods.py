"""Brier score and log loss of every learner after each calibration on the validation set."""

from __future__ import annotations

from collections.abc import Mapping

from visiontk.core import Metric
from visiontk.errors import DataError
from visiontk.metrics import log_loss
from visiontk.metrics.operating import brier
from visiontk.report import formatting as fmt
from visiontk.report.blocks import Block, Cell, Column, Heading, Row, Table, Text
from visiontk.report.evidence import Evidence
from visiontk.report.evidence.learner import LearnerEvidence, TestSet, interval_of, measure
from visiontk.report.evidence.policy import Policy
from visiontk.report.section import Page, Section
from visiontk.report.sections.cells import gain_cell, measurement_cell
from visiontk.report.values import Interval, Measurement, Probabilities
from visiontk.stats import difference
from visiontk.stats.recalibration import METHODS

PROPER: Mapping[str, Metric] = {"brier": brier, "log_loss": log_loss}
"""Proper scoring rules: they fall only when probabilities come nearer to the truth, unlike an error by bins."""

NAMES = {"none": "as they are", "temperature": "temperature", "isotonic": "isotonic"}
KINDS = {"brier": "bounded", "log_loss": "unbounded"}
RANKS_ONLY = Cell("", ["scores only rank"])


def compute(evidence: Evidence) -> Probabilities | None:
    """Return both metrics after each calibration, and the difference of the best network and traditional learner."""
    if not evidence.learners or not sum(evidence.data["counts"]["valid"]):
        return None
    calibrated = {method: _calibrated(evidence, method) for method in METHODS}
    pair = evidence.pair
    apart: dict[str, dict[str, Interval | None]] = {}
    if pair is not None:
        for method, learners in calibrated.items():
            two = learners[pair[0]], learners[pair[1]]
            apart[method] = {name: _difference(metric, *two, evidence.test_set) for name, metric in PROPER.items()}
    return {
        "learners": {
            name: {method: _measures(calibrated[method][name], evidence.test_set) for method in METHODS}
            for name in evidence.learners
        },
        "difference": apart,
        "pair": None if pair is None else list(pair),
    }


def _calibrated(evidence: Evidence, method: str) -> dict[str, LearnerEvidence | None]:
    if method == evidence.policy.calibration:
        return dict(evidence.learners)
    return {name: evidence.read(name, each.trials, Policy(method)) for name, each in evidence.learners.items()}


def _measures(learner: LearnerEvidence | None, test_set: TestSet) -> dict[str, Measurement] | None:
    if learner is None or not learner.probabilities:
        return None
    return {name: measure(metric, learner.scores, test_set) for name, metric in PROPER.items()}


def _difference(
    metric: Metric, network: LearnerEvidence | None, classical: LearnerEvidence | None, test_set: TestSet
) -> Interval | None:
    if network is None or classical is None or not (network.probabilities and classical.probabilities):
        return None
    try:
        result = difference(metric, test_set.y, network.scores, classical.scores, test_set.weights, test_set.groups)
    except DataError:
        return None
    return interval_of(result)


def table_blocks(value: Probabilities | None, page: Page) -> list[Block]:
    """Return the table of learners by metric and calibration; empty without probabilities."""
    if not value:
        return []
    heads = [(metric, method) for metric in KINDS for method in NAMES]
    rows = [
        Row(
            [
                Cell(row["name"], family=row["family"], sort=row["name"]),
                *(_cell(value["learners"][row["name"]].get(method), metric) for metric, method in heads),
            ]
        )
        for row in page.results["learners"]
        if row["name"] in value["learners"]
    ]
    foot = []
    if value["pair"] and value["difference"]:
        cells = [_apart(value["difference"].get(method, {}).get(metric), metric) for metric, method in heads]
        foot = [Row([Cell(" minus ".join(value["pair"])), *cells], marked=True)]
    calibration = page.results["calibration"]
    use = "scores as they are" if calibration == "none" else f"{calibration} calibration"
    lead = (
        "Calibration on the validation set of each fit, the same for every learner: one temperature, or an isotonic "
        f"regression for each class. Lower is nearer to the truth. This page uses {use}. A network chose its epoch on "
        f"the same validation set, and {fmt.plural(page.results['dataset']['n_valid'], 'sample')} there may be few for "
        "an isotonic regression."
    )
    columns = [Column("learner")]
    columns += [Column(f"{fmt.words(metric)}, {NAMES[method]}", "number") for metric, method in heads]
    table = Table("Table of calibrated probabilities", columns, rows, foot, name="calibrated", sortable=True)
    return [Heading("After calibration"), Text(lead, "lead"), table, Text(page.results["signature"], "signature")]


def _cell(of_method: Mapping[str, Measurement] | None, metric: str) -> Cell:
    return RANKS_ONLY if of_method is None else measurement_cell(of_method[metric], KINDS[metric])


def _apart(result: Interval | None, metric: str) -> Cell:
    return RANKS_ONLY if result is None else gain_cell(result, KINDS[metric])


PROBABILITIES = Section(
    "probabilities", "After calibration", compute=compute, holds="Brier score and log loss after each calibration"
)
