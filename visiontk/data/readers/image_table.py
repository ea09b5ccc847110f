"""The user's images named by a table."""

from __future__ import annotations

from functools import partial

from visiontk.core import AboutData, Samples, dataset, flat
from visiontk.data.checks.problems import Problems
from visiontk.data.options import (
    ClassOptions,
    FileOptions,
    ImageOptions,
    Size,
    TableColumns,
    TableFormat,
    check_options,
)
from visiontk.data.readers.image_files import read_images
from visiontk.data.readers.image_folder import IMAGES
from visiontk.data.readers.labelled_files import samples_in_table


@dataset(AboutData("images", "table"))
@flat()
def image_table(
    images: ImageOptions,
    files: FileOptions,
    classes: ClassOptions,
    columns: TableColumns,
    table_format: TableFormat,
    path: str = "",
    size: Size = 64,
    path_column: str = "path",
    *,
    on_problem: Problems | None = None,
) -> Samples:
    r"""Images named by the rows of a table, with a class for each.

    Parameters
    ----------
    path : str
        The table; the images are in its folder or below. Nothing is changed.
    size : int
        Side of every image in pixels, 1 to 4096: any shape is stretched to a square.
    path_column : str
        Column of the files, relative to the folder of the table.

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
    return read_image_table(path, size, images, files, classes, path_column, columns, table_format, on_problem)


def read_image_table(
    path: str,
    size: int,
    images: ImageOptions,
    files: FileOptions,
    classes: ClassOptions,
    path_column: str,
    columns: TableColumns,
    table_format: TableFormat,
    on_problem: Problems | None = None,
) -> Samples:
    """As `image_table`, with records of parameters."""
    check_options(images, files, classes, size=(size, Size))
    return samples_in_table(
        path,
        IMAGES,
        partial(read_images, size=size, images=images, on_bad_file=files.on_bad_file, on_problem=on_problem),
        path_column=path_column,
        columns=columns,
        table_format=table_format,
        files=files,
        classes=classes,
        on_problem=on_problem,
    )
