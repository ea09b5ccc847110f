"""The user's images: class folders, or a table that names files and classes."""

from __future__ import annotations

from functools import partial

from visiontk.core import AboutData, Samples, dataset, flat
from visiontk.data.checks.problems import Problems
from visiontk.data.formats.image import SUFFIXES
from visiontk.data.layouts.part_tables import read_user_table
from visiontk.data.options import (
    AutoSize,
    ClassOptions,
    FileOptions,
    FolderOptions,
    ImageOptions,
    NamedFiles,
    TableColumns,
    TableFormat,
    check_options,
)
from visiontk.data.readers.image_files import read_images
from visiontk.data.readers.image_sizes import Side
from visiontk.data.readers.labelled_files import FileKind, samples_in_folder, samples_in_table
from visiontk.data.readers.pixel_tables import pixel_samples, with_pixels

AUTOMATIC = FolderOptions()
IMAGES = FileKind("image", "images", SUFFIXES)


@dataset(AboutData("images", "folder"))
@flat()
def image_folder(
    images: ImageOptions,
    files: FileOptions,
    classes: ClassOptions,
    folders: FolderOptions,
    path: str = "",
    size: AutoSize = "auto",
    *,
    on_problem: Problems | None = None,
) -> Samples:
    """Images in class folders, ``path/<class>/**``, or such folders within train, valid and test.

    Parameters
    ----------
    path : str
        The folder. Nothing in it is changed; hidden files and symbolic links are ignored.
    size : "auto" or int
        Side of every image in pixels, 1 to 4096, bilinear and antialiased. "auto" is the median of their shorter
        sides, at most 64: nothing is enlarged. 64 retains shapes and loses texture; `aspect` makes squares.

    Returns
    -------
    Samples
        Ids are relative paths. Images are uint8 of shape (size, size, 1 or 3), upright, with
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
    >>> from pathlib import Path
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
    return read_image_folder(path, size, images, files, classes, folders, on_problem)


def read_image_folder(
    path: str,
    size: Side,
    images: ImageOptions,
    files: FileOptions,
    classes: ClassOptions,
    folders: FolderOptions = AUTOMATIC,
    on_problem: Problems | None = None,
) -> Samples:
    """As `image_folder`, with records of parameters."""
    check_options(images, files, classes, size=(size, AutoSize))
    read = partial(read_images, size=size, images=images, on_bad_file=files.on_bad_file, on_problem=on_problem)
    return samples_in_folder(path, IMAGES, read, folders=folders, files=files, classes=classes, on_problem=on_problem)


@dataset(AboutData("images", "table"))
@flat()
def image_table(
    images: ImageOptions,
    files: FileOptions,
    classes: ClassOptions,
    columns: TableColumns,
    table_format: TableFormat,
    named: NamedFiles,
    path: str = "",
    size: AutoSize = "auto",
    *,
    on_problem: Problems | None = None,
) -> Samples:
    r"""Images named by the rows of a table, with a class for each.

    Parameters
    ----------
    path : str
        The table, or a folder of tables named train, valid and test. Nothing is changed.
    size : "auto" or int
        Side of every image in pixels, 1 to 4096; "auto" as for `image_folder`.

    Returns
    -------
    Samples
        Ids are relative paths, in the order of the table. Images are as from `image_folder`.

    Raises
    ------
    ConfigError
        ``E-CONFIG-PATH`` or ``E-CONFIG-RANGE``.
    DataError
        As for `read_manifest` and, for the images, as for `image_folder`.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
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
    return read_image_table(path, size, images, files, classes, named, columns, table_format, on_problem)


def read_image_table(
    path: str,
    size: Side,
    images: ImageOptions,
    files: FileOptions,
    classes: ClassOptions,
    named: NamedFiles,
    columns: TableColumns,
    table_format: TableFormat,
    on_problem: Problems | None = None,
) -> Samples:
    """As `image_table`, with records of parameters."""
    check_options(images, files, classes, size=(size, AutoSize))
    if path:
        rows = read_user_table(path, label=columns.label_column, **vars(table_format))
        table, pixels = with_pixels(rows, named.path_column)
        if pixels:
            return pixel_samples(table, path, pixels, size, images, files, classes, columns, on_problem)
    return samples_in_table(
        path,
        IMAGES,
        partial(read_images, size=size, images=images, on_bad_file=files.on_bad_file, on_problem=on_problem),
        named=named,
        columns=columns,
        table_format=table_format,
        files=files,
        classes=classes,
        on_problem=on_problem,
    )
