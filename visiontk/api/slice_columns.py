"""Columns of a table of the user that a run stores, so that its report shows results by them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from visiontk.core import Samples, about_data
from visiontk.data.layouts.manifest import read_manifest
from visiontk.data.layouts.part_tables import read_user_table
from visiontk.data.options import NamedFiles, TableColumns, TableFormat
from visiontk.data.privacy import sample_ids
from visiontk.data.readers.labelled_files import identifier
from visiontk.data.readers.pixel_tables import ids_of, with_pixels
from visiontk.errors import ConfigError
from visiontk.harness.experiment import Experiment
from visiontk.messages import printable
from visiontk.registry import get_task


def slice_columns(experiment: Experiment, samples: Samples | None = None) -> dict[str, dict[str, str]]:
    """Return the cells of the columns `Experiment.slices` of the user's table, by column and id of the sample.

    Only these columns are read from the table, and nothing from the headers of files. Without samples, only the
    presence of the columns is checked. If rows of numbered samples were left out, numbers are ambiguous and refused.
    """
    if not experiment.slices:
        return {}
    parameters = experiment.dataset_parameters
    path = str(parameters.get("path") or "")
    about = about_data(get_task(experiment.task).dataset(experiment.dataset))
    if not path or about.form not in ("table", "lines"):
        raise ConfigError(
            f"slices: {', '.join(map(repr, experiment.slices))} given, but dataset {experiment.dataset!r} is not a "
            "table with such columns.",
            error_id="E-CONFIG-VALUE",
            hint="visiontk report RUN --slice FILE.csv:COLUMN takes them from a table with the columns id and COLUMN.",
        )
    named: dict[str, Any] = {
        name: str(parameters[name]) for name in ("encoding", "delimiter", "header") if name in parameters
    }
    table = read_user_table(path, *experiment.slices, label=str(parameters.get("label_column", "")), **named)
    if samples is None:
        return {}
    if about.reads == "texts":
        ids: Sequence[str] = [str(line) for line in table.lines]
    elif about.reads == "images" and with_pixels(table, str(parameters["path_column"]))[1] and not about.private:
        ids = ids_of(table)
    elif about.private:
        ids = sample_ids(len(table)).tolist()
        if len(samples) != len(table):
            raise ConfigError(
                f"slices: {len(table) - len(samples)} of {len(table)} rows of the table were left out, so that the "
                "numbers of samples do not identify rows.",
                error_id="E-CONFIG-VALUE",
                hint="Remove these rows from the table.",
            )
    else:
        columns = TableColumns(str(parameters["label_column"]))
        files = NamedFiles(str(parameters["path_column"]), str(parameters.get("files_folder", "")))
        manifest = read_manifest(path, files, columns, TableFormat(**named))
        ids = [identifier(name) for name in manifest.names]
    known = set(samples.ids.tolist())
    if not known <= set(ids):
        raise ConfigError(
            f"{printable(path)}: the table has changed since its {len(known)} samples were read.",
            error_id="E-CONFIG-VALUE",
            hint="Repeat the command.",
        )
    return {
        name: {key: cell for key, cell in zip(ids, table.columns[name], strict=True) if key in known}
        for name in experiment.slices
    }
