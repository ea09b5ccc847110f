"""Tables for papers, pages and programs: names are escaped."""

import csv
import io
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visiontk.report import writers
from visiontk.report.tables import full_table, readable_table
from visiontk.report.writers import csv_cell, latex_cell, markdown_cell

HOSTILE = [
    "a|b", r"a\|b", "`code`", "**bold**", "<script>alert(1)</script>", "[link](javascript:alert(1))", "![x](http://x)",
    "line\nbreak", "# head", "$x^2$", r"\input{/etc/passwd}", r"\end{tabular}\input{x}", "100 %", "a & b", "~tilde_",
    "{", "}", "=HYPERLINK(1)", "+1", "-1", "@sum", "\t=1", '"quoted", and', "\u202eright to left", "\x1b[31mred",
    "&lt;i&gt;", "- item", "1. item", "---", "ümläut 名",
]  # fmt: skip


def markdown(results: dict[str, Any]) -> str:
    return writers.markdown(readable_table(results), results["headlines"][0]["sentence"], results["signature"])


def latex(results: dict[str, Any]) -> str:
    return writers.latex(readable_table(results), results["headlines"][0]["sentence"], results["signature"])


def csv_text(results: dict[str, Any]) -> str:
    return writers.csv_text(full_table(results), results["signature"])


def with_name(results: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the results with this name in every cell that shows a name."""
    results["learners"][0]["name"] = results["signature"] = results["headlines"][0]["sentence"] = name
    results["comparisons"][0]["learner"] = name
    return results


@pytest.mark.parametrize("name", HOSTILE)
def test_html_tables_escape_names(results: dict[str, Any], name: str) -> None:
    """Only elements of a table, and every name as text."""
    html = writers.html(readable_table(with_name(results, name)), name, name)

    assert set(re.findall(r"<(\w+)", html)) == {"p", "strong", "table", "thead", "tbody", "tr", "th", "td"}
    assert html.count("<tr>") == len(results["learners"]) + 1
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e]", html)


@pytest.mark.parametrize("name", HOSTILE)
def test_markdown_rows_survive_hostile_names(results: dict[str, Any], name: str) -> None:
    """They have the cells of the head, no markup and no control characters."""
    lines = markdown(with_name(results, name)).splitlines()
    table = [line for line in lines if line.startswith("| ")]

    cells = [len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in table]

    assert len(table) == len(results["learners"]) + 2
    assert set(cells) == {9}
    assert not re.search(r"<(?!/?br)|[\x00-\x09\x0b-\x1f\u202e]", "\n".join(lines))


@pytest.mark.parametrize("name", HOSTILE)
def test_latex_escapes_names(results: dict[str, Any], name: str) -> None:
    """Every command is one of ours, braces match, and rows have as many cells as the head."""
    tables = latex(with_name(results, name))
    own_commands = {
        "begin", "end", "caption", "hline", "footnotesize", "textbackslash", "textasciicircum", "textasciitilde",
        "textless", "textgreater", "textbar", "textquotedbl", "textasciigrave", "times", "ldots",
    }  # fmt: skip

    commands = set(re.findall(r"\\([A-Za-z]+)", tables))
    bare = re.sub(r"\\[\\{}$&#%_]", "", tables)
    rows = [line for line in re.sub(r"\\&", "", tables).splitlines() if line.endswith(r"\\")]

    assert commands <= own_commands
    assert bare.count("{") == bare.count("}")
    assert not re.search(r"[#%_^~]", bare)
    assert bare.count("$") % 2 == 0
    assert {line.count("&") for line in rows} == {7}
    assert len(re.findall(r"\\begin\{", tables)) == len(re.findall(r"\\end\{", tables)) == 2


@pytest.mark.parametrize("name", HOSTILE)
def test_no_cell_of_csv_is_a_formula(results: dict[str, Any], name: str) -> None:
    """Read back, rows have the cells of the head and their numbers; the last line is a comment."""
    *body, last = csv_text(with_name(results, name)).splitlines()
    head, *rows = list(csv.reader(io.StringIO("\n".join(body))))

    assert {len(row) for row in rows} == {len(head)}
    assert len(rows) == len(results["learners"])
    assert all(row[0][:1] not in ("=", "+", "-", "@", "\t") for row in rows)
    assert float(rows[0][head.index("accuracy")]) == results["learners"][0]["metrics"]["accuracy"]["value"]
    assert last.startswith("# ")


@given(st.text(max_size=60))
def test_any_text_stays_in_its_cell(text: str) -> None:
    """It becomes one line without a separator of the table."""
    assert not re.search(r"(?<!\\)(?:\\\\)*\|", markdown_cell(text))
    assert not re.search(
        r"(?<!\\)[&#%_{}](?!\})(?!\])", re.sub(r"\\[a-z]+\{\}|\{[\[\]]\}|\\[{}]", "", latex_cell(text))
    )
    assert all(len(shown(text).splitlines()) <= 1 for shown in (markdown_cell, latex_cell, csv_cell))


@pytest.mark.parametrize("write", [markdown, latex, csv_text])
def test_every_table_is_signed(results: dict[str, Any], write: Any) -> None:
    """Each table ends with the signature of the run."""
    results["signature"] = "visiontk 0.1.0 digits 0123456789"

    assert results["signature"] in write(results)


@pytest.mark.parametrize("write", [markdown, latex, csv_text])
def test_a_learner_without_the_metric_has_a_row(results: dict[str, Any], write: Any) -> None:
    """No cell is None or nan."""
    results["learners"][2]["metrics"]["accuracy"] = {"value": None, "low": None, "high": None, "reason": "ranks only"}
    results["comparisons"] = []

    tables = write(results)

    assert "None" not in tables
    assert "nan" not in tables.lower()
    assert all(re.sub("_", "", row["name"]) in re.sub(r"\\?_", "", tables) for row in results["learners"])
