"""The table of errors in the documentation agrees with the code."""

import ast
import re
from pathlib import Path

import pytest

import visiontk
from visiontk import errors
from visiontk.cli.arguments import EXIT_CODES

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"
CODE = sorted(
    path
    for root in (Path(visiontk.__file__).parent, Path(__file__).parents[2] / "tasks")
    for path in root.rglob("*.py")
)

pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="needs the repository, not an installed package")


def source(path: Path) -> str:
    """Return the code without its docstring examples."""
    return "\n".join(line for line in path.read_text().splitlines() if not line.strip().startswith((">>>", "...")))


def error_ids() -> set[str]:
    """Return every error id in the code, written out or formed from the kind of an unknown name."""
    ids = set()
    for path in CODE:
        text = source(path)
        ids |= set(re.findall(r'"(E-[A-Z0-9-]+)"', text))
        kinds = re.findall(r'\bunknown\(\s*"([a-z ]+)"', text)
        ids |= {f"E-UNKNOWN-{kind.upper().replace(' ', '-')}" for kind in kinds}
    return ids | {"E-UNKNOWN-COMMAND"}  # its kind is a variable


def rows() -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.read_text().splitlines()
        if line.startswith("| `E-")
    ]


def test_every_error_is_documented_and_every_documented_error_exists() -> None:
    documented = {row[0].strip("`") for row in rows()}

    assert documented == error_ids()


def test_every_error_is_documented_once_with_meaning_and_remedy() -> None:
    """No cell is empty."""
    names = [row[0] for row in rows()]

    assert len(names) == len(set(names))
    assert all(all(row) and len(row) >= 3 for row in rows())


def test_the_documented_exit_codes_are_those_of_the_code() -> None:
    """In the page, in the help and in visiontk.errors."""
    section = PAGE.read_text().split("## Exit codes")[1].split("##")[0]
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)}

    assert documented == {value for name, value in vars(errors).items() if name.startswith("EXIT_")} | {143}
    assert documented == {int(code) for codes, _ in EXIT_CODES for code in codes.split(", ")}


def classes_by_id() -> dict[str, set[str]]:
    """Return the exception classes raised under each error id."""
    ids: dict[str, set[str]] = {}
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                for word in node.keywords:
                    if word.arg == "error_id" and isinstance(word.value, ast.Constant):
                        ids.setdefault(str(word.value.value), set()).add(node.func.id)
    return ids


def test_the_exit_code_of_an_error_is_that_of_its_class() -> None:
    raised_by, heading = classes_by_id(), set[int]()
    for line in PAGE.read_text().splitlines():
        if line.startswith("## "):
            heading = {int(code) for code in re.findall(r"exit code (\d+)", line)}
        if not line.startswith("| `E-"):
            continue
        name, second = (cell.strip(" `") for cell in line.strip("|").split("|")[:2])
        documented = heading or {int(code) for code in second.split(", ")}
        known = [getattr(errors, word) for word in raised_by.get(name, ()) if hasattr(errors, word)]
        assert {kind.exit_code for kind in known} <= documented, name
