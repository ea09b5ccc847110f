"""The page of several runs: escaping, the critical-difference diagram, tables and claims."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from visiontk.report.charts.ranks import Ranked, rank_chart
from visiontk.report.charts.svg import CHARACTER_WIDTH
from visiontk.report.pages.ranking import render_ranking
from visiontk.report.several.ranking import rank_learners

Value = dict[str, Any]
Runs = Callable[..., list[tuple[str, Value]]]

_spec = importlib.util.spec_from_file_location("page_tests", Path(__file__).with_name("test_single.py"))
assert _spec
assert _spec.loader
page_tests = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(page_tests)
Reader, HOSTILE, CLAIMS = page_tests.Reader, page_tests.HOSTILE, page_tests.CLAIMS


def poisoned(runs: Runs, words: str) -> Value:
    """Return a value with these words in every text that a user, a file or an error can fill."""
    some = runs(7, learners=("resnet8", "hog_svm", "lenet5", "forest"))
    some[0][1]["learners"] = [row for row in some[0][1]["learners"] if row["name"] != "forest"]
    for _, results in some:
        for row in results["learners"]:
            row["name"] += words
        for key in ("name", "title", "caution"):
            results["dataset"][key] = f"{results['dataset'].get(key)}{words}"
        for key in ("challenger", "classical", "sentence"):
            results["headlines"][0][key] += words
        results["signature"] += words
        results["metrics"] |= {f"accuracy{words}": results["metrics"]["accuracy"]}
        results["metric"] += words
        for row in results["learners"]:
            row["metrics"][results["metric"]] = row["metrics"]["accuracy"]
    return rank_learners([(f"runs/{words}{i}", results) for i, (_, results) in enumerate(some)], command=words)


@pytest.mark.parametrize("canary", HOSTILE)
def test_hostile_texts_add_no_element_and_no_attribute(runs: Runs, canary: str) -> None:
    """Names of learners, data, folders and metrics are texts, in the diagram too."""
    harmless = "".join("x" if ord(c) > 31 and ord(c) != 0x202E else "\\u0000" for c in canary)

    clean, hostile = (Reader(render_ranking(poisoned(runs, words))) for words in (harmless, canary))

    assert hostile.elements == clean.elements
    assert not [name for name, _ in hostile.values if name.startswith("on") or name == "style"]
    assert not [v for name, v in hostile.values if name in ("href", "src", "action") and not v.startswith("data:")]


@pytest.mark.parametrize("canary", HOSTILE)
def test_no_invisible_character_is_written(runs: Runs, canary: str) -> None:
    """Control and direction characters become readable escapes."""
    html = render_ranking(poisoned(runs, canary))

    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]", html)


def test_the_page_has_every_part_of_the_value(runs: Runs) -> None:
    """Sentence, values with ranks, pairs, warnings, families, signatures and the command."""
    some = runs(7)
    some[2][1]["complete"] = False
    some[3][1]["dataset"]["caution"] = "Not a medical device."
    value = rank_learners(some, command="visiontk report a b")

    text = Reader(render_ranking(value)).text

    for words in (value["headline"]["sentence"], "PARTIAL", "data_6 accuracy", "93.1 % (1)",
                  "data_3: Not a medical device.", "visiontk report a b", "critical difference", "0.047",
                  *value["warnings"], value["families"]["text"], "runs/run_4"):  # fmt: skip
        assert words in text, words
    assert text.count("vtk 0.1.0 | task image_classification/1") == 7


@pytest.mark.parametrize("n", [3, 6])
def test_no_claim_without_a_verdict(runs: Runs, n: int) -> None:
    """In full agreement of too few data sets, no learner is called better outside the glossary."""
    value = rank_learners(runs(n))
    for row in value["runs"]:
        row["sentence"] = ""

    text = Reader(render_ranking(value)).text.replace("a lower rank is better", "")

    assert not CLAIMS.search(text)


def test_with_verdicts_the_page_claims(runs: Runs) -> None:
    """The test above can fail."""
    value = rank_learners(runs(7))
    for row in value["runs"]:
        row["sentence"] = ""

    assert CLAIMS.search(Reader(render_ranking(value)).text.replace("a lower rank is better", ""))


def test_the_diagram_has_a_description_and_a_table(runs: Runs) -> None:
    """Title, description with ranks and bars, and a table with a row for every learner."""
    html = render_ranking(rank_learners(runs(4, 0.02)))

    assert html.count("<title id=") == html.count("<desc id=") == 3, "one drawing for each width"
    assert re.search(r"Mean ranks: \w+ \d\.\d\d; .* Joined by a bar: ", html)
    table = html.split("Data of this figure")[1].split("</table>")[0]
    assert table.count("<tr>") == 4


def test_synthetic_data_are_marked(runs: Runs) -> None:
    """In their columns, and below the diagram if all are synthetic."""
    some = runs(3)
    some[0][1]["dataset"]["synthetic"] = True

    one = render_ranking(rank_learners(some))
    for _, results in some:
        results["dataset"]["synthetic"] = True
    every = render_ranking(rank_learners(some))

    assert (one.count("synthetic data</small>"), every.count("synthetic data</small>")) == (1, 3)
    assert ("Synthetic data.</strong>" in one, "Synthetic data.</strong>" in every) == (False, True)


def learners(*means: float) -> list[Ranked]:
    families = ("network", "classical")
    return [Ranked(f"learner_{i}", families[i % 2], mean) for i, mean in enumerate(means)]


@pytest.mark.parametrize("width", [360, 700, 1136])
@pytest.mark.parametrize("means", [(1.0, 2.0, 3.0), (2.0, 2.0, 2.0), tuple(1 + 0.5 * i for i in range(40))])
def test_marks_are_at_their_ranks_within_the_axis(width: int, means: tuple[float, ...]) -> None:
    """In the order of the ranks, and nothing leaves the drawing."""
    chart = str(rank_chart(learners(*means), [(means[0], means[-1])], 1.2, name="r", width=width, title="t", desc="d"))

    height = float(re.search(r'height="([\d.]+)" role', chart)[1])  # type: ignore[index]
    xs = [float(x) for x in re.findall(r'<polyline class="leader" points="([\d.]+),', chart)]
    assert len(xs) == len(means)
    assert xs == sorted(xs)
    assert all(0 <= x <= width - CHARACTER_WIDTH * 4 for x in xs)
    assert len(set(xs)) == len(set(means))
    assert max(float(y) for y in re.findall(r' y="([\d.]+)"', chart)) < height
    assert chart.count("<circle") == len(means[::2])


@pytest.mark.parametrize(("critical", "words", "n_ends"), [(1.0, "1.00<", 2), (7.5, "7.50, longer than the axis", 1)])
def test_the_scale_bar_is_the_critical_difference(critical: float, words: str, n_ends: int) -> None:
    """It is marked if it is cut."""
    chart = str(rank_chart(learners(1.0, 2.0, 3.0), [], critical, name="r", width=700, title="t", desc="d"))

    lines = re.findall(r'<line class="whisker difference" x1="([\d.]+)" x2="([\d.]+)"', chart)
    marks = [float(x) for x in re.findall(r'<polyline class="leader" points="([\d.]+),', chart)]
    assert f"critical difference {words}" in chart
    assert len(lines) == 1 + n_ends
    long = float(lines[0][1]) - float(lines[0][0])
    assert long == pytest.approx(min(critical, 2.0) * (marks[1] - marks[0]), abs=0.2)


def test_every_bar_covers_the_ranks_that_it_joins() -> None:
    """One below the other."""
    cliques = [(1.0, 2.5), (2.0, 3.0)]
    chart = str(rank_chart(learners(1.0, 2.0, 2.5, 3.0), cliques, 1.6, name="r", width=700, title="t", desc="d"))

    marks = [float(x) for x in re.findall(r'<polyline class="leader" points="([\d.]+),', chart)]
    bars = re.findall(r'<rect class="mark difference" x="([\d.]+)" width="([\d.]+)" y="([\d.]+)"', chart)
    ends = [(float(x), float(x) + float(w)) for x, w, _ in bars]
    assert len({y for _, _, y in bars}) == 2
    assert ends[0][0] < marks[0] < marks[2] < ends[0][1] < marks[3]
    assert marks[0] < ends[1][0] < marks[1] < marks[3] < ends[1][1]
