"""What visiontk data prints and how it ends."""

import json
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
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder of public data."""
    monkeypatch.setenv("VISIONTK_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def test_every_public_set_is_listed_with_what_decides_its_use(call: Call, place: Path) -> None:
    """Name, task, here or not, size, licence."""
    (place / "mnist").mkdir(parents=True)
    (place / "mnist" / "mnist.npz").touch()

    ended = call("data", "list")

    lines = {line.split()[0]: line.split() for line in ended.out.splitlines() if line.split()}
    assert ended.code == 0
    assert set(SOURCES) < set(lines)
    assert lines["mnist"][1:] == ["image_classification", "yes", "12", "MB", "CC", "BY-SA", "3.0"]
    assert lines["fer2013"][2:4] == ["no", "register"]
    assert str(place) in ended.out


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_one_set_is_shown_with_source_and_citation(name: str, call: Call) -> None:
    """All that a paper must say about it."""
    ended = call("data", "list", name)

    assert ended.code == 0
    words = " ".join(ended.out.split())
    assert SOURCES[name].citation in words
    assert SOURCES[name].homepage in words


@pytest.mark.parametrize("columns", [40, 100])
@pytest.mark.parametrize("name", ["", "mnist", "fer2013"])
def test_it_fits_the_terminal(name: str, columns: int, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only an address may stick out."""
    monkeypatch.setenv("COLUMNS", str(columns))

    lines = call("data", "list", *([name] if name else [])).out.splitlines()

    assert not [line for line in lines if len(line) > columns and "/" not in line]


def test_it_is_json_for_programs(call: Call) -> None:
    """Nothing that is unknown is an empty text."""
    rows = json.loads(call("data", "list", "--json").out)

    assert [row["dataset"] for row in rows] == list(SOURCES)
    assert {row["licence"] for row in rows if row["dataset"] == "cifar10"} == {None}
    assert json.loads(call("data", "list", "mnist", "--json").out)[0]["files"][0]["checksum"].startswith("md5:")


def test_fetching_prints_where_the_data_are(call: Call, monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    """On standard output, and progress on standard error."""

    def fetch(name: str, progress: Any) -> Fetched:
        progress("a.gz", 5_000_000, 5_000_000)
        return Fetched(place / name, new=True)

    monkeypatch.setattr("visiontk.data.public.fetch.fetch", fetch)

    ended = call("data", "fetch", "mnist")
    assert (ended.code, ended.out) == (0, f"mnist is in {place / 'mnist'}\n")
    assert ended.err == "a.gz  5.0 MB of 5.0 MB\n"

    ended = call("data", "fetch", "mnist", "--json")
    assert json.loads(ended.out) == {"dataset": "mnist", "folder": str(place / "mnist"), "new": True}
    assert ended.err == ""


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("fetch",), 2, "visiontk data fetch: missing: NAME."),
        (("fetch", "fashion_mnst"), 2, "Did you mean 'fashion_mnist'?"),
        (("list", "fashion_mnst"), 2, "Did you mean 'fashion_mnist'?"),
        (("get", "mnist"), 2, "No command 'data get'."),
        ((), 2, "missing"),
        (("fetch", "fer2013"), 6, "kaggle.com"),
    ],
)
def test_mistakes_are_one_clear_message(words: tuple[str, ...], code: int, said: str, call: Call) -> None:
    """Without a traceback."""
    ended = call("data", *words)

    assert ended.code == code
    assert said in ended.err
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("error", "code"),
    [(KeyboardInterrupt(), 130), (StoreError("x: full", error_id="E-IO-FULL", hint="Free some space."), 74)],
)
def test_what_stops_a_fetch_ends_with_its_code(
    error: BaseException, code: int, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C says that the same command goes on."""

    def fetch(name: str, progress: Any) -> Fetched:
        raise error

    monkeypatch.setattr("visiontk.data.public.fetch.fetch", fetch)

    ended = call("data", "fetch", "mnist")

    assert ended.code == code
    if code == 130:
        assert "Files fetched so far are stored: the same command resumes." in ended.err


def test_control_characters_of_a_record_are_shown_as_escapes(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that is printed can move the cursor."""
    bad = Source("toy", ("a",), "https://x/\x1b[2J", "", "N (2000).", (), {"a": 1}, instructions="Do\x1b[31m")
    monkeypatch.setattr(sources, "SOURCES", {"toy": bad})

    assert "\x1b" not in call("data", "list", "toy").out


def test_a_slow_transfer_is_told_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
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
    """Half a second is what people do not wait for; a busy machine gets three."""
    code = (
        "import sys; from visiontk.cli import main\n"
        "try: main(['data', 'list'])\n"
        "finally: print([m for m in ('keras', 'tensorflow', 'sklearn', 'pooch', 'requests') if m in sys.modules])"
    )
    start = time.monotonic()

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[]"
    assert time.monotonic() - start < 3
