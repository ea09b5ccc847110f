"""The table of learners over several runs as text for papers, pages and programs."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from visiontk.report import formatting as fmt
from visiontk.report.tables import csv_cell, latex_table, markdown_table


def rows_of(value: Mapping[str, Any]) -> tuple[list[str], list[list[str]]]:
    """Head and rows as people read them: values with their ranks in brackets.

    Parameters
    ----------
    value : mapping
        Of `visiontk.report.across.across`.
    """
    head = ["learner", "family", "mean rank", *(str(row["label"]) for row in value["runs"])]
    rows = [
        [learner["name"], learner["family"], f"{learner['mean_rank']:.2f}"]
        + [
            f"{fmt.value(found, row['kind'])} ({rank:g})"
            for row, found, rank in zip(value["runs"], learner["values"], learner["ranks"], strict=True)
        ]
        for learner in value["learners"]
    ]
    return head, rows


def signature(value: Mapping[str, Any]) -> str:
    """The signatures of all runs and the test, on one line."""
    runs = " || ".join(row["signature"] for row in value["runs"])
    return f"Friedman by permutation, signed ranks with Holm | {runs}"


def markdown(value: Mapping[str, Any]) -> str:
    """The table, the sentence and the signatures."""
    head, rows = rows_of(value)
    marks = ["---"] * 2 + ["---:"] * (len(head) - 2)
    return markdown_table(head, rows, marks, value["headline"]["sentence"], signature(value))


def latex(value: Mapping[str, Any]) -> str:
    """The table as a tabular without packages, the sentence as its caption, the signatures below."""
    head, rows = rows_of(value)
    columns = "ll" + "r" * (len(head) - 2)
    return latex_table(head, rows, columns, value["headline"]["sentence"], signature(value))


def csv_text(value: Mapping[str, Any]) -> str:
    """Values with all digits and ranks, and the signatures as a comment in the last line."""
    found = io.StringIO()
    write = csv.writer(found, lineterminator="\n").writerow
    labels = [str(row["label"]) for row in value["runs"]]
    write(map(csv_cell, ["learner", "family", "mean_rank", *labels, *(f"{label}_rank" for label in labels)]))
    for learner in value["learners"]:
        numbers: Sequence[float] = [learner["mean_rank"], *learner["values"], *learner["ranks"]]
        write([csv_cell(learner["name"]), learner["family"], *numbers])
    return f"{found.getvalue()}# {' '.join(fmt.visible(signature(value)).split())}\n"
