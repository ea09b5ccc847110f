"""The table of ranked learners, for the page, the terminal, papers and programs."""

from __future__ import annotations

from visiontk.report import formatting as fmt
from visiontk.report import writers
from visiontk.report.blocks import Cell, Column, Row, Table
from visiontk.report.several.records import RankedLearner, Ranking

LONGEST_LABEL = 40


def ranking_table(ranking: Ranking) -> Table:
    """Learners by mean rank with their values, and ranks in brackets."""
    columns = [Column("learner"), Column("family"), Column("mean rank", "number")]
    for run in ranking["runs"]:
        remarks = [fmt.words(run["metric"])]
        remarks += [] if run["higher_is_better"] else ["lower is better"]
        remarks += ["synthetic data"] if run["synthetic"] else []
        columns.append(Column(fmt.shorten(run["label"], LONGEST_LABEL), "number", small=", ".join(remarks)))
    rows = [Row(_cells(ranking, learner)) for learner in ranking["learners"]]
    return Table("Table of values and ranks", columns, rows, look="domains stack")


def _cells(ranking: Ranking, learner: RankedLearner) -> list[Cell]:
    values = zip(ranking["runs"], learner["values"], learner["ranks"], strict=True)
    return [
        Cell(learner["name"], family=learner["family"]),
        Cell(learner["family"]),
        Cell(f"{learner['mean_rank']:.2f}", strong=True),
        *(Cell(fmt.value(value, run["kind"] or "unbounded"), unit=f" ({rank:g})") for run, value, rank in values),
    ]


def signature(ranking: Ranking) -> str:
    """The tests and the signatures of all runs on one line."""
    runs = " || ".join(run["signature"] for run in ranking["runs"])
    return f"Friedman by permutation, signed ranks with Holm | {runs}"


def markdown(ranking: Ranking) -> str:
    """The table, the sentence and the signatures."""
    return writers.markdown(ranking_table(ranking), ranking["headline"]["sentence"], signature(ranking))


def latex(ranking: Ranking) -> str:
    """The table as a tabular without packages, the sentence as its caption, the signatures below."""
    return writers.latex(ranking_table(ranking), ranking["headline"]["sentence"], signature(ranking))


def csv_text(ranking: Ranking) -> str:
    """Values with all digits and ranks in separate columns, and the signatures as a comment in the last line."""
    labels = [run["label"] for run in ranking["runs"]]
    numbers = ["mean_rank", *labels, *(f"{label}_rank" for label in labels)]
    columns = [Column("learner"), Column("family"), *(Column(name, "number") for name in numbers)]
    rows = [
        Row([Cell(learner["name"]), Cell(learner["family"]),
             *(Cell(sort=value) for value in (learner["mean_rank"], *learner["values"], *learner["ranks"]))])
        for learner in ranking["learners"]
    ]  # fmt: skip
    return writers.csv_text(Table("", columns, rows), signature(ranking))
