"""Predictions in JSON: one value per sample, with scores as numbers, as lists, or as labels with scores.

Layouts of other programs that are read as they are:

- Hugging Face pipelines for text, image and audio classification: a list of ``{"label", "score"}`` per input [1]_;
- Ultralytics ``Results.to_json()`` of a classifier: a list of ``{"name", "class", "confidence"}`` per image, at most
  the five most likely classes [2]_;
- MMClassification ``tools/test.py --out results.json``: lists ``class_scores``, ``pred_label``, ``pred_class`` of all
  images [3]_; MMPretrain ``ImageClassificationInferencer``: ``pred_scores``, ``pred_label``, ``pred_class`` per
  image [4]_.

References
----------
.. [1] transformers, src/transformers/pipelines/text_classification.py, ``TextClassificationPipeline``.
.. [2] ultralytics 8.4, engine/results.py, ``Results.summary``.
.. [3] mmcls 0.25, tools/test.py, ``--out-items``.
.. [4] mmpretrain 1.2, apis/image_classification.py, ``ImageClassificationInferencer.postprocess``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from visiontk.data.formats.tables import read_rows
from visiontk.errors import DataError
from visiontk.messages import printable, refusal
from visiontk.predictions.frame import Column, Frame, texts_of

LABELS = ("label", "name", "class_name", "class", "category")
SCORES = ("score", "confidence", "probability", "prob", "p")
SCORE = "score: "
"""Prefix of the columns that labelled scores become, one per class."""

MAX_BYTES = 2 << 30
MAX_DEPTH = 16


class _Row(NamedTuple):
    line: int
    value: Any


def read_json_lines(path: Path) -> Frame:
    """Return a file with one JSON value per line: an object, or the list that a pipeline returned for one input.

    Raises
    ------
    DataError
        ``E-JSONL-SYNTAX``, ``E-PREDICTIONS-FORMAT`` or an error of `visiontk.data.formats.text_table.read_jsonl`.
    """
    where = printable(str(path))
    first = _first_line(path)
    if first is None or not _is_nested(first):
        table = read_rows(path)
        return Frame(where, table.columns, table.lines, table.notes)
    rows, bad = [], []
    for line, text in enumerate(_text(path).split("\n"), 1):
        if not text.strip():
            continue
        try:
            rows.append(_Row(line, json.loads(text)))
        except (ValueError, RecursionError) as error:
            bad.append(f"line {line}: {printable(str(error))}")
    if bad:
        raise refusal(f"{where}: {len(bad)} lines are not JSON", bad, "E-JSONL-SYNTAX")
    return _frame(where, rows, "line")


def read_json(path: Path) -> Frame:
    """Return a JSON document: a list with one value per sample, or an object of lists.

    Raises
    ------
    DataError
        ``E-PREDICTIONS-FORMAT``.
    """
    where = printable(str(path))
    try:
        value = json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"{where}: not JSON: {printable(str(error))}.",
            error_id="E-PREDICTIONS-FORMAT",
            hint="One JSON value per line belongs into a file called .jsonl.",
        ) from None
    if isinstance(value, Mapping):
        return _columns(where, value)
    if not isinstance(value, list) or not value:
        raise _unknown(where, "expected a list with one value per sample, or an object of lists")
    if _is_labelled(value):
        raise _unknown(
            where,
            f"holds one list of {len(value)} labels with scores, which is the result for one input",
            "Write one line per input into a .jsonl file: the id and this list.",
        )
    return _frame(where, [_Row(i, each) for i, each in enumerate(value, 1)], "entry")


def read_json_folder(folder: Path) -> Frame:
    """Return the ``.json`` files of a folder, one per sample: the name of a file without its ending is the id.

    Raises
    ------
    DataError
        ``E-PREDICTIONS-FORMAT`` if there are none or a file is not a list of labels with scores.
    """
    where = printable(str(folder))
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".json" and path.is_file())
    if not files:
        raise _unknown(
            where, "a folder without .json files", "Name a table, or a folder with one Ultralytics result per image."
        )
    rows = []
    for i, path in enumerate(files, 1):
        try:
            value = json.loads(_text(path))
        except (ValueError, RecursionError) as error:
            raise _unknown(printable(str(path)), f"not JSON: {printable(str(error))}") from None
        if not _is_labelled(value):
            raise _unknown(
                printable(str(path)), "not a list of labels with scores, as Ultralytics writes for one image"
            )
        rows.append(_Row(i, {"id": path.stem, "predictions": value}))
    return _frame(where, rows, "file")


def _first_line(path: Path) -> Any:
    """Return the value of the first line, or None where the strict reader must say what is wrong with the file."""
    try:
        with path.open(encoding="utf-8-sig") as file:
            for line in file:
                if line.strip():
                    return json.loads(line)
    except (OSError, ValueError, RecursionError):
        return None
    return None


def _text(path: Path) -> str:
    where = printable(str(path))
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DataError(f"{where}: file of more than {MAX_BYTES} bytes.", error_id="E-DATA-HUGE")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{where}: byte 0x{error.object[error.start]:02X} is not UTF-8.", error_id="E-CSV-ENCODING"
        ) from None
    except OSError as error:
        raise DataError(f"{where}: {error.strerror or error}.", error_id="E-CSV-FILE", hint="Check the path.") from None


def _unknown(where: str, what: str, hint: str = "docs/predictions.md lists the layouts that are read.") -> DataError:
    return DataError(f"{where}: {what}.", error_id="E-PREDICTIONS-FORMAT", hint=hint)


def _is_nested(value: Any) -> bool:
    return isinstance(value, list) or (
        isinstance(value, Mapping) and any(isinstance(each, list | Mapping) for each in value.values())
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_numbers(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 1 and all(map(_is_number, value))


def _pair(value: Any) -> tuple[str, Any] | None:
    """Return label and score of ``{"label": ..., "score": ...}`` and its like, or None."""
    if not isinstance(value, Mapping):
        return None
    label = next((value[key] for key in LABELS if key in value), None)
    score = next((value[key] for key in SCORES if key in value), None)
    return None if label is None or score is None or not _is_number(score) else (str(label), score)


def _is_labelled(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_pair(each) is not None for each in value)


def _scores(value: Any) -> dict[str, float] | None:
    """Return scores by label, or None if the value is none."""
    if _is_labelled(value):
        pairs = [pair for each in value if (pair := _pair(each)) is not None]
        return dict(pairs) if len(dict(pairs)) == len(pairs) else None
    if isinstance(value, Mapping) and len(value) > 1 and all(map(_is_number, value.values())):
        return {str(label): float(score) for label, score in value.items()}
    return None


def _frame(where: str, rows: Sequence[_Row], unit: str) -> Frame:
    """Return one row per JSON value: plain keys are columns; lists and labels with scores become scores per class."""
    rows = [_Row(row.line, row.value if isinstance(row.value, Mapping) else {"predictions": row.value}) for row in rows]
    keys = list(dict.fromkeys(key for row in rows for key in row.value))
    columns: dict[str, Column] = {}
    notes, layout = [], ""
    for key in keys:
        cells = [row.value.get(key) for row in rows]
        present = [cell for cell in cells if cell is not None]
        if not any(isinstance(cell, list | Mapping) for cell in present):
            columns[key] = [_cell(cell) for cell in cells]
        elif all(map(_is_numbers, cells)):
            columns[key] = _matrix(where, key, cells, rows, unit)
        elif all(_scores(cell) is not None for cell in cells):
            columns |= _by_label([_scores(cell) or {} for cell in cells])
            layout = "labels with scores"
        elif any(_scores(cell) is not None for cell in cells):
            bad = [f"{unit} {row.line}" for row, cell in zip(rows, cells, strict=True) if _scores(cell) is None]
            raise refusal(
                f"{where}: {len(bad)} of {len(rows)} values of {printable(key)!r} do not hold labels with scores",
                bad,
                "E-PREDICTIONS-FORMAT",
            )
        else:
            notes.append(f"key {printable(key)} ignored: lists or objects that are not scores")
    if not columns:
        raise _unknown(where, "no scores and no classes in its values")
    return Frame(where, columns, [row.line for row in rows], tuple(notes), unit, layout)


def _cell(value: Any) -> str:
    return texts_of(np.array([value], dtype=object))[0] if not isinstance(value, bool) else str(int(value))


def _matrix(where: str, key: str, cells: Sequence[Any], rows: Sequence[_Row], unit: str) -> Column:
    width = len(cells[0])
    bad = [f"{unit} {row.line}: {len(cell)}" for row, cell in zip(rows, cells, strict=True) if len(cell) != width]
    if bad:
        raise refusal(
            f"{where}: {len(bad)} of {len(cells)} lists of {printable(key)!r} do not have {width} scores",
            bad,
            "E-PREDICTIONS-FORMAT",
        )
    return np.array(cells, dtype=np.float64)


def _by_label(cells: Sequence[Mapping[str, float]]) -> dict[str, Column]:
    """Return one column per label; NaN where a sample does not name it."""
    labels = list(dict.fromkeys(label for cell in cells for label in cell))
    return {f"{SCORE}{label}": np.array([cell.get(label, np.nan) for cell in cells]) for label in sorted(labels)}


def _columns(where: str, value: Mapping[str, Any]) -> Frame:
    """Return an object of lists: those of the length of the longest list are columns, as MMClassification writes."""
    lists = {key: each for key, each in value.items() if isinstance(each, list)}
    n = max(map(len, lists.values()), default=0)
    kept = {key: each for key, each in lists.items() if len(each) == n}
    if not n:
        raise _unknown(where, "an object without lists", "Give one value per sample.")
    rows = [_Row(i, {key: each[i] for key, each in kept.items()}) for i in range(n)]
    frame = _frame(where, rows, "entry")
    ignored = [printable(key) for key in value if key not in kept]
    notes = (*frame.notes, f"keys ignored: {', '.join(ignored)}") if ignored else frame.notes
    return Frame(where, frame.columns, frame.rows, notes, frame.unit, frame.layout)
