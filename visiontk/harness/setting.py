"""Declaration of settings: the annotation of a field holds type, range, help and presets of a setting.

Config reader, JSON Schema, command line, presets and the keyword arguments of ``compare`` follow from them.
Without pydantic, so that ``--help`` is fast.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Lt


@dataclass(frozen=True)
class Setting:
    """Metadata of a field that a user can set."""

    help: str  # one sentence, for the command line, the JSON Schema and comments in configs
    more: str = ""  # further sentences, for --help-all
    form: Any = None  # type of the value in a config, with its range; by default that of the field
    convert: Callable[[Any], Any] | None = None  # from a config to the value of the field; ValueError if it cannot
    presets: Mapping[str, Any] = field(default_factory=dict, hash=False)  # value by preset
    all_tasks: bool = False  # means the same for every task, so that it can be set for a comparison of all
    common: bool = False  # shown by --help; --help-all shows every option
    group: str = ""  # heading on the command line
    metavar: str = ""  # placeholder of the value on the command line
    option: str = ""  # name of the option if unlike the field; then it takes one value and can be repeated
    bare: Any = None  # value of the option without a value


@dataclass(frozen=True, eq=False)
class Check:
    """A constraint on a value in a config, with its JSON Schema and its words."""

    words: str  # noun phrase, such as "a list of different names"
    holds: Callable[[Any], bool]  # True for a valid value
    schema: Mapping[str, Any]  # the same constraint as keywords of JSON Schema

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        from pydantic_core.core_schema import no_info_after_validator_function

        return no_info_after_validator_function(self._validate, handler(source))

    def __get_pydantic_json_schema__(self, core: Any, handler: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        return handler(core) | dict(self.schema)

    def _validate(self, value: Any) -> Any:
        if not self.holds(value):
            raise ValueError(f"expected {self.words}")
        return value


class Declared(NamedTuple):
    """A setting with the name of its field, the type of its value in a config, and its default."""

    name: str
    setting: Setting
    form: Any
    default: Any

    @property
    def option(self) -> str:
        """The option on the command line."""
        return f"--{(self.setting.option or self.name).replace('_', '-')}"


def declared(record: type) -> dict[str, Declared]:
    """Return the settings of a dataclass by name, in the order of its fields.

    Examples
    --------
    >>> from typing import Annotated
    >>> @dataclass
    ... class Record:
    ...     depth: Annotated[int, Ge(1), Setting("Layers.")] = 3
    >>> declared(Record)["depth"].default
    3
    """
    hints = get_type_hints(record, include_extras=True)
    settings = {}
    for each in dataclasses.fields(record):
        for setting in getattr(hints[each.name], "__metadata__", ()):
            if isinstance(setting, Setting):
                form = hints[each.name] if setting.form is None else setting.form
                settings[each.name] = Declared(each.name, setting, form, each.default)
    return settings


def members(form: Any) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """Yield the alternatives of a type, each as plain type and metadata.

    Examples
    --------
    >>> list(members(Annotated[int, Ge(1)] | None))
    [(<class 'int'>, (Ge(ge=1),)), (<class 'NoneType'>, ())]
    """
    metadata: tuple[Any, ...] = ()
    if get_origin(form) is Annotated:
        form, *rest = get_args(form)
        metadata = tuple(each for each in rest if not isinstance(each, Setting))
    if get_origin(form) in (Union, types.UnionType):
        for each in get_args(form):
            yield from members(each)
    else:
        yield form, metadata


def names(form: Any) -> tuple[str, ...]:
    """Return the names that a type admits, if it admits only certain names; an empty tuple otherwise."""
    literals = [str(name) for kind, _ in members(form) if get_origin(kind) is Literal for name in get_args(kind)]
    return () if any(kind is str for kind, _ in members(form)) else tuple(literals)


def words(form: Any) -> str:
    """Describe the values of a type.

    Examples
    --------
    >>> words(Annotated[int, Ge(1), Le(100)] | None)
    'a whole number from 1 to 100, or null'
    >>> words(Literal["none", "balanced"])
    'none or balanced'
    """
    parts = [_words(kind, metadata) for kind, metadata in members(form)]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])}, or {parts[-1]}"


def _words(kind: Any, metadata: tuple[Any, ...]) -> str:
    for each in metadata:
        if isinstance(each, Check):
            return each.words
    if get_origin(kind) is Literal:
        *first, last = map(str, get_args(kind))
        return f"{', '.join(first)} or {last}" if first else last
    if kind in (int, float):
        return ("a whole number" if kind is int else "a number") + _range(metadata)
    known = {bool: "true or false", type(None): "null", str: "a name", dict: "a mapping"}
    return known.get(get_origin(kind) or kind, "a list")


def _range(metadata: tuple[Any, ...]) -> str:
    parts = []
    for each in metadata:
        match each:
            case Ge(low):
                parts.append(f" from {low}")
            case Gt(low):
                parts.append(f" above {low}")
            case Le(high):
                parts.append(f" to {high}")
            case Lt(high):
                parts.append(f" to below {high}")
    return "".join(parts)
