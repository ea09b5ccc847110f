"""Photographs of faces with labels: a public set with named persons, a folder, a table."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import Annotated, Literal, NamedTuple

import numpy as np
from annotated_types import Ge, Le

from visiontk.core import AboutData, Inputs, Samples, dataset, flat
from visiontk.data import classes_of, data_dir, fingerprint, read_table, require
from visiontk.data.checks.labels import is_missing
from visiontk.data.checks.problems import Problems
from visiontk.data.options import (
    ClassOptions,
    FileOptions,
    FolderOptions,
    ImageOptions,
    NamedFiles,
    TableColumns,
    TableFormat,
)
from visiontk.data.public.sources import published
from visiontk.data.readers.image_files import read_images
from visiontk.data.readers.image_folder import read_image_folder, read_image_table
from visiontk.errors import ConfigError, DataError
from visiontk.messages import numbered, printable, refusal

from .blank import with_blank_notes

SIDE = 48
FEW_MISSING = 0.05
"""Share of images that may be missing; with more the copy is incomplete."""

DEMONSTRATION = (
    "DEMONSTRATION: split by image, so that one person is in the training set and in the test set. Not an estimate of "
    "accuracy on new people: compare with group: person."
)


@dataset(AboutData())
def facial_expressions(
    group: Literal["person", "picture"] = "person",
    min_people: Annotated[int, Ge(3), Le(1000)] = 10,
    size: Annotated[int, Ge(16), Le(256)] = SIDE,
    on_bad_file: Literal["refuse", "skip"] = "refuse",
    *,
    on_problem: Problems | None = None,
) -> Samples:
    """Grey faces of public persons, up to eight expressions, labelled by volunteers, no official split.

    Parameters
    ----------
    group : {"person", "picture"}
        Unit of independence. The person is the file name without its last number; people with identical images
        count as one. "picture" lets a person be in the training set and the test set: a demonstration of how much
        that inflates accuracy, not an estimate.
    min_people : int
        Classes shown by fewer people are left out, and named in the notes. 10 leaves at least two people for
        each of five folds.
    size : int
        Side in pixels.
    on_bad_file : {"refuse", "skip"}
        "skip" leaves out unreadable files, at most 1 %, and notes them; "refuse" stops.

    References
    ----------
    .. [1] Muxspace (2016), facial_expressions: a set of images for classifying facial expressions, GitHub.
    """
    if group not in ("person", "picture"):
        raise ConfigError(f"group: {group!r}, expected person or picture.", error_id="E-CONFIG-RANGE")
    source = published("facial_expressions")
    require("facial_expressions", "legend.csv", homepage=source.homepage)
    legend = _legend()
    content = read_images(
        data_dir() / "facial_expressions",
        [f"images/{name}" for name in legend.names],
        size,
        ImageOptions("grey"),
        on_bad_file,
        on_problem,
    )
    kept = np.array(content.kept)
    names, texts = np.array(legend.names)[kept], np.array(legend.texts)[kept]
    x = content.read(np.arange(len(kept)))
    people, shared = _people(names.tolist(), x, texts.tolist())
    numerous, scarce = _numerous(people, texts, min_people)
    x, names, people = x[numerous], names[numerous], people[numerous]
    labels, y = classes_of(texts[numerous].tolist(), "legend.csv")
    groups = people if group == "person" else None
    notes = [f"{len(set(people.tolist()))} persons, by file name", *legend.notes, *content.notes, *shared, *scarce]
    card = source.card(
        fingerprint(x, y, "\n".join(labels), names, group, people),
        mirror=True,
        grouped_by="person" if group == "person" else "",
        caution="" if group == "person" else DEMONSTRATION,
        notes=tuple(notes) if group == "person" else (DEMONSTRATION, *notes),
    )
    return with_blank_notes(Samples.from_arrays(x, y, labels, card, ids=names, groups=groups))


@dataset(AboutData("images", "folder"))
@flat(color="grey")
def folder(
    images: ImageOptions,
    files: FileOptions,
    classes: ClassOptions,
    folders: FolderOptions,
    path: str = "",
    size: Annotated[int, Ge(16), Le(512)] = SIDE,
    *,
    on_problem: Problems | None = None,
) -> Samples:
    """The user's faces in class folders, or such folders within train, valid and test.

    Parameters
    ----------
    path : str
        The folder. Nothing in it is changed; hidden files and symbolic links are ignored.
    size : int
        Side of every image in pixels, 16 to 512; 48 is that of FER-2013.
    """
    return with_blank_notes(read_image_folder(path, size, images, files, classes, folders, on_problem))


@dataset(AboutData("images", "table"))
@flat(color="grey")
def table(
    images: ImageOptions,
    files: FileOptions,
    classes: ClassOptions,
    columns: TableColumns,
    table_format: TableFormat,
    named: NamedFiles,
    path: str = "",
    size: Annotated[int, Ge(16), Le(512)] = SIDE,
    *,
    on_problem: Problems | None = None,
) -> Samples:
    """The user's faces named by the rows of a table; name the column of the person as the group.

    Parameters
    ----------
    path : str
        The table, or a folder of tables named train, valid and test. Nothing is changed.
    size : int
        Side of every image in pixels, 16 to 512; 48 is that of FER-2013.
    """
    return with_blank_notes(
        read_image_table(path, size, images, files, classes, named, columns, table_format, on_problem)
    )


class _Legend(NamedTuple):
    """Existing images, the text of their label in lower case, and notes on corrections."""

    names: list[str]
    texts: list[str]
    notes: list[str]


def _legend() -> _Legend:
    root = data_dir() / "facial_expressions"
    where = printable(str(root / "legend.csv"))
    rows = read_table(root / "legend.csv", "user.id", "image", "emotion")
    images = [name.strip() for name in rows.columns["image"]]
    written = rows.columns["emotion"]
    missing = [line for text, line in zip(written, rows.lines, strict=True) if is_missing(text)]
    if missing:
        raise DataError(
            f"{where}: {len(missing)} rows have no emotion, in lines {numbered(missing)}.",
            error_id="E-LABEL-MISSING",
            hint="Label these rows or remove them.",
        )
    outside = [
        f"line {line}: {printable(name)}"
        for name, line in zip(images, rows.lines, strict=True)
        if not name or name.startswith(".") or re.search(r"[/\\\0]", name)
    ]
    if outside:
        raise refusal(f"{where}: {len(outside)} names are not of a file in images/", outside, "E-MANIFEST-PATH")
    respelt = sum(text != text.strip().casefold() for text in written)
    labelled: dict[str, set[str]] = defaultdict(set)
    for name, text in zip(images, written, strict=True):
        labelled[name].add(text.strip().casefold())
    in_folder = {path.name for path in (root / "images").glob("*") if path.is_file()}
    lacking = sorted(labelled.keys() - in_folder)
    if len(lacking) > FEW_MISSING * len(labelled):
        raise refusal(
            f"{where}: {len(lacking)} of {len(labelled)} images are not in images/",
            [printable(name) for name in lacking],
            "E-MANIFEST-MISSING",
            "The copy is incomplete: get the images again.",
        )
    disputed = {name for name, texts in labelled.items() if len(texts) > 1}
    names = sorted(name for name in labelled.keys() & in_folder if name not in disputed)
    volunteers = Counter(rows.columns["user.id"])
    counts = (
        (respelt, "labels normalised in case and blanks, such as HAPPINESS and happiness"),
        (len(images) - len(labelled), "rows that repeat an image"),
        (len(disputed), "images left out because their rows have different labels"),
        (len(lacking), "rows left out because their image is missing"),
        (len({n for n in in_folder if not n.startswith(".")} - labelled.keys()), "images without a row left out"),
    )
    notes = [f"{len(images)} labels by {len(volunteers)} volunteers for {len(labelled)} images: noisy", *rows.notes]
    notes += [f"{n} {text}" for n, text in counts if n]
    return _Legend(names, [next(iter(labelled[name])) for name in names], notes)


def person(name: str) -> str:
    """Person in a file name: the name without suffix and last number.

    Examples
    --------
    >>> person("Tony_Blair_0012.png"), person("someone.png")
    ('Tony_Blair', 'someone')
    """
    return re.sub(r"(_\d+)?(\.[A-Za-z]+)?$", "", name) or name


def _people(names: list[str], x: Inputs, texts: list[str]) -> tuple[Inputs, list[str]]:
    """Group of each image, and notes: people with an identical image are one group."""
    positions: dict[bytes, list[int]] = defaultdict(list)
    for i, pixels in enumerate(x):
        positions[pixels.tobytes()].append(i)
    first = {person(name): person(name) for name in names}

    def representative(name: str) -> str:
        while first[name] != name:
            name = first[name]
        return name

    copies = [places for places in positions.values() if len(places) > 1 and np.ptp(x[places[0]])]
    for places in copies:
        together = sorted({representative(person(names[i])) for i in places})
        for name in together[1:]:
            first[name] = together[0]
    people = np.array([representative(person(name)) for name in names])
    disputed = sum(len({texts[i] for i in places}) > 1 for places in copies)
    notes = [
        f"{len(copies)} images have several names, {disputed} of them with different labels; "
        "persons who share an image count as one"
    ]
    return people, notes if copies else []


def _numerous(people: Inputs, texts: Inputs, least: int) -> tuple[Inputs, list[str]]:
    """Positions of the samples of classes shown by enough people, and notes on the others."""
    counts = {text: len(set(people[texts == text].tolist())) for text in sorted(set(texts.tolist()))}
    scarce = [text for text, n in counts.items() if n < least]
    if len(counts) - len(scarce) < 2:
        listed = ", ".join(f"{printable(text)} {n}" for text, n in counts.items())
        raise DataError(
            f"legend.csv: fewer than two classes are shown by {least} people or more ({listed}).",
            error_id="E-LABEL-SINGLE",
            hint=f"Accept fewer with `min_people: {max(sorted(counts.values())[-2:][0], 1)}`.",
        )
    notes = [
        f"class {printable(text)} left out: {int((texts == text).sum())} images of {counts[text]} people, "
        f"min_people is {least}"
        for text in scarce
    ]
    return np.flatnonzero(~np.isin(texts, scarce)), notes
