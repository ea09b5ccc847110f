"""Checks of photos that a network pretrained on ImageNet may have seen."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from visiontk.audit.audit_view import AuditView
from visiontk.audit.findings import Finding, count_noun
from visiontk.audit.signatures import Matrix
from visiontk.data.imagenet import imagenet_classes

LEAST_SIDE = 64
"""Of images, as stored; smaller ones are no photos of ImageNet."""

SAME = 8
"""Largest number of pixels, of the 256 of a thumbnail, in which the outlines of two copies differ.

Photos of other data sets differ from the known ones in at least 14; recompressed copies in at most 5, and nearly all of
half the size in at most 8.
"""


def classes_of_imagenet(view: AuditView) -> Iterator[Finding]:
    """VTK501: classes that are tested and have the name of a class of ImageNet."""
    if not _are_photos(view):
        return
    tested = np.unique(view.samples.y[view.tested])
    matches = {view.samples.labels[c]: name for c in tested if (name := _class_of(view.samples.labels[c]))}
    if matches:
        have = "has the name of a class" if len(matches) == 1 else "have names of classes"
        yield Finding(
            "VTK501", "warning",
            f"{count_noun(len(matches), 'class', 'classes')} of {len(tested)} {have} of ImageNet-1k: a pretrained "
            "network has seen such photos, and perhaps these.", len(matches), len(matches) / len(tested),
            lines=tuple(f"{label}: {name}" for label, name in matches.items()),
        )  # fmt: skip


def known_pictures(view: AuditView) -> Iterator[Finding]:
    """VTK502: test images that are copies of photos that ImageNet is known to contain."""
    if not _are_photos(view) or view.content.signatures is None:
        return
    known, own = _known(), outlines(view.content.signatures)
    copies = np.array([(np.bitwise_count(known ^ one).sum(axis=1) <= SAME).any() for one in own], dtype=bool)
    seen = view.compared[copies & ~view.content.blank[view.compared]]
    seen = seen[view.tested[seen]]
    if len(seen):
        share = len(seen) / max(int(view.tested.sum()), 1)
        copies_of = "is a copy of a photo" if len(seen) == 1 else "are copies of photos"
        yield Finding(
            "VTK502", "warning",
            f"{count_noun(len(seen), 'tested image')} ({share:.2%}) {copies_of} that ImageNet-1k is known to contain.",
            len(seen), share, lines=view.ids(seen[:20]), examples=tuple((name,) for name in view.ids(seen[:20])),
        )  # fmt: skip


def outlines(signatures: Matrix) -> NDArray[np.uint8]:
    """Bits of the pixels of thumbnails: 1 for those that are brighter than the mean.

    Parameters
    ----------
    signatures : ndarray of shape (n, 256)
        Of images.

    Returns
    -------
    ndarray of uint8, shape (n, 32)

    Examples
    --------
    >>> outlines(np.tile([1, -1], (1, 128)).astype(np.float32))[0, :2].tolist()
    [170, 170]
    """
    return np.packbits(signatures > 0, axis=1)


def _are_photos(view: AuditView) -> bool:
    if view.kind != "image" or not len(view.samples):
        return False
    shape = view.samples.take([0]).shape[1:]
    return shape[2] == 3 and (view.samples.card.shorter_side or min(shape[:2])) >= LEAST_SIDE


def _class_of(label: str) -> str:
    """Name of a class of ImageNet that a label names, alone, in the plural or as a kind of it; else empty."""
    plain = " ".join(label.casefold().replace("_", " ").replace("-", " ").split())
    forms = {plain, plain.removesuffix("s"), plain.removesuffix("es")}
    return next((name for form in forms if form for name in _by_word().get(form, ())), "")


@functools.cache
def _by_word() -> dict[str, list[str]]:
    """Classes by their whole name and by its last word."""
    classes: dict[str, list[str]] = {}
    for name in imagenet_classes():
        plain = name.casefold().replace("-", " ")
        for key in {plain, plain.split()[-1]}:
            classes.setdefault(key, []).append(name)
    return classes


@functools.cache
def _known() -> NDArray[np.uint8]:
    with resources.files("visiontk.audit").joinpath("known_pictures.npy").open("rb") as file:
        return np.asarray(np.load(file, allow_pickle=False))
