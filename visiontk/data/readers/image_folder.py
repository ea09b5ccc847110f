"""The user's own pictures: a folder with one folder for each class."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from visiontk.core import Card, Samples
from visiontk.data.checks.copies import check_copies
from visiontk.data.checks.labels import RareClass
from visiontk.data.checks.rare_classes import learnable
from visiontk.data.fingerprints import with_groups
from visiontk.data.formats.image import SUFFIXES
from visiontk.data.layouts.class_folders import check_layout, groups_within, lay_out, list_files, passed_over
from visiontk.data.readers.image_files import check_arguments, identifier, read_pictures
from visiontk.messages import printable


def image_folder(
    path: str = "",
    size: int = 64,
    color: Literal["grey", "rgb", "auto"] = "auto",
    on_bad_file: Literal["refuse", "skip"] = "refuse",
    min_per_class: int = 5,
    depth: Literal["full", "percentile"] | None = None,
    leak: Literal["refuse", "warn"] = "refuse",
    group: str = "",
    on_rare_class: RareClass = "refuse",
) -> Samples:
    """Pictures in class folders, ``path/<class>/**``, or such folders within train, valid and test.

    Parameters
    ----------
    path : str
        The folder. Nothing in it is changed; hidden files and symbolic links are passed over.
    size : int
        Side of every picture in pixels, 1 to 4096: any shape is stretched to a square, bilinear and
        antialiased. 64 keeps shapes and loses texture.
    color : {"grey", "rgb", "auto"}
        "auto" is grey if every file is grey.
    on_bad_file : {"refuse", "skip"}
        Whether a file that cannot be read ends the work. At most 1 % may be skipped; they are noted.
    min_per_class : int
        A class with fewer pictures to learn from is too small, at least 1.
    depth : {"full", "percentile"} or None
        How more than 8 bits become 8: the full range of 16 bits, or the 1st to 99th percentile of
        each picture. Without a rule such pictures are refused, never clipped.
    leak : {"refuse", "warn"}
        Whether pictures with the same pixels in two parts of the split end the work, or are noted only.
    group : str
        Which part of the name says what belongs together, such as one patient, as for `groups_of`: ``name:2``,
        ``name`` or ``folder``; empty for none.
    on_rare_class : {"refuse", "drop"}
        Whether a class with fewer pictures to learn from than that ends the work, or is left out with all its pictures.
        Those of test are counted as unknown.

    Returns
    -------
    Samples
        Ids are relative paths. Pictures are uint8 of shape (size, size, 1 or 3), upright, with
        transparency composited on white. Conversions and counts are in ``card.notes``.

    Raises
    ------
    ConfigError
        ``E-CONFIG-PATH`` or ``E-CONFIG-RANGE``.
    DataError
        For files: ``E-DATA-DECODE`` (every bad file listed at once), ``E-DATA-HUGE``,
        ``E-DATA-DEPTH`` (more than 8 bits), ``E-DATA-PERM``, ``E-DATA-SYSTEMIC``. For folders:
        ``E-DATA-EMPTY``, ``E-LABEL-SINGLE``, ``E-LABEL-TWINS``, ``E-SPLIT-CLASS``, ``E-SPLIT-PARTS``. For
        copies: ``E-LEAK-EXACT``, ``E-LABEL-CONFLICT``.

    Examples
    --------
    >>> import tempfile
    >>> from PIL import Image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("day", "night"):
    ...         Path(folder, name).mkdir()
    ...         for i in range(5):
    ...             Image.new("RGB", (40, 30), "white" if name == "day" else "navy").save(f"{folder}/{name}/{i}.png")
    ...     samples = image_folder(folder, size=32)
    >>> samples.labels, samples.ids[0].item(), samples.take([0]).shape
    (('day', 'night'), 'day/0.png', (1, 32, 32, 3))
    """
    check_arguments(size, color, on_bad_file, min_per_class, depth, leak)
    listing = list_files(path, SUFFIXES, "pictures")
    root = Path(path).expanduser().absolute()
    where = printable(str(root))
    layout = lay_out(listing, where)
    check_layout(listing, layout, where, min_per_class, "picture", on_rare_class)
    labels = {name: i for i, name in enumerate(sorted(set(layout.classes)))}
    found = read_pictures(root, layout.files, size, color, depth=depth, on_bad_file=on_bad_file)
    layout = layout.only(found.kept)
    y = np.array([labels[name] for name in layout.classes], dtype=np.int64)
    copied = check_copies(found.copies, layout.files, y, layout.parts, where, leak=leak)
    groups = groups_within(layout, group, where)
    notes = (*passed_over(listing, layout), *found.notes, *copied)
    samples = Samples(
        ids=np.array([identifier(name) for name in layout.files], dtype=np.str_),
        y=y,
        labels=tuple(map(identifier, labels)),
        read=found.read,
        card=Card(printable(root.name), with_groups(found.fingerprint, groups), notes=notes),
        groups=groups,
        parts=None if layout.parts is None else np.array(layout.parts, dtype=np.str_),
    )
    return learnable(samples, min_per_class, on_rare_class, where, "picture")
