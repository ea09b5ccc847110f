"""Options of the command line from the declarations of settings."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from typing import Any, Literal, get_origin

from annotated_types import Ge, Le

from visiontk.cli.parser import Parser, names, number, whole
from visiontk.harness.setting import Declared, members

MOST = 10**15
"""Largest whole number where a setting has no limit."""


def add_settings(parser: Parser, settings: Iterable[Declared]) -> None:
    """Add an option for each setting, under the heading of the setting."""
    headings: dict[str, argparse._ArgumentGroup] = {}
    for each in settings:
        heading = each.setting.group
        if heading not in headings:
            headings[heading] = parser.add_argument_group(heading)
        add_setting(parser, headings[heading], each, rare=not each.setting.common)


def add_setting(parser: Parser, group: argparse._ActionsContainer, each: Declared, *, rare: bool) -> None:
    """Add the option of a setting; if `rare`, only the full help shows it."""
    setting = each.setting
    keywords: dict[str, Any] = {"dest": each.name, "metavar": setting.metavar or each.name.upper()}
    if any(kind is bool for kind, _ in members(each.form)):
        keywords = {"dest": each.name, "action": "store_const", "const": True}
    elif setting.option:
        keywords |= {"action": "append"}
    elif setting.bare is None:
        keywords |= {"type": reader(each.form)}
    else:
        keywords |= {"type": reader(each.form), "nargs": "?", "const": setting.bare}
    text = f"{setting.help} {setting.more}".strip() if parser.full else setting.help
    if rare:
        parser.rare(group, each.option, help=text, **keywords)
    else:
        group.add_argument(each.option, help=text, **keywords)


def reader(form: Any) -> Callable[[str], Any]:
    """Return the function that reads a value of this type from the command line.

    What it cannot read it leaves to the config, which says what is expected.

    Examples
    --------
    >>> reader(int | list[int])("0,1"), reader(float | Literal["largest"])("0.95"), reader(list[str])("a, b")
    ([0, 1], 0.95, ['a', 'b'])
    """
    kinds = {get_origin(kind) or kind: metadata for kind, metadata in members(form)}
    kinds.pop(type(None), None)
    if set(kinds) == {int}:
        return whole(*_range(kinds[int]))
    if list in kinds:
        return _count_or_list if int in kinds else names
    if float in kinds and str not in kinds:
        return _number_or_name if Literal in kinds else number
    return str


def _range(metadata: tuple[Any, ...]) -> tuple[int, int]:
    low = next((each.ge for each in metadata if isinstance(each, Ge)), 0)
    high = next((each.le for each in metadata if isinstance(each, Le)), MOST)
    return int(low), int(high)  # type: ignore[call-overload]


def _count_or_list(text: str) -> Any:
    words = [word.strip() for word in text.split(",")]
    if not all(word.isdecimal() and len(word) < 12 for word in words):
        return text
    return int(words[0]) if len(words) == 1 else [int(word) for word in words]


def _number_or_name(word: str) -> float | str:
    try:
        return float(word)
    except ValueError:
        return word
