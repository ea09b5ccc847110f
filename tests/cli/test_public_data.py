"""Output and exit codes of visiontk data."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from visiontk.cli import public_data
from visiontk.data.public import sources
from visiontk.data.public.fetch import Fetched
from visiontk.data.public.records import Source
from visiontk.data.public.sources import SOURCES
from visiontk.errors import StoreError

Call = Callable[..., Any]


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder of public data."""
    monkeypatch.setenv("VISIONTK_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def test_every_public_data_set_is_listed(call: Call, folder: Path) -> None:
    """Name, task, installed or not, size, licence."""
    (folder / "mnist").mkdir(parents=True)
    (folder / "mnist" / "mnist.npz").touch()

    result = call("data", "list")

    lines = {line.split()[0]: line.split() for line in result.out.splitlines() if line.split()}
    assert result.code == 0
    assert set(SOURCES) < set(lines)
    assert lines["fsdd_part"][1:] == ["audio_classification", "embedded", "CC", "BY-SA", "4.0"]
    assert lines["mnist"][1:] == ["image_classification", "yes", "12", "MB", "CC", "BY-SA", "3.0"]
    assert lines["fer2013"][2:4] == ["no", "register"]
    assert str(folder) in result.out


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_one_set_is_shown_with_source_and_citation(name: str, call: Call) -> None:
    """A paper must cite them."""
    result = call("data", "list", name)

    assert result.code == 0
    text = " ".join(result.out.split())
    assert SOURCES[name].citation in text
    assert SOURCES[name].homepage in text


@pytest.mark.parametrize("name", ["digits", "fsdd_part", "pneumoniamnist_part", "pydoc"])
def test_embedded_data_are_shown_with_licence_and_citation_and_need_no_download(name: str, call: Call) -> None:
    shown = " ".join(call("data", "list", name).out.split())
    fetched = call("data", "fetch", name)

    assert "here embedded licence " in shown
    assert re.search(r" cite .*\((19|20)\d\d\)| cite .*3\.11", shown)
    assert (fetched.code, fetched.out) == (0, f"{name} is embedded: there is nothing to fetch.\n")


@pytest.mark.parametrize("columns", [40, 100])
@pytest.mark.parametrize("name", ["", "mnist", "fer2013", "fsdd_part"])
def test_the_output_fits_the_terminal(name: str, columns: int, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only an address may be longer."""
    monkeypatch.setenv("COLUMNS", str(columns))

    lines = call("data", "list", *([name] if name else [])).out.splitlines()

    assert not [line for line in lines if len(line) > columns and "/" not in line]


def test_the_output_is_available_as_json(call: Call) -> None:
    """Unknown values are null, not empty texts."""
    rows = json.loads(call("data", "list", "--json").out)

    assert [row["dataset"] for row in rows if not row["embedded"]] == list(SOURCES)
    assert {row["licence"] for row in rows if row["embedded"]} == {"CC BY 4.0", "CC BY-SA 4.0", "PSF-2.0"}
    assert {row["licence"] for row in rows if row["dataset"] == "cifar10"} == {None}
    assert json.loads(call("data", "list", "mnist", "--json").out)[0]["files"][0]["checksum"].startswith("md5:")


def test_fetching_prints_the_path_of_the_data(call: Call, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """On standard output; progress is on standard error."""

    def fetch(name: str, progress: Any) -> Fetched:
        progress("a.gz", 5_000_000, 5_000_000)
        return Fetched(folder / name, new=True)

    monkeypatch.setattr("visiontk.data.public.fetch.fetch", fetch)

    result = call("data", "fetch", "mnist")
    assert (result.code, result.out) == (0, f"mnist is in {folder / 'mnist'}\n")
    assert result.err == "a.gz  5.0 MB of 5.0 MB\n"

    result = call("data", "fetch", "mnist", "--json")
    assert json.loads(result.out) == {"dataset": "mnist", "folder": str(folder / "mnist"), "new": True}
    assert result.err == ""


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("fetch",), 2, "visiontk data fetch: missing: NAME."),
        (("fetch", "fashion_mnst"), 2, "Did you mean 'fashion_mnist'?"),
        (("list", "fashion_mnst"), 2, "Did you mean 'fashion_mnist'?"),
        (("get", "mnist"), 2, "No command 'data get'."),
        ((), 2, "missing"),
        (("fetch", "fer2013"), 6, "kaggle.com"),
    ],
)
def test_every_error_is_one_message_without_a_traceback(
    arguments: tuple[str, ...], code: int, message: str, call: Call
) -> None:
    result = call("data", *arguments)

    assert result.code == code
    assert message in result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize(
    ("error", "code"),
    [(KeyboardInterrupt(), 130), (StoreError("x: full", error_id="E-IO-FULL", hint="Free some space."), 74)],
)
def test_an_interrupted_fetch_has_the_exit_code_of_its_cause(
    error: BaseException, code: int, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After Ctrl-C it mentions that the same command resumes."""

    def fetch(name: str, progress: Any) -> Fetched:
        raise error

    monkeypatch.setattr("visiontk.data.public.fetch.fetch", fetch)

    result = call("data", "fetch", "mnist")

    assert result.code == code
    if code == 130:
        assert "Files fetched so far are stored: the same command resumes." in result.err


def test_control_characters_of_a_record_are_escaped(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = Source("toy", ("a",), "https://x/\x1b[2J", "", "N (2000).", (), {"a": 1}, instructions="Do\x1b[31m")
    monkeypatch.setattr(sources, "SOURCES", {"toy": bad})

    assert "\x1b" not in call("data", "list", "toy").out


def test_a_slow_transfer_prints_progress(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """In a pipe, every half minute and at the end of each file."""
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with public_data._TransferDisplay(quiet=False) as display:
        for step in range(100):
            now[0] += 1
            display.show("a", step * 1_000_000, 99_000_000)

    assert len(capsys.readouterr().err.splitlines()) == 4


@pytest.mark.slow
def test_the_list_is_quick_and_imports_no_framework() -> None:
    """Within three seconds on a busy machine."""
    code = (
        "import sys; from visiontk.cli import main\n"
        "try: main(['data', 'list'])\n"
        "finally: print([m for m in ('keras', 'tensorflow', 'sklearn', 'pooch', 'requests') if m in sys.modules])"
    )
    start = time.monotonic()

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[]"
    assert time.monotonic() - start < 3
