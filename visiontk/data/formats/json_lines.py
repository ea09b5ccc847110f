"""Tables of texts in JSON: one object a line, or a list of them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from visiontk.data.formats.text_table import Table, content_of, decoded, refuse_surrogates, unread_notes
from visiontk.errors import DataError, did_you_mean
from visiontk.messages import numbered, printable, refusal


def read_jsonl(path: str | Path, *required: str) -> Table:
    r"""A file with one JSON object a line, or a list of objects, in UTF-8.

    Parameters
    ----------
    path : path-like
        The file.
    *required : str
        Keys that every line must have, with a text, a number, true, false or null.

    Returns
    -------
    Table
        The required keys, and all other keys that every line has with such a value. Numbers are texts
        as in the file; null and NaN are empty texts.

    Raises
    ------
    DataError
        ``E-CSV-FILE``, ``E-CSV-ENCODING``, ``E-CSV-EMPTY`` and ``E-DATA-HUGE`` as for `read_table`;
        ``E-JSONL-SYNTAX`` for lines that are not a JSON object; ``E-JSONL-KEY`` for lines without a key;
        ``E-JSONL-VALUE`` for lists and objects; ``E-TEXT-ENCODING`` for lone surrogates.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "pets.jsonl")
    ...     _ = path.write_text('{"text": "barks", "label": 1}\n')
    ...     read_jsonl(path, "text", "label").columns
    {'text': ['barks'], 'label': ['1']}
    """
    where = printable(str(path))
    text, notes = decoded(content_of(path), where, "utf-8")
    # Only line feeds: a text may contain U+2028, at which str.splitlines splits.
    numbers = [(i, line) for i, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not numbers:
        raise DataError(f"{where}: no rows.", error_id="E-CSV-EMPTY")
    if text.lstrip().startswith("["):
        records = _listed(text, where)
        lines = list(range(1, len(records) + 1))
    else:
        lines, records = [i for i, _ in numbers], _records(numbers, where)
    for key in required:
        _check_key(key, records, lines, where)
    seen = dict.fromkeys(key for record in records for key in record)
    keys = [*required, *(k for k in seen if k not in required and all(_scalar(r.get(k, [])) for r in records))]
    columns = {key: [_text(record[key]) for record in records] for key in keys}
    for key, values in columns.items():
        refuse_surrogates(values, lines, f"{where}: {printable(key)}")
    unread = tuple((k, "lists or objects") for k in seen if k not in keys and all(k in r for r in records))
    return Table(columns, lines, (*notes, *unread_notes(unread)), unread)


def _records(numbers: list[tuple[int, str]], where: str) -> list[dict[str, Any]]:
    records, bad = [], []
    for line, text in numbers:
        try:
            record = _parsed(text)
            if not isinstance(record, dict):
                raise ValueError("no object in braces")
            records.append(record)
        except RecursionError:
            bad.append(f"line {line}: nested too deeply")
        except ValueError as error:
            bad.append(f"line {line}: {printable(str(error))}")
    if bad:
        raise refusal(
            f"{where}: {len(bad)} of {len(numbers)} lines are not one JSON object each", bad, "E-JSONL-SYNTAX"
        )
    return records


def _listed(text: str, where: str) -> list[dict[str, Any]]:
    """Objects of a list."""
    try:
        records = _parsed(text)
    except (RecursionError, ValueError) as error:
        raise DataError(f"{where}: no list in JSON: {printable(str(error))}.", error_id="E-JSONL-SYNTAX") from None
    if not records or not all(isinstance(record, dict) for record in records):
        raise DataError(f"{where}: a list without objects in braces.", error_id="E-JSONL-SYNTAX")
    return list(records)


def _parsed(text: str) -> Any:
    """Content of a JSON text; numbers stay as written: `classes_of` decides about 1 and 1.0."""
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=_nothing, object_pairs_hook=_without_twins)


def _nothing(_: str) -> None:
    return None


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        twice = [key for key, n in Counter(key for key, _ in pairs).items() if n > 1]
        raise ValueError(f"key {twice[0]!r} more than once")
    return record


def _check_key(key: str, records: list[dict[str, Any]], lines: list[int], where: str) -> None:
    missing = [line for record, line in zip(records, lines, strict=True) if key not in record]
    if missing:
        known = {printable(name) for record in records for name in record}
        raise DataError(
            f"{where}: no key {key!r} in {len(missing)} of {len(records)} lines: {numbered(missing)}. "
            f"{did_you_mean(key, known)}",
            error_id="E-JSONL-KEY",
        )
    nested = [line for record, line in zip(records, lines, strict=True) if not _scalar(record[key])]
    if nested:
        raise DataError(
            f"{where}: key {key!r} holds a list or an object in lines {numbered(nested)}; expected a text.",
            error_id="E-JSONL-VALUE",
        )


def _scalar(value: object) -> bool:
    return value is None or isinstance(value, str | bool)


def _text(value: str | bool | None) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value).lower()
