"""The embedded part of PneumoniaMNIST."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from visiontk.core import AboutData, Samples, dataset
from visiontk.data import published
from visiontk.data.readers.medmnist import medmnist_file

from .phantoms import CAUTION

_WHOLE = published("pneumoniamnist")
_ABOUT = AboutData(
    licence=_WHOLE.licence,
    citation=f"{_WHOLE.citation} Images: Kermany et al. (2018), Identifying medical diagnoses and treatable "
    "diseases by image-based deep learning, Cell 172, 1122.",
    homepage=_WHOLE.homepage,
)
_NOTES = (
    "A part, so no result compares with published ones: 600 of 4,708 training, 100 of 524 validation and 300 of 624 "
    "test images; of each class its share, those with the smallest SHA-256 of their pixels, no two equal.",
    "CC BY 4.0: name the authors wherever the images are shown.",
)


@dataset(_ABOUT)
def pneumoniamnist_part() -> Samples:
    """1,000 of the 5,856 chest radiographs of PneumoniaMNIST [2]_, embedded: a stratified part of the official split.

    Chest radiographs of children [1]_, pneumonia or none. ``make_pneumoniamnist_part.py`` beside this file selects
    the images from the publisher's file, by a hash of their pixels. The unit of independence is the image, as the
    publisher names no patients.

    References
    ----------
    .. [1] Kermany et al. (2018), Identifying medical diagnoses and treatable diseases by image-based deep
       learning, Cell 172, 1122.
    .. [2] Yang et al. (2023), MedMNIST v2, Scientific Data 10, 41.
    """
    path = Path(__file__).with_name("pneumoniamnist_part.npz")
    card = partial(_ABOUT.embedded, "pneumoniamnist_part", part_of="pneumoniamnist", caution=CAUTION)
    return medmnist_file(path, "pneumoniamnist", card, notes=_NOTES)
