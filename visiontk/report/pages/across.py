"""The page of several runs: the critical-difference diagram, values with ranks, every two learners, the runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Figure
from visiontk.report.charts.ranks import Ranked, rank_chart
from visiontk.report.figures import MOST_DATA_ROWS, families, figure, responsive
from visiontk.report.pages.template import fill_template

MOST_RANKED = 40


def render_across(value: Mapping[str, Any]) -> str:
    """The page as the text of one HTML file that loads nothing.

    Parameters
    ----------
    value : mapping
        Of `visiontk.report.across.across`.
    """
    shown = fmt.clean(value)
    of = {row["name"]: row["family"] for row in shown["learners"]}
    pairs = [_pair(pair, of) for pair in shown["pairs"]]
    return fill_template(
        "across.html",
        r=shown,
        drawn=all(row["synthetic"] for row in shown["runs"]),
        date=fmt.date(shown["created"]),
        cautions=[f"{row['label']}: {row['caution']}" for row in shown["runs"] if row["caution"]],
        chart=_chart(shown),
        learners=[_learner(learner, shown["runs"]) for learner in shown["learners"]],
        pairs=pairs[:MOST_DATA_ROWS],
        hidden=max(0, len(pairs) - MOST_DATA_ROWS),
        p_kind=_method(shown),
        metrics=sorted({row["metric"] for row in shown["runs"]}),
    )


def rank(value: float) -> str:
    """A rank, or a mean that ties share.

    Examples
    --------
    >>> rank(2.0), rank(2.5)
    ('2', '2.5')
    """
    return f"{value:g}"


def _learner(learner: Mapping[str, Any], runs: list[Mapping[str, Any]]) -> dict[str, Any]:
    cells = [
        (row["label"], fmt.value(value, row["kind"]), rank(at))
        for row, value, at in zip(runs, learner["values"], learner["ranks"], strict=True)
    ]
    return dict(learner) | {"mean": f"{learner['mean_rank']:.2f}", "cells": cells}


def _pair(pair: Mapping[str, Any], family_of: Mapping[str, str]) -> dict[str, Any]:
    return dict(pair) | {
        "apart": f"{pair['rank_difference']:.2f}",
        "family": family_of[pair["learner"]],
        "other_family": family_of[pair["other"]],
    }


def _method(value: Mapping[str, Any]) -> str:
    if value["friedman"]["exact"]:
        return "all arrangements of ranks within data sets were counted"
    return "from 9,999 arrangements of ranks within data sets, drawn alike each time"


def _chart(value: Mapping[str, Any]) -> Figure:
    learners, nemenyi = value["learners"][:MOST_RANKED], value["nemenyi"]
    ranked = [Ranked(row["name"], row["family"], row["mean_rank"]) for row in learners]
    means = {row["name"]: row["mean_rank"] for row in value["learners"]}
    cliques = [[name for name in each if name in {row.name for row in ranked}] for each in nemenyi["cliques"]]
    joined = [(means[each[0]], means[each[-1]]) for each in cliques if len(each) > 1]
    told = "; ".join(f"{row.name} {row.mean_rank:.2f}" for row in ranked)
    groups = "; ".join(", ".join(each) for each in cliques if len(each) > 1)
    picture = responsive(
        rank_chart,
        "ranks",
        learners=ranked,
        cliques=joined,
        critical=nemenyi["critical_difference"],
        title=f"Mean ranks of {len(means)} learners over {len(value['runs'])} data sets",
        desc=f"Mean ranks: {told}. " + (f"Joined by a bar: {groups}." if groups else "No bar joins any of them."),
    )
    cut = f" The first {MOST_RANKED} of {len(means)} learners." if len(means) > MOST_RANKED else ""
    caption = (
        f"Mean ranks over {len(value['runs'])} data sets; a lower rank is better.{cut} A bar joins learners whose mean "
        "ranks are less than the critical difference apart: Nemenyi's test does not tell them apart at 0.05. What it "
        "says of two depends on which others take part, so that the sentence above rests on the tests of pairs below."
    )
    rows = []
    for row in ranked:
        joined_with = {name for each in nemenyi["cliques"] if row.name in each for name in each} - {row.name}
        others = ", ".join(sorted(joined_with, key=means.__getitem__)) or "none"
        rows.append((row.name, row.family, f"{row.mean_rank:.2f}", others))
    legend = families(row.family for row in ranked)
    return figure("ranks", picture, caption, ("learner", "family", "mean rank", "joined with"), rows, legend)
