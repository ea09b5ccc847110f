"""What a user may read is run: commands, snippets, links."""

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
    found = re.findall(r"^```(\w*)\n(.*?)^```$", path.read_text(), re.DOTALL | re.MULTILINE)
    return [text for name, text in found if name == language]


def commands() -> list[str]:
    found = []
    for page in PAGES:
        for block in blocks(page, ""):
            found += [line.split("#")[0].strip() for line in block.splitlines() if line.startswith("visiontk ")]
        found += re.findall(r"`(visiontk compare configs/[^`]+)`", page.read_text())
    return sorted(set(found))


@pytest.mark.parametrize("command", commands())
def test_every_command_of_the_documentation_is_understood(
    command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Options, tasks, learners and keys in the documentation exist; nothing is trained to find out."""
    asked: list[Any] = []

    class Understood(Exception):
        """The command got as far as the work."""

    def note(*given: Any, **named: Any) -> None:
        asked.append(given)
        raise Understood

    monkeypatch.chdir(ROOT)
    kind = "wav" if "audio" in command else "png"
    for name in (f"cat/1.{kind}", f"dog/1.{kind}"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    monkeypatch.setattr("visiontk.harness.drive.prepare", note)
    monkeypatch.setattr(api, "preview_of", note)
    monkeypatch.setattr("visiontk.api.predicted.compare_predictions", note)
    monkeypatch.setattr("visiontk.api.exported_predictions.export_run", note)
    monkeypatch.setattr(api, "load", note)
    monkeypatch.setattr(api, "stored", note)
    monkeypatch.setattr(api, "across", note)
    monkeypatch.setattr(api, "audit_data", note)
    monkeypatch.setattr(api, "verify", note)
    monkeypatch.setattr("visiontk.data.public.fetch.fetch", note)
    words = [str(tmp_path) if word == "path/to/folder" else word for word in shlex.split(command)[1:]]

    with pytest.raises(SystemExit) as ended:
        main(words)

    works = words[0] in ("compare", "report", "show", "verify") or words[:2] in (["data", "fetch"], ["data", "audit"])
    if works and "--schema" not in words:
        assert asked, f"{command} ended with code {ended.value.code} before the work began"
    else:
        assert ended.value.code == 0


def test_the_task_of_the_documentation_keeps_the_contract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger who types the example has a task that works."""
    (source,) = [block for block in blocks(ROOT / "docs" / "tasks.md", "python") if "TASK = Task(" in block]
    (tmp_path / "documented_task.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    import documented_task  # type: ignore[import-not-found]

    for check in task_checks():
        check(documented_task.TASK)


@pytest.mark.slow
def test_the_python_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """The first snippet that people copy."""
    (snippet,) = blocks(ROOT / "README.md", "python")
    monkeypatch.chdir(tmp_path)

    exec(compile(snippet, "README.md", "exec"), {})

    assert "On digits" in capsys.readouterr().out
    assert (tmp_path / "report.html").stat().st_size > 10_000


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """No page names a file that is not there."""
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_decision_has_a_number_of_its_own() -> None:
    """They are cited by number."""
    numbers = [path.name[:3] for path in (ROOT / "docs" / "decisions").glob("*.md")]

    assert sorted(numbers) == [f"{i:03d}" for i in range(1, len(numbers) + 1)]


def test_make_help_names_every_target() -> None:
    """In the words at the top of the Makefile, which is what it prints."""
    text = (ROOT / "Makefile").read_text()
    (phony,) = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    targets = re.findall(r"^([a-z]+):", text, re.MULTILINE)

    explained = re.findall(r"^# make ([a-z]+) {2,}\S", text, re.MULTILINE)

    assert sorted(explained) == sorted({*targets} - {"help"})
    assert sorted(phony.split()) == sorted(targets)
