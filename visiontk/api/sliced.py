"""Columns of the user's own table that a run keeps, so that its report shows results by them."""

from __future__ import annotations

from collections.abc import Sequence

from visiontk.core import Samples, about_data
from visiontk.data.formats.tables import read_rows
from visiontk.data.layouts.manifest import read_manifest
from visiontk.data.options import TableColumns, TableFormat
from visiontk.data.privacy import sample_ids
from visiontk.data.readers.labelled_files import identifier
from visiontk.errors import ConfigError
from visiontk.harness.experiment import Experiment
from visiontk.messages import printable
from visiontk.registry import get_task


def own_columns(experiment: Experiment, samples: Samples | None = None) -> dict[str, dict[str, str]]:
    """What the columns of `Experiment.slices` say of each sample.

    Only these columns are read from the table; nothing is ever taken from the headers of files.

    Parameters
    ----------
    experiment : Experiment
        With data of the user's own table.
    samples : Samples, optional
        As they were read. Without them it is only looked whether the columns are there.

    Returns
    -------
    dict of str to dict
        By column, the cell of each sample by its id.

    Raises
    ------
    ConfigError
        If the data are no table, or rows of numbered samples were left out, so that numbers do not tell which.
    DataError
        If there is no such column.
    """
    if not experiment.slices:
        return {}
    given = experiment.dataset_parameters
    path = str(given.get("path") or "")
    about = about_data(get_task(experiment.task).dataset(experiment.dataset))
    if not path or about.form not in ("table", "lines"):
        raise ConfigError(
            f"slices: {', '.join(map(repr, experiment.slices))} given, but dataset {experiment.dataset!r} is no table "
            "of your own, of which they could be columns.",
            error_id="E-CONFIG-VALUE",
            hint="visiontk report RUN --slice FILE.csv:COLUMN takes them from a table with the columns id and COLUMN.",
        )
    named = {name: str(given[name]) for name in ("encoding", "delimiter") if name in given}
    table = read_rows(path, *experiment.slices, **named)
    if samples is None:
        return {}
    if about.reads == "texts":
        ids: Sequence[str] = [str(line) for line in table.lines]
    elif about.private:
        ids = sample_ids(len(table)).tolist()
        if len(samples) != len(table):
            raise ConfigError(
                f"slices: {len(table) - len(samples)} of {len(table)} rows of the table were left out, so that numbers "
                "of samples do not tell which row is whose.",
                error_id="E-CONFIG-VALUE",
                hint="Remove these rows from the table.",
            )
    else:
        columns = TableColumns(str(given["label_column"]))
        manifest = read_manifest(path, str(given["path_column"]), columns, TableFormat(**named))
        ids = [identifier(name) for name in manifest.names]
    known = set(samples.ids.tolist())
    if not known <= set(ids):
        raise ConfigError(
            f"{printable(path)}: the table does not hold the {len(known)} samples that were read from it; "
            "it has changed.",
            error_id="E-CONFIG-VALUE",
            hint="Give the command again.",
        )
    return {
        name: {key: cell for key, cell in zip(ids, table.columns[name], strict=True) if key in known}
        for name in experiment.slices
    }
