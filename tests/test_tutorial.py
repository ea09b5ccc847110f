"""The tutorial: its code blocks form a package that passes its checks and gives the printed results."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import tokenize
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from visiontk.core import Floats
from visiontk.scaffold import write_package

PAGE = Path(__file__).parents[1] / "docs" / "tutorial.md"
NAME = "machine_vibration"

pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="needs the repository, not an installed package")


def files() -> dict[str, str]:
    """Return the code blocks that follow a file name."""
    result = re.findall(r"^`(\S+\.py)`:\n\n```python\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert len(result) == 3
    return dict(result)


def rows() -> list[list[str]]:
    """Return the cells of the printed table of results, by learner."""
    lines = re.findall(r"^(?:cnn|envelope_forest|prior) {2,}.*$", PAGE.read_text(), re.MULTILINE)
    assert len(lines) == 3
    return [re.split(r"  +", line) for line in lines]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The final package of the tutorial."""
    monkeypatch.chdir(tmp_path)
    folder = write_package(NAME, "audio").absolute()
    for path, text in files().items():
        assert (folder / path).exists()  # the tutorial edits existing files
        (folder / path).write_text(text)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), *sys.path[1:]]))
    yield folder
    for name in [name for name in sys.modules if name.startswith("visiontk_machine_vibration")]:
        del sys.modules[name]


def test_the_package_has_under_a_hundred_lines_of_code() -> None:
    """Without comments, docstrings and blank lines."""
    n = 0
    for text in files().values():
        lines = set()
        at_start = True
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            blank = token.type in (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
            if not blank and not (token.type == tokenize.STRING and at_start) and token.type != tokenize.ENDMARKER:
                lines |= set(range(token.start[0], token.end[0] + 1))
            at_start = blank if token.type != tokenize.COMMENT else at_start
        n += len(lines)

    assert 50 < n < 100


def lines_of(x: Floats, *, above: float = 0.0) -> Floats:
    """Return magnitudes in bins of 2 Hz of a recording, or of its envelope above a frequency in Hz."""
    spectrum = np.fft.fft(x)
    f = np.fft.fftfreq(len(x), 1 / 4_096)
    if above:
        envelope = np.abs(np.fft.ifft(np.where(f > above, 2 * spectrum, 0)))
        spectrum = np.fft.fft(envelope - envelope.mean())
    return np.asarray(np.abs(spectrum[: len(x) // 2]), dtype=np.float64)


@pytest.mark.parametrize("seed", range(5))
def test_the_machines_vibrate_as_described(seed: int, package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once, twice, and in the envelope 3.59 times per revolution; the speed is the first random number."""
    monkeypatch.syspath_prepend(package)
    data = import_module(f"visiontk_{NAME}.data")
    speed = np.random.default_rng(seed).uniform(18, 32)
    states = {
        state: data._recording(state, 1_000.0, np.full(3, 0.3), 0.0, np.random.default_rng(seed))
        for state in data.STATES
    }

    def at(state: str, times: float) -> float:
        place = round(times * speed / 2)
        return float(lines_of(states[state])[place - 1 : place + 2].max())

    impacts = lines_of(states["bearing fault"], above=512)[20:60]  # 40 to 120 Hz

    assert at("unbalance", 1) > 1.5 * at("healthy", 1)
    assert at("misalignment", 2) > 1.5 * at("healthy", 2)
    assert 2 * (20 + impacts.argmax()) == pytest.approx(3.59 * speed, abs=3)


def test_the_package_passes_its_linter(package: Path) -> None:
    for arguments in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments, "--no-cache", str(package)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout


@pytest.fixture
def visiontk(package: Path, tmp_path: Path) -> Callable[..., Any]:
    """Return a function that runs the command line with the package installed and parses its JSON."""
    site = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    subprocess.run([*pip, "--target", site, package], check=True, capture_output=True)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(site), *sys.path[1:]])}

    def run(*arguments: str) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "visiontk", *arguments, "--json"], cwd=tmp_path, env=environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    return run


@pytest.mark.slow
@pytest.mark.long
def test_the_numbers_are_those_of_a_run(visiontk: Callable[..., Any]) -> None:
    """Exactly for the classical learner, within the interval for the network."""
    (command,) = re.findall(r"^visiontk (compare machine_vibration .*)$", PAGE.read_text(), re.MULTILINE)

    result = visiontk(*command.split())

    result = {row["name"]: row["metrics"]["accuracy"] for row in result["learners"]}
    for name, _, value, *_ in rows():
        printed = float(value.removesuffix(" %")) / 100
        if name == "cnn":
            assert result[name]["low"] <= printed <= result[name]["high"]
        else:
            assert result[name]["value"] == pytest.approx(printed, abs=0.0006)


@pytest.mark.slow
@pytest.mark.long
def test_the_checks_are_printed_in_order(visiontk: Callable[..., Any]) -> None:
    result = visiontk("task", "check", NAME)

    assert result["holds"]
    assert [row["sentence"] for row in result["checks"]] == re.findall(r"^  holds .* s  (.*)$", PAGE.read_text(), re.M)
