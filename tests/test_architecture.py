"""Import rules beyond import-linter: tasks are installed under another name than their folder."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import visiontk

LIBRARY = Path(visiontk.__file__).parent
TASKS = LIBRARY.parent / "tasks"
FRAMEWORKS = {"tensorflow", "keras", "sklearn", "torch", "jax"}


def imported(path: Path) -> Iterator[tuple[str, bool]]:
    """Yield every module that a file imports, and True if at its top."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((name.name, node in tree.body) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or "", node in tree.body


@pytest.mark.parametrize("path", sorted(LIBRARY.rglob("*.py")), ids=lambda path: str(path.relative_to(LIBRARY)))
def test_the_library_never_imports_a_task(path: Path) -> None:
    """It uses tasks by name."""
    assert not [name for name, _ in imported(path) if name.split(".")[0] == "tasks" or "visiontk.tasks" in name]


@pytest.mark.skipif(not TASKS.is_dir(), reason="needs the repository, not an installed package")
def test_no_task_imports_another_nor_a_framework_at_its_top() -> None:
    """Shared code belongs to the library, and listing tasks must be fast."""
    for path in sorted(TASKS.rglob("*.py")):
        for name, at_top in imported(path):
            assert not name.startswith(("tasks", "visiontk.tasks")), f"{path} imports {name}"
            assert not (at_top and name.split(".")[0] in FRAMEWORKS), f"{path} imports {name} at its top"


@pytest.mark.parametrize(
    "command",
    [["--help"], ["list"], ["list", "learners"], ["list", "datasets"], ["compare", "--help"], ["compare", "nothing"],
     ["report", "nowhere"], ["show", "nowhere"], ["doctor"],
     ["task", "new", "all"], ["task", "check", "nothing"], ["task", "check", "--help"]],
    ids=" ".join,
)  # fmt: skip
def test_commands_that_train_nothing_import_no_framework(command: list[str]) -> None:
    """Help, lists, reports and errors must be fast."""
    code = (
        "import sys\n"
        "from visiontk.cli import main\n"
        "try:\n"
        f"    main({command!r})\n"
        "except SystemExit:\n"
        "    pass\n"
        "print('LOADED', *sys.modules)\n"
    )

    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    loaded = process.stdout[process.stdout.index("LOADED") :].split()
    assert not FRAMEWORKS & set(loaded)
    assert "pandas" not in loaded
    assert "matplotlib" not in loaded
    assert "scipy.stats" not in loaded, "it takes a second or two"
