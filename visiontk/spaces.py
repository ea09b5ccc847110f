"""Search spaces, stated beside the parameters that they belong to.

A learner whose argument reads ``c: Annotated[float, Gt(0), Between(0.01, 100, log=True)] = 1.0`` says that `c` may be
searched for, and where. Nothing else declares a space, and both families declare it alike.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args, get_type_hints

from visiontk.core import parameters

NEAR_EDGE = 0.05
"""Share of a range, on its own scale, that counts as its edge."""


@dataclass(frozen=True)
class Between:
    """Numbers from `low` to `high`, both included; whole ones where both ends are whole.

    Parameters
    ----------
    low, high : float or int
        With low < high; above 0 where `log` is set.
    log : bool
        Whether ratios count rather than differences: 0.1 is then halfway between 0.01 and 1.

    Examples
    --------
    >>> 3 in Between(1, 5), 2.5 in Between(1, 5), 2.5 in Between(1.0, 5.0)
    (True, False, True)
    """

    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        if not self.low < self.high or (self.log and self.low <= 0):
            raise ValueError(f"{self}: expected low < high, and low > 0 where log is set.")

    @property
    def whole(self) -> bool:
        """Whether only whole numbers are meant."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def __contains__(self, value: object) -> bool:
        if isinstance(value, bool) or not isinstance(value, int if self.whole else int | float):
            return False
        return bool(self.low <= value <= self.high)

    def at_edge(self, value: Any) -> str:
        """``low`` or ``high`` where the value lies there, else empty.

        Examples
        --------
        >>> Between(0.01, 100.0, log=True).at_edge(90.0), Between(1, 5).at_edge(1), Between(1, 5).at_edge(3)
        ('high', 'low', '')
        """
        if value not in self:
            return ""
        if self.whole:
            return "low" if value == self.low else "high" if value == self.high else ""
        scale = math.log if self.log else float
        place = (scale(value) - scale(self.low)) / (scale(self.high) - scale(self.low))
        return "low" if place <= NEAR_EDGE else "high" if place >= 1 - NEAR_EDGE else ""


@dataclass(frozen=True)
class Among:
    """One of a few values, without an order.

    Parameters
    ----------
    values : tuple
        JSON values: numbers, texts, true, false or None.

    Examples
    --------
    >>> "rbf" in Among(("linear", "rbf"))
    True
    """

    values: tuple[Any, ...]

    def __post_init__(self) -> None:
        if len(self.values) < 2 or len(set(map(repr, self.values))) != len(self.values):
            raise ValueError(f"{self}: expected two values or more, all different.")

    def __contains__(self, value: object) -> bool:
        return any(value == known and type(value) is type(known) for known in self.values)

    def at_edge(self, value: Any) -> str:
        """Empty: values without an order have no edge."""
        return ""


Space = Between | Among


def space(factory: Callable[..., Any]) -> dict[str, Space]:
    """What may be searched for, by parameter, in the order of the arguments.

    Raises
    ------
    TypeError
        If a parameter has two spaces.

    Examples
    --------
    >>> from typing import Annotated
    >>> def svm(c: Annotated[float, Between(0.01, 100.0, log=True)] = 1.0, cell: int = 8): ...
    >>> space(svm)
    {'c': Between(low=0.01, high=100.0, log=True)}
    """
    hints = get_type_hints(factory, include_extras=True)
    found: dict[str, Space] = {}
    for name in parameters(factory):
        stated = list(_stated(hints.get(name)))
        if len(stated) > 1:
            raise TypeError(f"{getattr(factory, '__name__', factory)}: {name!r} has {len(stated)} search spaces.")
        if stated:
            found[name] = stated[0]
    return found


def searchable(factory: Callable[..., Any], given: Mapping[str, Any]) -> dict[str, Space]:
    """The part of the space that a config leaves open: what it sets to another value than the default stays set.

    Examples
    --------
    >>> from typing import Annotated
    >>> def svm(c: Annotated[float, Between(0.01, 100.0, log=True)] = 1.0): ...
    >>> list(searchable(svm, {"c": 1.0})), list(searchable(svm, {"c": 3.0}))
    (['c'], [])
    """
    defaults = parameters(factory)
    return {
        name: stated for name, stated in space(factory).items() if given.get(name, defaults[name]) == defaults[name]
    }


def edges(factory: Callable[..., Any], values: Mapping[str, Any]) -> dict[str, str]:
    """Parameters whose value lies at the edge of their space, where a wider space might hold a better one.

    An edge that is as far as the parameter goes, such as a dropout of 0, does not count.

    Examples
    --------
    >>> from typing import Annotated
    >>> from annotated_types import Ge
    >>> def net(rate: Annotated[float, Between(0.01, 1.0, log=True)] = 0.1,
    ...         dropout: Annotated[float, Ge(0), Between(0.0, 0.5)] = 0.2): ...
    >>> edges(net, {"rate": 0.99, "dropout": 0.0})
    {'rate': 'high'}
    """
    found = {}
    hints = get_type_hints(factory, include_extras=True)
    for name, stated in space(factory).items():
        edge = stated.at_edge(values.get(name))
        if edge and not _is_limit(hints[name], stated, edge):
            found[name] = edge
    return found


def _is_limit(hint: Any, stated: Space, edge: str) -> bool:
    """Whether the type of a parameter allows nothing beyond this edge of its space."""
    metadata = [each for part in (hint, *get_args(hint)) for each in getattr(part, "__metadata__", ())]
    if isinstance(stated, Among):
        return True
    if edge == "low":
        return any(getattr(each, "ge", None) == stated.low for each in metadata)
    return any(getattr(each, "le", None) == stated.high for each in metadata)


def _stated(hint: Any) -> Iterator[Space]:
    """Spaces in an annotation, also within ``Annotated[...] | None``."""
    yield from (each for each in getattr(hint, "__metadata__", ()) if isinstance(each, Between | Among))
    for inner in get_args(hint):
        if not isinstance(inner, Between | Among):
            yield from _stated(inner)
