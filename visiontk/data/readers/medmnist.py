"""The two-dimensional sets of MedMNIST: one ``.npz`` file each, all of one layout."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np

from visiontk.core import Card, Inputs, Samples
from visiontk.data.fingerprints import fingerprint
from visiontk.data.formats.npz import read_npz
from visiontk.data.public.locations import require
from visiontk.data.public.sources import published
from visiontk.errors import ConfigError, DataError, unknown

PARTS = {"train": "train", "val": "valid", "test": "test"}

Kind = Literal["binary", "multi-class", "ordinal", "multi-label"]
Side = Literal[28, 64, 128, 224]


class Subset(NamedTuple):
    """Question of a subset, and its labels in the order of the numbers in the files."""

    kind: Kind
    labels: tuple[str, ...]
    notes: tuple[str, ...] = ()


_ORGANS = (
    "bladder", "femur-left", "femur-right", "heart", "kidney-left", "kidney-right", "liver", "lung-left",
    "lung-right", "pancreas", "spleen",
)  # fmt: skip

SUBSETS = {
    "pathmnist": Subset(
        "multi-class",
        (
            "adipose", "background", "debris", "lymphocytes", "mucus", "smooth muscle", "normal colon mucosa",
            "cancer-associated stroma", "colorectal adenocarcinoma epithelium",
        ),
        notes=("The test set comes from another centre than training and validation set.",),
    ),
    "chestmnist": Subset(
        "multi-label",
        (
            "atelectasis", "cardiomegaly", "effusion", "infiltration", "mass", "nodule", "pneumonia", "pneumothorax",
            "consolidation", "edema", "emphysema", "fibrosis", "pleural", "hernia",
        ),
        notes=("Labels were extracted from reports by a program and are partly wrong.",),
    ),
    "dermamnist": Subset(
        "multi-class",
        (
            "actinic keratoses and intraepithelial carcinoma", "basal cell carcinoma", "benign keratosis-like lesions",
            "dermatofibroma", "melanoma", "melanocytic nevi", "vascular lesions",
        ),
        notes=("Images of one lesion may be in training and test set: the files do not name lesions.",),
    ),
    "octmnist": Subset(
        "multi-class", ("choroidal neovascularization", "diabetic macular edema", "drusen", "normal")
    ),
    "pneumoniamnist": Subset(
        "binary",
        ("normal", "pneumonia"),
        notes=(
            "Children of one to five years, one hospital. The validation set is far easier than the test set.",
            "The files do not name patients: images of one child may be in training and validation set.",
        ),
    ),
    "retinamnist": Subset(
        "ordinal",
        ("grade 0", "grade 1", "grade 2", "grade 3", "grade 4"),
        notes=("The grades are in order of severity; here a mistake by one grade counts as much as one by four.",),
    ),
    "breastmnist": Subset(
        "binary",
        ("malignant", "normal or benign"),
        notes=("Class 1, which the metrics call positive, is normal or benign: the order of the publisher.",),
    ),
    "bloodmnist": Subset(
        "multi-class",
        (
            "basophil", "eosinophil", "erythroblast", "immature granulocytes", "lymphocyte", "monocyte", "neutrophil",
            "platelet",
        ),
    ),
    "tissuemnist": Subset(
        "multi-class",
        (
            "collecting duct or connecting tubule", "distal convoluted tubule", "glomerular endothelial cells",
            "interstitial endothelial cells", "leukocytes", "podocytes", "proximal tubule segments",
            "thick ascending limb",
        ),
    ),
    "organamnist": Subset("multi-class", _ORGANS),
    "organcmnist": Subset("multi-class", _ORGANS),
    "organsmnist": Subset("multi-class", _ORGANS),
}  # fmt: skip
"""By name; the order of labels is that of the numbers in the files [1]_.

References
----------
.. [1] Yang et al. (2023), table 2 and the file ``medmnist/info.py`` of the publisher.
"""

ANY = "any"


def read_medmnist(name: str, *, finding: str = ANY, size: Side = 28, caution: str = "") -> Samples:
    """A two-dimensional subset of MedMNIST [1]_ with the publisher's split, from ``$VISIONTK_DATA/<name>/``.

    Images are uint8 of shape (n, size, size, 1 or 3). The images of chestmnist have any number of 14 findings:
    `finding` is the one in question, or "any" for any against none, as one sample has one class here.

    References
    ----------
    .. [1] Yang et al. (2023), MedMNIST v2: a large-scale lightweight benchmark for 2D and 3D biomedical image
       classification, Scientific Data 10, 41.
    """
    if name not in SUBSETS:
        raise unknown("subset", name, SUBSETS)
    question = _question_of(name, SUBSETS[name], finding)
    if size not in (28, 64, 128, 224):
        raise ConfigError(f"size: {size}, expected 28, 64, 128 or 224.", error_id="E-CONFIG-RANGE")
    file = f"{name}.npz" if size == 28 else f"{name}_{size}.npz"
    source = published(name)
    (path,) = require(name, file, homepage=source.homepage)
    card = partial(source.card, name=name if not question else f"{name} ({question})", caution=caution)
    return medmnist_file(path, name, card, question=question, size=size)


def medmnist_file(
    path: Path, name: str, card: Callable[..., Card], *, question: str = "", size: Side = 28, notes: Sequence[str] = ()
) -> Samples:
    """Samples of one file with the arrays of this subset; ``card(content, notes=...)`` describes them.

    `question` is the finding in question, or empty for one class per image; `notes` precede those of the subset.
    """
    subset = SUBSETS[name]
    keys = [f"{part}_{what}" for part in PARTS for what in ("images", "labels")]
    arrays = read_npz(path, *keys)
    n_columns = len(subset.labels) if subset.kind == "multi-label" else 1
    pieces = [
        (_images(arrays, part, size, path.name), _targets(arrays, part, n_columns, len(subset.labels), path.name))
        for part in PARTS
    ]
    for part, (x, y) in zip(PARTS, pieces, strict=True):
        if len(x) != len(y):
            raise DataError(f"{path.name}: {len(x)} {part} images but {len(y)} labels.", error_id="E-DATA-SHAPE")
    x = np.concatenate([images for images, _ in pieces])
    columns = np.concatenate([targets for _, targets in pieces])
    parts = np.repeat(list(PARTS.values()), [len(images) for images, _ in pieces])
    labels, y, of_question = _classes(subset, columns, question)
    described = card(fingerprint(x, y, parts), notes=(*notes, *of_question, *subset.notes))
    counts = [(part, len(images)) for part, (images, _) in zip(PARTS.values(), pieces, strict=True)]
    ids = [f"{part}-{i:06d}" for part, n in counts for i in range(n)]
    return Samples.from_arrays(x, y, labels, described, ids=ids, parts=parts)


def _question_of(name: str, subset: Subset, finding: str) -> str:
    """The finding in question; empty for subsets with one class per image."""
    if subset.kind != "multi-label":
        if finding != ANY:
            raise ConfigError(
                f"finding: {finding!r}, but each image of {name} has one class.", error_id="E-UNKNOWN-FINDING"
            )
        return ""
    if finding != ANY and finding not in subset.labels:
        raise unknown("finding", finding, (ANY, *subset.labels))
    return "any finding" if finding == ANY else finding


def _images(arrays: dict[str, Inputs], part: str, size: int, file: str) -> Inputs:
    x = arrays[f"{part}_images"]
    x = x[..., None] if x.ndim == 3 else x
    if x.ndim != 4 or x.shape[1:3] != (size, size) or x.shape[3] not in (1, 3) or x.dtype != np.uint8:
        raise DataError(
            f"{file}: {part}_images: shape {x.shape} of {x.dtype}; expected (n, {size}, {size}[, 3]) of uint8.",
            error_id="E-DATA-SHAPE",
        )
    return x


def _targets(arrays: dict[str, Inputs], part: str, n_columns: int, n_labels: int, file: str) -> Inputs:
    y = arrays[f"{part}_labels"]
    y = y[:, None] if y.ndim == 1 else y
    if y.ndim != 2 or y.shape[1] != n_columns or y.dtype.kind not in "iu":
        raise DataError(
            f"{file}: {part}_labels: shape {y.shape} of {y.dtype}; expected (n, {n_columns}) of integers.",
            error_id="E-DATA-SHAPE",
        )
    highest = 1 if n_columns > 1 else n_labels - 1
    if len(y) and (y.min() < 0 or y.max() > highest):
        raise DataError(
            f"{file}: {part}_labels reach from {y.min()} to {y.max()}, expected 0 to {highest}.",
            error_id="E-DATA-TARGETS",
        )
    return y.astype(np.int64)


def _classes(subset: Subset, columns: Inputs, question: str) -> tuple[tuple[str, ...], Inputs, tuple[str, ...]]:
    """Labels, classes and notes."""
    if not question:
        return subset.labels, columns[:, 0], ()
    n = len(subset.labels)
    if question not in subset.labels:
        note = f"An image may have any number of {n} findings; the question is whether it has any of them."
        return ("no finding", "any finding"), (columns.sum(axis=1) > 0).astype(np.int64), (note,)
    note = f"An image may have any number of {n} findings; the question is {question}, whatever else there is."
    return (f"no {question}", question), columns[:, subset.labels.index(question)], (note,)
