"""Confusion matrices."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence

import numpy as np

from visiontk.core import Ints
from visiontk.report.blocks import Block, Cell, Column, Fold, Row, Table, Text
from visiontk.report.section import Page, Section
from visiontk.report.sections.cells import champions

MOST_CLASSES = 20
"""Classes up to which the matrix is shown; with more, the most frequent confusions."""

MOST_STORED = 1000
"""Classes up to which a matrix is stored."""

MOST_LEARNERS = 12
LEAD = (
    "Rows: the true class. Columns: the predicted class. Counts are summed over seeds and folds, with the share of the "
    "row below. The stronger the shade, the larger the share (square root)."
)


def confusion_matrix(predicted: Ints, y: Ints, n_classes: int) -> list[list[int]]:
    """Return counts over all seeds, true classes in rows; empty above `MOST_STORED` classes.

    Examples
    --------
    >>> confusion_matrix(np.array([[0, 1, 1]]), np.array([0, 0, 1]), 2)
    [[1, 1], [0, 1]]
    """
    if n_classes > MOST_STORED:
        return []
    counts = np.zeros((n_classes, n_classes), np.int64)
    for of_seed in predicted:
        np.add.at(counts, (y, of_seed), 1)
    return [[int(count) for count in row] for row in counts]


def blocks(value: None, page: Page) -> list[Block]:
    """Return a fold for each learner: the two of the headline first, then the order of the table."""
    labels, first = page.results["dataset"]["labels"], champions(page.results)
    rows = first + [row for row in page.results["learners"] if row not in first]
    most = MOST_LEARNERS if len(labels) <= 500 else 2
    shown = [row for row in rows if row["confusion"]][:most]
    if not shown:
        return []
    folds = []
    for i, row in enumerate(shown):
        if len(labels) <= MOST_CLASSES:
            inside: list[Block] = [_matrix(row["name"], row["confusion"], labels)]
        else:
            inside = _pairs(row["name"], row["confusion"], labels)
        folds.append(Fold(row["name"], inside, open=i == 0, family=row["family"], inner=True))
    return [Text(LEAD, "lead"), *folds]


def _matrix(name: str, matrix: Sequence[Sequence[int]], labels: Sequence[str]) -> Table:
    columns = [Column("true \\ predicted"), *(Column(label) for label in labels)]
    rows = [
        Row([Cell(label), *(_heat(int(n), sum(map(int, counts)), right=i == j) for j, n in enumerate(counts))])
        for i, (label, counts) in enumerate(zip(labels, matrix, strict=False))
    ]
    return Table(f"Confusion matrix of {name}", columns, rows, look="heat")


def _heat(n: int, total: int, *, right: bool) -> Cell:
    """Return a cell with a shade from 0 to 10 by the square root of its share, so that few errors stay visible."""
    share = n / total if total else 0.0
    shade = f"{'right' if right else 'error'} h{math.ceil(10 * share**0.5)}"
    if not n:
        return Cell("0", quiet=True, shade=shade)
    return Cell(f"{n:,}", ["< 1 %" if share < 0.01 else f"{100 * share:.0f} %"], shade=shade)


def _pairs(name: str, matrix: Sequence[Sequence[int]], labels: Sequence[str]) -> list[Block]:
    pairs = most_confused(matrix)
    columns = [Column("true class"), Column("predicted as"), Column("times", "number"),
               Column("share of the class", "number")]  # fmt: skip
    rows = [
        Row([Cell(labels[i]), Cell(labels[j]), Cell(f"{n:,}"), Cell(f"{100 * n / max(1, sum(matrix[i])):.1f} %")])
        for i, j, n in pairs
    ]
    note = f"{len(labels):,} classes: the {len(pairs)} most frequent confusions."
    return [Text(note, "note"), Table(f"Confusions of {name}", columns, rows)]


def most_confused(matrix: Sequence[Sequence[int]]) -> list[tuple[int, int, int]]:
    """Return true class, predicted class and count of the most frequent confusions.

    Examples
    --------
    >>> most_confused([[5, 2], [1, 7]])
    [(0, 1, 2), (1, 0, 1)]
    """
    best: list[tuple[int, int, int]] = []
    for i, row in enumerate(matrix):
        errors = list(row)
        errors[i] = 0
        least = best[0][0] if len(best) == MOST_CLASSES else 0
        if max(errors) <= least:
            continue
        for j, n in enumerate(errors):
            if n > least:
                (heapq.heappush if len(best) < MOST_CLASSES else heapq.heappushpop)(best, (int(n), -i, -j))
    return [(-i, -j, n) for n, i, j in sorted(best, reverse=True)]


CONFUSION = Section("confusion", "Confusion matrices", blocks)
