"""Claims about two learners, such as ``network > traditional by 2``: their grammar, names and units.

``A > B by X`` claims superiority by more than X (0 if left out), ``A >= B within X`` non-inferiority (A is worse by
less than X) and ``A = B within X`` equivalence. X is in points for metrics between 0 and 1, else in the unit of the
metric; "better" follows the direction of the metric.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from visiontk.core import Family, Metric, Task, about
from visiontk.errors import ConfigError, did_you_mean

ClaimKind = Literal["superiority", "non-inferiority", "equivalence"]

FAMILIES: Mapping[str, Family] = {"network": "network", "pretrained": "pretrained", "traditional": "classical"}
"""Names of the best learner of a family, with the family."""

ERROR = "E-CONFIG-CLAIM"
HINT = "Such as: network > traditional by 2 (better by more), lenet5 >= hog_svm within 1 (not worse), A = B within 1."
_SIGNS: dict[str, ClaimKind] = {">": "superiority", ">=": "non-inferiority", "=": "equivalence"}
_OTHER_SIGNS = {"≥": ">=", "≤": "<=", "＞": ">", "＜": "<", "＝": "="}
_TURNED = {"<": ">", "<=": ">="}
_AMOUNT = re.compile(r"(?P<name>.*)\s(?P<word>by|within)(?:\s+(?P<amount>.*))?", re.IGNORECASE | re.DOTALL)
_SIZE = re.compile(r"(?P<size>\S*?)(?:\s*(?P<unit>points?))?", re.IGNORECASE)


@dataclass(frozen=True)
class Claim:
    """A claim that `left` is better than, not worse than, or equivalent to `right`; `str` gives its text.

    Examples
    --------
    >>> str(Claim("superiority", "network", "traditional", 2.0))
    'network > traditional by 2'
    """

    kind: ClaimKind
    left: str  # a learner, or the best one of a family: network, pretrained or traditional
    right: str
    size: float = 0.0  # X, at least 0
    in_points: bool = dataclasses.field(default=False, compare=False)  # as written; without it the metric decides

    def __str__(self) -> str:
        sign = next(sign for sign, kind in _SIGNS.items() if kind == self.kind)
        text = f"{self.left} {sign} {self.right}"
        if self.kind == "superiority" and not self.size:
            return text
        word = "by" if self.kind == "superiority" else "within"
        points = f" point{'s' * (self.size != 1)}" if self.in_points else ""
        return f"{text} {word} {_plain(self.size)}{points}"

    def bound(self, metric: str, *, bounded: bool, where: str = "") -> float:
        """Return X in the unit of the metric; `bounded` is True for a metric between 0 and 1.

        Examples
        --------
        >>> parse("network > traditional by 2").bound("accuracy", bounded=True)
        0.02
        """
        if not bounded and self.in_points:
            raise _refusal(where, self, f"{metric} is not measured in points", f"Write {_plain(self.size)} alone.")
        if bounded and self.size >= 100:
            raise _refusal(where, self, f"{_plain(self.size)} points is the whole range of {metric} or more", HINT)
        return self.size / 100 if bounded else self.size

    @property
    def families(self) -> tuple[str | None, str | None]:
        """The family that each side is the best learner of; None for a learner."""
        return FAMILIES.get(self.left), FAMILIES.get(self.right)


def parse(text: str, *, where: str = "") -> Claim:
    """Return the claim that a text states, with names as they are written; ConfigError if it states none.

    Case and further spaces do not matter. ``<`` and ``<=`` are turned round.

    Examples
    --------
    >>> str(parse("traditional  <  Network BY 2 points"))
    'Network > traditional by 2 points'
    >>> parse("a >= b").kind
    Traceback (most recent call last):
    visiontk.errors.ConfigError: 'a >= b': >= needs "within X" at its end.
      hint: ...
    """
    for other, sign in _OTHER_SIGNS.items():
        text = text.replace(other, sign)
    parts = re.split(r"([<>]=?|=)", " ".join(text.split()))
    if len(parts) != 3:
        n = "no" if len(parts) == 1 else "more than one"
        raise _refusal(where, text, f"{n} comparison; expected one of >, >= and =", HINT)
    left, sign, rest = (part.strip() for part in parts)
    match = _AMOUNT.fullmatch(f" {rest}")
    right = match["name"].strip() if match else rest
    for side, name in (("before", left), ("after", right)):
        if not name:
            raise _refusal(where, text, f"no name {side} {sign}", HINT)
    kind = _SIGNS[_TURNED.get(sign, sign)]
    word = match["word"].lower() if match else ""
    expected = "by" if kind == "superiority" else "within"
    if word != expected and (word or kind != "superiority"):
        raise _refusal(
            where, text, f'{sign} {"takes" if word == "within" else "needs"} "{expected} X" at its end', HINT
        )
    size, in_points = _size(match["amount"] or "", kind, text, where) if match else (0.0, False)
    if sign in _TURNED:
        left, right = right, left
    return Claim(kind, left, right, size, in_points)


def _size(amount: str, kind: ClaimKind, text: str, where: str) -> tuple[float, bool]:
    """Return the number of an amount such as ``0.5 points``, and if it is in points."""
    match = _SIZE.fullmatch(amount)
    number = match["size"] if match else amount
    if not re.fullmatch(
        r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?(nan|inf|infinity)", number, re.ASCII | re.IGNORECASE
    ):
        given = repr(amount) if amount else "nothing"
        raise _refusal(where, text, f"{given} given; expected a number, such as 2, or 0.5 points", HINT)
    size = float(number)
    if not 0 <= size < math.inf:
        hint = "Turn the claim round instead of a negative number." if size < 0 else HINT
        raise _refusal(where, text, f"{number} given; expected a finite number of at least 0", hint)
    if kind != "superiority" and not size:
        raise _refusal(where, text, "within 0 given; expected a number above 0", HINT)
    return abs(size), bool(match and match["unit"])


def named(claim: Claim, families: Mapping[str, str], *, where: str = "") -> Claim:
    """Return the claim with the names of learners as they are spelt; ConfigError for one that cannot be tested.

    `families` holds the family of each learner that is compared. A learner may be called like a family; it is meant
    then.

    Examples
    --------
    >>> str(named(parse("LeNet5 > traditional"), {"lenet5": "network", "hog_svm": "classical"}))
    'lenet5 > traditional'
    """
    left, right = (_spelt(name, claim, families, where) for name in (claim.left, claim.right))
    result = dataclasses.replace(claim, left=left, right=right)
    if left == right:
        raise _refusal(
            where,
            claim,
            f"{left} is compared with itself",
            "Name two learners, or network, pretrained and traditional.",
        )
    sides = [(name, families.get(name, FAMILIES.get(name, ""))) for name in (left, right)]
    for (name, family), (other, other_family) in (sides, sides[::-1]):
        if name in families:
            continue
        if family not in families.values():
            raise _refusal(where, claim, f"no learner that is compared is a {name} one", _known(families))
        if other in families and other_family == family:
            raise _refusal(where, claim, f"{other} is a {name} learner itself", "Name the other learner.")
    if all(family == "floor" for _, family in sides):
        raise _refusal(where, claim, f"{left} and {right} are floors, which ignore their input", HINT)
    return result


def claim_of(text: str, task: Task, learners: Iterable[str], *, where: str = "") -> Claim:
    """Return the claim that a text states about learners of a task; ConfigError if it cannot be tested.

    Examples
    --------
    >>> from visiontk.testing import tiny_task
    >>> str(claim_of("Network > prior by 5", tiny_task(), ["prior", "noisy_centroid"]))
    'network > prior by 5'
    """
    families = {name: about(task.learner(name)).family for name in learners}
    return claim_about(text, families, task.metric, task.metrics[task.metric], where=where)


def claim_about(text: str, families: Mapping[str, str], name: str, metric: Metric, *, where: str = "") -> Claim:
    """Return the claim about learners of these families in a metric; ConfigError if it cannot be tested."""
    claim = named(parse(text, where=where), families, where=where)
    claim.bound(name, bounded=metric.kind != "unbounded", where=where)
    return claim


def _spelt(name: str, claim: Claim, families: Mapping[str, str], where: str) -> str:
    """Return the name of a learner or family, whatever its case."""
    if name in families:
        return name
    if name.casefold() in FAMILIES:
        return name.casefold()
    alike = [known for known in families if known.casefold() == name.casefold()]
    if len(alike) == 1:
        return alike[0]
    raise _refusal(where, claim, f"{name!r} is not compared. {did_you_mean(name, [*families, *FAMILIES])}", "")


def _known(families: Mapping[str, str]) -> str:
    return f"Compared: {', '.join(sorted(families))}."


def _refusal(where: str, claim: Claim | str, problem: str, hint: str) -> ConfigError:
    end = "" if problem.endswith(".") else "."
    place = f"{where}: " if where else ""
    return ConfigError(f"{place}{str(claim)!r}: {problem}{end}", error_id=ERROR, hint=hint)


def _plain(size: float) -> str:
    short = f"{size:g}"
    return short if float(short) == size else repr(size)
