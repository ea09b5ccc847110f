"""Sizes of the user's images before they are read, for a plan."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from visiontk.core import Samples
from visiontk.data.formats.image import read_image
from visiontk.data.readers.image_sizes import LIMITS, chosen_side, planned, sizes_in
from visiontk.errors import DataError

FEW = 5
"""Images that are decoded for a plan, to see whether they are in colour."""

SCANS = ("DICOM files", "NIfTI volumes")


def with_planned_size(samples: Samples, kind: str, given: Mapping[str, Any]) -> Samples:
    """Samples of files that are not read yet, with a note on the size at which learners will see them.

    Parameters
    ----------
    samples : Samples
        Their ids are the names of the files.
    kind : str
        Kind of the files, such as "images", of which headers are read.
    given : mapping
        Parameters of the dataset.
    """
    size, aspect = given.get("size"), given.get("aspect")
    if size is None or aspect is None:
        return samples
    card = samples.card
    if kind in SCANS:
        side = f"at most {LIMITS[1]}x{LIMITS[1]}, and no larger than they are" if size == "auto" else f"{size}x{size}"
        how = "aspect kept by a border" if aspect == "pad" else "stretched to a square"
        note = f"{kind} read at {side} pixels, {how}"
    elif kind == "images":
        sizes = sizes_in(_folder(given), samples.ids.tolist())
        card = replace(card, shorter_side=sizes.shorter_side)
        note = planned(sizes, chosen_side(size, sizes.shorter_side), aspect)
    else:
        return samples
    return replace(samples, card=replace(card, notes=tuple(filter(None, (*card.notes, note)))))


def planned_shape(samples: Samples, kind: str, given: Mapping[str, Any]) -> tuple[int, ...]:
    """Shape of one input of files that are not read yet, from a few of them; empty for other kinds than images."""
    if kind != "images" or "size" not in given:
        return ()
    side = chosen_side(given["size"], samples.card.shorter_side)
    if given.get("color", "auto") != "auto":
        return side, side, 3 if given["color"] == "rgb" else 1
    folder = _folder(given)
    names = [str(samples.ids[i]) for i in np.unique(np.linspace(0, len(samples) - 1, FEW).astype(np.int64))]
    channels = 1
    for name in names:
        with contextlib.suppress(DataError):  # reported when all are read
            channels = max(channels, read_image(folder / name).pixels.shape[2])
    return side, side, channels


def _folder(given: Mapping[str, Any]) -> Path:
    path = Path(given["path"])
    return Path(given.get("files_folder") or (path if path.is_dir() else path.parent))
