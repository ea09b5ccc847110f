"""Records of parameters as keyword arguments, with the documentation of their fields."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar, get_type_hints

T = TypeVar("T")

_SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}$", re.MULTILINE)
_ENTRY = re.compile(r"^(?=\S)", re.MULTILINE)


class _Argument(NamedTuple):
    """An argument of the expanded function; `record` names the argument that holds it, empty for its own."""

    hint: Any
    default: Any
    record: str = ""
    kind: inspect._ParameterKind = inspect.Parameter.KEYWORD_ONLY


def flat(**defaults: Any) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Decorator for a function that takes records: each field becomes a keyword argument.

    Keyword arguments are the schema of a config, so parameters that several learners or datasets share are declared
    and documented once, in a frozen dataclass, and still set as ``learners.lenet5.epochs: 3``. The docstring of the
    function describes its own arguments; the entries of the fields are copied from the docstrings of the records,
    but for fields that the function describes itself.

    Parameters
    ----------
    defaults
        Values of fields that differ for this function.

    Raises
    ------
    TypeError
        If two records share a field, or a default is of no field.

    Examples
    --------
    >>> @dataclasses.dataclass(frozen=True)
    ... class Steps:
    ...     '''Optimisation.
    ...
    ...     Parameters
    ...     ----------
    ...     epochs : int
    ...         Passes over the training set.
    ...     rate : float
    ...         Learning rate.
    ...     '''
    ...     epochs: int = 1
    ...     rate: float = 0.5
    >>> @flat(rate=0.1)
    ... def shallow(steps: Steps, width: int = 8):
    ...     '''One layer.
    ...
    ...     Parameters
    ...     ----------
    ...     width : int
    ...         Units.
    ...     '''
    ...     return steps.rate, steps.epochs, width
    >>> shallow(epochs=3)
    (0.1, 3, 8)
    >>> str(inspect.signature(shallow))
    '(width: int = 8, *, epochs: int = 1, rate: float = 0.1)'
    >>> list(described(shallow))
    ['width', 'epochs', 'rate']
    """

    def expand(function: Callable[..., T]) -> Callable[..., T]:
        hints = get_type_hints(function, include_extras=True)
        hints.pop("return", None)
        records = {name: hint for name, hint in hints.items() if dataclasses.is_dataclass(hint)}
        arguments = _arguments(function, hints, records, defaults)
        signature = _signature(arguments)

        @functools.wraps(function)
        def wrapper(*positional: Any, **named: Any) -> T:
            unknown = named.keys() - arguments.keys()
            if unknown:
                raise TypeError(f"{function.__name__}() has no argument {', '.join(sorted(unknown))}.")
            bound = signature.bind(*positional, **named)
            bound.apply_defaults()
            own = {name: value for name, value in bound.arguments.items() if not arguments[name].record}
            filled = {
                record: kind(**{n: v for n, v in bound.arguments.items() if arguments[n].record == record})  # type: ignore[operator]
                for record, kind in records.items()
            }
            return function(**own, **filled)

        wrapper.__signature__ = signature  # type: ignore[attr-defined]
        wrapper.__annotations__ = {name: argument.hint for name, argument in arguments.items()}
        wrapper.__doc__ = _document(function, records.values())
        return wrapper

    return expand


def described(documented: Any) -> dict[str, str]:
    r"""Entries of the section Parameters of a docstring by parameter, in order.

    Examples
    --------
    >>> def f(a, b, c):
    ...     '''Sum.
    ...
    ...     Parameters
    ...     ----------
    ...     a, b : int
    ...         Terms.
    ...     '''
    >>> described(f)["a"] == described(f)["b"] == 'a, b : int\n    Terms.'
    True
    """
    _, entries, _ = _split(inspect.getdoc(documented) or "")
    heads = [(entry.partition("\n")[0].partition(":")[0], entry) for entry in entries]
    return {name.strip().lstrip("*"): entry for head, entry in heads for name in head.split(",")}


def _arguments(
    function: Callable[..., Any], hints: Mapping[str, Any], records: Mapping[str, Any], defaults: Mapping[str, Any]
) -> dict[str, _Argument]:
    plain = inspect.signature(function).parameters
    arguments = {name: _Argument(hints.get(name, Any), each.default, kind=each.kind)
                 for name, each in plain.items() if name not in records}  # fmt: skip
    for record, kind in records.items():
        field_hints = get_type_hints(kind, include_extras=True)
        for field in dataclasses.fields(kind):
            if field.name in arguments:
                raise TypeError(f"{function.__name__}: {field.name!r} is a field or argument twice.")
            arguments[field.name] = _Argument(field_hints[field.name], field.default, record)
    for name, value in defaults.items():
        if name not in arguments:
            raise TypeError(f"{function.__name__}: the default of {name!r} is of no field.")
        arguments[name] = arguments[name]._replace(default=value)
    return arguments


def _signature(arguments: Mapping[str, _Argument]) -> inspect.Signature:
    return inspect.Signature(
        [
            inspect.Parameter(name, each.kind, default=each.default, annotation=each.hint)
            for name, each in arguments.items()
        ]
    )


def _document(function: Callable[..., Any], records: Iterable[Any]) -> str:
    """The docstring of `function` with the entries of the records' fields in its section Parameters."""
    before, entries, after = _split(inspect.getdoc(function) or "")
    own = described(function)
    fields = (entry for record in records for name, entry in described(record).items() if name not in own)
    together = [*entries, *dict.fromkeys(fields)]
    if not together:
        return before
    section = "Parameters\n----------\n" + "\n".join(together)
    return "\n\n".join(part for part in (before, section, after) if part)


def _split(text: str) -> tuple[str, list[str], str]:
    """A docstring as the text before the entries of Parameters, these entries, and the sections behind."""
    heads = list(_SECTION.finditer(text))
    places = [i for i, head in enumerate(heads) if head[1] == "Parameters"]
    if not places:
        first = heads[0].start() if heads else len(text)
        return text[:first].rstrip(), [], text[first:].rstrip()
    place = places[0]
    end = heads[place + 1].start() if place + 1 < len(heads) else len(text)
    body = text[heads[place].end() : end].strip("\n")
    entries = [entry.rstrip() for entry in _ENTRY.split(body) if entry.strip()]
    return text[: heads[place].start()].rstrip(), entries, text[end:].rstrip()
