"""The program that writes docs/results.md, on constructed results."""

from __future__ import annotations

import copy
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

PROGRAM = Path(__file__).parents[2] / "benchmarks" / "results.py"

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="needs the repository, not an installed package")


@pytest.fixture
def program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("results_program", PROGRAM)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows(page: str, heading: str) -> list[str]:
    """Return the table lines below a heading, up to the next heading."""
    below = page.split(f"## {heading}\n")[1].split("\n## ")[0]
    return [line for line in below.splitlines() if line.startswith("|")]


def test_tables_are_well_formed(program: ModuleType, extras: dict[str, Any]) -> None:
    """All rows of a table have as many cells as its head, and no cell is None or nan."""
    result = {name: copy.deepcopy(extras) for name in program.ENTRIES}

    index = program.index("", result)

    for page in [index, *("\n".join(program.section(name, each)) for name, each in result.items())]:
        table: list[str] = []
        for line in [*page.splitlines(), ""]:
            if line.startswith("|"):
                table.append(line)
            else:
                assert len({row.count("|") for row in table}) <= 1, table[0]
                table = []
        assert "None" not in page
        assert "nan" not in page.split()
    assert "Not measured yet" not in index


def test_missing_data_sets_are_named(program: ModuleType, results: dict[str, Any]) -> None:
    """A page of one data set lists those not measured yet."""
    page = program.index("", {"digits": results})

    assert "Not measured yet: `fashion_mnist`, `mr`" in page
    assert len(rows(page, "All of them")) == 3


def test_the_page_in_the_repository_is_the_one_that_is_written(program: ModuleType) -> None:
    """Writing it without a new run changes nothing, and every data set has a page of its own."""
    page = program.PAGE.read_text(encoding="utf-8")

    assert program.index(page, {}) == page
    assert all((program.PAGE.parent / "results" / f"{name}.md").exists() for name in program.ENTRIES)


def test_measuring_one_keeps_the_rows_of_all_others(program: ModuleType, results: dict[str, Any]) -> None:
    """Their run directories may be on another machine."""
    before = program.PAGE.read_text(encoding="utf-8").splitlines()

    after = program.index("\n".join(before), {"digits": results}).splitlines()

    def others(lines: list[str]) -> list[str]:
        return [line for line in lines if line.startswith("|") and "`digits`" not in line]

    assert set(others(before)) <= set(others(after))
    assert sum("`digits`](results/digits.md)" in line for line in after) == 1
    assert not any("`digits`" in line and "former rules" in line for line in after)


def test_one_run_writes_its_page_and_its_rows(
    program: ModuleType, results: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make results NAME=digits` writes docs/results/digits.md and its row of docs/results.md, and nothing else."""
    monkeypatch.setattr(program, "PAGE", tmp_path / "results.md")
    (tmp_path / "results.md").write_text(program.index("", {"mr": results}))

    program.write("digits", results)

    assert [path.name for path in (tmp_path / "results").iterdir()] == ["digits.md"]
    assert (tmp_path / "results" / "digits.md").read_text().startswith("# digits\n")
    assert len(rows((tmp_path / "results.md").read_text(), "All of them")) == 4


@pytest.mark.parametrize(("before", "changes"), [("undecided", True), ("network better", False)])
def test_a_changed_verdict_is_listed_with_its_reason(
    program: ModuleType, results: dict[str, Any], monkeypatch: pytest.MonkeyPatch, before: str, changes: bool
) -> None:
    """A verdict that is the same is named below the heading instead."""
    results["headlines"][0]["verdict"] = "better"
    known = sys.modules["index_of_results"].BEFORE
    monkeypatch.setitem(known, "fsdd", known["fsdd"]._replace(verdict=before))

    page = program.index("", {"fsdd": results})

    listed = rows(page, "Verdicts that changed")[2:]
    assert (len(listed) == 1) is changes
    if changes:
        assert "| +10.4 [+1.3, +19.5], undecided |" in listed[0]
        assert "network better" in listed[0]
    same = "The same verdict as before: `fsdd` network better, +10.4 [+1.3, +19.5] before and"
    assert (same in page) is not changes


def test_an_aim_is_reached_or_missed_by_its_learner(program: ModuleType, results: dict[str, Any]) -> None:
    """A family is represented by its best learner on the validation set; a learner that did not run is not measured."""
    page = program.index("", {"mr": results, "fsdd": results, "pneumoniamnist": results})

    aims = rows(page, "Aims")
    assert any("`nb_svm`" in line and "not measured" in line for line in aims)
    assert any(
        "best traditional (`hog_svm`) | accuracy | 74.0 %" in line and line.endswith("reached |") for line in aims
    )
    assert any("AUC" in line and line.endswith("not measured |") for line in aims)


def test_every_speaker_is_in_the_table(program: ModuleType, extras: dict[str, Any]) -> None:
    """The worst one is at the end of the row."""
    section = "\n".join(program.section("fsdd", extras))

    assert all(name in section for name in extras["units"]["names"])
    row = next(line for line in section.split("By group")[1].splitlines() if line.startswith("| `resnet8`"))
    worst = min(each["value"] for each in extras["learners"][0]["by_group"])
    assert row.endswith(f"{100 * worst:.1f} % |")


def test_rare_classes_are_shown_first_with_their_intervals(program: ModuleType, results: dict[str, Any]) -> None:
    for item in results["learners"]:
        item["recall"][4] = {"value": 0.5, "low": 0.2, "high": 0.8, "n": 9}

    section = program.section("facial_expressions", results)

    table = section[section.index(next(line for line in section if line.startswith("| class |"))) :]
    assert table[2].startswith("| Coat | 9 | 50.0 % [20.0, 80.0]")


def test_optimism_is_the_difference_of_the_two_splits(program: ModuleType, results: dict[str, Any]) -> None:
    """Its interval is wider than that of either."""
    other = json.loads(json.dumps(results))
    for item in other["learners"]:
        result = item["metrics"]["accuracy"]
        result |= {key: min(1.0, result[key] + 0.05) for key in ("value", "low", "high")}

    pages = ["\n".join(program.section("digits", each)) for each in (results, other)]

    page = program.flattery("facial_expressions", pages[0], "facial_expressions_by_picture", pages[1])

    row = next(line for line in page.split("## How much")[1].splitlines() if line.startswith("| `resnet8`"))
    assert "+5.0 [+4.3, +5.7]" in row
    assert program.flattery("facial_expressions", pages[0], "facial_expressions_by_picture", page) == page


def test_the_interval_of_a_difference_of_independent_values(program: ModuleType) -> None:
    """For symmetric intervals, the root of the sum of squares: Zou and Donner (2008)."""
    low, high = sys.modules["tables_of_runs"].unpaired(
        {"value": 0.9, "low": 0.87, "high": 0.93}, {"value": 0.8, "low": 0.76, "high": 0.84}
    )

    assert (low, high) == pytest.approx((0.05, 0.15))


def test_every_config_of_the_page_exists(program: ModuleType) -> None:
    """Names of data sets and of configs agree."""
    for name, entry in program.ENTRIES.items():
        assert entry.config == f"configs/{name}.yaml"


def test_a_family_of_which_folds_chose_different_learners_has_their_joint_value(
    program: ModuleType, results: dict[str, Any]
) -> None:
    """The one chosen most often is named, with the number of folds."""
    name = results["headlines"][0]["challenger"]
    results["headlines"][0]["challenger_by_fold"] = [name, "lenet5", name]
    primary = next(row["primary"] for row in results["comparisons"] if row["primary"])
    side = "learner" if primary["learner"] == name else "reference"
    primary[f"{side}_value"] = 0.91234

    row = program.index("", {"digits": results}).split("results/digits.md")[1].splitlines()[0]

    assert f"| `{name}` in 2 of 3 folds: **91.23 %** |" in row
