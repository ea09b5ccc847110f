"""A column that says something of each sample: from a table with ids, or kept by the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from visiontk.core import Strings
from visiontk.errors import ConfigError, ResumeError
from visiontk.harness.store import SLICES, RunDirectory


class Column(NamedTuple):
    """What a column says of samples.

    Parameters
    ----------
    name : str
        Of the column.
    table : str
        Name of the file, without its folder; empty where it is the table that was compared.
    chosen : {"before", "after"}
        Whether it was named before anything was predicted for test.
    values : mapping of str to str
        By id. A sample may have none.
    """

    name: str
    table: str
    chosen: Literal["before", "after"]
    values: Mapping[str, str]


def read_column(given: str, option: str, *, what: str, error_id: str, example: str) -> Column:
    """The column that ``FILE:COLUMN`` names, of a table of any kind with a column id.

    Parameters
    ----------
    given : str
        As typed.
    option, what, error_id, example : str
        For messages: the option, what it names, and what may be typed.

    Raises
    ------
    ConfigError
        If it names no table and column, or if the table has two values for one id.
    DataError
        If the table cannot be read.
    """
    from visiontk.data.formats.tables import delimiter_of, read_rows
    from visiontk.messages import printable

    path, column = _parted(given)
    if not path or not column:
        raise ConfigError(f"{option}: {given!r} is no {what}.", error_id=error_id, hint=example)
    cells = read_rows(path, "id", column, delimiter=delimiter_of(path)).columns
    values: dict[str, str] = {}
    for name, value in zip(cells["id"], cells[column], strict=True):
        if values.setdefault(name, value) != value:
            raise ConfigError(
                f"{printable(path)}: id {printable(name)!r} has two values of {printable(column)}: "
                f"{printable(values[name])!r} and "
                f"{printable(value)!r}.",
                error_id=error_id,
                hint="Give each id one row.",
            )
    return Column(column, Path(path).name, "after", values)


def _parted(given: str) -> tuple[str, str]:
    """File and column, of which either may have colons in its name: the longest file that is there wins."""
    places = [i for i, character in enumerate(given) if character == ":"]
    for place in reversed(places):
        if Path(given[:place]).expanduser().is_file():
            return given[:place], given[place + 1 :]
    path, _, column = given.rpartition(":")
    return path, column


def columns_of(store: RunDirectory, given: Sequence[str], ids: Strings) -> list[Column]:
    """The columns by which results are sliced: those that the run keeps, then those asked for now.

    Parameters
    ----------
    store : RunDirectory
        The run.
    given : sequence of str
        Such as ``people.csv:sex``.
    ids : ndarray of str
        Of the test samples.

    Raises
    ------
    ConfigError
        ``E-REPORT-SLICE`` if one names no column, or none of its rows is of a test sample.
    DataError
        If a table cannot be read.
    ResumeError
        If the file of the run is damaged.
    """
    found = kept_by(store)
    for each in dict.fromkeys(given):
        column = read_column(
            each,
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
        found.append(column)
    return found


def kept_by(store: RunDirectory) -> list[Column]:
    """The columns of the user's own table that the run keeps.

    Raises
    ------
    ResumeError
        If their file is damaged.
    """
    if not (store.path / SLICES).is_file():
        return []
    value = store.read_json(SLICES)
    try:
        return [Column(name, "", _moment(each["chosen"]), dict(each["values"])) for name, each in value.items()]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ResumeError(
            f"{store.path / SLICES}: damaged; the run directory is not complete.",
            error_id="E-RUN-DAMAGED",
            hint="Repeat the command that made the run: it writes the file again and keeps finished trials.",
        ) from error


def _moment(word: Any) -> Literal["before", "after"]:
    return "before" if word == "before" else "after"
