"""Search spaces, declared in the annotations of a learner's parameters.

``c: Annotated[float, Gt(0), Range(0.01, 100, log=True)] = 1.0`` makes `c` searchable within this range. Networks and
classical learners declare their spaces in the same way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

from visiontk.core import parameters

NEAR_EDGE = 0.05
"""Share of a range, on its scale, that counts as its edge."""


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both included; integers if both ends are integers.

    Parameters
    ----------
    low, high : float or int
        With low < high; above 0 if `log` is set.
    log : bool
        If True, the scale is logarithmic: 0.1 is halfway between 0.01 and 1.

    Examples
    --------
    >>> 3 in Range(1, 5), 2.5 in Range(1, 5), 2.5 in Range(1.0, 5.0)
    (True, False, True)
    """

    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        if not self.low < self.high or (self.log and self.low <= 0):
            raise ValueError(f"{self}: expected low < high, and low > 0 if log is set.")

    @property
    def is_integer(self) -> bool:
        """True if the range holds integers only."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def __contains__(self, value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, int if self.is_integer else int | float):
            return False
        return bool(self.low <= value <= self.high)

    def at_edge(self, value: Any) -> str:
        """Return ``low`` or ``high`` if the value lies at that edge, else an empty string.

        Examples
        --------
        >>> Range(0.01, 100.0, log=True).at_edge(90.0), Range(1, 5).at_edge(1), Range(1, 5).at_edge(3)
        ('high', 'low', '')
        """
        if value not in self:
            return ""
        if self.is_integer:
            return "low" if value == self.low else "high" if value == self.high else ""
        scale = math.log if self.log else float
        position = (scale(value) - scale(self.low)) / (scale(self.high) - scale(self.low))
        return "low" if position <= NEAR_EDGE else "high" if position >= 1 - NEAR_EDGE else ""


@dataclass(frozen=True)
class Categorical:
    """One of a few values, without an order.

    Parameters
    ----------
    values : tuple
        JSON values: numbers, strings, booleans or None.

    Examples
    --------
    >>> "rbf" in Categorical(("linear", "rbf"))
    True
    """

    values: tuple[Any, ...]

    def __post_init__(self) -> None:
        if len(self.values) < 2 or len(set(map(repr, self.values))) != len(self.values):
            raise ValueError(f"{self}: expected two or more values, all different.")

    def __contains__(self, value: object) -> bool:
        return any(value == known and type(value) is type(known) for known in self.values)

    def at_edge(self, value: Any) -> str:
        """Return an empty string: values without an order have no edge."""
        return ""


Space = Range | Categorical


def space(factory: Callable[..., Any]) -> dict[str, Space]:
    """Return the search space of each searchable parameter, in the order of the arguments.

    Raises
    ------
    TypeError
        If a parameter has two spaces.

    Examples
    --------
    >>> from typing import Annotated
    >>> def svm(c: Annotated[float, Range(0.01, 100.0, log=True)] = 1.0, cell: int = 8): ...
    >>> space(svm)
    {'c': Range(low=0.01, high=100.0, log=True)}
    """
    hints = get_type_hints(factory, include_extras=True)
    spaces: dict[str, Space] = {}
    for name in parameters(factory):
        declared = list(_declared(hints.get(name)))
        if len(declared) > 1:
            raise TypeError(f"{getattr(factory, '__name__', factory)}: {name!r} has {len(declared)} search spaces.")
        if declared:
            spaces[name] = declared[0]
    return spaces


def searchable(factory: Callable[..., Any], configured: Mapping[str, Any]) -> dict[str, Space]:
    """Return the search space without the parameters that a config sets to other values than their defaults.

    Examples
    --------
    >>> from typing import Annotated
    >>> def svm(c: Annotated[float, Range(0.01, 100.0, log=True)] = 1.0): ...
    >>> list(searchable(svm, {"c": 1.0})), list(searchable(svm, {"c": 3.0}))
    (['c'], [])
    """
    defaults = parameters(factory)
    return {
        name: declared
        for name, declared in space(factory).items()
        if configured.get(name, defaults[name]) == defaults[name]
    }


def edges(factory: Callable[..., Any], values: Mapping[str, Any]) -> dict[str, str]:
    """Return the parameters whose value lies at an edge of its space: a wider space might hold a better one.

    An edge that is the limit of the parameter itself, such as a dropout of 0, does not count.

    Examples
    --------
    >>> from typing import Annotated
    >>> from annotated_types import Ge
    >>> def net(rate: Annotated[float, Range(0.01, 1.0, log=True)] = 0.1,
    ...         dropout: Annotated[float, Ge(0), Range(0.0, 0.5)] = 0.2): ...
    >>> edges(net, {"rate": 0.99, "dropout": 0.0})
    {'rate': 'high'}
    """
    at_edge = {}
    hints = get_type_hints(factory, include_extras=True)
    for name, declared in space(factory).items():
        edge = declared.at_edge(values.get(name))
        if edge and not _is_limit(hints[name], declared, edge):
            at_edge[name] = edge
    return at_edge


def _is_limit(hint: Any, declared: Space, edge: str) -> bool:
    """Return True if the type of a parameter allows no value beyond this edge of its space."""
    metadata = [each for part in (hint, *get_args(hint)) for each in getattr(part, "__metadata__", ())]
    if isinstance(declared, Categorical):
        return True
    if edge == "low":
        return any(getattr(each, "ge", None) == declared.low for each in metadata)
    return any(getattr(each, "le", None) == declared.high for each in metadata)


def _declared(hint: Any) -> Iterator[Space]:
    """Yield the spaces in an annotation, also within ``Annotated[...] | None``."""
    yield from (each for each in getattr(hint, "__metadata__", ()) if isinstance(each, Range | Categorical))
    for inner in get_args(hint):
        if not isinstance(inner, Range | Categorical):
            yield from _declared(inner)
