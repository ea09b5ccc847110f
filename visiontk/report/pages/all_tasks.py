"""The combined page: one row a task, each leading to its own report, and all differences on one axis."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from visiontk.report import formatting as fmt
from visiontk.report.charts.differences import Lead, difference_chart
from visiontk.report.figures import figure, responsive
from visiontk.report.pages.template import fill_template

OUTCOMES = {
    "network": ("better", "network better"),
    "classical": ("better", "traditional better"),
    "equivalent": ("equivalent", "equivalent"),
    "undecided": ("undecided", "undecided"),
    "none": ("invalid", "no verdict"),
    "failed": ("invalid", "failed"),
    "waiting": ("undecided", "not run yet"),
}
"""The look of a verdict on the page, which is the same whoever is better, and its words."""

_FOLDER = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")


def render_overview(value: Mapping[str, Any]) -> str:
    """The combined page as the text of one HTML file that loads nothing; its links lead to the folders beside it.

    Parameters
    ----------
    value : mapping
        The value of ``all.json``.
    """
    shown = fmt.clean(value)
    rows = [_row(row) for row in shown["tasks"]]
    return fill_template(
        "all_tasks.html",
        r=shown,
        drawn=False,
        rows=rows,
        date=fmt.date(shown["created"]),
        cautions=[f"{fmt.words(row['task'])}: {row['caution']}" for row in shown["tasks"] if row["caution"]],
        chart=_chart(rows),
        n_domains=len(rows),
        data={name: shown[name] for name in ("schema", "visiontk", "created", "preset", "complete", "counts", "tasks")},
    )


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    kind = row["kind"] or "unbounded"
    look, words = OUTCOMES.get(row["outcome"], ("invalid", row["outcome"]))
    has_report = row["status"] in ("done", "partial") and _FOLDER.fullmatch(row["folder"])
    return dict(row) | {
        "title": fmt.words(row["task"]),
        "href": f"{quote(row['folder'])}/report.html" if has_report else "",
        "remark": f"{row['origin']} data",
        "direction": "" if row["higher_is_better"] in (True, None) else "lower is better",
        "competitors": [(family, _competitor(row[family], kind)) for family in ("classical", "network")],
        "versus": fmt.difference(row["difference"], kind, row["low"], row["high"]),
        "unit": fmt.unit(kind) if row["difference"] is not None else "",
        "interval": fmt.interval(row["low"], row["high"], kind, signed=True),
        "look": look,
        "words": words,
        "lead": _lead(row),
        "size": f"{row['n_train']:,} train, {row['n_test']:,} test" if row["n_train"] is not None else "",
    }


def _competitor(found: Mapping[str, Any] | None, kind: str) -> dict[str, Any] | None:
    if found is None:
        return None
    return dict(found) | {
        "value": fmt.value(found["value"], kind, found["low"], found["high"]),
        "interval": fmt.interval(found["low"], found["high"], kind),
    }


def _lead(row: Mapping[str, Any]) -> Lead:
    """How far the network is ahead, whichever way the metric runs."""
    label = fmt.words(row["task"])
    if row["difference"] is None or row["kind"] == "unbounded":
        remark = "its metric has another unit" if row["difference"] is not None else OUTCOMES[row["outcome"]][1]
        return Lead(label, None, None, None, 0.0, "", remark)
    sign = 1 if row["higher_is_better"] else -1
    value = sign * row["difference"]
    ends = [sign * end for end in (row["low"], row["high"]) if end is not None]
    low, high = (min(ends), max(ends)) if len(ends) == 2 else (None, None)
    note = (
        f"{label}: {fmt.difference(value, row['kind'])} points of {row['metric'].replace('_', ' ')} "
        f"{fmt.interval(low, high, row['kind'], signed=True)}, {OUTCOMES[row['outcome']][1]}"
    )
    return Lead(label, value, low, high, row["margin"] or 0.0, note)


def _chart(rows: list[dict[str, Any]]) -> Any:
    leads = [row["lead"] for row in rows]
    if not any(lead.value is not None for lead in leads):
        return None
    known = "; ".join(lead.note for lead in leads if lead.note)
    picture = responsive(difference_chart, "leads", rows=leads, title="Lead of the network in each domain",
                         desc=f"{known}.")  # fmt: skip
    margins = {lead.margin for lead in leads if lead.value is not None}
    points = 100 * margins.pop() if len(margins) == 1 else None
    size = "" if points is None else f"of {points:.3g} point{'' if points == 1 else 's'} "
    caption = (
        "How far the best network is ahead of the best traditional method, in points of the metric of each domain, "
        f"with 95 % intervals. The band is the margin {size}within which a difference is of no practical importance."
    )
    table = [
        (row["title"], fmt.words(row["metric"]), f"{row['versus']}{row['unit']} {row['interval']}".strip(),
         row["words"])
        for row in rows
    ]  # fmt: skip
    return figure("leads", picture, caption, ("domain", "metric", "network minus traditional", "verdict"), table)
