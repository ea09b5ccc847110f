"""The commands `task new` and `task check`: output, errors and interruption."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import psutil
import pytest
from packages import HOST, LEARNER, PLUGIN, publish

import visiontk
from visiontk.cli import main

LIBRARY = Path(visiontk.__file__).parent
COMMAND = [sys.executable, "-m", "visiontk"]


def call(*arguments: str) -> int:
    with pytest.raises(SystemExit) as exit_info:
        main(list(arguments))
    return int(exit_info.value.code or 0)


def test_new_prints_the_folder_and_the_next_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The commands can be copied as they are."""
    monkeypatch.chdir(tmp_path)

    code = call("task", "new", "plankton", "--out", "my code")

    printed = capsys.readouterr().out
    assert code == 0
    assert f"{tmp_path}/my code holds the task plankton." in printed
    assert f"  pip install --editable '{tmp_path}/my code'\n" in printed
    assert "  visiontk task check plankton\n" in printed
    assert (tmp_path / "my code" / "visiontk_plankton" / "__init__.py").is_file()


@pytest.mark.parametrize(
    ("arguments", "error_id"),
    [
        ("task plankton", "E-UNKNOWN-COMMAND"),
        ("new task plankton", "E-UNKNOWN-COMMAND"),
        ("task new", "E-USAGE"),
        ("task new plankton --like whales", "E-UNKNOWN-KIND-OF-TASK"),
        ("task new Plankton", "E-NEW-NAME"),
        ("task check", "E-USAGE"),
        ("task check image_classification --fast --slow", "E-USAGE"),
        ("task check image_clasification", "E-UNKNOWN-TASK"),
        ("task check image_classification.nothing", "E-UNKNOWN-PART"),
        ("task check image_classification --only nothing", "E-CHECK-NONE"),
    ],
)
def test_usage_errors_have_an_id_and_create_no_files(
    arguments: str, error_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code is 2."""
    monkeypatch.chdir(tmp_path)

    code = call(*arguments.split(), "--json")

    assert code == 2
    assert json.loads(capsys.readouterr().out)["error"]["id"] == error_id
    assert not list(tmp_path.iterdir())


def test_templates_are_part_of_the_package() -> None:
    """Otherwise an installed wheel could not create packages."""
    project = LIBRARY.parent / "pyproject.toml"
    if not project.exists():
        pytest.skip("needs the repository, not an installed package")
    patterns = tomllib.loads(project.read_text())["tool"]["setuptools"]["package-data"]["visiontk"]

    templates = {path for path in (LIBRARY / "scaffold").rglob("*") if path.suffix == ".in"}

    assert len(templates) == 10
    assert templates <= {path for pattern in patterns for path in LIBRARY.glob(pattern)}


@pytest.fixture
def slow_host(tmp_path: Path) -> dict[str, str]:
    """The environment of an installed task with a slow learner."""
    site = tmp_path / "site"
    publish(site, "host_plugin", {"tasks": {"host": "host_plugin:TASK"}}, text=HOST)
    text = PLUGIN.replace("x = self.seen(train)", "x = self.seen(train); __import__('time').sleep(60)")
    publish(site, "median_plugin", LEARNER, text=text)
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(site), *sys.path[1:]])}


@pytest.mark.slow
def test_an_interrupted_check_leaves_no_process(slow_host: dict[str, str], tmp_path: Path) -> None:
    """Ctrl-C ends the running fit; the exit code is 130."""
    process = subprocess.Popen(
        [*COMMAND, "task", "check", "host.medians"], cwd=tmp_path, env=slow_host, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    for line in process.stdout:
        if "Trials survive" in line:
            break
    (child,) = (each for each in psutil.Process(process.pid).children() if "check_process" in " ".join(each.cmdline()))

    process.send_signal(signal.SIGINT)
    _, printed = process.communicate(timeout=20)

    assert process.returncode == 130
    assert "error[E-INTERRUPTED]" in printed
    psutil.wait_procs([child], timeout=5)
    assert not child.is_running()


@pytest.mark.slow
def test_a_terminal_shows_the_running_check(slow_host: dict[str, str], tmp_path: Path) -> None:
    """A long fit must not look like a frozen program."""
    master, terminal_end = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "task", "check", "host.medians", "--slow"], cwd=tmp_path, env=slow_host | {"TERM": "xterm"},
        stdout=subprocess.DEVNULL, stderr=terminal_end, start_new_session=True,
    )  # fmt: skip
    os.close(terminal_end)
    text, end = "", time.monotonic() + 30
    first = re.compile(r"\[1/\d+\] host\.medians: scores are finite and have the right shape")
    while not first.search(text) and time.monotonic() < end:
        if select.select([master], [], [], 1)[0]:
            text += os.read(master, 4096).decode()
    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=20) == 143
    assert first.search(text)
    os.close(master)
