"""The table of learners as text for papers, pages and programs: Markdown, LaTeX and CSV, each under its own escapes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import escape

from visiontk.report import formatting as fmt
from visiontk.report.figures import cell, kind_of

COSTS = ("fit_cpu_s", "predict_ms_per_sample", "n_parameters")

_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "[": "{[}", "]": "{]}", "`": r"\textasciigrave{}",
    fmt.MINUS: "$-$", "×": r"$\times$", "…": r"\ldots{}",
}  # fmt: skip
_MARKDOWN = re.compile(r"([\\`*_{}\[\]#!|~$<>&])")


def markdown_cell(name: str) -> str:
    r"""A text that Markdown shows as it is, on one line, whatever is in it.

    Examples
    --------
    >>> print(markdown_cell("a|b_c <i>"))
    a\|b\_c &lt;i&gt;
    """
    shown = " ".join(fmt.visible(name).split())
    return _MARKDOWN.sub(lambda found: {"<": "&lt;", ">": "&gt;", "&": "&amp;"}.get(found[1], "\\" + found[1]), shown)


def latex_cell(name: str) -> str:
    r"""A text that LaTeX shows as it is, on one line, whatever is in it.

    Examples
    --------
    >>> print(latex_cell("50 % of_all & more"))
    50 \% of\_all \& more
    """
    return "".join(_LATEX.get(c, c) for c in " ".join(fmt.visible(name).split()))


def csv_cell(name: str) -> str:
    r"""A text that no spreadsheet takes for a formula.

    Examples
    --------
    >>> csv_cell("=HYPERLINK(1)"), csv_cell("hog_svm")
    ("'=HYPERLINK(1)", 'hog_svm')
    """
    shown = " ".join(fmt.visible(name).split())
    return f"'{shown}" if shown[:1] in ("=", "+", "-", "@", fmt.MINUS) else shown


def markdown(results: Mapping[str, Any]) -> str:
    """The learners, the sentence and the signature.

    Parameters
    ----------
    results : mapping
        The value of ``results.json``.
    """
    head, rows = _readable(results)
    marks = ["---"] * 2 + ["---:"] * (len(head) - 3) + ["---"]
    return markdown_table(head, rows, marks, results["headline"]["sentence"], results["signature"])


def notebook(results: Mapping[str, Any]) -> str:
    """The sentence, the learners and the signature as a piece of HTML, for notebooks.

    Parameters
    ----------
    results : mapping
        The value of ``results.json``.
    """
    head, rows = _readable(results)
    lines = "".join(f"<tr>{_cells(row, 'td')}</tr>" for row in rows)
    table = f"<table><thead><tr>{_cells(head, 'th')}</tr></thead><tbody>{lines}</tbody></table>"
    sentence, signature = (
        escape(fmt.visible(words)) for words in (results["headline"]["sentence"], results["signature"])
    )
    return f"<p><strong>{sentence}</strong></p>{table}<p>{signature}</p>"


def _cells(row: Sequence[str], element: str) -> str:
    return "".join(f"<{element}>{escape(fmt.visible(each))}</{element}>" for each in row)


def markdown_table(
    head: Sequence[str], rows: Sequence[Sequence[str]], marks: Sequence[str], sentence: str, signature: str
) -> str:
    """Any table, the sentence and the signature; `marks` stand below the head."""
    lines = [[markdown_cell(c) for c in row] for row in (head, *rows)]
    lines.insert(1, list(marks))
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{table}\n\n{markdown_cell(sentence)}\n\n*{markdown_cell(signature)}*\n"


def latex(results: Mapping[str, Any]) -> str:
    """The learners as a tabular without packages, the sentence as its caption, the signature below.

    Parameters
    ----------
    results : mapping
        The value of ``results.json``.
    """
    head, rows = _readable(results)
    columns = "ll" + "r" * (len(head) - 3) + "l"
    return latex_table(head, rows, columns, results["headline"]["sentence"], results["signature"])


def latex_table(head: Sequence[str], rows: Sequence[Sequence[str]], columns: str, sentence: str, signature: str) -> str:
    """Any table as a tabular with these columns, the sentence as its caption, the signature below."""
    lines = [" & ".join(latex_cell(c) for c in row) + r" \\" for row in (head, *rows)]
    return "\n".join(
        [
            r"\begin{table}",
            rf"\caption{{{latex_cell(sentence)}}}",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\hline",
            lines[0],
            r"\hline",
            *lines[1:],
            r"\hline",
            r"\end{tabular}",
            "",
            rf"{{\footnotesize {latex_cell(signature)}}}",
            r"\end{table}",
            "",
        ]
    )


def csv_text(results: Mapping[str, Any]) -> str:
    """Every metric of every learner with all digits, and the signature as a comment in the last line.

    Parameters
    ----------
    results : mapping
        The value of ``results.json``.
    """
    found = io.StringIO()
    write = csv.writer(found, lineterminator="\n").writerow
    metrics = list(results["metrics"])
    against = _against(results)
    bounds = [f"{name}{end}" for name in metrics for end in ("", "_low", "_high")]
    compared = ("difference", "difference_low", "difference_high", "p_adjusted", "verdict")
    write(map(csv_cell, ("learner", "family", *bounds, *compared, *COSTS)))
    for row in results["learners"]:
        versus = against.get(row["name"], {})
        numbers = [cell(row, name)[end] for name in metrics for end in ("value", "low", "high")]
        numbers += [versus.get(key) for key in ("difference", "low", "high", "p_adjusted")]
        costs = [row[key] for key in COSTS]
        write([csv_cell(row["name"]), row["family"], *numbers, _verdict(results, row["name"]), *costs])
    return f"{found.getvalue()}# {' '.join(fmt.visible(results['signature']).split())}\n"


def _readable(results: Mapping[str, Any]) -> tuple[Sequence[str], list[Sequence[str]]]:
    """Head and rows as people read them."""
    metric, against = results["metric"], _against(results)
    kind = kind_of(results)
    head = [
        "learner",
        "family",
        fmt.words(metric),
        "95 % interval",
        "difference",
        "95 % interval",
        "fit, CPU",
        "verdict",
    ]
    rows: list[Sequence[str]] = []
    for row in results["learners"]:
        found, versus = cell(row, metric), against.get(row["name"], {})
        low, high = versus.get("low"), versus.get("high")
        known = versus.get("difference") is not None
        rows.append(
            (
                row["name"],
                row["family"],
                fmt.value(found["value"], kind, found["low"], found["high"]),
                fmt.interval(found["low"], found["high"], kind),
                fmt.difference(versus["difference"], kind, low, high) if known else "",
                fmt.interval(low, high, kind, signed=True),
                fmt.seconds(row["fit_cpu_s"]),
                _verdict(results, row["name"]),
            )
        )
    return head, rows


def _against(results: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {row["learner"]: row for row in results["comparisons"]}


def _verdict(results: Mapping[str, Any], name: str) -> str:
    if name == results["reference"]:
        return "reference"
    return str(_against(results).get(name, {}).get("verdict", ""))
