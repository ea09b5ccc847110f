"""The words of the code: docstrings begin with a verb or a noun phrase, and names are terms of the field."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted(
    path
    for folder in ("visiontk", "tasks", "benchmarks", "tests")
    for path in (ROOT / folder).rglob("*.py")
    if path != Path(__file__)
)
QUESTION_WORDS = ("What", "How", "Whether", "Who", "Whose", "Where", "Why", "Somebody", "Nobody", "Nothing")
"""First words that a docstring must not have."""

AVOIDED = frozenset({
    "found", "told", "mine", "wanted", "said", "asked", "heard", "bury", "hire", "stillborn", "death",
})  # fmt: skip
"""Vague names; use `result`, `warnings`, `matches`, `exit_reason`, ... instead."""


def docstrings(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and text of each docstring of a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield getattr(node, "lineno", 1), text


pytestmark = pytest.mark.skipif(not (ROOT / "tasks").is_dir(), reason="needs the repository, not an installed package")


def test_no_docstring_begins_with_a_question_word() -> None:
    questions = [
        f"{path.relative_to(ROOT)}:{line}: {text.splitlines()[0]}"
        for path in FILES
        for line, text in docstrings(path)
        if text.split()[0].strip(",.:") in QUESTION_WORDS
    ]

    assert questions == []


def test_no_name_is_vague() -> None:
    vague = [
        f"{path.relative_to(ROOT)}:{token.start[0]}: {token.string}"
        for path in FILES
        for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline)
        if token.type == tokenize.NAME and token.string in AVOIDED
    ]

    assert vague == []


def test_the_name_of_a_test_states_a_behaviour() -> None:
    """Such as "a missing column is refused", not "what is not there is refused"."""
    riddles = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in FILES
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        if re.search(r"_(what|whoever|nobody|somebody|everybody)(_|$)", name)
    ]

    assert riddles == []
