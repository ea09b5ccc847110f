"""Tables of learners for terminals, papers and programs, as blocks for `visiontk.report.writers`."""

from __future__ import annotations

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Cell, Column, Row, Table
from visiontk.report.sections.cells import measurement
from visiontk.report.values import CHALLENGERS, Comparison, LearnerRow, Results


def readable_table(results: Results) -> Table:
    """Return one row a learner: metric and difference with intervals, costs, verdict."""
    columns = [
        Column("learner"),
        Column("family"),
        Column(fmt.words(results["metric"]), "number"),
        Column("95 % interval", "number"),
        Column("difference", "number"),
        Column("95 % interval", "number"),
        Column("fit, CPU", "number"),
        Column("verdict"),
    ]
    return Table("Learners", columns, [_readable_row(row, results) for row in results["learners"]])


def _readable_row(row: LearnerRow, results: Results) -> Row:
    versus = _compared(results, row)
    difference = _difference(versus, results["metrics"][results["metric"]]["kind"])
    return _row(*_measured(row, results), *difference, fmt.seconds(row["fit_cpu_s"]), verdict(results, row))


def _row(*texts: str) -> Row:
    return Row([Cell(text) for text in texts])


def _measured(row: LearnerRow, results: Results) -> tuple[str, str, str, str]:
    """Return name, family, and the metric that is compared with its interval."""
    kind, result = results["metrics"][results["metric"]]["kind"], measurement(row, results["metric"])
    low, high = result["low"], result["high"]
    return row["name"], row["family"], fmt.value(result["value"], kind, low, high), fmt.interval(low, high, kind)


def _difference(versus: Comparison | None, kind: str) -> tuple[str, str]:
    if versus is None or versus["difference"] is None:
        return "", ""
    low, high = versus["low"], versus["high"]
    return fmt.difference(versus["difference"], kind, low, high), fmt.interval(low, high, kind, signed=True)


def full_table(results: Results) -> Table:
    """Return one row a learner: every metric with its interval, the comparison, costs; numbers with all digits."""
    metrics = list(results["metrics"])
    names = [
        *(f"{name}{end}" for name in metrics for end in ("", "_low", "_high")),
        *("difference", "difference_low", "difference_high", "p_adjusted"),
    ]
    costs = ("fit_cpu_s", "predict_ms_per_sample", "n_parameters")
    columns = [Column("learner"), Column("family"), *(Column(name, "number") for name in names), Column("verdict")]
    columns += [Column(name, "number") for name in costs]
    return Table("Learners", columns, [_full_row(row, results, metrics) for row in results["learners"]])


def _full_row(row: LearnerRow, results: Results, metrics: list[str]) -> Row:
    versus = _compared(results, row)
    numbers: list[float | None] = []
    for name in metrics:
        result = measurement(row, name)
        numbers += [result["value"], result["low"], result["high"]]
    numbers += (
        [None] * 4 if versus is None else [versus["difference"], versus["low"], versus["high"], versus["p_adjusted"]]
    )
    costs = (row["fit_cpu_s"], row["predict_ms_per_sample"], row["n_parameters"])
    return Row(
        [
            Cell(row["name"]),
            Cell(row["family"]),
            *(Cell(sort=number) for number in numbers),
            Cell(verdict(results, row)),
            *(Cell(sort=cost) for cost in costs),
        ]
    )


def terminal_table(results: Results) -> Table:
    """Return one row a learner, for a terminal: metric with interval, costs, verdict."""
    columns = [
        Column("learner"),
        Column("family"),
        Column(results["metric"], "number"),
        Column("95 % interval"),
        Column("fit CPU", "number"),
        Column("per sample", "number"),
        Column("weights", "number"),
        Column("verdict"),
    ]
    rows = [
        _row(
            *_measured(row, results),
            fmt.seconds(row["fit_cpu_s"]),
            fmt.milliseconds(ms := row["predict_ms_per_sample"]) + (" ms" if ms is not None else ""),
            fmt.short(row["n_parameters"]) if row["family"] in CHALLENGERS else "",
            verdict(results, row),
        )
        for row in results["learners"]
    ]
    return Table("Learners", columns, rows)


def verdict(results: Results, row: LearnerRow) -> str:
    """Return the verdict on a learner; "reference" for the reference, empty if it was not compared."""
    if row["name"] == results["reference"]:
        return "reference"
    versus = _compared(results, row)
    return versus["verdict"] if versus else ""


def _compared(results: Results, row: LearnerRow) -> Comparison | None:
    names = row["name"], results["reference"]
    return next((each for each in results["comparisons"] if (each["learner"], each["reference"]) == names), None)
