"""Commands, snippets and links of the documentation."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

import visiontk.api as api
from visiontk.cli import main
from visiontk.testing import task_checks

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def blocks(path: Path, language: str) -> list[str]:
    matches = re.findall(r"^```(\w*)\n(.*?)^```$", path.read_text(), re.DOTALL | re.MULTILINE)
    return [text for name, text in matches if name == language]


def commands() -> list[str]:
    matches = []
    for page in PAGES:
        for block in blocks(page, ""):
            matches += [line.split("#")[0].strip() for line in block.splitlines() if line.startswith("visiontk ")]
        matches += re.findall(r"`(visiontk compare configs/[^`]+)`", page.read_text())
    return sorted(set(matches))


@pytest.mark.parametrize("command", commands())
def test_every_documented_command_is_valid(command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Options, tasks, learners and keys exist; nothing is trained."""
    calls: list[Any] = []

    class Accepted(Exception):
        """The arguments are valid and work would begin."""

    def record_call(*arguments: Any, **named: Any) -> None:
        calls.append(arguments)
        raise Accepted

    monkeypatch.chdir(ROOT)
    kind = "wav" if "audio" in command else "png"
    for name in (f"cat/1.{kind}", f"dog/1.{kind}"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    monkeypatch.setattr("visiontk.harness.drive.prepare", record_call)
    monkeypatch.setattr(api, "preview_of", record_call)
    monkeypatch.setattr("visiontk.api.predicted.compare_predictions", record_call)
    monkeypatch.setattr("visiontk.api.exported_predictions.export_run", record_call)
    monkeypatch.setattr(api, "load", record_call)
    monkeypatch.setattr(api, "stored", record_call)
    monkeypatch.setattr(api, "across", record_call)
    monkeypatch.setattr(api, "audit_data", record_call)
    monkeypatch.setattr(api, "verify", record_call)
    monkeypatch.setattr("visiontk.data.public.fetch.fetch", record_call)
    command_line = [str(tmp_path) if word == "path/to/folder" else word for word in shlex.split(command)[1:]]

    with pytest.raises(SystemExit) as exit_info:
        main(command_line)

    expects_work = command_line[0] in ("compare", "report", "show", "verify") or command_line[:2] in (
        ["data", "fetch"],
        ["data", "audit"],
    )
    if expects_work and "--schema" not in command_line:
        assert calls, f"{command} ended with code {exit_info.value.code} before the work began"
    else:
        assert exit_info.value.code == 0


def test_the_documented_task_satisfies_the_contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (source,) = [block for block in blocks(ROOT / "docs" / "tasks.md", "python") if "TASK = Task(" in block]
    (tmp_path / "documented_task.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    import documented_task  # type: ignore[import-not-found]

    for check in task_checks():
        check(documented_task.TASK)


@pytest.mark.slow
def test_the_python_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    (snippet,) = blocks(ROOT / "README.md", "python")
    monkeypatch.chdir(tmp_path)

    exec(compile(snippet, "README.md", "exec"), {})

    assert "On digits" in capsys.readouterr().out
    assert (tmp_path / "report.html").stat().st_size > 10_000


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_are_valid(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_decisions_are_numbered_consecutively() -> None:
    numbers = [path.name[:3] for path in (ROOT / "docs" / "decisions").glob("*.md")]

    assert sorted(numbers) == [f"{i:03d}" for i in range(1, len(numbers) + 1)]


def test_make_help_names_every_target() -> None:
    """In the comment at the top of the Makefile."""
    text = (ROOT / "Makefile").read_text()
    (phony,) = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    targets = re.findall(r"^([a-z]+):", text, re.MULTILINE)

    documented = re.findall(r"^# make ([a-z]+) {2,}\S", text, re.MULTILINE)

    assert sorted(documented) == sorted({*targets} - {"help"})
    assert sorted(phony.split()) == sorted(targets)
