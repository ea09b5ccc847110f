"""Slices on the page: origin of each column, limits, and no claim without a comparison."""

from __future__ import annotations

import re
from typing import Any

from visiontk.report.pages.single import render
from visiontk.report.sections.slices import MOST_SHOWN

Value = dict[str, Any]


def section(results: Value) -> str:
    page = render(results, {})
    return page[page.index('<section id="slices">') : page.index('<section id="classes">')]


def words(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", markup).split())


def test_without_slices_there_is_no_section(results: Value) -> None:
    assert 'id="slices"' not in render(results, {})


def test_each_column_names_its_source_and_when_it_was_chosen(extras: Value) -> None:
    """A column of numbers also states that it was cut into ranges."""
    text = words(section(extras))

    assert "A column of people.csv; chosen after the run." in text
    assert "A column of your table, cut at the quartiles of the test samples; chosen before the run." in text


def test_limits_precede_numbers(extras: Value) -> None:
    """Many comparisons, shared samples, no test between slices."""
    text = words(section(extras))
    lead = text[: text.index("scanner")]

    assert "Difference: resnet8 minus hog_svm" in lead
    assert "the number of slices that could be compared, 4" in lead
    assert "contain the same samples" in lead
    assert "Whether one slice differs from another was not tested" in lead


def test_few_units_of_a_class_are_mentioned_if_the_metric_averages_classes(extras: Value) -> None:
    """Accuracy does not."""
    extras["slices"][0]["slices"][0]["n_rarest"] = 3
    plain = words(section(extras))
    extras["metrics"]["accuracy"] |= {"kind": "bounded", "by_class": True}

    assert "a class has fewer" not in plain
    assert "In 1 of 5 slices a class has fewer than 10 groups or none" in words(section(extras))
    for column in extras["slices"]:
        column["unit"] = "sample"
    assert "In 1 of 5 slices a class has fewer than 10 samples or none" in words(section(extras))


def test_without_a_comparison_slices_have_no_differences(extras: Value) -> None:
    """A run without a network has only values."""
    for column in extras["slices"]:
        for row in column["slices"]:
            row |= dict.fromkeys(("difference", "low", "high", "p_value", "p_adjusted", "verdict"))
            row["reason"] = "There is nothing to compare."

    text = words(section(extras))

    assert "No slice has a difference that could be tested." in text
    assert "n/a There is nothing to compare." in text


def test_a_slice_that_is_too_small_has_counts_and_no_values(extras: Value) -> None:
    """Nor a mark in the figure, which counts the slices it leaves out."""
    html = section(extras)
    row = next(row for row in re.findall(r"<tr>.*?</tr>", html, re.DOTALL) if "(none)" in row and "scope" in row)

    assert words(row) == "(none) 12 6 too few samples fewer than 30 samples"
    assert "1 of 3 slices are left out, as they have too few samples." in words(html)
    assert all("(none)" not in chart for chart in re.findall(r'<svg[^>]*role="img".*?</svg>', html, re.DOTALL))


def test_every_learner_is_in_a_sortable_table(extras: Value) -> None:
    """Each cell has its sort key."""
    html = section(extras)

    tables = re.findall(r'<table class="sortable" id="table-slices-.*?</table>', html, re.DOTALL)
    assert len(tables) == 2
    for table in tables:
        rows = re.findall(r"<tr>.*?</tr>", table, re.DOTALL)
        assert all(words(rows[0]).count(item["name"]) >= 1 for item in extras["learners"])
        for row in rows[1:]:
            assert row.count("data-sort=") == rows[0].count("<th ")


def test_figures_are_described_for_screen_readers(extras: Value) -> None:
    """Each has a title and a description with unique ids."""
    html = section(extras)

    charts = re.findall(r'<svg[^>]*role="img".*?</svg>', html, re.DOTALL)
    assert len(charts) == 2 * 3  # three widths of each
    assert all("<title" in chart and "<desc" in chart for chart in charts)
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_verdicts_come_from_the_results(extras: Value) -> None:
    """A large difference alone is not a verdict."""
    rows = [row for column in extras["slices"] for row in column["slices"] if row["verdict"]]
    for row in rows:
        row |= {"difference": 0.4, "low": 0.3, "high": 0.5, "p_adjusted": 1e-9}
    plain = words(section(extras))
    for row in rows:
        row["verdict"] = "worse"

    assert re.findall(r"\b(better|worse)\b", plain) == []
    assert len(re.findall(r"\bworse\b", words(section(extras)))) == len(rows)


def test_columns_beyond_the_limit_are_counted(extras: Value) -> None:
    """They are in results.json."""
    extras["slices"] = [extras["slices"][0] | {"column": f"c{i}"} for i in range(MOST_SHOWN + 3)]

    html = section(extras)

    assert html.count('id="table-slices-') == MOST_SHOWN
    assert "3 more columns are in results.json." in words(html)
