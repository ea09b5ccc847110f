"""Archives and files of other programs, and the commands that make data of them."""

from __future__ import annotations

import contextlib
import shlex
from pathlib import Path, PurePosixPath

from visiontk.data.formats.tables import constant_mark
from visiontk.data.layouts.class_folders import Listing, read_layout
from visiontk.data.layouts.left_out import NO_SUFFIX, suffix_of
from visiontk.errors import ConfigError, DataError
from visiontk.messages import typed

MOST_TEXTS = 10
"""Files of texts in a folder that are looked at."""

UNPACKED_BY = {
    **dict.fromkeys((".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"), "python3 -m tarfile -e {file} {folder}"),
    ".zip": "python3 -m zipfile -e {file} {folder}",
    ".7z": "7z x {file} -o{folder}",
    ".rar": "unrar x {file} {folder}/",
    ".gz": "gunzip --keep {file}",
    ".bz2": "bunzip2 --keep {file}",
    ".xz": "unxz --keep {file}",
}
"""Commands that unpack an archive, by its ending."""

SAVED_BY = {".xlsx": "pandas.read_excel({file!r}).to_csv({folder!r} + '.csv', index=False)",
            ".pkl": "numpy.savez({folder!r} + '.npz', x=x, y=y) with the arrays in it",
            ".mat": "numpy.savez({folder!r} + '.npz', x=x, y=y) with the arrays in it",
            ".tfrecord": "numpy.savez({folder!r} + '.npz', x=x, y=y) with the arrays in it"}  # fmt: skip
"""Python that saves a file in another form, by its ending."""

ARRAYS = (
    "Save the arrays of all classes in one file: files = sorted(pathlib.Path({folder!r}).glob('*/*.npy')); "
    "numpy.savez('data.npz', x=[numpy.load(file) for file in files], y=[file.parent.name for file in files]), "
    "then visiontk compare data.npz"
)


TABLE_OF_FOLDERS = 'awk -F/ \'BEGIN {print "path,label"} NF > 1 {print $0 "," $1}\''
"""Command that makes a table of names of files, with their outermost folders as labels."""

FEWEST = 5
"""Files of a class from which on folders may be classes."""


def other_form(path: Path) -> str:
    """Return the command that makes data of an archive or another file; empty if there is none.

    Examples
    --------
    >>> other_form(Path("my pets.zip"))
    "An archive must be unpacked first: python3 -m zipfile -e 'my pets.zip' 'my pets' && visiontk compare 'my pets'"
    """
    name = path.name.lower()
    ending = max((ending for ending in (*UNPACKED_BY, *SAVED_BY) if name.endswith(ending)), key=len, default="")
    if not ending:
        return ""
    folder = str(path)[: -len(ending)]
    if ending in SAVED_BY:
        return f"It can be saved in a form that is read: {SAVED_BY[ending].format(file=str(path), folder=folder)}"
    file, quoted = shlex.quote(str(path)), shlex.quote(folder)
    command = UNPACKED_BY[ending].format(file=file, folder=quoted)
    return f"An archive must be unpacked first: {command} && visiontk compare {quoted}"


def other_forms_in(folder: Path) -> str:
    """Return the command for the first archive or other file in a folder; empty if there is none."""
    try:
        names = sorted(each for each in folder.iterdir() if each.is_file() and not each.name.startswith("."))
        hints = [hint for each in names if (hint := other_form(each))]
        named = [each for each in names if each.name.lower().endswith(".json")]
        if named:
            hints.append(f"If this is a table: visiontk compare {typed(named[0])}")
        if any(folder.glob("*/*.npy")):
            hints.append(ARRAYS.format(folder=str(folder)))
        return hints[0] if hints else tables_in(folder)
    except OSError:
        return ""


def tables_in(folder: Path) -> str:
    """Return the commands that give tables called .txt, or without an ending, the ending of tables; empty without any.

    A table has the same number of tabs, commas, semicolons or bars in each of its first lines.
    """
    names = sorted(each for each in folder.iterdir() if each.is_file() and not each.name.startswith("."))
    texts = [each for each in names if suffix_of(each.name) in (".txt", NO_SUFFIX)][:MOST_TEXTS]
    named = [(each, ".tsv" if delimiter == "\t" else ".csv") for each in texts if (delimiter := constant_mark(each))]
    copies = [f"cp {typed(each)} {typed(str(each).removesuffix('.txt') + ending)}" for each, ending in named]
    return f"If each line is a sample: {' && '.join([*copies, f'visiontk compare {typed(folder)}'])}" if copies else ""


def table_of_folders(listing: Listing, path: Path) -> str:
    """Return the command that writes a table of class folders; empty without such."""
    with contextlib.suppress(ConfigError, DataError):
        layout = read_layout(listing, "")
        n_classes = len(set(layout.classes))
        if layout.parts is None and layout.levels.label == 1 and 1 < n_classes <= len(layout.files) / FEWEST:
            ending = ".nii" if ".nii" in layout.files[0] else PurePosixPath(layout.files[0]).suffix
            return (
                f"If the folders are the classes, write them into a table: cd {typed(path)} && "
                f"find * -name {shlex.quote(f'*{ending}*')} | {TABLE_OF_FOLDERS} > labels.csv && "
                "visiontk compare labels.csv"
            )
    return ""
