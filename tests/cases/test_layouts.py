"""Layouts of public data end with the right plan, or with a refusal whose hints work as they are printed."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from pathlib import Path

import layouts_of_forms  # noqa: F401 - registers cases
import layouts_of_images  # noqa: F401
import layouts_of_sounds  # noqa: F401
import layouts_of_texts  # noqa: F401
import pytest
from making import CASES, Case, Ends, Plan
from typist import DEEPEST, End, check_hints, check_plan, follow, typed, ways_out


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COLUMNS", "1000")
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case.name)
def test_a_layout_ends_as_its_user_hopes(case: Case, tmp_path: Path) -> None:
    """With a plan, or with options of which each leads on when it is typed as printed."""
    folder = tmp_path / "my data"
    folder.mkdir()
    case.make(folder)

    check_end(typed(str(folder / case.target)), case.ends, folder)


def check_end(end: End, ends: Ends, folder: Path) -> None:
    """Compare how a command ended with what is expected, and type what it prints."""
    if isinstance(ends, Plan):
        assert end.plan is not None, end.text
        plan = end.plan
        groups = plan["groups"] and plan["groups"]["n"]
        expected = (ends.task, dict(sorted(ends.labels.items())), ends.split, ends.groups)
        assert (plan["task"], plan["labels"], plan["split"]["policy"], groups) == expected, end.says
        check_plan(plan)
    else:
        assert end.plan is None, end.says
        assert end.error == ends.error, end.text
        ways = ways_out(end)
        for pattern, then in ends.options.items():
            printed = [text for text in ways if fnmatchcase(text.rstrip("'"), pattern.rstrip("'"))]
            assert printed, (pattern, list(ways))
            after = follow(ways[printed[0]], folder)
            if after is not None:
                check_end(after, then, folder)
        assert check_hints(end, folder, DEEPEST if ends.options else 0), end.text
    for words in ends.says:
        assert words in end.says, end.says


def test_cases_of_others(tmp_path: Path) -> None:
    """Each folder in the folder that the environment names."""
    place = os.environ.get("VISIONTK_CASES")
    if not place:
        pytest.skip("needs a folder of inputs: set VISIONTK_CASES to it")
    problems = []
    for folder in sorted(each for each in Path(place).iterdir() if each.is_dir()):
        try:
            assert check_hints(typed(str(folder)), folder), "no hint leads to a plan"
        except AssertionError as error:
            problems.append(f"{folder.name}: {error}")
    assert not problems, "\n\n".join(problems)
