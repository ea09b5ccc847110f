"""Page docs/results.md: tables with a row for each data set, kept as they are until it is measured anew."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from published_results import BEFORE, ENTRIES, REASONS, Before
from tables_of_runs import metric_cell
from tables_of_searches import crossing, searched_pair

from visiontk.report import formatting as fmt

Values = Mapping[str, Any]

DIFFERENCE = 5
"""Column of the difference in the first table."""

FORMER = "former rules"
"""Mark of rows that have not been measured under the present rules."""

HEAD = """# Measured results

Written by `make results`, which runs the configs named below and writes this page from their `results.json`; `make
results NAME=fsdd` measures or resumes one of them, and writes its rows and its page. Learners
ran with the settings of their config and with defaults otherwise. Defaults were chosen on validation sets: those of
the image learners on Fashion-MNIST (`docs/decisions`), those of the other tasks on the data sets below. Results on
test sets had been printed during the work on text, audio, faces and PneumoniaMNIST; `text_cnn`, `nb_svm` and
`spectrogram_cnn` were changed after their test results on MR, TREC or FSDD had been seen, so those results are not
untouched estimates. On MR, `text_cnn` starts with word vectors from co-occurrence: they had been scored on test sets
during their development; their use was decided on the validation sets of seven folds that had not been inspected
(77.4 against 76.2 %). On TREC, settings of `nb_svm` and `tfidf_logistic` were chosen by ten-fold cross-validation
within the training set, after 88.0 % on the test set had been seen with the defaults; widths and rare words of
`text_cnn` by five-fold cross-validation within the training set (86.9 against 86.4 %), after 89.7 % on the test set
had been seen without them: with them it was 89.4 %; and five members instead of one likewise (87.0 against 86.6 %):
89.7 %. Runs called `tuned_` start with the defaults and search alike for all learners, in spaces stated beforehand;
those on TREC, FSDD and facial_expressions were measured by the rule of one standard error (decision 012), the others
while a search still took the best on the validation set, however small its lead. Settings of a config are listed
under its table. Intervals are 95 %; those of comparisons other than the primary one are wider, as their tables say. CPU
time is per fit, on a machine with other load: read it as a rank. The same fits differed by up to a factor of two
between runs.

**The rule of the verdict was changed after FSDD's verdict had been seen.** FSDD showed the same numbers twice, +10.4
points [+1.3, +19.5] and p = 0.032, once as "undecided" and once as "better", because the p-value was corrected for all
learners in the table. Since then the best network against the best traditional method, chosen on validation sets, is
the primary comparison, tested alone at 5 %, and all other comparisons are corrected for each other. The change was
decided by simulation (docs/statistics.md), but with this verdict in view, so what these data show under the new rule is
not confirmed by independent data. Rows marked "former rules" have not been measured under the present ones.

"""


class Table(NamedTuple):
    """A table with rows for each data set: heading, text, cells of the head and the rows of one run."""

    heading: str
    text: str
    head: Sequence[str]
    rows: Callable[[str, Values], list[str]]


def index(page: str, measured: Mapping[str, Values]) -> str:
    """Return the page with the rows of these runs; the rows of others are those of `page`."""
    lines = [HEAD.rstrip(), ""]
    tables = [(table, rows_by_name(page, table, measured)) for table in TABLES]
    missing = [name for name in ENTRIES if name not in tables[0][1]]
    if missing:
        lines += [f"Not measured yet: {', '.join(f'`{name}`' for name in missing)}.", ""]
    for table, rows in tables:
        below = [row for name in ENTRIES for row in rows.get(name, [])]
        note = _unchanged(tables[0][1], rows) if table.rows is changed else ""
        if below or note:
            lines += [
                f"## {table.heading}",
                "",
                *([table.text, ""] if table.text else []),
                *([note, ""] if note else []),
            ]
        if below:
            lines += [f"| {' | '.join(table.head)} |", "|" + "---|" * len(table.head), *below, ""]
    return "\n".join(lines)


def rows_by_name(page: str, table: Table, measured: Mapping[str, Values]) -> dict[str, list[str]]:
    """Return the rows of each data set: those of the page, replaced by those of the runs that were measured."""
    rows: dict[str, list[str]] = {}
    below = page.partition(f"## {table.heading}\n")[2].partition("\n## ")[0]
    for line in below.splitlines():
        if row := re.match(r"\| \[?`(\w+)`", line):
            rows.setdefault(row[1], []).append(line)
    return rows | {name: table.rows(name, values) for name, values in measured.items()}


def _unchanged(summary: Mapping[str, Sequence[str]], changes: Mapping[str, Sequence[str]]) -> str:
    """Return the data whose verdict is the same under the present rules, with the difference before and now."""
    same = []
    for name in ENTRIES:
        row = next(iter(summary.get(name, [])), FORMER)
        if FORMER not in row and name in BEFORE and not changes.get(name):
            now = [cell.strip() for cell in row.strip("|").split("|")][DIFFERENCE]
            before = BEFORE[name]
            same.append(f"`{name}` {before.verdict}, {before.difference} before and {now} now")
    return f"The same verdict as before: {'; '.join(same)}." if same else ""


def summary(name: str, values: Values) -> list[str]:
    """Return the row of one data set: the best of each family, their difference, published results."""
    headline, entry = values["headlines"][-1], ENTRIES[name]
    kind = values["metrics"][values["metric"]]["kind"]
    best = [chosen(values, family) for family in ("classical", "network")]
    low, high = headline["low"], headline["high"]
    gap = f"{fmt.difference(headline['difference'], kind)} {fmt.interval(low, high, kind, signed=True)}"
    others = [
        "; ".join(f"{p.reached} ({p.method})" for p in entry.published if p.family == family) or "none"
        for family in ("classical", "network")
    ]
    cells = [
        entry.protocol,
        fmt.words(values["metric"]),
        *best,
        gap,
        verdict_of(values),
        values["created"][:10],
        *others,
    ]
    return [f"| [`{name}`](results/{name}.md) | {' | '.join(cells)} |"]


def verdict_of(values: Values) -> str:
    """Return the verdict of the primary comparison in words."""
    verdict = str(values["headlines"][-1]["verdict"])
    return {"better": "network better", "worse": "traditional better"}.get(verdict, verdict)


def chosen(values: Values, family: str, question: int = -1) -> str:
    """Return the learner that validation chose, with its interval; if folds chose different ones, their joint value."""
    headline, side = values["headlines"][question], SIDES[family]
    name, by_fold = headline[side], headline[f"{side}_by_fold"] or []
    row = next((row for row in values["learners"] if row["name"] == name), None)
    if row is None:
        return "none"
    if len(set(by_fold)) < 2:
        return f"`{name}` {metric_cell(values, row, values['metric'])}"
    primary = [each["primary"] for each in values["comparisons"] if each["primary"]][question]
    value = primary["learner_value" if primary["learner"] == name else "reference_value"]
    kind = values["metrics"][values["metric"]]["kind"]
    shown = fmt.value(value, kind) if kind == "unbounded" or value is None else f"{100 * value:.2f} %"
    return f"`{name}` in {by_fold.count(name)} of {len(by_fold)} folds: **{shown}**"


def pretrained(name: str, values: Values) -> list[str]:
    """Return the row of a run with pretrained learners: the best of each family, and the best pretrained one's verdict.

    The learners of `chosen` are those of the first question, which is about pretrained learners.
    """
    headline = values["headlines"][0]
    if "pretrained" not in headline["families"]:
        return []
    kind = values["metrics"][values["metric"]]["kind"]
    gap = f"{fmt.difference(headline['difference'], kind)} " + fmt.interval(
        headline["low"], headline["high"], kind, signed=True
    )
    verdict = {"better": "pretrained better", "worse": "traditional better", "invalid": f"none: {headline['reason']}"}
    cells = [
        chosen(values, "classical", 0),
        chosen(values, "network"),
        chosen(values, "pretrained", 0),
        "" if headline["difference"] is None else gap,
        verdict.get(headline["verdict"], headline["verdict"]),
    ]
    return [f"| `{name}` | {' | '.join(cells)} |"]


def changed(name: str, values: Values) -> list[str]:
    """Return the row of a verdict that is another one than under the former rules; none if it is the same."""
    if name not in BEFORE or BEFORE[name].verdict == verdict_of(values):
        return []
    headline = values["headlines"][-1]
    kind = values["metrics"][values["metric"]]["kind"]
    gap = f"{fmt.difference(headline['difference'], kind)} " + fmt.interval(
        headline["low"], headline["high"], kind, signed=True
    )
    before = BEFORE[name]
    reason = REASONS.get(name) or _reason(values, before, gap)
    return [f"| `{name}` | {before.difference}, {before.verdict} | {gap}, {verdict_of(values)} | {reason} |"]


def _reason(values: Values, before: Before, gap: str) -> str:
    """Return the rule that changed a verdict, as far as the numbers show it."""
    if before.verdict == "equivalent":
        kind = values["metrics"][values["metric"]]["kind"]
        return f"the margin is {fmt.difference(values['margin'], kind).lstrip('+')} ({values['margin_reason']})"
    if before.difference == gap:
        return "the same interval; the primary comparison is no longer corrected for those of other learners"
    if any(len(set(values["headlines"][-1][f"{side}_by_fold"] or [])) > 1 for side in SIDES.values()):
        return "the two are chosen on each fold, and the primary comparison is tested alone"
    return "the difference or its interval is another one, and the primary comparison is tested alone"


def aims(name: str, values: Values) -> list[str]:
    """Return the rows of aims and results of one data set."""
    lines = []
    for aim in ENTRIES[name].aims:
        row = learner_of(values, aim.who)
        kind = values["metrics"][aim.metric]["kind"] if aim.metric in values["metrics"] else "bounded"
        got = row["metrics"].get(aim.metric) if row else None
        value = got["value"] if got else None
        mark = "not measured" if value is None else "reached" if value >= aim.least else "missed"
        who = f"best {'traditional' if aim.who == 'classical' else aim.who}" if aim.who in FAMILIES else f"`{aim.who}`"
        shown = fmt.with_interval(value, got["low"], got["high"], kind) if got else fmt.UNKNOWN
        chosen = f" (`{row['name']}`)" if row and aim.who in FAMILIES else ""
        lines.append(f"| `{name}` | {who}{chosen} | {fmt.words(aim.metric)} | {fmt.value(aim.least, kind)} "
                     f"| {shown} | {mark} |")  # fmt: skip
    return lines


FAMILIES = ("classical", "network", "pretrained", "any")
SIDES = {"classical": "classical", "network": "challenger", "pretrained": "challenger"}
"""Sides of the headlines: the first is about pretrained learners, if any, and the last about a network from scratch."""


def learner_of(values: Values, who: str) -> Values | None:
    """Return a learner by name, or the best of a family or of all on the validation set."""
    rows = [row for row in values["learners"] if row["family"] != "floor"]
    if who not in FAMILIES:
        rows = [row for row in rows if row["name"] == who]
    elif who != "any":
        named_one = values["headlines"][0 if who == "pretrained" else -1][SIDES[who]]
        of_family = [row for row in rows if row["family"] == who]
        rows = [row for row in of_family if row["name"] == named_one] or of_family
    sign = 1 if values["metrics"][values["metric"]]["higher_is_better"] else -1
    return max(rows, key=lambda row: sign * row["valid"], default=None)


def tuned(name: str, values: Values) -> list[str]:
    """Return the row of a run with a search: its pair as configured and as tuned, and the verdict."""
    if not values["tuning"]:
        return []
    headline, kind = values["headlines"][-1], values["metrics"][values["metric"]]["kind"]
    budget, cells = searched_pair(values)
    apart = f"{fmt.difference(headline['difference'], kind)} " + fmt.interval(
        headline["low"], headline["high"], kind, signed=True
    )
    return [f"| `{name}` | {budget} | {fmt.words(values['metric'])} | {' | '.join(cells)} | {apart} "
            f"| {verdict_of(values)} |"]  # fmt: skip


def crossings(name: str, values: Values) -> list[str]:
    """Return the row of a run with a learning curve: where the families cross."""
    text = crossing(values)
    return [f"| `{name}` | {text} |"] if text else []


TABLES = [
    Table(
        "All of them",
        "The best traditional learner and the best network are those that the validation sets chose. Published results "
        "are on the same data, in the metric of their authors; the pages of the data sets list the differences.",
        ["data", "protocol", "metric", "best traditional", "best network", "difference", "verdict", "measured",
         "published, traditional", "published, network"],
        summary,
    ),
    Table(
        "With pretrained networks",
        "The best pretrained learner against the best traditional method; two comparisons share the 5 %, so these "
        "intervals are at 97.5 %.",
        ["data", "best traditional", "best network from scratch", "best pretrained", "pretrained less traditional",
         "verdict"],
        pretrained,
    ),
    Table(
        "Verdicts that changed",
        "Of the data that have been measured under the present rules.",
        ["data", "under the former rules", "now", "reason"],
        changed,
    ),
    Table(
        "Aims",
        "Set before any measurement. A family is represented by its best learner on the validation set.",
        ["data", "who", "metric", "aim", "reached", ""],
        aims,
    ),
    Table(
        "As configured and as tuned",
        "Equal searches for both families: the same number of configurations, or the same CPU time, for each learner "
        "and fold, the configured one first, compared on the validation set. Shown is the best of each family on the "
        "validation set; the pages of the data sets list every learner.",
        ["data", "each search", "metric", "best traditional", "best network", "difference, tuned", "verdict"],
        tuned,
    ),
    Table("With less data", "", ["data", "where the curves cross"], crossings),
]  # fmt: skip
"""Tables of the page, in this order."""
