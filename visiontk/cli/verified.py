"""What a verification shows in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from visiontk.api.verified import Verified
from visiontk.cli.wrapping import aligned, wrapped
from visiontk.report.formatting import visible


def print_verified(found: Verified) -> None:
    """Print one line for each fit, what is installed otherwise than then, and the outcome."""
    for line in verified_text(found):
        print(line)


def verified_text(found: Verified) -> list[str]:
    """The lines of `print_verified`."""
    rows: list[tuple[str, ...]] = [("fit", "outcome", "then", "now", "largest difference of a score", "other class")]
    rows += [_row(each) for each in found.values["trials"]]
    lines = aligned(rows, right=[2, 3, 4, 5])
    reasons = [
        wrapped(f"{visible(each['trial'])}: {visible(each['reason'])}", 2, hanging=4)
        for each in found.values["trials"]
        if each["reason"]
    ]
    changed = [
        f"  {name}: {then or 'missing'} then, {now or 'missing'} now"
        for name, (then, now) in found.values["changed"].items()
    ]
    told = ["", "Other versions than then:", *changed] if changed else []
    return ["", *lines, *reasons, *told, "", wrapped(found.sentence)]


def _row(each: Mapping[str, Any]) -> tuple[str, ...]:
    numbers = [
        "" if each[name] is None else f"{each[name]:.4f}" if name != "largest" else f"{each[name]:.2g}"
        for name in ("before", "after", "largest")
    ]
    return (
        visible(each["trial"]),
        each["outcome"],
        *numbers,
        "" if each["n_changed"] is None else str(each["n_changed"]),
    )
