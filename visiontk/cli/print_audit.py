"""The findings of an audit in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from visiontk.cli.wrapping import wrapped
from visiontk.report.formatting import visible
from visiontk.report.pages.audit import sentence, terms_of

if TYPE_CHECKING:
    from visiontk.api import AuditResult

LINES = 3
"""Lines under each finding; the page has more."""


def print_audit(result: AuditResult, page: Path) -> None:
    """Print findings for people, the most severe first."""
    value = result.values
    print(f"{value['task']} on {value['dataset']}: {_checked(value)}")
    if terms := terms_of(value):
        print(wrapped(visible(terms)))
    print()
    for finding in value["findings"]:
        print(wrapped(f"{finding['severity']} {finding['code']}: {visible(finding['message'])}", hanging=4))
        for line in finding["lines"][:LINES]:
            print(wrapped(visible(line), 4, hanging=6))
        print(wrapped(f"to do: {finding['remedy']}", 4, hanging=6))
    print(f"{chr(10) if value['findings'] else ''}{sentence(value)}")
    print(f"Page: {visible(str(page.absolute()))}")


def _checked(value: Mapping[str, Any]) -> str:
    if not value["n"]:
        return "the data could not be read to the end."
    part = f", of which {value['n_compared']:,} were compared" if value["n_compared"] < value["n"] else ""
    return f"{value['n']:,} samples{part}, {value['split']}."
