"""Sizes of the user's images before they are read, for a plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from visiontk.core import Samples
from visiontk.data.readers.image_sizes import LIMITS, chosen_side, planned, sizes_in

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
        path = Path(given["path"])
        folder = path if path.is_dir() else path.parent
        sizes = sizes_in(Path(given.get("files_folder") or folder), samples.ids.tolist())
        card = replace(card, shorter_side=sizes.shorter_side)
        note = planned(sizes, chosen_side(size, sizes.shorter_side), aspect)
    else:
        return samples
    return replace(samples, card=replace(card, notes=tuple(filter(None, (*card.notes, note)))))
