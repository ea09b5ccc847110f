"""benchmarks/interval_coverage.py with few cases, and its tables in docs/statistics.md."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "benchmarks" / "interval_coverage.py"

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="needs the repository, not an installed package")


@pytest.fixture(scope="module")
def program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("coverage_program", PROGRAM)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows_of(page: str, section: str) -> list[list[str]]:
    """Return the cells of all tables between the markers of a section."""
    part = page.split(f"<!-- measured {section}: begin -->")[1].split(f"<!-- measured {section}: end -->")[0]
    return [[c.strip() for c in line.strip("|").split("|")] for line in part.splitlines() if line.startswith("|")]


def percentage(cell: str) -> float:
    return float(cell.removesuffix(" %"))


def test_every_population_is_on_the_page(program: ModuleType) -> None:
    """The rows are those of the program."""
    page = program.PAGE.read_text(encoding="utf-8")

    for section, cases in [("intervals", program.one_learner()), ("differences", program.two_learners())]:
        measured = {(row[0], row[1]) for row in rows_of(page, section)}
        assert {(case.metric.name, case.what) for case in cases} <= measured


def test_coverage_on_the_page_is_nominal_except_for_the_stated_limits(program: ModuleType) -> None:
    """Below 93 % only with few groups, few members of a class or an accuracy near 100 %, as documented."""
    page = program.PAGE.read_text(encoding="utf-8")
    excused = re.compile(r"groups of (10|40)|rarest class 3 %|[58] positives|50 samples, 99 %")

    low = [row for row in rows_of(page, "intervals") if row[2].endswith("%") and percentage(row[2]) < 93]
    low += [row for row in rows_of(page, "differences") if row[3].endswith("%") and percentage(row[3]) < 93]
    alarms = [row for row in rows_of(page, "differences") if row[-1].endswith("%") and percentage(row[-1]) > 7]

    assert [row for row in low + alarms if not excused.search(row[1])] == []


def test_false_positives_on_shuffled_labels_stay_below_the_nominal_rate(program: ModuleType) -> None:
    """At most 5 % of 200 comparisons of each plan, within the simulation error."""
    rows = [row for row in rows_of(program.PAGE.read_text(encoding="utf-8"), "shuffled") if row[2].endswith("%")]

    assert len(rows) == 3
    for _, runs, headline, any_ in rows:
        assert int(runs) >= 200
        assert percentage(headline) <= percentage(any_) <= 5 + 196 * np.sqrt(0.05 * 0.95 / int(runs))


def test_tests_over_several_data_sets_hold_their_level(program: ModuleType) -> None:
    """Friedman's test for exchangeable learners, and the tests of pairs always."""
    rows = rows_of(program.PAGE.read_text(encoding="utf-8"), "several")[2:]
    most = 5 + 196 * np.sqrt(0.05 * 0.95 / program.CASES)

    assert [row[0] for row in rows] == [row[0] for row in program.TABLES]
    assert [row for row in rows if percentage(row[5]) > most] == []
    exchangeable = [draw.__name__ in ("equally_good", "with_ties") for _, draw, _, _ in program.TABLES]
    assert [row for row, fair in zip(rows, exchangeable, strict=True) if fair and percentage(row[1]) > most] == []


def test_only_the_section_between_its_markers_is_written(program: ModuleType) -> None:
    """The rest of the page is unchanged."""
    page = "before\n<!-- measured verdicts: begin -->\nold\n<!-- measured verdicts: end -->\nafter"

    written = program.replace_section(page, "verdicts", ["one", "two"])

    assert written.startswith("before\n<!-- measured verdicts: begin -->\n\none\n\ntwo\n\n")
    assert written.endswith("<!-- measured verdicts: end -->\nafter")
    assert "old" not in written
    assert program.replace_section(written, "verdicts", ["one", "two"]) == written


def test_newcombes_interval_reproduces_the_paper(program: ModuleType) -> None:
    """Newcombe (1998), table II, case (36, 12, 2, 0): method 10 gives 0.0569 to 0.3404."""
    right = np.repeat([[1, 1], [1, 0], [0, 1]], [36, 12, 2], axis=0).astype(bool)

    low, high = sys.modules["false_verdicts"].newcombe_interval(right[:, 0], right[:, 1])

    assert (low, high) == (pytest.approx(0.0569, abs=2e-4), pytest.approx(0.3404, abs=2e-4))


@pytest.mark.slow
@pytest.mark.parametrize("section", ["intervals", "differences", "verdicts", "several", "shuffled"])
def test_every_section_can_be_measured(program: ModuleType, section: str) -> None:
    """With twelve simulated cases of each row, and two comparisons of each plan."""
    text = "\n".join(program.SECTIONS[section](12, 2))

    heads = {line.count("|") for line in text.splitlines() if line.startswith("| ---")}
    assert heads
    assert "nan" not in text
