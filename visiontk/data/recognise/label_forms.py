"""Labels that are no classes: measured numbers, lists, several labels a row, one column for each class.

Such columns are refused with what they look like, until there are tasks for them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from visiontk.data.checks.labels import is_missing
from visiontk.data.layouts.part_names import is_unlabelled
from visiontk.errors import DataError
from visiontk.messages import option, printable

MANY = 50
"""Number of different numbers from which on they are measured unless each has many rows."""

FEW_EACH = 20
"""Rows per value below which many numbers are measurements, not classes."""

_MEASURES = re.compile(
    r"(?:^|_)(?:ages?|years?|yob|birth_?year|price|height|weight|bmi|temperature|income|salary|duration|length|width|"
    r"distance|count|amount|score|alter|jahr|edad|idade|eta|leeftijd|wiek|возраст|年龄|年齢|나이)(?:_|$)"
)
_PLURALS = re.compile(r"(?:^|_)(?:tags|labels|classes|categories|genres|findings|attributes|keywords|topics)(?:_|$)")
_BRACKETS = (("[", "]"), ("(", ")"), ("{", "}"))
_YES_NO = ({"0", "1"}, {"-1", "1"}, {"0.0", "1.0"}, {"false", "true"}, {"no", "yes"}, {"n", "y"}, {"f", "t"})


def refuse_label_forms(cells: Sequence[str], name: str, where: str, *, requested: bool = False) -> None:
    """Refuse a column whose values are no classes.

    Raises
    ------
    DataError
        ``E-LABEL-NUMBER`` for measured numbers; ``E-LABEL-FORM`` for lists and several labels a row, and for values
        such as ``unlabeled``.
    """
    values = [cell.strip() for cell in cells if not is_missing(cell)]
    counts = Counter(values)
    what, way = f"{where}: column {printable(name)!r}", option("label", name)
    refuse_numbers(counts, what, way, name=name, requested=requested)
    form = _several(counts, name)
    if form:
        raise DataError(
            f"{where}: column {printable(name)!r} holds {form}, so that a row can have several labels. Predicting "
            "several labels is not supported.",
            error_id="E-LABEL-FORM",
            hint="Write a column with one class for each row, such as yes or no for one of the labels, and name it "
            "with --label.",
        )
    without = [value for value in counts if is_unlabelled(value, strict=True)]
    if without and len(counts) > 1:
        raise DataError(
            f"{where}: column {printable(name)!r} holds {printable(without[0])!r} in {counts[without[0]]:,} rows, "
            "which would be a class of its own but says that these rows have no label.",
            error_id="E-LABEL-FORM",
            hint="Remove these rows; or give them another name if they are a class.",
        )


def refuse_numbers(counts: Mapping[str, int], what: str, way: str, *, name: str = "", requested: bool = False) -> None:
    """Refuse measured numbers, each of which would be a class; `counts` by value.

    `what` names them in the message, and `way` is the option that takes them as classes.
    """
    try:
        numbers = [float(value) for value in counts]
    except ValueError:
        return
    measure = bool(_MEASURES.search(_plain(name)))
    if len(counts) <= (FEW_EACH // 2 if measure else FEW_EACH):
        return
    each = sum(counts.values()) / len(counts)
    low, high = min(numbers), max(numbers)
    counted = low in (0, 1) and high - low == len(set(numbers)) - 1
    few = each < FEW_EACH
    if (
        measure
        or any(x % 1 for x in numbers)
        or (len(counts) > MANY and few)
        or (not counted and (few or not requested))
    ):
        as_classes = not name or not (measure or few or any(x % 1 for x in numbers))
        raise DataError(
            f"{what} holds {len(counts):,} different numbers, from {low:g} to {high:g}, which look measured, such as "
            "ages. Predicting numbers (regression) is not supported.",
            error_id="E-LABEL-NUMBER",
            hint=("Name another column with --label; or make" if name else "Make")
            + " a few classes of the numbers, such as low and high; if they are names of classes, "
            + (way if as_classes else "write them as words (c1, c2)")
            + ".",
        )


def refuse_indicators(columns: Mapping[str, Sequence[str]], names: Iterable[str], where: str) -> None:
    """Refuse one column for each class, with 1 for yes: DataError ``E-LABEL-FORM``.

    Examples
    --------
    >>> refuse_indicators({"cat": ["0", "1"], "dog": ["1", "0"]}, ["cat", "dog"], "pets.csv")
    Traceback (most recent call last):
    ...
    visiontk.errors.DataError: pets.csv: columns cat, dog are one-hot: each row has 1 in one of them, its class.
      hint: Write one column with the name of the class; or compare one class with all others: label="cat".
    """
    yes: dict[str, list[bool]] = {}
    for name in names:
        values = [cell.strip().casefold() for cell in columns[name]]
        words = next((words for words in _YES_NO if set(values) <= words and values), None)
        if words is not None:
            yes[name] = [value == max(words, key=_truth) for value in values]
    n_yes = [sum(row) for row in zip(*yes.values(), strict=True)]
    if len(yes) < 2 or not any(n_yes):
        return
    listed = ", ".join(printable(name) for name in list(yes)[:6]) + (f" and {len(yes) - 6} more" * (len(yes) > 6))
    first = option("label", next(iter(yes)))
    if set(n_yes) == {1}:
        raise DataError(
            f"{where}: columns {listed} are one-hot: each row has 1 in one of them, its class.",
            error_id="E-LABEL-FORM",
            hint=f"Write one column with the name of the class; or compare one class with all others: {first}.",
        )
    if len(yes) > 2:
        raise DataError(
            f"{where}: columns {listed} each say yes or no, up to {max(n_yes)} of them yes in a row. Predicting "
            "several labels is not supported.",
            error_id="E-LABEL-FORM",
            hint=f"Name one of them, such as {first}.",
        )


def _several(counts: Mapping[str, int], name: str) -> str:
    """Form of values that list several labels; empty if there is none."""
    values = [value for value in counts if value]
    if not values:
        return ""
    lists = [value for value in values if any(value.startswith(a) and value.endswith(b) for a, b in _BRACKETS)]
    if 2 * len(lists) > len(values):
        return f"lists such as {printable(lists[0])!r}"
    for mark in ("|", ";", ",", "+", " "):
        items = {value: [item.strip() for item in value.split(mark) if item.strip()] for value in values}
        joined = [value for value in values if len(items[value]) > 1]
        n_labels = Counter(item for each in items.values() for item in set(each))
        parts = [item for value in joined for item in items[value]]
        recurring = 2 * sum(n_labels[item] > 1 for item in parts) > len(parts)
        if joined and recurring and (mark != " " or _are_tags(items, len(n_labels), name)):
            return f"several labels with {mark!r} between them, such as {printable(joined[0])!r}"
    return ""


def _are_tags(items: Mapping[str, Sequence[str]], n_items: int, name: str) -> bool:
    """True if words with blanks between them are tags, not names of several words such as "school bus"."""
    sets = [frozenset(each) for each in items.values()][:MANY]
    nested = sum(a < b for a in sets for b in sets)
    n_lengths = len({len(each) for each in items.values()})
    if _PLURALS.search(_plain(name)):
        return nested > 0 and n_lengths > 1
    return nested > 2 and n_lengths > 2 and n_items < len(items)


def _truth(word: str) -> bool:
    return word in {"1", "1.0", "true", "yes", "y", "t"}


def _plain(name: str) -> str:
    return re.sub(r"\W+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).casefold())
