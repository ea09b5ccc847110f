"""The data: where they come from, how they were split, samples of each class."""

from __future__ import annotations

from visiontk.core import package_of
from visiontk.report import formatting as fmt
from visiontk.report.blocks import Block, Cell, Column, Row, Table, Term, Terms, lines
from visiontk.report.evidence import Evidence
from visiontk.report.evidence.evidence import PREDICTIONS
from visiontk.report.section import Page, Section
from visiontk.report.sections.learners import package_value
from visiontk.report.values import Dataset, MetricInfo

MOST_CLASSES = 40
ORIGINS = {
    "public": "public data",
    "embedded": "embedded: shipped inside a package",
    "synthetic": "synthetic",
    "own": "your own",
    "predictions": "predictions of models that were fitted elsewhere",
}


def compute(evidence: Evidence) -> Dataset:
    """Return the data card, labels and counts."""
    data = evidence.data
    own = data["origin"] == "own" and data["name"]
    title = f"{data['name']} (your data)" if own else data["dataset"]
    return {
        "name": data["dataset"],
        "title": title if evidence.is_supervised else f"the {data['name']}",
        "fingerprint": data["fingerprint"],
        "licence": data["licence"],
        "citation": data["citation"],
        "homepage": data["homepage"],
        "part_of": data["part_of"],
        "origin": data["origin"],
        "synthetic": data["synthetic"],
        "labels": data["labels"],
        "counts": data["counts"],
        "n_train": sum(data["counts"]["train"]),
        "n_valid": sum(data["counts"]["valid"]),
        "n_test": sum(data["counts"]["test"]),
        "n_unknown": data["n_unknown"],
        "n_groups": data["n_groups"],
        "n_test_units": evidence.test_set.n_units if evidence.learners else sum(data["counts"]["test"]),
        "test_units": _test_units(evidence),
        "grouped_by": data["grouped_by"],
        "seen_in": data["seen_in"],
        "split": data["split"],
        "package": data["package"],
        "caution": data["caution"],
        "notes": list(data["notes"]),
    }


def _test_units(evidence: Evidence) -> list[int]:
    if not evidence.learners:
        return list(evidence.data["counts"]["test"])
    units = evidence.test_set.units_by_class()
    return [units.get(c, 0) for c in range(len(evidence.data["labels"]))]


def metrics_of(evidence: Evidence) -> dict[str, MetricInfo]:
    """Return the properties of each metric of the task as it is now, those of packages included."""
    return {
        name: {
            "kind": metric.kind,
            "higher_is_better": metric.higher_is_better,
            "by_class": metric.averages_classes,
            "adapted": metric.adapt is not None,
            "n_excluded": evidence.data["n_unknown"],
            "package": package_value(package_of(metric.function)),
        }
        for name, metric in evidence.task.metrics.items()
    }


def blocks(dataset: Dataset, page: Page) -> list[Block]:
    """Return the data card, its notes, and the samples of each class."""
    groups = f", {fmt.plural(dataset['n_groups'], 'group')} not divided" if dataset["n_groups"] else ""
    package = dataset["package"]
    if dataset["origin"] == PREDICTIONS:
        return _of_predictions(dataset)
    terms = [
        Term("name", dataset["name"]),
        Term("origin", ORIGINS.get(dataset["origin"], dataset["origin"])),
        *([Term("part of", dataset["part_of"])] if dataset["part_of"] else []),
        *([Term("read by", f"package {package['name']} {package['version']}")] if package else []),
        Term("licence", dataset["licence"] or "unknown"),
        Term("citation", dataset["citation"] or "unknown"),
        Term("homepage", dataset["homepage"] or "unknown"),
        Term("fingerprint", dataset["fingerprint"], code=True),
        Term("split", f"{dataset['split']}{groups}"),
        Term("samples", ", ".join([fmt.plural(dataset["n_train"], "training sample"),
                                   fmt.plural(dataset["n_valid"], "validation sample"),
                                   fmt.plural(dataset["n_test"], "test sample")])),
        Term("classes", f"{fmt.plural(len(dataset['labels']), 'class')}, {_spread(dataset)}"),
    ]  # fmt: skip
    notes = [lines(dataset["notes"])] if dataset["notes"] else []
    return [Terms(terms), *notes, _counts(dataset)]


def _of_predictions(dataset: Dataset) -> list[Block]:
    """Return what is known of data of which there are only predictions: the test set and the columns of the tables."""
    groups = f"; {fmt.plural(dataset['n_groups'], 'group')}" if dataset["n_groups"] else ""
    terms = [
        Term("name", dataset["name"]),
        Term("origin", ORIGINS[dataset["origin"]]),
        Term("fingerprint", dataset["fingerprint"], code=True),
        Term("split", f"not known{groups}"),
        Term("samples", f"{fmt.plural(dataset['n_test'], 'test sample')}; training samples not known"),
    ]
    return [Terms(terms), lines(dataset["notes"]), _counts(dataset)]


def _spread(dataset: Dataset) -> str:
    train = dataset["counts"]["train"] or [0]
    least, most = f"{min(train):,}", f"{max(train):,}"
    return f"{least} training samples each" if least == most else f"{least} to {most} training samples"


def _counts(dataset: Dataset) -> Table:
    """Return samples of each class in each part, the largest classes first where there are many."""
    counts = dataset["counts"]
    parts = (counts["train"], counts["valid"], counts["test"])
    rows = [
        (label, [part[i] if i < len(part) else None for part in parts]) for i, label in enumerate(dataset["labels"])
    ]
    if len(rows) > MOST_CLASSES:
        rows.sort(key=lambda row: -(row[1][0] or 0))
    shown = [
        Row([Cell(label), *(Cell(fmt.UNKNOWN if n is None else f"{n:,}") for n in numbers)])
        for label, numbers in rows[:MOST_CLASSES]
    ]
    columns = [Column("class"), *(Column(part, "number") for part in ("train", "valid", "test"))]
    return Table("Table: class, train, valid, test", columns, shown, hidden=len(rows) - len(shown))


DATASET = Section("dataset", "The data", blocks, compute)
