"""Tables with one row per sample and class, such as results of Ultralytics put below each other."""

from __future__ import annotations

import numpy as np

from visiontk.predictions.frame import Column, Frame
from visiontk.predictions.json_rows import LABELS, SCORE, SCORES
from visiontk.predictions.role_names import NAMES, recognised_name

LAYOUT = "one row per sample and class"


def widened(frame: Frame) -> Frame:
    """Return a table with one row per sample; a table that is none of this kind is returned as it is.

    Such a table has a column of ids that recur, one of labels (of ``name`` and ``class``, as Ultralytics writes them,
    the name) and one of scores, and no id has a label twice. Columns that do not vary within a sample are kept.

    Examples
    --------
    >>> rows = {"id": ["a", "a", "b", "b"], "name": ["cat", "dog"] * 2, "confidence": ["0.9", "0.1", "0.4", "0.6"]}
    >>> wide = widened(Frame("a.csv", rows, [2, 3, 4, 5]))
    >>> wide.texts("id"), wide.columns["score: dog"].tolist()
    (['a', 'b'], [0.1, 0.6])
    """
    ident = recognised_name(frame.columns, NAMES["id"])
    score = recognised_name(frame.columns, SCORES)
    label = recognised_name([name for name in frame.columns if name not in (ident, score)], LABELS)
    if not (ident and score and label) or recognised_name(frame.columns, (*NAMES["seed"], *NAMES["fold"])):
        return frame
    ids, classes = frame.texts(ident), frame.texts(label)
    samples = list(dict.fromkeys(ids))
    if len(samples) == len(ids) or len(set(zip(ids, classes, strict=True))) < len(ids):
        return frame
    position = {name: i for i, name in enumerate(samples)}
    rows = np.fromiter(map(position.__getitem__, ids), np.int64, len(ids))
    values = frame.finite(score)
    labels = sorted(set(classes))
    columns: dict[str, Column] = {ident: samples}
    cells = np.array(classes)
    for each in labels:
        column = np.full(len(samples), np.nan)
        column[rows[cells == each]] = values[cells == each]
        columns[f"{SCORE}{each}"] = column
    first = np.full(len(samples), -1)
    first[rows[::-1]] = np.arange(len(ids))[::-1]
    for name in frame.columns:
        if name in (ident, label, score):
            continue
        texts = frame.texts(name)
        if all(texts[i] == texts[first[row]] for i, row in enumerate(rows.tolist())):
            columns[name] = [texts[i] for i in first.tolist()]
    return Frame(frame.where, columns, [frame.rows[i] for i in first.tolist()], frame.notes, frame.unit, LAYOUT)
