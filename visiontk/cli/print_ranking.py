"""Terminal output of a ranking of learners over several runs."""

from __future__ import annotations

from pathlib import Path

from visiontk.api import RankingResult
from visiontk.cli.printing import print_end
from visiontk.cli.wrapping import aligned, cells, cut, ruled, width, wrapped
from visiontk.report import formatting as fmt
from visiontk.report.blocks import texts_of
from visiontk.report.formatting import visible
from visiontk.report.several.ranking_table import ranking_table, signature
from visiontk.report.several.records import Ranking

LONGEST_NAME = 22
"""Columns of a name in the table."""


def print_ranking(result: RankingResult, report: Path) -> None:
    """Print the table, the sentence, the verdicts, the warnings and the path of the page."""
    ranking = result.values
    print()
    for line in table(ranking):
        print(line)
    print()
    print(wrapped(visible(result.sentence)))
    distance = ranking["nemenyi"]["critical_difference"]
    print(wrapped(f"Nemenyi's critical difference of mean ranks: {distance:.2f}.", 2, hanging=4))
    for pair in ranking["pairs"]:
        if pair["verdict"] != "undecided":
            p = fmt.p_value(pair["p_adjusted"])
            verdict = f"{pair['learner']}, {pair['other']}: {pair['verdict']}, p {p} adjusted"
            print(wrapped(visible(verdict), 2, hanging=4))
    cautions = [f"{row['label']}: {row['caution']}" for row in ranking["runs"] if row["caution"]]
    print_end(cautions, ranking["warnings"], report)


def table(ranking: Ranking) -> list[str]:
    """Learners by mean rank, with as many data sets as the terminal has room for; the last column counts the others."""
    rows = [[cut(visible(cell), LONGEST_NAME) for cell in row] for row in texts_of(ranking_table(ranking))]
    lines: list[str] = []
    for n_shown in range(len(rows[0]), 2, -1):
        n_hidden = len(rows[0]) - n_shown
        more = [[f"{n_hidden} more" if i == 0 else "…"] if n_hidden else [] for i in range(len(rows))]
        lines = aligned([row[:n_shown] + rest for row, rest in zip(rows, more, strict=True)], right=range(2, n_shown))
        if max(map(cells, lines)) <= width():
            break
    return ruled(lines)


def plain_ranking(ranking: Ranking) -> str:
    """The whole table with the sentence and the signatures."""
    rows = [[visible(cell) for cell in row] for row in texts_of(ranking_table(ranking))]
    lines = aligned(rows, right=range(2, len(rows[0])))
    return "\n".join([*lines, "", visible(ranking["headline"]["sentence"]), "", visible(signature(ranking)), ""])
