"""Records of parameters as keyword arguments."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, get_type_hints

T = TypeVar("T")


def flat(**defaults: Any) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Decorator for a function that takes records: each field becomes a keyword argument of its own.

    Keyword arguments are the schema of a config, so what several learners or datasets share is written once, as
    a frozen dataclass, and still given as ``learners.lenet5.epochs: 3``.

    Parameters
    ----------
    defaults
        Values of fields that differ for this learner.

    Raises
    ------
    TypeError
        If two records share a field, or a default is of no field.

    Examples
    --------
    >>> @dataclasses.dataclass(frozen=True)
    ... class Steps:
    ...     epochs: int = 1
    ...     rate: float = 0.5
    >>> @flat(rate=0.1)
    ... def shallow(steps: Steps, width: int = 8):
    ...     return steps.rate, steps.epochs, width
    >>> shallow(epochs=3)
    (0.1, 3, 8)
    >>> str(inspect.signature(shallow))
    '(*, width: int = 8, epochs: int = 1, rate: float = 0.1)'
    """

    def expand(function: Callable[..., T]) -> Callable[..., T]:
        hints = get_type_hints(function, include_extras=True)
        hints.pop("return", None)
        records = {name: hint for name, hint in hints.items() if dataclasses.is_dataclass(hint)}
        plain = inspect.signature(function).parameters
        arguments = {name: (hints[name], plain[name].default) for name in hints if name not in records}
        owner: dict[str, str] = {}
        for record, kind in records.items():
            field_hints = get_type_hints(kind, include_extras=True)
            for field in dataclasses.fields(kind):
                if field.name in arguments:
                    raise TypeError(f"{function.__name__}: {field.name!r} is a field or argument twice.")
                owner[field.name] = record
                arguments[field.name] = (field_hints[field.name], field.default)
        for name, value in defaults.items():
            if name not in arguments:
                raise TypeError(f"{function.__name__}: the default of {name!r} is of no field.")
            arguments[name] = (arguments[name][0], value)

        @functools.wraps(function)
        def wrapper(**given: Any) -> T:
            unknown = given.keys() - arguments.keys()
            if unknown:
                raise TypeError(f"{function.__name__}() has no argument {', '.join(sorted(unknown))}.")
            values = {name: given.get(name, default) for name, (_, default) in arguments.items()}
            made = {
                record: kind(**{name: values.pop(name) for name in owner if owner[name] == record})  # type: ignore[operator]
                for record, kind in records.items()
            }
            return function(**made, **values)

        wrapper.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
            [
                inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hint)
                for name, (hint, default) in arguments.items()
            ]
        )
        wrapper.__annotations__ = {name: hint for name, (hint, _) in arguments.items()}
        return wrapper

    return expand
