"""Learners: metrics with intervals, costs, and where each is wrong; the table, all metrics, and cards."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from visiontk.core import Metric, Package, about, package_of, parameters, source, summary
from visiontk.report import formatting as fmt
from visiontk.report.blocks import Block, Cell, Column, Direction, Row, Table, Term, Terms, Text
from visiontk.report.charts import plots, svg
from visiontk.report.charts.svg import Mark
from visiontk.report.evidence import Evidence
from visiontk.report.evidence.learner import LearnerEvidence, finite, measure
from visiontk.report.section import Page, Section
from visiontk.report.sections.cells import difference_cell, measurement, measurement_cell
from visiontk.report.sections.confusion import confusion_matrix
from visiontk.report.sections.recall import recall_by_class
from visiontk.report.sections.reliability import reliability_bins
from visiontk.report.sections.selective import risk_coverage_curve
from visiontk.report.sections.units import by_unit, units_of
from visiontk.report.values import Comparison, LearnerRow, Measurement, MetricInfo
from visiontk.report.values import Package as PackageValue

MOST_LEARNERS = 300
MOST_METRICS = 3
MOST_METRIC_ROWS, MOST_METRIC_COLUMNS = 60, 12
MOST_NOTES = 8


def compute(evidence: Evidence) -> list[LearnerRow]:
    """Return one row a learner, best on the test set first."""
    rows = [_row(evidence, learner) for learner in evidence.learners.values()]
    sign = 1 if evidence.metric.higher_is_better else -1

    def rank(row: LearnerRow) -> float:
        value = row["metrics"][evidence.task.metric]["value"]
        return -np.inf if value is None else sign * value

    return sorted(rows, key=rank, reverse=True)


def package_value(package: Package | None) -> PackageValue | None:
    """Return a package as ``results.json`` names it; None for what is built in."""
    return None if package is None else {"name": package.name, "version": package.version}


def _row(evidence: Evidence, learner: LearnerEvidence) -> LearnerRow:
    task, test_set, costs = evidence.task, evidence.test_set, learner.costs
    factory = task.learner(learner.name)
    declared, defaults, values = about(factory), parameters(factory), evidence.settings.learners[learner.name]
    predicted, n_classes = learner.decided.argmax(axis=2), learner.scores.shape[2]
    undefined = learner.undefined(evidence.metric)
    units = None if undefined else units_of(evidence)
    primary_scores = learner.scores_for(task.metric)
    return {
        "name": learner.name,
        "family": declared.family,
        "summary": summary(factory),
        "source": source(factory),
        "package": package_value(_planned(package_of(factory), learner)),
        "parameters": values,
        "set_by_hand": {key: value for key, value in values.items() if value != defaults.get(key, value)},
        "layers": declared.layers,
        "pretrained_on": declared.pretrained_on,
        "knew": costs[-1].knew,
        "input_size": costs[-1].input_size,
        "n_trials": len(learner.trials),
        "metrics": {name: _measure(evidence, learner, name, metric) for name, metric in task.metrics.items()},
        "valid": finite(learner.valid),
        "fit_cpu_s": _mean([cost.fit_cpu_s for cost in costs]),
        "fit_wall_s": _mean([cost.fit_wall_s for cost in costs]),
        "predict_ms_per_sample": _median([cost.predict_ms_per_sample for cost in costs]),
        "predict_ms_alone": _median([cost.predict_ms_alone for cost in costs]),
        "n_parameters": costs[-1].n_parameters,
        "size_bytes": costs[-1].size_bytes,
        "peak_memory_bytes": max(cost.peak_memory_bytes or 0 for cost in costs) or None,
        "n_cut_off": sum(cost.cut_off for cost in costs),
        "notes": list(dict.fromkeys(note for cost in costs for note in cost.notes)),
        "confusion": confusion_matrix(predicted, test_set.y, n_classes),
        "recall": recall_by_class(predicted, test_set, n_classes),
        "histories": learner.histories,
        "by_seed": [
            {"seed": seed, "value": None if undefined else evidence.metric(test_set.y, scores)}
            for seed, scores in zip(learner.seeds, primary_scores, strict=True)
        ],
        "by_group": by_unit(evidence.metric, test_set.y, primary_scores, units, test_set.groups) if units else [],
        "calibration": reliability_bins(test_set.y, learner.scores, test_set.groups) if learner.probabilities else None,
        "selective": risk_coverage_curve(learner, test_set),
    }


def _planned(package: Package | None, learner: LearnerEvidence) -> Package | None:
    """Return the package in the version that was planned, which may differ from the installed one."""
    return package and package._replace(version=learner.trials[0].packages.get(package.name, package.version))


def _measure(evidence: Evidence, learner: LearnerEvidence, name: str, metric: Metric) -> Measurement:
    if reason := learner.undefined(metric):
        return {"value": None, "low": None, "high": None, "reason": reason}
    return measure(metric, learner.scores_for(name), evidence.test_set)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else None


def blocks(rows: list[LearnerRow], page: Page) -> list[Block]:
    """Return the table of learners, best first, unknown values last."""
    results = page.results
    metrics = [page.metric, *(name for name in results["metrics"] if name != page.metric)][:MOST_METRICS]
    level = f"{page.level} interval in brackets; the thin line marks the reference"
    columns = [
        Column("learner"),
        Column(fmt.words(metrics[0]), "main", _first(page, metrics[0]), level),
        Column("difference", "number", "descending",
               f"to the reference, in {'units of the metric' if page.kind == 'unbounded' else 'points'}"),
        Column("verdict"),
        Column("fit, CPU", "number", "ascending", "processor time of one fit"),
        Column("ms/sample", "number", "ascending", "time to predict a sample, the whole test set at once"),
        Column("ms alone", "number", "ascending", "time to predict one sample alone"),
        Column("parameters", "number", "ascending", "learned numbers"),
        Column("size", "number", "ascending", "of the saved learner"),
        *(Column(fmt.words(name), "number", _first(page, name)) for name in metrics[1:]),
    ]  # fmt: skip
    table = Table("Table of learners", columns, _rows(rows, page, metrics), name="learners", sortable=True,
                  hidden=max(0, len(rows) - MOST_LEARNERS), hidden_noun="learner")  # fmt: skip
    if results["reference"]:
        lead = f"Reference: {results['reference']} ({results['reference_reason']})."
    else:
        lead = f"No reference: {results['reference_reason']}."
    return [
        Text(lead, "lead"),
        Text("Press a heading to sort.", "screen"),
        table,
        Text(results["signature"], "signature"),
    ]


def _first(page: Page, metric: str) -> Direction:
    return "descending" if page.results["metrics"][metric]["higher_is_better"] else "ascending"


def _rows(rows: list[LearnerRow], page: Page, metrics: list[str]) -> list[Row]:
    results = page.results
    compared = {row["learner"]: row for row in results["comparisons"] if row["reference"] == results["reference"]}
    cells = [measurement(row, page.metric) for row in rows if row["family"] != "floor"]
    axis = svg.padded([end for each in cells for end in (each["value"], each["low"], each["high"])])
    reference = next((row for row in rows if row["name"] == results["reference"]), None)
    mark = measurement(reference, page.metric)["value"] if reference else None
    shown = [
        Row(
            [
                Cell(row["name"], _cut_off(row), family=row["family"], sort=row["name"]),
                _main_cell(row, page, axis, mark),
                *_versus(compared.get(row["name"]), page, is_reference=row is reference),
                *_costs(row),
                *(measurement_cell(measurement(row, name), page.kind_of(name)) for name in metrics[1:]),
            ],
            marked=row is reference,
        )
        for row in rows[:MOST_LEARNERS]
    ]
    # Whatever order the results came in: best first, unknown values last.
    sign = -1 if results["metrics"][page.metric]["higher_is_better"] else 1
    known = [row for row in shown if row.cells[1].sort is not None]
    return sorted(known, key=lambda row: sign * float(row.cells[1].sort or 0.0)) + [
        row for row in shown if row.cells[1].sort is None
    ]


def _cut_off(row: LearnerRow) -> list[str]:
    return [f"budget ended {fmt.plural(row['n_cut_off'], 'fit')}"] if row["n_cut_off"] else []


def _main_cell(row: LearnerRow, page: Page, axis: tuple[float, float], reference: float | None) -> Cell:
    main = measurement(row, page.metric)
    cell = measurement_cell(main, page.kind)
    if main["value"] is None:
        return cell
    return cell._replace(
        bar=plots.interval_bar(Mark(main["value"], main["low"], main["high"], row["family"], ""), axis, reference)
    )


def _versus(comparison: Comparison | None, page: Page, *, is_reference: bool) -> list[Cell]:
    if comparison is None:
        return [
            Cell(sort=0.0 if is_reference else None),
            Cell("reference" if is_reference else "", sort="", quiet=True),
        ]
    return [difference_cell(comparison, page.kind), Cell(verdict=comparison["verdict"])]


def _costs(row: LearnerRow) -> list[Cell]:
    return [
        Cell(fmt.seconds(row["fit_cpu_s"]), sort=row["fit_cpu_s"]),
        Cell(fmt.milliseconds(row["predict_ms_per_sample"]), sort=row["predict_ms_per_sample"]),
        Cell(fmt.milliseconds(row["predict_ms_alone"]), sort=row["predict_ms_alone"]),
        Cell(fmt.short(row["n_parameters"]), sort=row["n_parameters"]),
        Cell(fmt.size(row["size_bytes"]), sort=row["size_bytes"]),
    ]


LEARNERS = Section("learners", "Learners", blocks, compute)


def card_blocks(value: None, page: Page) -> list[Block]:
    """Return a card for each learner."""
    return [Terms([_card(row, page) for row in page.results["learners"][:MOST_LEARNERS]], "cards")]


def _card(row: LearnerRow, page: Page) -> Term:
    package = row["package"]
    settings = ", ".join(f"{key} = {'auto' if value is None else value}" for key, value in row["parameters"].items())
    facts = [
        settings or "no parameters",
        f"knew {row['knew']}" if row["knew"] else "",
        f"images at {row['input_size']} pixels" if row["input_size"] else "",
        fmt.plural(row["layers"], "learned layer") if row["layers"] else "",
        fmt.plural(row["n_trials"], "trial"),
        f"{fmt.words(page.metric)} on valid {fmt.value(row['valid'], page.kind)}" if row["valid"] is not None else "",
        f"{fmt.seconds(row['fit_wall_s'])} by the clock",
        f"peak memory {fmt.size(row['peak_memory_bytes'])}",
    ]
    small = [
        f"from package {package['name']} {package['version']}, not from visiontk" if package else "",
        *row["notes"][:MOST_NOTES],
        " · ".join(filter(None, facts)),
    ]
    return Term(row["name"], row["summary"] or "", list(filter(None, small)), row["source"] or "", row["family"])


LEARNER_CARDS = Section("learner-cards", "The learners: what they are, where they come from", card_blocks)


def metric_blocks(value: None, page: Page) -> list[Block]:
    """Return one row a learner, one column a metric."""
    metrics, learners = page.results["metrics"], page.results["learners"]
    names = list(metrics)[:MOST_METRIC_COLUMNS]
    columns = [
        Column("learner"),
        *(Column(fmt.words(name), "number", note=_metric_note(metrics[name])) for name in names),
    ]
    rows = [
        Row(
            [
                Cell(row["name"], family=row["family"]),
                *(measurement_cell(measurement(row, name), page.kind_of(name)) for name in names),
            ]
        )
        for row in learners[:MOST_METRIC_ROWS]
    ]
    adapted = ", ".join(fmt.words(name) for name, info in metrics.items() if info["adapted"])
    operating = f" At an operating point that each fit chose on its validation set: {adapted}." if adapted else ""
    return [
        Text(f"On the test set, with {page.level} intervals.{operating}", "lead"),
        Table("Table by learner", columns, rows, hidden=max(0, len(learners) - MOST_METRIC_ROWS)),
        Text(page.results["signature"], "signature"),
    ]


def _metric_note(info: MetricInfo) -> str:
    direction = "higher is better" if info["higher_is_better"] else "lower is better"
    chosen = "; operating point chosen on the validation set" if info["adapted"] else ""
    unknown = f"; {info['n_excluded']:,} unknown test samples excluded" if info["n_excluded"] else ""
    return direction + chosen + unknown


EVERY_METRIC = Section(
    "metrics", "Every metric", metric_blocks, is_open=lambda page: len(page.results["metrics"]) > MOST_METRICS
)
