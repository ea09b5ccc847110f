"""Functions as declarations: their parameters, summary and source, and the package that they come from."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def summary(factory: Callable[..., Any]) -> str:
    """First line of the docstring, without reference marks.

    Examples
    --------
    >>> def f():
    ...     '''Two layers [1]_, then a vote.'''
    >>> summary(f)
    'Two layers, then a vote.'
    """
    lines = (inspect.getdoc(factory) or "").splitlines() or [""]
    return re.sub(r",?\s*\[\d+\]_", "", lines[0])


def source(factory: Callable[..., Any]) -> str:
    """First entry of the References section of the docstring, on one line; empty if there is none.

    Examples
    --------
    >>> def f():
    ...     '''A thing.
    ...
    ...     References
    ...     ----------
    ...     .. [1] Somebody (1998), A title,
    ...        a journal.
    ...     '''
    >>> source(f)
    'Somebody (1998), A title, a journal.'
    """
    text = inspect.getdoc(factory) or ""
    found = re.search(r"^References\n-+\n\.\. \[1\] (.*?)(?=^\.\. \[|^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    return " ".join(found.group(1).split()) if found else ""


def parameters(factory: Callable[..., Any]) -> dict[str, Any]:
    """Keyword arguments of a function with their defaults: the schema of its entry in a config.

    Raises
    ------
    TypeError
        If an argument has no default: every learner must run without being told anything.

    Examples
    --------
    >>> def f(depth: int = 3, rate: float = 0.1): ...
    >>> parameters(f)
    {'depth': 3, 'rate': 0.1}
    """
    found = inspect.signature(factory).parameters
    missing = [name for name, p in found.items() if p.default is inspect.Parameter.empty]
    if missing:
        raise TypeError(f"{getattr(factory, '__name__', factory)}: arguments without a default: {', '.join(missing)}.")
    return {name: p.default for name, p in found.items()}


class Package(NamedTuple):
    """A distribution outside of visiontk whose code decides results, by name and version."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def from_package(function: F, package: Package) -> F:
    """The function, marked as coming from a package.

    It is wrapped, not changed: what a package borrows from visiontk or from another package stays unmarked there.

    Examples
    --------
    >>> def f(depth: int = 3): ...
    >>> marked = from_package(f, Package("leaves", "1.0"))
    >>> str(package_of(marked)), package_of(f), parameters(marked)
    ('leaves 1.0', None, {'depth': 3})
    """

    @functools.wraps(function)
    def marked(*given: Any, **named: Any) -> Any:
        return function(*given, **named)

    marked.package = package  # type: ignore[attr-defined]
    return marked  # type: ignore[return-value]


def package_of(function: Callable[..., Any]) -> Package | None:
    """The package that `from_package` named; None for what visiontk itself brings."""
    found = getattr(function, "package", None)
    return found if isinstance(found, Package) else None
