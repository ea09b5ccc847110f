"""The user's images in class folders."""

from __future__ import annotations

from functools import partial

from visiontk.core import AboutData, Samples, dataset, flat
from visiontk.data.checks.problems import Problems
from visiontk.data.formats.image import SUFFIXES
from visiontk.data.options import ClassOptions, FileOptions, GroupOption, ImageOptions, Size, check_options
from visiontk.data.readers.image_files import read_images
from visiontk.data.readers.labelled_files import FileKind, samples_in_folder

IMAGES = FileKind("image", "images", SUFFIXES)


@dataset(AboutData("images", "folder"))
@flat()
def image_folder(
    images: ImageOptions,
    files: FileOptions,
    classes: ClassOptions,
    group: GroupOption,
    path: str = "",
    size: Size = 64,
    *,
    on_problem: Problems | None = None,
) -> Samples:
    """Images in class folders, ``path/<class>/**``, or such folders within train, valid and test.

    Parameters
    ----------
    path : str
        The folder. Nothing in it is changed; hidden files and symbolic links are ignored.
    size : int
        Side of every image in pixels, 1 to 4096: any shape is stretched to a square, bilinear and
        antialiased. 64 retains shapes and loses texture.

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
    return read_image_folder(path, size, images, files, classes, group.group, on_problem)


def read_image_folder(
    path: str,
    size: int,
    images: ImageOptions,
    files: FileOptions,
    classes: ClassOptions,
    group: str = "",
    on_problem: Problems | None = None,
) -> Samples:
    """As `image_folder`, with records of parameters."""
    check_options(images, files, classes, size=(size, Size))
    read = partial(read_images, size=size, images=images, on_bad_file=files.on_bad_file, on_problem=on_problem)
    return samples_in_folder(path, IMAGES, read, group=group, files=files, classes=classes, on_problem=on_problem)
