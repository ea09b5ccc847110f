"""Photographed faces with a label for each: a public set with named persons, a folder, a table."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import Annotated, Literal, NamedTuple

import numpy as np
from annotated_types import Ge, Le

from visiontk.core import Card, Inputs, Samples
from visiontk.data import classes_of, data_dir, fingerprint, image_folder, image_table, read_table, require
from visiontk.data.checks.labels import RareClass, is_missing
from visiontk.data.public.sources import published
from visiontk.data.readers.image_files import read_pictures
from visiontk.errors import ConfigError, DataError
from visiontk.messages import numbered, printable, refusal

from .blank import noted

SIDE = 48
FEW_MISSING = 0.05
"""Share of pictures that may lack; more, and the copy is incomplete."""

DEMONSTRATION = (
    "DEMONSTRATION: split by picture, so that one person stands in train and in test. No estimate of accuracy on "
    "new people: compare with group: person."
)


def facial_expressions(
    group: Literal["person", "picture"] = "person",
    min_people: Annotated[int, Ge(3), Le(1000)] = 10,
    size: Annotated[int, Ge(16), Le(256)] = SIDE,
    on_bad_file: Literal["refuse", "skip"] = "refuse",
) -> Samples:
    """Grey faces of public persons, up to eight expressions, labelled by volunteers, no official split.

    Parameters
    ----------
    group : {"person", "picture"}
        What is kept on one side of a split. The person is the file name without its last number; people of
        whom two pictures are identical are taken for one. "picture" lets a person stand in train and in
        test: a demonstration of how much that flatters, not an estimate.
    min_people : int
        Classes shown by fewer people are left out, and named in the notes. 10 keeps two people at least for
        each of five folds.
    size : int
        Side in pixels.
    on_bad_file : {"refuse", "skip"}
        As for `image_folder`.

    References
    ----------
    .. [1] Muxspace (2016), facial_expressions: a set of images for classifying facial expressions, GitHub.
    """
    if group not in ("person", "picture"):
        raise ConfigError(f"group: {group!r}, expected person or picture.", error_id="E-CONFIG-RANGE")
    source = published("facial_expressions")
    require("facial_expressions", "legend.csv", homepage=source.homepage)
    legend = _legend()
    found = read_pictures(
        data_dir() / "facial_expressions",
        tuple(f"images/{name}" for name in legend.names),
        size,
        "grey",
        on_bad_file=on_bad_file,
    )
    kept = np.array(found.kept)
    names, texts = np.array(legend.names)[kept], np.array(legend.texts)[kept]
    x = found.read(np.arange(len(kept)))
    people, shared = _people(names.tolist(), x, texts.tolist())
    numerous, scarce = _numerous(people, texts, min_people)
    x, names, people = x[numerous], names[numerous], people[numerous]
    labels, y = classes_of(texts[numerous].tolist(), "legend.csv")
    groups = people if group == "person" else None
    notes = [f"{len(set(people.tolist()))} persons, by file name", *legend.notes, *found.notes, *shared, *scarce]
    card = Card(
        "facial_expressions",
        fingerprint(x, y, "\n".join(labels), names, group, people),
        origin="public",
        licence=source.licence,
        citation=source.citation,
        homepage=source.homepage,
        mirror=True,
        grouped_by="person" if group == "person" else "",
        caution="" if group == "person" else DEMONSTRATION,
        notes=tuple(notes) if group == "person" else (DEMONSTRATION, *notes),
    )
    return noted(Samples.from_arrays(x, y, labels, card, ids=names, groups=groups))


def folder(
    path: str = "",
    size: Annotated[int, Ge(16), Le(512)] = SIDE,
    color: Literal["grey", "rgb", "auto"] = "grey",
    on_bad_file: Literal["refuse", "skip"] = "refuse",
    min_per_class: Annotated[int, Ge(1)] = 5,
    depth: Literal["full", "percentile"] | None = None,
    group: str = "",
    on_rare_class: RareClass = "refuse",
) -> Samples:
    """Your own faces in class folders, or such folders within train, valid and test.

    Parameters
    ----------
    path, size, color, on_bad_file, min_per_class, depth, group, on_rare_class
        As for `image_folder`; the sides are 48 pixels and pictures grey unless told otherwise.
    """
    return noted(
        image_folder(path, size, color, on_bad_file, min_per_class, depth, group=group, on_rare_class=on_rare_class)
    )


def table(
    path: str = "",
    size: Annotated[int, Ge(16), Le(512)] = SIDE,
    color: Literal["grey", "rgb", "auto"] = "grey",
    on_bad_file: Literal["refuse", "skip"] = "refuse",
    min_per_class: Annotated[int, Ge(1)] = 5,
    depth: Literal["full", "percentile"] | None = None,
    path_column: str = "path",
    label_column: str = "label",
    group_column: str = "",
    part_column: str = "",
    encoding: str = "utf-8",
    delimiter: str = ",",
    time_column: str = "",
    on_rare_class: RareClass = "refuse",
) -> Samples:
    """Your own faces named by the rows of a table; name the column of the person as the group.

    Parameters
    ----------
    path, size, color, on_bad_file, min_per_class, depth, on_rare_class
        As for `image_table`; the sides are 48 pixels and pictures grey unless told otherwise.
    path_column, label_column, group_column, part_column, encoding, delimiter, time_column : str
        As for `read_manifest`.
    """
    return noted(
        image_table(
            path,
            size,
            color,
            on_bad_file,
            min_per_class,
            depth,
            path_column=path_column,
            label_column=label_column,
            group_column=group_column,
            part_column=part_column,
            encoding=encoding,
            delimiter=delimiter,
            time_column=time_column,
            on_rare_class=on_rare_class,
        )
    )


class _Legend(NamedTuple):
    """Pictures that are there, the text of their label in lower case, and what was put right."""

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
            f"{where}: {len(lacking)} of {len(labelled)} pictures are not in images/",
            [printable(name) for name in lacking],
            "E-MANIFEST-MISSING",
            "The copy is incomplete: get the pictures again.",
        )
    disputed = {name for name, texts in labelled.items() if len(texts) > 1}
    names = sorted(name for name in labelled.keys() & in_folder if name not in disputed)
    volunteers = Counter(rows.columns["user.id"])
    counts = (
        (respelt, "labels whose case or blanks were made alike, such as HAPPINESS and happiness"),
        (len(images) - len(labelled), "rows that name a picture again"),
        (len(disputed), "pictures left out because their rows have different labels"),
        (len(lacking), "rows left out because there is no such picture"),
        (len({n for n in in_folder if not n.startswith(".")} - labelled.keys()), "pictures without a row left out"),
    )
    notes = [f"{len(images)} labels by {len(volunteers)} volunteers for {len(labelled)} pictures: noisy", *rows.notes]
    notes += [f"{n} {what}" for n, what in counts if n]
    return _Legend(names, [next(iter(labelled[name])) for name in names], notes)


def person(name: str) -> str:
    """The person that a file is named after: the name without suffix and last number.

    Examples
    --------
    >>> person("Tony_Blair_0012.png"), person("someone.png")
    ('Tony_Blair', 'someone')
    """
    return re.sub(r"(_\d+)?(\.[A-Za-z]+)?$", "", name) or name


def _people(names: list[str], x: Inputs, texts: list[str]) -> tuple[Inputs, list[str]]:
    """Group of each picture, and notes: people with an identical picture are one group."""
    alike: dict[bytes, list[int]] = defaultdict(list)
    for i, pixels in enumerate(x):
        alike[pixels.tobytes()].append(i)
    first = {person(name): person(name) for name in names}

    def representative(who: str) -> str:
        while first[who] != who:
            who = first[who]
        return who

    twice = [found for found in alike.values() if len(found) > 1 and np.ptp(x[found[0]])]
    for found in twice:
        together = sorted({representative(person(names[i])) for i in found})
        for who in together[1:]:
            first[who] = together[0]
    people = np.array([representative(person(name)) for name in names])
    disputed = sum(len({texts[i] for i in found}) > 1 for found in twice)
    notes = [
        f"{len(twice)} pictures stand under several names, {disputed} of them with different labels; "
        "persons who share a picture are taken for one"
    ]
    return people, notes if twice else []


def _numerous(people: Inputs, texts: Inputs, least: int) -> tuple[Inputs, list[str]]:
    """Positions of the classes shown by enough people, and notes on the others."""
    counts = {text: len(set(people[texts == text].tolist())) for text in sorted(set(texts.tolist()))}
    scarce = [text for text, n in counts.items() if n < least]
    if len(counts) - len(scarce) < 2:
        listed = ", ".join(f"{printable(text)} {n}" for text, n in counts.items())
        raise DataError(
            f"legend.csv: fewer than two classes are shown by {least} people or more ({listed}).",
            error_id="E-LABEL-SINGLE",
            hint="Lower min_people.",
        )
    notes = [
        f"class {printable(text)} left out: {int((texts == text).sum())} pictures of {counts[text]} people, "
        f"min_people is {least}"
        for text in scarce
    ]
    return np.flatnonzero(~np.isin(texts, scarce)), notes
