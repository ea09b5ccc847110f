"""JSON Schemas of stored values and tables of their keys for the documentation, both made from the types.

``python -m visiontk.report.schema`` writes ``visiontk/report/schemas/*.schema.json`` and the tables between the
markers ``<!-- keys of NAME -->`` in ``docs/run-directory.md``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints

from typing_extensions import TypedDict, is_typeddict

from visiontk.report.sections import DETAILS, MAIN, Sections
from visiontk.report.several.records import AllTasks, Ranking
from visiontk.report.values import Results

ROOT = Path(__file__).parents[2]
SCHEMAS = Path(__file__).parent / "schemas"
DOCUMENT = ROOT / "docs" / "run-directory.md"

_TYPES: Mapping[Any, str] = {
    str: "text", bool: "true or false", int: "whole number", float: "number", object: "any value", type(None): "`null`",
}  # fmt: skip


def results_type(sections: Sections = MAIN + DETAILS) -> Any:
    """Return the type of ``results.json`` with the keys of these sections."""
    fields = _hints(Results)
    for section in sections:
        if section.compute:
            note, hints = section.holds or _note(fields.get(section.name)), get_type_hints(section.compute)
            fields[section.name] = Annotated[hints.pop("return"), note]
    return TypedDict("Results", fields)  # type: ignore[operator]


def json_schema(record: type) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a TypedDict; notes in `Annotated` describe its keys."""
    from pydantic import TypeAdapter

    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **TypeAdapter(record).json_schema()}
    definitions = schema.get("$defs", {})
    for each in _records(record):
        definition = schema if each is record else definitions[each.__name__]
        definition["additionalProperties"] = False
        for key, hint in _hints(each).items():
            definition["properties"][key].pop("title", None)
            if note := _note(hint):
                definition["properties"][key]["description"] = note
    return schema


def key_table(record: type) -> str:
    """Return a Markdown table of the keys of a TypedDict, and one of the records in it.

    Examples
    --------
    >>> from typing_extensions import TypedDict
    >>> print(key_table(TypedDict("Size", {"n": Annotated[int, "samples"]})))
    | key | holds |
    |---|---|
    | `n` | whole number: samples |
    """
    lines = ["| key | holds |", "|---|---|"]
    lines += [f"| `{key}` | {_described(hint)} |" for key, hint in _hints(record).items()]
    inside = list(dict.fromkeys(each for each in _records(record) if each is not record))
    if inside:
        lines += ["", "| record | keys |", "|---|---|"]
    for each in inside:
        keys = ", ".join(f"`{key}` ({_described(hint)})" for key, hint in _hints(each).items())
        lines.append(f"| {each.__name__} | {keys} |")
    return "\n".join(lines)


def with_tables(document: str) -> str:
    """Return the document with the tables between its markers replaced."""
    for name, record in VALUES.items():
        start, end = f"<!-- keys of {name} -->\n", "<!-- end -->"
        before, opened, rest = document.partition(start)
        _, closed, after = rest.partition(end)
        if not (opened and closed):
            raise ValueError(f"No {start.strip()} ... {end} in the document.")
        document = f"{before}{start}\n{key_table(record)}\n\n{end}{after}"
    return document


def schema_text(record: type) -> str:
    """Return the schema as it is stored."""
    return json.dumps(json_schema(record), indent=1) + "\n"


def _described(hint: Any) -> str:
    """Return the type of a key and its note."""
    return ": ".join(filter(None, (_type(hint), _note(hint))))


def _type(hint: Any) -> str:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Annotated, NotRequired):
        return _type(arguments[0])
    if origin in (Union, UnionType):
        return " or ".join(map(_type, arguments))
    if origin is Literal:
        return ", ".join(f"`{choice}`" for choice in arguments)
    if origin is list:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return f"object of {_type(arguments[1])}"
    return str(hint.__name__) if is_typeddict(hint) else _TYPES[hint]


def _hints(record: type) -> dict[str, Any]:
    return get_type_hints(record, include_extras=True)


def _records(record: type) -> Iterator[type]:
    yield record
    for hint in _hints(record).values():
        for each in _within(hint):
            yield from _records(each)


def _within(hint: Any) -> list[type]:
    """The TypedDicts in a type, such as in a list or an optional value."""
    if is_typeddict(hint):
        return [hint]
    return [] if get_origin(hint) is Literal else [each for argument in get_args(hint) for each in _within(argument)]


def _note(hint: Any) -> str:
    if get_origin(hint) is Annotated:
        return str(hint.__metadata__[0])
    return _note(get_args(hint)[0]) if get_origin(hint) is NotRequired else ""


VALUES: Mapping[str, Any] = {"results": results_type(), "all": AllTasks, "ranking": Ranking}
"""The type of each value, by the name of its schema."""


def main() -> None:
    """Write all schemas and tables."""
    SCHEMAS.mkdir(exist_ok=True)
    for name, record in VALUES.items():
        (SCHEMAS / f"{name}.schema.json").write_text(schema_text(record), encoding="utf-8")
    DOCUMENT.write_text(with_tables(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
