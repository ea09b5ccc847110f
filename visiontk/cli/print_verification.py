"""A verification in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from visiontk.api.verification import Verification
from visiontk.cli.wrapping import aligned, wrapped
from visiontk.report.formatting import visible


def verification_lines(result: Verification) -> list[str]:
    """Return a line for each fit, packages of another version, and the outcome."""
    rows: list[tuple[str, ...]] = [("fit", "outcome", "before", "now", "largest difference of a score", "other class")]
    rows += [_row(each) for each in result.values["trials"]]
    lines = aligned(rows, right=[2, 3, 4, 5])
    reasons = [
        wrapped(f"{visible(each['trial'])}: {visible(each['reason'])}", 2, hanging=4)
        for each in result.values["trials"]
        if each["reason"]
    ]
    changed = [
        f"  {name}: {before or 'missing'} before, {now or 'missing'} now"
        for name, (before, now) in result.values["changed"].items()
    ]
    versions = ["", "Packages of other versions:", *changed] if changed else []
    return ["", *lines, *reasons, *versions, "", wrapped(result.sentence)]


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
