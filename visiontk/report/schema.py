"""JSON Schemas of stored values and tables of their keys for the documentation, both from the types of the values.

``python -m visiontk.report.schema`` in a checkout writes them again.
"""

from __future__ import annotations

import json
import re
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints

from typing_extensions import TypedDict, is_typeddict

from visiontk.report.sections import DETAILS, MAIN, Sections
from visiontk.report.several.records import AllTasks, Ranking
from visiontk.report.values import Results

FOLDER = Path(__file__).parents[1]
DOCUMENT = Path(__file__).parents[2] / "docs" / "run-directory.md"

_WORDS = {str: "text", int: "integer", float: "number", bool: "boolean", object: "any value", type(None): "`null`"}


def results_type(sections: Sections = MAIN + DETAILS) -> Any:
    """Return the type of ``results.json`` with the keys of these sections."""
    fields = get_type_hints(Results, include_extras=True)
    computing = [section for section in sections if section.compute]
    for section in computing:
        annotation = get_type_hints(section.compute)["return"]
        holds = section.holds or _description(fields.get(section.name))
        fields[section.name] = Annotated[annotation, holds] if holds else annotation
    return TypedDict("Results", fields)  # type: ignore[operator]


def stored_types() -> dict[str, Any]:
    """Return the type of each stored value, by the name of its schema."""
    return {"results": results_type(), "all": AllTasks, "ranking": Ranking}


def json_schema(record: Any) -> dict[str, Any]:
    """Return the JSON Schema of a record, with the descriptions of its keys; keys that no type names are refused.

    Examples
    --------
    >>> class Point(TypedDict):
    ...     x: Annotated[float, "to the right"]
    >>> json_schema(Point)["properties"]
    {'x': {'type': 'number', 'description': 'to the right'}}
    """
    from pydantic import TypeAdapter

    schema = TypeAdapter(record).json_schema()
    for each in _records(record):
        definition = schema if each is record else schema["$defs"][each.__name__]
        definition["additionalProperties"] = False
        for name, hint in _fields(each):
            definition["properties"][name].pop("title", None)
            if description := _description(hint):
                definition["properties"][name]["description"] = description
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def key_table(record: Any) -> str:
    """Return a Markdown table of the keys of a record, and one of the records inside it.

    Examples
    --------
    >>> class Point(TypedDict):
    ...     x: Annotated[float, "to the right"]
    >>> print(key_table(Point))
    | key | holds |
    |---|---|
    | `x` | number: to the right |
    """
    lines = ["| key | holds |", "|---|---|"]
    lines += [f"| `{name}` | {_described(hint, ': ')} |" for name, hint in _fields(record)]
    inside = [each for each in _records(record) if each is not record]
    if inside:
        lines += ["", "| record | its keys |", "|---|---|"]
        lines += [f"| `{each.__name__}` | {_keys(each)} |" for each in inside]
    return "\n".join(lines)


def _keys(record: Any) -> str:
    return ", ".join(f"`{name}` ({_described(hint, ': ')})" for name, hint in _fields(record))


def _fields(record: Any) -> list[tuple[str, Any]]:
    return list(get_type_hints(record, include_extras=True).items())


def _described(hint: Any, separator: str) -> str:
    """Return type and description of a field."""
    words, description = _type_words(hint), _description(hint)
    return f"{words}{separator}{description}" if description else words


def _description(hint: Any) -> str:
    if get_origin(hint) is NotRequired:
        (hint,) = get_args(hint)
    return str(hint.__metadata__[0]) if get_origin(hint) is Annotated else ""


def _type_words(hint: Any) -> str:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Annotated, NotRequired):
        return _type_words(arguments[0])
    if is_typeddict(hint):
        return f"`{hint.__name__}`"
    if origin in (Union, types.UnionType):
        return " or ".join(_type_words(each) for each in arguments)
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in arguments)
    if origin is list:
        return f"list of {_type_words(arguments[0])}"
    if origin is dict:
        return f"object of {_type_words(arguments[1])}"
    return _WORDS[hint]


def _records(hint: Any, seen: tuple[Any, ...] = ()) -> Iterator[Any]:
    """Yield every record in a type, each once, in the order in which they occur."""
    known = list(seen)
    if is_typeddict(hint) and hint not in known:
        known.append(hint)
        yield hint
    inside = [each for _, each in _fields(hint)] if is_typeddict(hint) else get_args(hint)
    for each in inside:
        if get_origin(hint) is Literal or isinstance(each, str):
            continue
        for record in _records(each, tuple(known)):
            if record not in known:
                known.append(record)
                yield record


def document(text: str) -> str:
    """Return a document with the tables between its markers made anew."""
    for name, record in stored_types().items():
        table = key_table(record)
        text = re.sub(
            rf"(<!-- keys of {name} -->\n).*?(<!-- end -->)",
            lambda match, table=table: f"{match[1]}\n{table}\n\n{match[2]}",  # type: ignore[misc]
            text,
            flags=re.DOTALL,
        )
    return text


def schema_text(record: Any) -> str:
    """Return the text of the schema's file."""
    return json.dumps(json_schema(record), indent=1) + "\n"


if __name__ == "__main__":
    for stored, record in stored_types().items():
        (FOLDER / f"{stored}.schema.json").write_text(schema_text(record), encoding="utf-8")
    DOCUMENT.write_text(document(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
