"""Place of the files that a table names, and columns that name them without an ending."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from visiontk.data.formats.text_table import Table
from visiontk.data.layouts.named_files import ENDINGS, FOUND, folder_of_files, locate_rows, part_in
from visiontk.data.recognise.columns import holds_texts
from visiontk.data.recognise.records import DetectedSetting
from visiontk.errors import ConfigError
from visiontk.messages import printable

LONGEST_ID = 200
"""Characters of a name of a file without ending."""


FEWEST = 20
"""Rows of a table from which on its identifiers may be those of files outside of its folder."""


def place_of(cells: Sequence[str], table: Path, requested: str, where: str) -> list[DetectedSetting]:
    """Folder of the files as a setting; none for that of the table."""
    if requested:
        if not Path(requested).is_dir():
            raise ConfigError(
                f"{where}: --files {printable(requested)}: no such folder.",
                error_id="E-CONFIG-PATH",
                hint="Name the folder of the files that the table names.",
            )
        return [DetectedSetting("files", requested, "as given", "")]
    outside = None if table.is_dir() else folder_of_files(cells, table.parent, part_in(table.stem))
    if outside is None or outside == table.parent:
        return []
    return [DetectedSetting("files", str(outside), "the files that the table names are there", "--files DIR")]


def ids_of_files(table: Table, path: Path, requested: str) -> DetectedSetting | None:
    """Column whose cells are names of files without ending; None if there is none.

    Beside a column of texts, and for few rows, only the folder of the table is searched: numbers of rows fit files of
    many folders.
    """
    here = path.is_dir() or len(table) < FEWEST or any(map(holds_texts, table.columns.values()))
    for name, cells in table.columns.items():
        few = cells[:: max(len(cells) // 10, 1)]
        if len(set(cells)) < FOUND * len(cells) or max(map(len, few)) > LONGEST_ID or not all(map(str.strip, few)):
            continue
        outside = None if here else folder_of_files(few, path.parent, part_in(path.stem))
        located = locate_rows(table, cells, path, requested or str(outside or ""))
        if located.share >= FOUND and any(name.lower().endswith(ENDINGS) for name in located.names):
            return DetectedSetting("path", name, "files are called like its cells, with an ending", "--path COLUMN")
    return None
