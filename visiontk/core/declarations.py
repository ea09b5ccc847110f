"""Declarations read from functions: parameters, summary, source, and the package they come from."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


def summary(factory: Callable[..., Any]) -> str:
    """Return the first line of the docstring, without reference marks.

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
    """Return the first entry of the References section on one line; empty if there is none.

    Examples
    --------
    >>> def f():
    ...     '''A thing.
    ...
    ...     References
    ...     ----------
    ...     .. [1] Author (1998), A title,
    ...        a journal.
    ...     '''
    >>> source(f)
    'Author (1998), A title, a journal.'
    """
    text = inspect.getdoc(factory) or ""
    match = re.search(r"^References\n-+\n\.\. \[1\] (.*?)(?=^\.\. \[|^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    return " ".join(match.group(1).split()) if match else ""


def parameters(factory: Callable[..., Any]) -> dict[str, Any]:
    """Return the keyword arguments of a function with their defaults: the schema of its entry in a config.

    Raises
    ------
    TypeError
        If an argument has no default: every learner must run without arguments.

    Examples
    --------
    >>> def f(depth: int = 3, rate: float = 0.1): ...
    >>> parameters(f)
    {'depth': 3, 'rate': 0.1}
    """
    signature = inspect.signature(factory).parameters
    missing = [name for name, p in signature.items() if p.default is inspect.Parameter.empty]
    if missing:
        raise TypeError(f"{getattr(factory, '__name__', factory)}: arguments without a default: {', '.join(missing)}.")
    return {name: p.default for name, p in signature.items()}


class Package(NamedTuple):
    """Name and version of another distribution whose code affects results."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def from_package(function: F, package: Package) -> F:
    """Return a wrapper of the function that is marked as part of a package.

    The function itself stays unmarked, as several packages may use it.

    Examples
    --------
    >>> def f(depth: int = 3): ...
    >>> marked = from_package(f, Package("leaves", "1.0"))
    >>> str(package_of(marked)), package_of(f), parameters(marked)
    ('leaves 1.0', None, {'depth': 3})
    """

    @functools.wraps(function)
    def marked(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    marked.package = package  # type: ignore[attr-defined]
    return marked  # type: ignore[return-value]


def package_of(function: Callable[..., Any]) -> Package | None:
    """Return the package of a function; None for functions of visiontk."""
    package = getattr(function, "package", None)
    return package if isinstance(package, Package) else None
