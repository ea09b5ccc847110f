"""Data about people: samples, patients and errors are numbered, and names stay with the owner.

Names of files and folders often hold names, dates and record numbers, so neither ids nor messages repeat them.
The number of a sample is its position in the table or listing, that of a patient the order of first appearance:
the same whenever the data are read, without a secret. (With a keyed hash, ids and splits would depend on the key.)
A key file, readable by its owner only, maps numbers to files.
"""

from __future__ import annotations

import contextlib
import csv
import io
import logging
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from visiontk.core import Inputs, Ints, Read, Samples, Strings, read_at_size
from visiontk.data.cache import cache_dir
from visiontk.data.checks.problems import Problems
from visiontk.data.fingerprints import fingerprint
from visiontk.errors import ConfigError, VisiontkError, did_you_mean

log = logging.getLogger(__name__)


def sample_ids(n: int) -> Strings:
    """Ids of n images.

    Examples
    --------
    >>> sample_ids(2).tolist()
    ['image-00001', 'image-00002']
    """
    return np.array([f"image-{i + 1:05d}" for i in range(n)], dtype=np.str_)


def patient_numbers(values: Sequence[str]) -> Strings:
    """Numbers for names, in order of first appearance.

    Examples
    --------
    >>> patient_numbers(["Doe", "Roe", "Doe"]).tolist()
    ['p0001', 'p0002', 'p0001']
    """
    order: dict[str, int] = {}
    return np.array([f"p{order.setdefault(value, len(order) + 1):04d}" for value in values], dtype=np.str_)


def anonymised(samples: Samples, names: Sequence[str], *, caution: str = "") -> Samples:
    """Samples with numbered ids, groups and errors; writes the key file.

    The card is named "own data": a folder may be named after a person.
    """
    ids = sample_ids(len(samples))
    groups = None if samples.groups is None else patient_numbers(samples.groups.tolist())
    key_note = write_key(samples.card.fingerprint, ids, names, groups)
    known = dict(zip(names, ids.tolist(), strict=True))
    notes = tuple(_replace_names(note, known) for note in samples.card.notes)
    card = replace(samples.card, name="own data", caution=caution, notes=(*notes, *patient_notes(groups), key_note))
    return replace(samples, ids=ids, groups=groups, card=card, read=_AnonymousRead(samples.read, known))


def patient_notes(groups: Strings | None) -> tuple[str, ...]:
    """A note on patients, for a card."""
    if groups is None:
        return ("The data name no patients: images of one may be in the training set and the test set.",)
    return (f"{len(np.unique(groups))} patients, each on one side of every split.",)


def write_key(name: str, ids: Strings, names: Sequence[str], groups: Strings | None) -> str:
    """Write the key file, readable by its owner only, and return a note for a card.

    The note names the folder by its variable, as home folders are named after people.
    """
    root = cache_dir()
    lost = "The key from numbers to files was not stored: there is no folder for it, see VISIONTK_CACHE."
    if root is None:
        return lost
    path = root / "keys" / f"{name}.csv"
    where = "$VISIONTK_CACHE" if os.environ.get("VISIONTK_CACHE") else "the folder of the feature cache"
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["id", "patient", "file"])
    table.writerows(zip(ids, [""] * len(ids) if groups is None else groups, names, strict=True))
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = path.with_name(f".{path.name}-{os.getpid()}")
        temporary.unlink(missing_ok=True)
        # Not readable by others, not even while it is written.
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(text.getvalue().encode("utf-8", "surrogateescape"))
        temporary.replace(path)
    except OSError as error:
        log.warning("W-KEY: the key from numbers to files was not stored: %s", error.strerror)
        return lost
    return f"Images are numbered; keys/{name}.csv in {where} names their files."


def positive_last(samples: Samples, positive: str) -> Samples:
    """Samples of two classes, ordered so that `positive`, if not empty, is class 1, the positive class of metrics."""
    labels = samples.labels
    if positive and positive not in labels:
        raise ConfigError(
            f"positive: no class {positive!r}. {did_you_mean(positive, labels)}", error_id="E-UNKNOWN-LABEL"
        )
    if positive:
        order = [i for i in range(len(labels)) if labels[i] != positive] + [labels.index(positive)]
        place = np.argsort(order)
        # Another positive class is another data set: trials must not be mixed.
        card = replace(samples.card, fingerprint=fingerprint(samples.card.fingerprint, positive))
        votes = samples.votes and samples.votes.of_classes(np.array(order))
        labels_in_order = tuple(labels[i] for i in order)
        samples = replace(samples, labels=labels_in_order, y=place[samples.y], card=card, votes=votes)
    if len(labels) > 2:
        return samples
    note = f"Positive is {samples.labels[1]!r}, negative {samples.labels[0]!r}."
    return replace(samples, card=replace(samples.card, notes=(note, *samples.card.notes)))


@contextlib.contextmanager
def numbered_errors(names: Sequence[str] = (), on_problem: Problems | None = None) -> Iterator[None]:
    """Let errors name files by their position in `names`, and no files in messages about a table.

    Examples
    --------
    >>> from visiontk.errors import DataError
    >>> with numbered_errors(["Doe^John.png"]):
    ...     raise DataError("Doe^John.png: truncated image", error_id="E-DATA-DECODE")
    Traceback (most recent call last):
    ...
    visiontk.errors.DataError: image-00001: truncated image
    """
    known = dict(zip(names, sample_ids(len(names)).tolist(), strict=True))
    try:
        yield
    except VisiontkError as error:
        message = _replace_names(error.message, known)
        if error.error_id == "E-MANIFEST-TWICE":
            message = re.sub(r"(?m)^  .*: (lines [\d, and more]+)$", r"  a file: \1", message)
        elif "MANIFEST" in error.error_id:
            message = re.sub(r"(?m)^  (line \d+): .*$", r"  \1", message)
        raise type(error)(message, error_id=error.error_id, hint=_replace_names(error.hint, known)) from None
    finally:
        if on_problem is not None:
            on_problem.rename(lambda text: known.get(text) or _replace_names(text, known))


def _replace_names(text: str, known: dict[str, str]) -> str:
    # The longest first: one name may be the end of another.
    for name in sorted(known, key=len, reverse=True):
        if name in text:
            text = text.replace(name, known[name])
    return text


@dataclass(frozen=True)
class _AnonymousRead:
    """Reader of inputs whose errors name files by number."""

    read: Read
    known: dict[str, str]

    def __call__(self, index: Ints, /) -> Inputs:
        with numbered_errors(tuple(self.known)):
            return self.read(index)

    def at_size(self, side: int) -> Read:
        """Reader at another size, whose errors name files by number as well."""
        return _AnonymousRead(read_at_size(self.read, side), self.known)
