"""YAML read strictly: plain values of the YAML 1.2 core schema, every key once, nothing that runs or explodes.

PyYAML's ``safe_load`` accepts duplicate keys, reads ``1e-3`` as text and ``no`` as false, and expands
aliases without limit.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import yaml

from visiontk.errors import ConfigError

MAX_BYTES = 1_000_000
MAX_DEPTH = 20

Key = tuple[str, ...]

_INT = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


class Document(NamedTuple):
    """A document and the line of each of its keys.

    ``lines`` maps a path of keys, such as ``("learners", "cnn", "epochs")``, to its line, from 1.
    """

    value: Any
    lines: dict[Key, int]


def read(text: str | bytes, *, where: str) -> Document:
    r"""Parse one document.

    Parameters
    ----------
    text : str or bytes
        UTF-8, with or without a byte order mark.
    where : str
        File name, for messages.

    Raises
    ------
    ConfigError
        With file, line and reason.

    Examples
    --------
    >>> read("rate: 1e-3\nmirror: no\n", where="a.yaml").value
    {'rate': 0.001, 'mirror': 'no'}
    >>> read("a: 1\na: 2\n", where="a.yaml")
    Traceback (most recent call last):
    visiontk.errors.ConfigError: a.yaml:2: duplicate key 'a', first in line 1.
    """
    if len(text) > MAX_BYTES:
        raise _error(where, f"{len(text)} bytes; a config has at most {MAX_BYTES}.")
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise _error(where, f"not a UTF-8 text (byte {text[error.start]:#04x} at {error.start}).") from error
    try:
        _refuse_dangers(text, where)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise _error(f"{where}{line}", f"not readable as YAML: {error.problem or error.context}.") from error
    except yaml.YAMLError as error:
        reason = str(error).splitlines()[0]
        raise _error(where, f"not readable as YAML: {reason}.") from error
    if node is None:
        raise _error(where, "the file is empty.")
    lines: dict[Key, int] = {}
    return Document(_build(node, (), lines, where), lines)


def scalar(text: str) -> Any:
    """The value of a plain scalar in the YAML 1.2 core schema.

    Examples
    --------
    >>> [scalar(t) for t in ("true", "no", "1e-3", "010", "12:30", "~", "0x1f")]
    [True, 'no', 0.001, 10, '12:30', None, 31]
    """
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE"):
        return True
    if text in ("false", "False", "FALSE"):
        return False
    if _INT.fullmatch(text):
        return int(text)
    if re.fullmatch(r"0x[0-9a-fA-F]{1,15}", text):
        return int(text, 16)
    if re.fullmatch(r"0o[0-7]{1,20}", text):
        return int(text, 8)
    if re.fullmatch(r"[-+]?\.(inf|Inf|INF)", text):
        return float(text.replace(".", ""))
    if text in (".nan", ".NaN", ".NAN"):
        return float("nan")
    if _FLOAT.fullmatch(text) and len(text) < 100:
        return float(text)
    return text


def _error(where: str, reason: str) -> ConfigError:
    return ConfigError(f"{where}: {reason}", error_id="E-CONFIG-YAML")


def _refuse_dangers(text: str, where: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _error(f"{where}:{line}", "anchors and aliases are not allowed; write the value out.")
        tag = getattr(event, "tag", None)
        if tag:
            raise _error(f"{where}:{line}", f"tags are not allowed: {tag}.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise _error(f"{where}:{line}", f"nested deeper than {MAX_DEPTH} levels.")


def _build(node: yaml.Node, path: Key, lines: dict[Key, int], where: str) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.ScalarNode):
        return scalar(node.value) if node.style is None else node.value
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, (*path, str(i)), lines, where) for i, item in enumerate(node.value)]
    value: dict[str, Any] = {}
    for key_node, item in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise _error(f"{where}:{line}", "a key must be a plain word.")
        key = str(key_node.value)
        if key in value:
            raise _error(f"{where}:{line}", f"duplicate key {key!r}, first in line {lines[*path, key]}.")
        lines[*path, key] = line
        value[key] = _build(item, (*path, key), lines, where)
    return value
