"""The user's own pictures: a table that names them and their classes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from visiontk.core import Card, Samples
from visiontk.data.checks.copies import check_copies
from visiontk.data.checks.labels import RareClass, check_parts
from visiontk.data.checks.rare_classes import learnable
from visiontk.data.fingerprints import fingerprint
from visiontk.data.layouts.manifest import Manifest, read_manifest
from visiontk.data.readers.image_files import check_arguments, identifier, read_pictures
from visiontk.messages import printable


def image_table(
    path: str = "",
    size: int = 64,
    color: Literal["grey", "rgb", "auto"] = "auto",
    on_bad_file: Literal["refuse", "skip"] = "refuse",
    min_per_class: int = 5,
    depth: Literal["full", "percentile"] | None = None,
    path_column: str = "path",
    label_column: str = "label",
    group_column: str = "",
    part_column: str = "",
    encoding: str = "utf-8",
    delimiter: str = ",",
    leak: Literal["refuse", "warn"] = "refuse",
    time_column: str = "",
    on_rare_class: RareClass = "refuse",
) -> Samples:
    r"""Pictures named by the rows of a table, with a class for each.

    Parameters
    ----------
    path : str
        The table; the pictures lie in its folder or below. Nothing is changed.
    size, color, on_bad_file, min_per_class, depth, leak, on_rare_class
        As for `image_folder`.
    path_column, label_column, group_column, part_column, encoding, delimiter, time_column : str
        As for `read_manifest`. Name the group wherever pictures belong together, such as those of one
        patient: what is alike within a group must not be learnt and tested.

    Returns
    -------
    Samples
        Ids are relative paths, in the order of the table. Pictures are as from `image_folder`.

    Raises
    ------
    ConfigError
        ``E-CONFIG-PATH`` or ``E-CONFIG-RANGE``.
    DataError
        As for `read_manifest` and, for the pictures, as for `image_folder`.

    Examples
    --------
    >>> import tempfile
    >>> from PIL import Image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rows = [(f"{i}.png", "day" if i < 5 else "night") for i in range(10)]
    ...     for name, label in rows:
    ...         Image.new("L", (9, 9), "white" if label == "day" else "black").save(Path(folder, name))
    ...     _ = Path(folder, "sky.csv").write_text("path,label\n" + "\n".join(map(",".join, rows)))
    ...     samples = image_table(f"{folder}/sky.csv", size=8)
    >>> samples.labels, samples.ids[0].item(), samples.take([0]).shape
    (('day', 'night'), '0.png', (1, 8, 8, 1))
    """
    check_arguments(size, color, on_bad_file, min_per_class, depth, leak)
    manifest = read_manifest(
        path,
        path_column=path_column,
        label_column=label_column,
        group_column=group_column,
        part_column=part_column,
        encoding=encoding,
        delimiter=delimiter,
        time_column=time_column,
    )
    where = printable(path)
    check_parts(manifest.y, manifest.labels, manifest.parts, where, min_per_class, "picture", on_rare_class)
    found = read_pictures(manifest.root, manifest.names, size, color, depth=depth, on_bad_file=on_bad_file)
    manifest = manifest.only(found.kept)
    parts = None if manifest.parts is None else manifest.parts.tolist()
    copied = check_copies(found.copies, manifest.names, manifest.y, parts, where, leak=leak)
    samples = Samples(
        ids=np.array([identifier(name) for name in manifest.names], dtype=np.str_),
        y=manifest.y,
        labels=manifest.labels,
        read=found.read,
        card=Card(
            printable(Path(path).stem),
            _content(manifest, found.fingerprint),
            grouped_by=group_column,
            notes=(*manifest.notes, *found.notes, *copied),
        ),
        groups=manifest.groups,
        parts=manifest.parts,
    )
    return learnable(samples, min_per_class, on_rare_class, where, "picture")


def _content(manifest: Manifest, pictures: str) -> str:
    """Unlike in a folder, a picture's class, group and part are not in its name."""
    columns = [part for part in (manifest.groups, manifest.parts) if part is not None]
    return fingerprint(pictures, manifest.y, "\n".join(manifest.labels), *columns)
