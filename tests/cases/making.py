"""Folders and tables as publishers and users lay them out, with the ending that each should have in a preview."""

from __future__ import annotations

import csv
import itertools
import random
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

IMAGES, SOUNDS, TEXTS, SCANS = "image_classification", "audio_classification", "text_classification", "medical_imaging"


class Plan(NamedTuple):
    """A comparison that is planned: its task, samples by class, split policy and number of groups."""

    task: str
    labels: dict[str, int]
    split: str = "stratified"
    groups: int | None = None
    says: tuple[str, ...] = ()  # parts of notes, warnings or recognised settings


class Asks(NamedTuple):
    """A refusal with options: its error, and endings by what is typed after the command; all printed."""

    error: str
    options: dict[str, Any] = {}  # noqa: RUF012 - a constant
    says: tuple[str, ...] = ()  # parts of message or hint


Ends = Plan | Asks


class Case(NamedTuple):
    """A layout: its name, how to make it, and the ending."""

    name: str
    make: Callable[[Path], None]
    ends: Ends
    target: str = ""  # within the folder


CASES: dict[str, Case] = {}


def case(
    ends: Ends | None, target: str = "", **variants: Sequence[Any]
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a maker, once for each variant of its arguments; those of a variant may end with another `Ends`."""

    def register(make: Callable[..., None]) -> Callable[..., None]:
        for variant, arguments in (variants or {"": ()}).items():
            name = f"{make.__name__}-{variant}" if variant else make.__name__
            own = arguments[-1] if arguments and isinstance(arguments[-1], Plan | Asks) else ends
            assert own is not None
            rest = [each for each in arguments if each is not own]
            CASES[name] = Case(name, lambda root, rest=rest: make(root, *rest), own, target)  # type: ignore[misc]
        return make

    return register


def touch(root: Path, *patterns: str) -> list[str]:
    """Make empty files of all names of patterns such as ``{cat|dog}/{@1}_{01-30}.jpg``; return the names."""
    names = [name for pattern in patterns for name in expand(pattern)]
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return names


def expand(pattern: str) -> list[str]:
    """Return all names of a pattern: ``{a|b}`` is each of them, ``{01-30}`` each number, ``{@1}`` the first choice."""
    fields = re.findall(r"\{([^@{}]+)\}", pattern)
    names = []
    for chosen in itertools.product(*map(_choices, fields)):
        rest = iter(chosen)
        name = re.sub(r"\{([^@{}]+)\}", lambda _, rest=rest: next(rest), pattern)  # type: ignore[misc]
        names.append(re.sub(r"\{@(\d)\}", lambda match, chosen=chosen: chosen[int(match[1]) - 1], name))  # type: ignore[misc]
    return names


def _choices(field: str) -> list[str]:
    if numbers := re.fullmatch(r"(\d+)-(\d+)", field):
        return [f"{i:0{len(numbers[1])}d}" for i in range(int(numbers[1]), int(numbers[2]) + 1)]
    return field.split("|")


def table(path: Path, head: str, rows: Iterable[Sequence[object]], *, encoding: str = "utf-8", mark: str = ",") -> None:
    """Write separated values; without `head` the first line is data."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding=encoding) as file:
        writer = csv.writer(file, delimiter=mark)
        if head:
            writer.writerow(head.split(","))
        writer.writerows(rows)


GOOD = ("great", "wonderful", "superb", "charming", "delightful")
BAD = ("awful", "boring", "dull", "tedious", "clumsy")
FILL = (
    "the",
    "film",
    "story",
    "actor",
    "scene",
    "plot",
    "music",
    "director",
    "and",
    "with",
    "about",
    "in",
    "a",
    "this",
)


def sentence(kind: int, seed: object, n: int = 14) -> str:
    """Return a sentence of good or bad words."""
    rng = random.Random(f"{kind} {seed}")
    return " ".join(rng.choice(FILL + (GOOD if kind else BAD)) for _ in range(n))


def sentences(n: int, prefix: str = "") -> list[str]:
    """Return sentences of both kinds in turn."""
    return [sentence(i % 2, f"{prefix}{i}") for i in range(n)]


def pixels(seed: object, n: int = 784) -> list[int]:
    """Return grey levels."""
    return random.Random(str(seed)).choices(range(256), k=n)
