"""Validation of the subset of JSON Schema used by the schema of configs, without a dependency."""

from __future__ import annotations

import re
from typing import Any

KNOWN = {
    "$schema", "title", "description", "default", "type", "enum", "const", "properties", "required", "items",
    "pattern",     "additionalProperties", "anyOf", "allOf", "if", "then", "minimum", "maximum", "exclusiveMinimum",
    "exclusiveMaximum",     "minItems", "maxItems", "uniqueItems", "minProperties",
}  # fmt: skip
TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
}


def accepts(schema: Any, value: Any) -> bool:
    """Return True if the value is valid; an unsupported keyword fails the test."""
    if isinstance(schema, bool):
        return schema
    unknown = schema.keys() - KNOWN
    assert not unknown, f"keywords {unknown} are not checked"
    fine = [check(schema, value) for check in (_kind, _number, _array, _object, _several)]
    return all(fine)


def _kind(schema: dict[str, Any], value: Any) -> bool:
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    return (
        (not types or any(_is(value, name) for name in types))
        and ("enum" not in schema or any(_same(value, one) for one in schema["enum"]))
        and ("const" not in schema or _same(value, schema["const"]))
        and (not isinstance(value, str) or re.search(schema.get("pattern", ""), value) is not None)
    )


def _is(value: Any, name: str) -> bool:
    if name == "integer":
        return not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value % 1 == 0))
    if name == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _number(schema: dict[str, Any], value: Any) -> bool:
    if not _is(value, "number"):
        return True
    return (
        value >= schema.get("minimum", value)
        and value <= schema.get("maximum", value)
        and ("exclusiveMinimum" not in schema or value > schema["exclusiveMinimum"])
        and ("exclusiveMaximum" not in schema or value < schema["exclusiveMaximum"])
    )


def _array(schema: dict[str, Any], value: Any) -> bool:
    if not isinstance(value, list):
        return True
    return (
        schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value))
        and (not schema.get("uniqueItems") or len({repr(one) for one in value}) == len(value))
        and all(accepts(schema.get("items", True), one) for one in value)
    )


def _object(schema: dict[str, Any], value: Any) -> bool:
    if not isinstance(value, dict):
        return True
    properties = schema.get("properties", {})
    rest = schema.get("additionalProperties", True)
    return (
        all(name in value for name in schema.get("required", ()))
        and len(value) >= schema.get("minProperties", 0)
        and all(accepts(properties.get(name, rest), one) for name, one in value.items())
    )


def _several(schema: dict[str, Any], value: Any) -> bool:
    if not all(accepts(one, value) for one in schema.get("allOf", ())):
        return False
    if "anyOf" in schema and not any(accepts(one, value) for one in schema["anyOf"]):
        return False
    return "if" not in schema or not accepts(schema["if"], value) or accepts(schema.get("then", True), value)
