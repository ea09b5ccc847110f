"""Folders of public data: one for each dataset, with the files of its publisher."""

from __future__ import annotations

import os
from pathlib import Path

from visiontk.data.public.sources import SOURCES
from visiontk.errors import DataError, EnvironmentFault


def data_dir() -> Path:
    """Folder of public data: ``$VISIONTK_DATA``, or ``visiontk`` in the user's cache folder.

    Returns
    -------
    Path
        Absolute; it need not exist.

    Raises
    ------
    EnvironmentFault
        If no variable is set and the user has no home folder.

    Examples
    --------
    >>> data_dir().is_absolute()
    True
    """
    if chosen := os.environ.get("VISIONTK_DATA"):
        return Path(chosen).expanduser().absolute()
    cache = user_cache()
    if cache is None:
        raise EnvironmentFault(
            "No folder for data: this user has no home folder.",
            error_id="E-ENV-CACHE",
            hint="Set VISIONTK_DATA to a folder.",
        )
    return cache


def user_cache() -> Path | None:
    """``visiontk`` in the user's cache folder; None if the user has no home folder."""
    cache = os.environ.get("XDG_CACHE_HOME", "")
    if Path(cache).is_absolute():  # the XDG specification: a relative path is to be ignored
        return Path(cache, "visiontk")
    try:
        return Path.home() / ".cache" / "visiontk"
    except RuntimeError:
        return None


def require(dataset: str, *names: str, homepage: str = "") -> list[Path]:
    """Files of a public dataset; all must exist.

    Parameters
    ----------
    dataset : str
        Name of the folder in `data_dir`.
    *names : str
        Files in that folder, under the publisher's names.
    homepage : str
        Page of the publisher, named in the error.

    Returns
    -------
    list of Path
        In the order of `names`.

    Raises
    ------
    DataError
        ``E-DATA-MISSING``, naming every missing file, the folder and what to do.

    Examples
    --------
    >>> require("no_such_dataset", "a.gz", "b.gz", homepage="https://example.org")
    Traceback (most recent call last):
    ...
    visiontk.errors.DataError: no_such_dataset: a.gz, b.gz not found in ...no_such_dataset.
      hint: Download them from https://example.org and put them, as they are, into ...
    """
    folder = data_dir() / dataset
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        origin = f"Download them from {homepage}" if homepage else "Get them from their publisher"
        if source := SOURCES.get(dataset.split("/")[0]):
            how = "gets them" if source.remotes else "says how to get them"
            origin = f"visiontk data fetch {source.name} {how}. Or {origin[0].lower()}{origin[1:]}"
        raise DataError(
            f"{dataset}: {', '.join(missing)} not found in {folder}.",
            error_id="E-DATA-MISSING",
            hint=f"{origin} and put them, as they are, into {folder}; "
            f"or set VISIONTK_DATA to the folder that holds {dataset}{os.sep}.",
        )
    return [folder / name for name in names]
