"""The page of all tasks: links, escaping, gaps, one axis."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest

from visiontk.report.charts.differences import Lead, difference_chart
from visiontk.report.pages.all_tasks import render_all_tasks
from visiontk.report.several.all_tasks import all_tasks
from visiontk.report.several.task_rows import empty_row, task_row

Value = dict[str, Any]

_spec = importlib.util.spec_from_file_location("page_tests", Path(__file__).with_name("test_single.py"))
assert _spec
assert _spec.loader
page_tests = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(page_tests)
Reader, HOSTILE, CLAIMS = page_tests.Reader, page_tests.HOSTILE, page_tests.CLAIMS


def value(results: Value, *verdicts: str, words: str = "") -> Value:
    """Return tasks with these verdicts, a failed and a pending one, with `words` in all their texts."""
    rows = []
    for i, verdict in enumerate(verdicts):
        results["headlines"][0]["verdict"] = verdict
        shown = task_row(results, summary=f"Clothes.{words}", folder=f"task_{i}")
        for key in ("task", "dataset", "metric", "sentence", "caution"):
            shown[key] += words
        for family in ("network", "classical"):
            shown[family] = shown[family] | {"name": shown[family]["name"] + words}
        rows.append(shown)
    rows.append(empty_row(f"failed{words}", summary="", folder="failed", status="failed", reason=f"No libfoo.{words}"))
    rows.append(empty_row(f"later{words}", summary="", folder="later", status="waiting"))
    return all_tasks(rows, preset="quick", settings={"set": [words]}, command=f"visiontk compare all{words}")


@pytest.mark.parametrize("canary", HOSTILE)
def test_hostile_texts_add_no_element_and_no_attribute(results: Value, canary: str) -> None:
    """Names of tasks, data and learners, and reasons, are texts."""
    harmless = "".join("x" if ord(c) > 31 and ord(c) != 0x202E else "\\u0000" for c in canary)

    clean, hostile = (Reader(render_all_tasks(value(results, "better", words=words))) for words in (harmless, canary))

    assert hostile.elements == clean.elements
    assert not [name for name, _ in hostile.values if name.startswith("on") or name == "style"]


def test_links_lead_only_to_reports_beside_the_page(results: Value) -> None:
    """One for each task with a report."""
    reader = Reader(render_all_tasks(value(results, "better", "worse")))

    targets = [v for name, v in reader.values if name in ("href", "src", "action") and not v.startswith("data:")]
    assert targets == ["task_0/report.html", "task_1/report.html"]


@pytest.mark.parametrize("folder", ["../secret", "/etc", "javascript:alert(1)", "a/b", "//example.org", ".hidden", ""])
def test_folders_of_a_damaged_file_are_not_linked(results: Value, folder: str) -> None:
    """all.json is user input: its folders are checked."""
    shown = value(results, "better")
    shown["tasks"][0]["folder"] = folder

    reader = Reader(render_all_tasks(shown))

    assert [v for name, v in reader.values if name == "href" and not v.startswith("data:")] == []


def test_both_verdicts_have_the_same_style(results: Value) -> None:
    """Only the words differ."""
    html = render_all_tasks(value(results, "better", "worse"))

    pills = re.findall(r'class="verdict (v-\w+)"><span[^>]*>[^<]*</span>((?:network|traditional) better)', html)
    assert sorted(pills) == [("v-better", "network better"), ("v-better", "traditional better")]


def test_every_task_has_metric_verdict_and_reason(results: Value) -> None:
    """Also broken ones; synthetic data are marked in the row."""
    results["dataset"]["synthetic"] = True

    text = Reader(render_all_tasks(value(results, "undecided"))).text

    for words in ("accuracy", "undecided", "No libfoo.", "failed", "not run yet", "PARTIAL", "fashion_mnist synthetic",
                  "93.1 % [92.6, 93.6]", "+2.6 points [+2.2, +3.1]", "14 ×"):  # fmt: skip
        assert words in text, words


@pytest.mark.parametrize("verdict", ["undecided", "equivalent", "invalid"])
def test_no_claim_without_a_verdict(results: Value, verdict: str) -> None:
    """Except for the sentence, which counts, and the glossary, no learner is called better."""
    shown = value(results, verdict)
    shown["tasks"][0]["sentence"] = ""

    text = Reader(render_all_tasks(shown)).text.replace(shown["headline"]["sentence"], "")

    assert not CLAIMS.search(text)


@pytest.mark.parametrize("gap", ["difference", "low", "fit_cost_ratio", "network", "classical", "margin"])
def test_unknown_values_are_never_none_or_nan(results: Value, gap: str) -> None:
    shown = value(results, "undecided")
    shown["tasks"][0][gap] = None

    text = Reader(render_all_tasks(shown)).text

    assert not re.search(r"\b(nan|inf|none|undefined)\b", text.replace(" none ", " "), re.IGNORECASE)


def test_the_lead_of_the_network_is_right_of_zero_for_every_metric(results: Value) -> None:
    shown = value(results, "better")
    shown["tasks"][0] |= {"higher_is_better": False, "difference": -0.02, "low": -0.03, "high": -0.01}

    html = render_all_tasks(shown)

    assert "+2.0 points of accuracy [+1.0, +3.0]" in html
    assert "−2.0 points" in Reader(html).text.replace("</b>", "")


def test_an_unbounded_metric_is_not_drawn_on_the_axis_of_points(results: Value) -> None:
    """Half a nat is not 50 points."""
    shown = value(results, "better", "better")
    shown["tasks"][0]["kind"] = "unbounded"

    assert "its metric has another unit" in render_all_tasks(shown)


def rows(*values: float | None) -> list[Lead]:
    return [
        Lead(f"task {i}", v, None if v is None else v - 0.02, None if v is None else v + 0.02, 0.01, "n", "no verdict")
        for i, v in enumerate(values)
    ]


@pytest.mark.parametrize("width", [360, 700, 1136])
@pytest.mark.parametrize("values", [(0.1, -0.2), (0.5,), (-0.9, None), (0.0, 0.0), (None,), ()])
def test_zero_and_margin_are_always_on_the_axis(width: int, values: tuple[float | None, ...]) -> None:
    """Marks of large differences are on the right side of zero."""
    chart = str(difference_chart(rows(*values), name="d", width=width, title="t", desc="d"))

    zero = float(re.search(r'class="zero" x1="([-\d.]+)"', chart)[1])  # type: ignore[index]
    marks = [float(x) for x in re.findall(r'class="mark difference" cx="([-\d.]+)"', chart)]
    known = [v for v in values if v is not None]
    assert 0 < zero < width
    assert len(marks) == len(known)
    assert all((mark > zero) == (v > 0) or v == 0 for mark, v in zip(marks, known, strict=True))
    assert chart.count('class="margin"') == len(values)
