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
    return float(cell.split(" %")[0])


def most(nominal: float, n: int) -> float:
    """Return the largest percentage that n cases of this nominal rate show in 97.5 of 100 simulations."""
    return nominal + 196 * np.sqrt(nominal / 100 * (1 - nominal / 100) / n)


def test_every_population_is_on_the_page(program: ModuleType) -> None:
    """The rows are those of the program."""
    page = program.PAGE.read_text(encoding="utf-8")

    for section, cases in [("intervals", program.one_learner()), ("differences", program.two_learners())]:
        measured = {(row[0], row[1]) for row in rows_of(page, section)}
        assert {(case.metric.name, case.what) for case in cases} <= measured


def test_intervals_outside_of_93_to_97_percent_are_marked(program: ModuleType) -> None:
    """In the same table, by a word; too short ones only with few groups, few members of a class or near 100 %."""
    page = program.PAGE.read_text(encoding="utf-8")
    cells = [
        (" ".join(row), cell)
        for section in ("intervals", "differences", "groups", "rare", "selective")
        for row in rows_of(page, section)
        for cell in row[2:]
        if re.fullmatch(r"[\d.]+ %( short| wide)?", cell) and percentage(cell) > 50
    ]
    excused = re.compile(r"groups|rarest class 3 %|[58] positives|50 samples, 99 %")

    assert len(cells) > 150
    for row, cell in cells:
        assert cell.endswith(" short") is (percentage(cell) < 93), row
        assert cell.endswith(" wide") is (percentage(cell) > 97), row
        assert not cell.endswith(" short") or excused.search(row), row


def test_equally_good_learners_are_told_apart_in_at_most_five_percent(program: ModuleType) -> None:
    """By the interval of a difference, within the simulation error."""
    rows = rows_of(program.PAGE.read_text(encoding="utf-8"), "differences")
    alarms = [row for row in rows if row[-1].endswith("%")]

    assert len(alarms) > 20
    assert [row for row in alarms if percentage(row[-1]) > 7] == []


def test_the_headline_is_wrong_in_at_most_six_percent_and_unbiased(program: ModuleType) -> None:
    """For every number of entrants and every split: either side 3.5 %, a bias of at most 0.1 point."""
    rows = rows_of(program.PAGE.read_text(encoding="utf-8"), "headline")[2:]

    rows = rows[: len(sys.modules["headline_rates"].ROWS)]
    assert {row[0] for row in rows} == {design.what for design in sys.modules["headline_rates"].DESIGNS}
    for row in rows:
        either, network, traditional = map(percentage, row[2:5])
        assert either <= 6, row
        assert max(network, traditional) <= 3.5, row
        value, _, half = row[5].partition(" ± ")
        assert abs(float(value)) <= 0.1 + float(half), row


def test_two_questions_are_wrong_together_in_at_most_six_percent(program: ModuleType) -> None:
    """If a pretrained learner takes part; either alone 3.5 %."""
    rows = rows_of(program.PAGE.read_text(encoding="utf-8"), "two_questions")[2:]

    assert [row[0] for row in rows] == [design.what for design, *_ in sys.modules["headline_rates"].TWO]
    for row in rows:
        either, pretrained, network, others = map(percentage, row[2:])
        assert max(either, others) <= 6, row
        assert max(pretrained, network) <= 3.5, row


def test_learners_that_differ_by_the_margin_are_rarely_equivalent(program: ModuleType) -> None:
    """Any of 1, 5 and 7 comparisons, in at most 5 %."""
    rows = rows_of(program.PAGE.read_text(encoding="utf-8"), "equivalence")[2:]

    assert [row[1] for row in rows] == [case.what for case in sys.modules["equivalence_rates"].CASES_AT_MARGIN]
    assert [row for row in rows if max(map(percentage, row[2:])) > most(5, program.CASES)] == []


def test_few_units_give_no_false_verdicts(program: ModuleType) -> None:
    """With 3 to 50 groups, equal or not, and with 1 to 10 units of a class."""
    page = program.PAGE.read_text(encoding="utf-8")

    assert [row for row in rows_of(page, "groups")[2:] if percentage(row[-1]) > most(5, program.CASES)] == []
    claims = [row for row in rows_of(page, "rare")[2:] if row[0] != "metric" and "---" not in row[0]][:12]
    assert [row for row in claims if max(map(percentage, row[3:])) > most(5, program.CASES)] == []


def test_false_positives_on_shuffled_labels_stay_below_the_nominal_rate(program: ModuleType) -> None:
    """At most 5 % of 200 comparisons of each plan, within the simulation error."""
    rows = [row for row in rows_of(program.PAGE.read_text(encoding="utf-8"), "shuffled") if row[2].endswith("%")]

    assert len(rows) == 5
    for _, runs, headline, others in rows:
        assert int(runs) >= 200
        assert max(percentage(headline), percentage(others)) <= most(5, int(runs))


def test_tests_over_several_data_sets_hold_their_level(program: ModuleType) -> None:
    """Friedman's test for exchangeable learners, and the tests of pairs always."""
    rows = rows_of(program.PAGE.read_text(encoding="utf-8"), "several")[2:]
    limit = most(5, program.CASES)

    assert [row[0] for row in rows] == [row[0] for row in program.TABLES]
    assert [row for row in rows if percentage(row[5]) > limit] == []
    exchangeable = [draw.__name__ in ("equally_good", "with_ties") for _, draw, _, _ in program.TABLES]
    assert [row for row, fair in zip(rows, exchangeable, strict=True) if fair and percentage(row[1]) > limit] == []


def test_only_the_section_between_its_markers_is_written(program: ModuleType) -> None:
    """The rest of the page is unchanged."""
    page = "before\n<!-- measured verdicts: begin -->\nold\n<!-- measured verdicts: end -->\nafter"

    written = program.replace_section(page, "verdicts", ["one", "two"])

    assert written.startswith(
        "before\n<!-- measured verdicts: begin -->\n\n`python benchmarks/interval_coverage.py verdicts`"
    )
    assert "\n\none\n\ntwo\n\n" in written
    assert written.endswith("<!-- measured verdicts: end -->\nafter")
    assert "old" not in written
    assert program.replace_section(written, "verdicts", ["one", "two"]) == written


def test_newcombes_interval_reproduces_the_paper(program: ModuleType) -> None:
    """Newcombe (1998), table II, case (36, 12, 2, 0): method 10 gives 0.0569 to 0.3404."""
    right = np.repeat([[1, 1], [1, 0], [0, 1]], [36, 12, 2], axis=0).astype(bool)

    low, high = sys.modules["false_verdicts"].newcombe_interval(right[:, 0], right[:, 1])

    assert (low, high) == (pytest.approx(0.0569, abs=2e-4), pytest.approx(0.3404, abs=2e-4))


@pytest.mark.slow
@pytest.mark.parametrize("section", [
    "headline", "two_questions", "equivalence", "groups", "rare", "intervals", "differences", "verdicts", "several",
    "shuffled",
])  # fmt: skip
def test_every_section_can_be_measured(program: ModuleType, section: str) -> None:
    """With twelve simulated cases of each row, and two comparisons of each plan."""
    text = "\n".join(program.SECTIONS[section](12, 2))

    heads = {line.count("|") for line in text.splitlines() if line.startswith("| ---")}
    assert heads
    assert "nan" not in text
