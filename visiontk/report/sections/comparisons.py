"""Every learner but floors compared with the reference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Block, Cell, Column, Row, Table, Text
from visiontk.report.charts import plots
from visiontk.report.charts.svg import Mark
from visiontk.report.evidence import Evidence
from visiontk.report.evidence.choice import in_folds
from visiontk.report.evidence.comparing import compare_all
from visiontk.report.section import Page, Section
from visiontk.report.sections.cells import difference_cell, families_of
from visiontk.report.sections.learners import LEARNERS, MOST_LEARNERS
from visiontk.report.values import Comparison, Results

MOST_COMPARISONS = 2 * MOST_LEARNERS


def compute(evidence: Evidence) -> list[Comparison]:
    """Return the primary comparisons, and the others in the order of the table of learners."""
    if not evidence.learners:
        return []
    plan = evidence.plan_on(evidence.test_set)
    rows = compare_all(plan, evidence.learners, evidence.reference[0], evidence.primaries)
    table = evidence.value(LEARNERS) or []
    place = {row["name"]: i for i, row in enumerate(table)}
    return sorted(rows, key=lambda row: -1 if row["primary"] else place[row["learner"]])


def blocks(rows: list[Comparison], page: Page) -> list[Block]:
    """Return the table of comparisons, and below it the remarks that all of them share."""
    if not rows:
        return [Text("Nothing was compared.")]
    remarks = [_remarks(row) for row in rows]
    common = [remark for remark in remarks[0] if all(remark in each for each in remarks)] if len(remarks) > 1 else []
    families = families_of(page.results)
    ends = [
        abs(end)
        for row in rows
        if families.get(row["learner"]) != "floor"
        for end in (row["difference"], row["low"], row["high"])
        if end is not None
    ]
    margin = page.results["margin"]
    scale = 1.05 * max([*ends, 2 * (margin or 0.0), 1e-6])
    shown = [
        _row(row, page, families.get(row["learner"], "floor"), scale, [each for each in own if each not in common])
        for row, own in zip(rows[:MOST_COMPARISONS], remarks, strict=False)
    ]
    columns = [
        Column("learner"),
        Column("difference", "beside", "descending"),
        Column("verdict"),
        Column("p", "number", "ascending", "of no difference"),
        Column("p for all", "number", "ascending", "of the secondary family: for the number of comparisons"),
        Column("about", "nowrap", "ascending", "scope of the claim"),
        Column("reason", "wide"),
    ]
    table = Table("Table of comparisons", columns, shown, name="comparisons", look="stack", sortable=True,
                  hidden=max(0, len(rows) - MOST_COMPARISONS), hidden_noun="comparison")  # fmt: skip
    notes = [Text(remark, "note") for remark in (_legend(page), *common)]
    return [table, *notes, Text(page.results["signature"], "signature")]


def _row(row: Comparison, page: Page, family: str, scale: float, remarks: list[str]) -> Row:
    difference = difference_cell(row, page.kind, unit=True)
    if row["difference"] is not None:
        mark = Mark(row["difference"], row["low"], row["high"], family, "")
        difference = difference._replace(bar=plots.difference_bar(mark, scale, page.results["margin"]))
    against = [f"{'the' if len(page.results['headlines']) == 1 else 'a'} primary comparison"] if row["primary"] else []
    against += [f"against {row['reference']}"] if row["reference"] != page.results["reference"] else []
    return Row(
        [
            Cell(row["learner"], against, family=family, sort=row["learner"]),
            difference,
            Cell(verdict=row["verdict"]),
            Cell(fmt.p_value(row["p_value"]), sort=row["p_value"]),
            Cell(fmt.p_value(row["p_adjusted"]), sort=row["p_adjusted"]),
            Cell(row["scope"] or ""),
            Cell(row["reason"] or "", remarks),
        ]
    )


def folds_of(row: Comparison) -> list[str]:
    """Return which learners each side of the primary comparison consists of, where folds chose different ones."""
    chosen = row["primary"]
    if chosen is None:
        return []
    sides = (row["learner"], chosen["learner_by_fold"]), (row["reference"], chosen["reference_by_fold"])
    return [f"{fmt.capitalized(name)}: {counted(by_fold)}." for name, by_fold in sides if len(set(by_fold)) > 1]


def counted(by_fold: Sequence[str]) -> str:
    """Return which learner was chosen in how many folds.

    Examples
    --------
    >>> counted(["hog_svm", "mlp", "hog_svm"])
    'hog_svm in 2 of 3 folds, mlp in 1'
    """
    (first, _), *others = Counter(by_fold).most_common()
    return ", ".join([f"{first} {in_folds(first, by_fold)}", *(f"{name} in {n}" for name, n in others)])


def _remarks(row: Comparison) -> list[str]:
    """Return sources of the uncertainty, the test over folds, and the name of the test."""
    texts = [
        *folds_of(row),
        row["uncertainty"]["text"] if row["uncertainty"] else "",
        test["text"] if (test := row.get("fold_test")) else "",
        f"Test: {row['test']}." if row["test"] else "",
        f"Exact McNemar test: p {fmt.equals(row['mcnemar_p'])}." if row["mcnemar_p"] is not None else "",
        row["second_opinion"],
    ]
    return [text for text in texts if text]


def _legend(page: Page) -> str:
    margin, bounded = page.results["margin"], page.kind != "unbounded"
    band = ""
    if margin is not None:
        size = f"±{100 * margin if bounded else margin:.3g}{' points' if bounded else ''}"
        band = f", the band is the margin ({size}, {page.results['margin_reason']})"
    return (
        "Bars: the difference with the interval that decides, "
        f"{_levels(page.results)}; the thin line is no difference{band}. "
        "An arrow points to what is off the scale."
    )


def _levels(results: Results) -> str:
    others = [row["confidence"] for row in results["comparisons"] if not row["primary"] and row["confidence"]]
    primary = [row["confidence"] for row in results["comparisons"] if row["primary"]]
    level = next(filter(None, primary), 0.95)
    which = "the" if len(primary) == 1 else "each"
    parts = [f"at {100 * level:.4g} % for {which} primary comparison"] if primary else []
    noun = "other" * bool(parts) or "comparison"
    if len(others) == 1:
        parts.append(f"at {100 * others[0]:.4g} % for the {noun}")
    elif others:
        parts.append(
            f"at {100 * others[0]:.4g} % for each of the {len(others)} {noun}s, so that all {len(others)} hold "
            "together with 95 %"
        )
    return ", ".join(parts)


def _title(page: Page) -> str:
    reference = page.results["reference"]
    return f"Comparisons with {reference}" if reference else "Comparisons"


COMPARISONS = Section("comparisons", _title, blocks, compute)
