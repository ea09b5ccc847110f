"""The page of several runs: the critical-difference diagram, values with ranks, pairs of learners, the runs."""

from __future__ import annotations

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Block, Cell, Column, Figure, Heading, Note, Row, Table, Term, Terms, Text
from visiontk.report.charts.ranks import Ranked, rank_chart
from visiontk.report.figures import MOST_DATA_ROWS, families, figure, responsive
from visiontk.report.pages.document import PARTIAL, Document, DocumentSection, cautions, details, render_document
from visiontk.report.several.ranking_table import ranking_table
from visiontk.report.several.records import Ranking

MOST_RANKED = 40
GLOSSARY = (
    Term("rank", "The place of a learner on one data set: 1 for the best value. A mean rank is the mean over all data "
         "sets."),
    Term("Friedman's test", "The probability of mean ranks at least this different by chance, if no learner tends to "
         "be better than another."),
    Term("critical difference", "The distance of two mean ranks from which on Nemenyi's test calls them different. It "
         "grows with the number of learners and depends on which learners they are."),
    Term("signed ranks", "Wilcoxon's test: do the differences of two learners lean to one side over all data sets?"),
    Term("better", "Friedman's test shows that ranks differ, and the signed-rank test of the pair, adjusted for all "
         "pairs, is below 0.05.", verdicts=("better",)),
    Term("undecided", "These data sets cannot tell. It does not mean that there is no difference.",
         verdicts=("undecided",)),
)  # fmt: skip


def render_ranking(ranking: Ranking) -> str:
    """Return the page as one HTML file that loads nothing."""
    shown: Ranking = fmt.clean(ranking)
    runs = shown["runs"]
    title = f"{fmt.plural(len(shown['learners']), 'learner')} on {fmt.plural(len(runs), 'data set')}"
    title += "" if shown["complete"] else " (partial)"
    metrics = sorted({fmt.words(run["metric"]) for run in runs})
    terms = [Term(run["label"], run["sentence"], [run["folder"], run["signature"]]) for run in runs]
    page = Document(
        title=title,
        eyebrow=[title, ", ".join(metrics), fmt.date(shown["created"])],
        heading=shown["headline"]["sentence"],
        notes=cautions([(run["label"], run["caution"]) for run in runs]),
        banner=None if shown["complete"] else Note("PARTIAL", f"Not all runs have finished. {PARTIAL}", "alarm"),
        lead=[_figure(shown)],
        warnings=shown["warnings"],
        sections=[
            DocumentSection("ranks", "Values and ranks", [_ranks_lead(shown), ranking_table(shown)]),
            DocumentSection("pairs", "Pairs of learners", _pairs(shown)),
            DocumentSection("runs", "The runs", [Terms(terms, "cards")]),
            details(shown["reproduce"]["command"], GLOSSARY),
        ],
        footer="",
        version=shown["visiontk"],
        synthetic=all(run["synthetic"] for run in runs),
        data=shown,
    )
    return render_document(page)


def _ranks_lead(ranking: Ranking) -> Text:
    test = ranking["friedman"]
    method = "all permutations of ranks within data sets" if test["exact"] else "9,999 random permutations of ranks"
    return Text(
        "Ranks in brackets: 1 is the best value on a data set; ties share the mean of their ranks. Each data set "
        "counts as one observation, whatever its size and the uncertainty of its values. Friedman's test of equal "
        f"ranks: p {fmt.equals(test['p_value'])}, from {method}.",
        "lead",
    )


def _pairs(ranking: Ranking) -> list[Block]:
    family = {learner["name"]: learner["family"] for learner in ranking["learners"]}
    pairs = ranking["pairs"]
    lead = (
        f"Signed-rank tests of the differences on all data sets, with Holm's correction for "
        f"{fmt.plural(len(pairs), 'pair')}. They do not depend on the other learners. A verdict also needs Friedman's "
        "test below 0.05."
    )
    columns = [Column(name) for name in ("learner", "against", "difference of mean ranks", "data sets that differ", "p",
                                         "p adjusted", "verdict")]  # fmt: skip
    rows = [
        Row([
            Cell(pair["learner"], family=family[pair["learner"]]),
            Cell(pair["other"], family=family[pair["other"]]),
            Cell(f"{pair['rank_difference']:.2f}"),
            Cell(fmt.UNKNOWN if pair["n"] is None else str(pair["n"])),
            Cell(fmt.p_value(pair["p_value"])),
            Cell(fmt.p_value(pair["p_adjusted"])),
            Cell(verdict=pair["verdict"]),
        ])
        for pair in pairs[:MOST_DATA_ROWS]
    ]  # fmt: skip
    blocks: list[Block] = [Text(lead, "lead"), Table("Table of pairs", columns, rows, look="domains stack")]
    if (hidden := len(pairs) - len(rows)) > 0:
        blocks.append(Text(f"{fmt.plural(hidden, 'more pair')}: visiontk report --json.", "note"))
    if ranking["families"]["text"]:
        chosen = "Of each run, the best learner of each family on the validation set counts."
        blocks += [
            Heading("Networks from scratch and traditional methods"),
            Text(f"{ranking['families']['text']} {chosen}"),
        ]
    return blocks


def _figure(ranking: Ranking) -> Figure:
    learners, n_datasets = ranking["learners"][:MOST_RANKED], len(ranking["runs"])
    means = {row["name"]: row["mean_rank"] for row in ranking["learners"]}
    shown = {row["name"] for row in learners}
    cliques = [[name for name in each if name in shown] for each in ranking["nemenyi"]["cliques"]]
    joined = [each for each in cliques if len(each) > 1]
    ranks = "; ".join(f"{row['name']} {row['mean_rank']:.2f}" for row in learners)
    bars = f"Joined by a bar: {'; '.join(map(', '.join, joined))}." if joined else "No bar joins any of them."
    chart = responsive(
        rank_chart,
        "ranks",
        learners=[Ranked(row["name"], row["family"], row["mean_rank"]) for row in learners],
        cliques=[(means[each[0]], means[each[-1]]) for each in joined],
        critical=ranking["nemenyi"]["critical_difference"],
        title=f"Mean ranks of {len(means)} learners over {n_datasets} data sets",
        desc=f"Mean ranks: {ranks}. {bars}",
    )
    cut = f" The first {MOST_RANKED} of {len(means)} learners." if len(means) > MOST_RANKED else ""
    caption = (
        f"Mean ranks over {n_datasets} data sets; a lower rank is better.{cut} A bar joins learners whose mean ranks "
        "are less than the critical difference apart: Nemenyi's test shows no difference between them at 0.05. As this "
        "depends on the other learners, the sentence above rests on the tests of pairs below."
    )
    rows = []
    for row in learners:
        others = {name for each in ranking["nemenyi"]["cliques"] if row["name"] in each for name in each}
        names = ", ".join(sorted(others - {row["name"]}, key=means.__getitem__)) or "none"
        rows.append((row["name"], row["family"], f"{row['mean_rank']:.2f}", names))
    head = ("learner", "family", "mean rank", "joined with")
    return figure("ranks", chart, caption, head, rows, families(row["family"] for row in learners))
