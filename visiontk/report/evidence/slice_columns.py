"""Columns with a value of each sample, from a table with ids or stored in the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from visiontk.core import Strings
from visiontk.errors import ConfigError
from visiontk.harness.store import SLICES, RunDirectory
from visiontk.report.evidence.stored import damaged


class Column(NamedTuple):
    """A column of a table; chosen before, if it was named before anything was predicted for the test set."""

    name: str
    table: str  # file name; empty for the table that was compared
    chosen: Literal["before", "after"]
    values: Mapping[str, str]  # by id; a sample may have none


def read_column(spec: str, option: str, *, what: str, error_id: str, example: str) -> Column:
    """Read the column ``FILE:COLUMN`` of a table of any kind with a column id; `what` and the rest are for messages."""
    from visiontk.data.formats.tables import delimiter_of, read_rows
    from visiontk.messages import printable

    path, column = _split_spec(spec)
    if not path or not column:
        raise ConfigError(f"{option}: {spec!r} is not a {what}.", error_id=error_id, hint=example)
    cells = read_rows(path, "id", column, delimiter=delimiter_of(path)).columns
    values: dict[str, str] = {}
    for name, value in zip(cells["id"], cells[column], strict=True):
        if values.setdefault(name, value) != value:
            raise ConfigError(
                f"{printable(path)}: id {printable(name)!r} has two values of {printable(column)}: "
                f"{printable(values[name])!r} and {printable(value)!r}.",
                error_id=error_id,
                hint="Give each id one row.",
            )
    return Column(column, Path(path).name, "after", values)


def _split_spec(spec: str) -> tuple[str, str]:
    """Return file and column; either name may contain colons, so the longest existing file wins."""
    places = [i for i, character in enumerate(spec) if character == ":"]
    for place in reversed(places):
        if Path(spec[:place]).expanduser().is_file():
            return spec[:place], spec[place + 1 :]
    path, _, column = spec.rpartition(":")
    return path, column


def read_columns(store: RunDirectory, specs: Sequence[str], ids: Strings) -> list[Column]:
    """Read the columns by which results are sliced: those stored in the run, then the requested ``FILE:COLUMN``."""
    columns = stored_columns(store)
    for spec in dict.fromkeys(specs):
        column = read_column(
            spec,
            "--slice",
            what="column of a table",
            error_id="E-REPORT-SLICE",
            example="A table with the columns id and, for example, sex: --slice people.csv:sex.",
        )
        if not any(name in column.values for name in ids.tolist()):
            raise ConfigError(
                f"{column.table}: none of its {len(column.values)} ids is one of the {len(ids)} test samples, such as "
                f"{str(ids[0])!r}.",
                error_id="E-REPORT-SLICE",
                hint="The column id holds the ids of predictions.npz.",
            )
        columns.append(column)
    return columns


def stored_columns(store: RunDirectory) -> list[Column]:
    """Read the columns of the user's own table that are stored in the run."""
    if not (store.path / SLICES).is_file():
        return []
    value = store.read_json(SLICES)
    try:
        return [
            Column(name, "", "before" if each["chosen"] == "before" else "after", dict(each["values"]))
            for name, each in value.items()
        ]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise damaged(store, SLICES) from error
