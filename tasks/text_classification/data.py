"""Published data sets of texts."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from annotated_types import Ge

from visiontk.core import AboutData, Card, Samples, dataset
from visiontk.data import classes_of, data_dir, published, read_table, require
from visiontk.data.checks.problems import Problems
from visiontk.data.layouts.class_folders import list_files
from visiontk.data.options import TextOptions
from visiontk.data.readers.texts import read_texts, text_samples
from visiontk.errors import DataError

TREC = {
    "ABBR": "abbreviation",
    "DESC": "description",
    "ENTY": "entity",
    "HUM": "human",
    "LOC": "location",
    "NUM": "number",
}
NEWS = ("World", "Sports", "Business", "Sci/Tech")


def pydoc() -> Samples:
    """Passages of the documentation of Python's standard library, by subject; groups are modules.

    Made by ``make_pydoc.py`` beside this file, which says how. The unit of independence is the module:
    passages of one module share words and never stand on both sides of a split.

    References
    ----------
    .. [1] The Python standard library, version 3.11, Python Software Foundation, docstrings.
    """
    lines = gzip.decompress(Path(__file__).with_name("pydoc.jsonl.gz").read_bytes()).decode().splitlines()
    rows = [json.loads(line) for line in lines]
    labels, y = classes_of([row["label"] for row in rows], "pydoc")
    card = Card(
        "pydoc",
        "",
        origin="embedded",
        licence="PSF-2.0",
        citation="Python Software Foundation, The Python standard library, version 3.11, docstrings.",
        homepage="https://docs.python.org/3.11/library/",
        grouped_by="module",
        notes=(
            "Passages of docstrings; code, numbers and the name of a passage's own module are masked by an underscore.",
        ),
    )
    modules = np.array([row["module"] for row in rows], dtype=np.str_)
    texts = [row["text"] for row in rows]
    ids = [f"pydoc-{i:04d}" for i in range(len(rows))]
    return text_samples(card, texts, y, labels, names=ids, ids=ids, groups=modules)


def mr() -> Samples:
    """10,662 sentences of film reviews, for or against; no official split, ten folds are usual.

    References
    ----------
    .. [1] Pang and Lee (2005), Seeing stars: exploiting class relationships for sentiment categorization
       with respect to rating scales, ACL.
    """
    paths = require("mr", "rt-polarity.neg", "rt-polarity.pos", homepage=published("mr").homepage)
    texts: list[str] = []
    ids: list[str] = []
    y: list[int] = []
    for kind, path in enumerate(paths):
        for i, line in _lines(path):
            texts.append(line)
            ids.append(f"{path.suffix[1:]}-{i:04d}")
            y.append(kind)
    notes = ("The files do not say which sentences are of one review, so such sentences may be learnt and tested.",)
    return text_samples(
        _card("mr", notes), texts, np.array(y, dtype=np.int64), ("negative", "positive"), names=ids, ids=ids
    )


def trec(level: Literal["coarse", "fine"] = "coarse") -> Samples:
    """5,952 questions by the kind of their answer; the publisher's split of 5,452 and 500.

    Parameters
    ----------
    level : {"coarse", "fine"}
        6 classes, or 50.

    References
    ----------
    .. [1] Li and Roth (2002), Learning question classifiers, COLING.
    """
    paths = require("trec", "TREC.train", "TREC.test", homepage=published("trec").homepage)
    texts: list[str] = []
    ids: list[str] = []
    kinds: list[str] = []
    parts: list[str] = []
    for part, path in zip(("train", "test"), paths, strict=True):
        for i, line in _lines(path):
            label, _, text = line.partition(" ")
            coarse, colon, fine = label.partition(":")
            if not colon or coarse not in TREC or not fine:
                raise DataError(
                    f"{path}: line {i} begins with {label!r}, expected a kind such as NUM:date.",
                    error_id="E-LABEL-MISSING",
                )
            texts.append(text)
            ids.append(f"{part}-{i:04d}")
            kinds.append(TREC[coarse] if level == "coarse" else f"{TREC[coarse]}:{fine}")
            parts.append(part)
    labels, y = classes_of(kinds, "trec")
    notes = () if level == "coarse" else ("Three of the 50 fine classes or more have fewer than ten questions.",)
    return text_samples(
        _card("trec", notes), texts, y, labels, names=ids, ids=ids, parts=np.array(parts, dtype=np.str_)
    )


@dataset(AboutData())
def imdb(max_chars: Annotated[int, Ge(1)] = 20_000, *, on_problem: Problems | None = None) -> Samples:
    """50,000 reviews of films, for or against; the publisher's split into halves.

    Parameters
    ----------
    max_chars : int
        Longer reviews are cut there.
    on_problem : Problems, optional
        Collects problems; no key of a config.

    References
    ----------
    .. [1] Maas et al. (2011), Learning word vectors for sentiment analysis, ACL.
    """
    root = data_dir() / "imdb"
    # As the archive unpacks, or without its outermost folder.
    root = root / "aclImdb" if (root / "aclImdb").is_dir() else root
    folders = [f"{part}/{kind}" for part in ("train", "test") for kind in ("neg", "pos")]
    missing = [folder for folder in folders if not (root / folder).is_dir()]
    if missing:
        raise DataError(
            f"imdb: {', '.join(missing)} not found in {root}.",
            error_id="E-DATA-MISSING",
            hint=f"Unpack the archive from {published('imdb').homepage} into {data_dir() / 'imdb'}, "
            "or fetch it: visiontk data fetch imdb.",
        )
    names = [
        f"{folder}/{name}" for folder in folders for name in list_files(str(root / folder), (".txt",), "texts").files
    ]
    notes = (
        "The up to 30 reviews of one film are on one side of the publisher's split: training and test set "
        "have different films, but the validation set is taken from the training set and shares films with it.",
        "The 50,000 reviews without a label are not read.",
    )
    return text_samples(
        _card("imdb", notes),
        [text.replace("<br />", " ") for text in read_texts(root, names, on_problem=on_problem)],
        np.array([name.split("/")[1] == "pos" for name in names], dtype=np.int64),
        ("negative", "positive"),
        names=names,
        ids=names,
        parts=np.array([name.split("/")[0] for name in names], dtype=np.str_),
        options=TextOptions(max_chars=max_chars),
        on_problem=on_problem,
    )


def ag_news() -> Samples:
    """127,600 news in four classes, title and description joined; the publisher's split.

    References
    ----------
    .. [1] Zhang, Zhao and LeCun (2015), Character-level convolutional networks for text classification, NeurIPS.
    """
    paths = require("ag_news", "train.csv", "test.csv", homepage=published("ag_news").homepage)
    texts: list[str] = []
    ids: list[str] = []
    y: list[int] = []
    parts: list[str] = []
    for part, path in zip(("train", "test"), paths, strict=True):
        table = read_table(path, header=("class", "title", "description"))
        rows = zip(table.lines, *table.columns.values(), strict=True)
        for line, kind, title, description in rows:
            if kind not in ("1", "2", "3", "4"):
                raise DataError(f"{path}: line {line}: class {kind!r}, expected 1 to 4.", error_id="E-LABEL-MISSING")
            # The publisher writes the end of a line as a backslash.
            texts.append(f"{title} {description}".replace("\\", " "))
            ids.append(f"{part}-{line:06d}")
            y.append(int(kind) - 1)
            parts.append(part)
    return text_samples(
        _card("ag_news", ()), texts, np.array(y, dtype=np.int64), NEWS, names=ids, ids=ids,
        parts=np.array(parts, dtype=np.str_),
    )  # fmt: skip


def _lines(path: Path) -> list[tuple[int, str]]:
    """Lines that are not blank, with their numbers; in Latin-1, as published."""
    lines = path.read_bytes().decode("latin-1").split("\n")
    return [(i, line.strip()) for i, line in enumerate(lines, 1) if line.strip()]


def _card(name: str, notes: tuple[str, ...]) -> Card:
    source = published(name)
    return Card(
        name, "", origin="public", licence=source.licence, citation=source.citation, homepage=source.homepage,
        notes=notes,
    )  # fmt: skip
