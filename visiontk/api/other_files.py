"""Archives and files of other programs, and the commands that make data of them."""

from __future__ import annotations

import shlex
from pathlib import Path

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
            ".json": "pandas.read_json({file!r}).to_csv({folder!r} + '.csv', index=False)",
            ".pkl": "numpy.savez({folder!r} + '.npz', x=x, y=y) with the arrays in it",
            ".mat": "numpy.savez({folder!r} + '.npz', x=x, y=y) with the arrays in it",
            ".tfrecord": "numpy.savez({folder!r} + '.npz', x=x, y=y) with the arrays in it"}  # fmt: skip
"""Python that saves a file in another form, by its ending."""

ARRAYS = "Save the arrays of all classes in one file: numpy.savez('data.npz', x=x, y=y), then visiontk compare data.npz"


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
        return hints[0] if hints else ARRAYS if any(folder.glob("*/*.npy")) else ""
    except OSError:
        return ""
