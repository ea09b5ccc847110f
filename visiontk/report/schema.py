"""JSON Schemas of stored values and tables of their keys for the documentation, both made from the types.

``python -m visiontk.report.schema`` writes ``visiontk/report/schemas/*.schema.json`` and the tables between the
markers ``<!-- keys of NAME -->`` in ``docs/run-directory.md``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NotRequired, get_args, get_origin, get_type_hints

from typing_extensions import is_typeddict

from visiontk.report.several.records import AllTasks, Ranking

ROOT = Path(__file__).parents[2]
SCHEMAS = Path(__file__).parent / "schemas"
DOCUMENT = ROOT / "docs" / "run-directory.md"
VALUES: Mapping[str, type] = {"all": AllTasks, "ranking": Ranking}
"""The type of each value, by the name of its schema."""

_TYPES: Mapping[Any, str] = {
    str: "text", bool: "true or false", int: "whole number", float: "number", list[str]: "list of texts",
}  # fmt: skip


def json_schema(record: type) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a TypedDict; notes in `Annotated` describe its keys.

    Examples
    --------
    >>> from typing_extensions import TypedDict
    >>> Size = TypedDict("Size", {"n": Annotated[int, "samples"]})
    >>> json_schema(Size)["properties"]
    {'n': {'type': 'integer', 'description': 'samples'}}
    """
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
    """Return a Markdown table of the keys of a TypedDict, with the keys of the TypedDicts in it."""
    rows = [f"| `{key}` | {_described(hint) or _TYPES.get(hint, '')} |" for key, hint in _hints(record).items()]
    return "\n".join(["| key | holds |", "|---|---|", *rows])


def with_tables(document: str) -> str:
    """Return the document with the tables between its markers replaced."""
    for name, record in VALUES.items():
        start, end = f"<!-- keys of {name} -->\n", "\n<!-- end -->"
        before, found, rest = document.partition(start)
        _, closed, after = rest.partition(end)
        if not (found and closed):
            raise ValueError(f"No {start.strip()} ... {end.strip()} in the document.")
        document = f"{before}{start}{key_table(record)}{end}{after}"
    return document


def schema_text(record: type) -> str:
    """Return the schema as it is stored."""
    return json.dumps(json_schema(record), indent=1) + "\n"


def _described(hint: Any) -> str:
    """The choices of a key, its note, and the keys of the record in it."""
    text = "; ".join(filter(None, (", ".join(map(str, _choices(hint))), _note(hint))))
    for record in _within(hint):
        keys = ", ".join(f"`{key}`{_bracketed(_described(each))}" for key, each in _hints(record).items())
        text = f"{text}: {keys}" if text else keys
    return text


def _bracketed(text: str) -> str:
    return f" ({text})" if text else ""


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
        return next((note for note in hint.__metadata__ if isinstance(note, str)), "")
    return _note(get_args(hint)[0]) if get_origin(hint) is NotRequired else ""


def _choices(hint: Any) -> tuple[Any, ...]:
    if get_origin(hint) is Literal:
        return get_args(hint)
    return next((choices for each in get_args(hint) if (choices := _choices(each))), ())


def main() -> None:
    """Write all schemas and tables."""
    SCHEMAS.mkdir(exist_ok=True)
    for name, record in VALUES.items():
        (SCHEMAS / f"{name}.schema.json").write_text(schema_text(record), encoding="utf-8")
    DOCUMENT.write_text(with_tables(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
