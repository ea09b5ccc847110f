"""Tables as text for papers, notebooks and programs: Markdown, LaTeX, HTML and CSV, each under its own escapes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from markupsafe import escape

from visiontk.report import formatting as fmt
from visiontk.report.blocks import Table, texts_of

_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "[": "{[}", "]": "{]}", "`": r"\textasciigrave{}",
    fmt.MINUS: "$-$", "×": r"$\times$", "…": r"\ldots{}",
}  # fmt: skip
_MARKDOWN = re.compile(r"([\\`*_{}\[\]#!|~$<>&])")


def markdown_cell(text: str) -> str:
    """Return a text that Markdown shows as it is, on one line."""
    entities = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
    return _MARKDOWN.sub(lambda match: entities.get(match[1], "\\" + match[1]), _one_line(text))


def latex_cell(text: str) -> str:
    """Return a text that LaTeX shows as it is, on one line."""
    return "".join(_LATEX.get(character, character) for character in _one_line(text))


def csv_cell(text: str) -> str:
    """Return a text that no spreadsheet reads as a formula."""
    shown = _one_line(text)
    return f"'{shown}" if shown[:1] in ("=", "+", "-", "@", fmt.MINUS) else shown


def markdown(table: Table, sentence: str, signature: str) -> str:
    """Return the table with the sentence and the signature below."""
    head, *rows = ([markdown_cell(text) for text in row] for row in texts_of(table))
    marks = ["---:" if column.is_number else "---" for column in table.columns]
    lines = "\n".join(f"| {' | '.join(line)} |" for line in (head, marks, *rows))
    return f"{lines}\n\n{markdown_cell(sentence)}\n\n*{markdown_cell(signature)}*\n"


def latex(table: Table, sentence: str, signature: str) -> str:
    """Return the table as a tabular without packages, the sentence as its caption, the signature below."""
    head, *rows = (" & ".join(latex_cell(text) for text in row) + r" \\" for row in texts_of(table))
    columns = "".join("r" if column.is_number else "l" for column in table.columns)
    return "\n".join(
        [
            r"\begin{table}",
            rf"\caption{{{latex_cell(sentence)}}}",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\hline",
            head,
            r"\hline",
            *rows,
            r"\hline",
            r"\end{tabular}",
            "",
            rf"{{\footnotesize {latex_cell(signature)}}}",
            r"\end{table}",
            "",
        ]
    )


def csv_text(table: Table, signature: str) -> str:
    """Return the table with all digits (what cells are sorted by), the signature as a comment in the last line."""
    file = io.StringIO()
    write = csv.writer(file, lineterminator="\n").writerow
    write([csv_cell(column.title) for column in table.columns])
    for row in table.rows:
        write(
            [
                cell.sort if column.is_number else csv_cell(cell.text or cell.verdict)
                for cell, column in zip(row.cells, table.columns, strict=True)
            ]
        )
    return f"{file.getvalue()}# {_one_line(signature)}\n"


def html(table: Table, sentence: str, signature: str) -> str:
    """Return the sentence, the table and the signature as a piece of HTML, for notebooks."""
    head, *rows = texts_of(table)
    body = "".join(f"<tr>{_html_cells(row, 'td')}</tr>" for row in rows)
    lines = f"<table><thead><tr>{_html_cells(head, 'th')}</tr></thead><tbody>{body}</tbody></table>"
    return f"<p><strong>{escape(fmt.visible(sentence))}</strong></p>{lines}<p>{escape(fmt.visible(signature))}</p>"


def _html_cells(row: Sequence[str], element: str) -> str:
    return "".join(f"<{element}>{escape(fmt.visible(text))}</{element}>" for text in row)


def _one_line(text: str) -> str:
    return " ".join(fmt.visible(text).split())
