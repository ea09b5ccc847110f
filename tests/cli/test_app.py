"""From words to exit codes: one message for every fault, one JSON value for programs, nothing left behind."""

import errno
import io
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from visiontk.cli import commands, guard, main, printing
from visiontk.errors import BusyError, DataError, StoreError

Call = Callable[..., Any]
QUICK = ("--preset", "quick", "--learners", "prior,logistic", "--executor", "serial")


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Two classes of twelve tiny pictures, dark and bright."""
    rng = np.random.default_rng(0)
    for name, level in (("dark", 40), ("bright", 200)):
        folder = tmp_path / "pictures" / name
        folder.mkdir(parents=True)
        for i in range(12):
            pixels = rng.normal(level, 10, (10, 10)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / f"{i}.png")
    return tmp_path / "pictures"


@pytest.fixture
def raising(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Make visiontk doctor fail in a way of one's choice."""

    def arrange(error: BaseException) -> None:
        def fail(*, as_json: bool) -> int:
            raise error

        monkeypatch.setitem(commands.RUN, "doctor", fail)

    return arrange


def test_a_folder_is_compared_and_the_answer_printed(call: Call, pictures: Path) -> None:
    """A table, a sentence, what limits it, and where the report is; progress goes to standard error."""
    ended = call("compare", str(pictures), *QUICK)

    assert ended.code == 0
    assert "2 fits (2 learners, 1 fold, 1 seed; quick preset): prior, logistic." in ended.err
    assert "at most 1 min of CPU time per fit" in ended.err
    assert "logistic  classical" in ended.out
    assert "No verdict: no network has finished." in ended.out
    assert f"Report: {Path.cwd() / 'runs/image_classification-folder-pictures-quick/report.html'}" in ended.out
    assert "Took " in ended.out
    assert max(map(len, ended.out.splitlines()[:-1])) <= 100


def test_the_same_command_repeats_no_finished_fit(call: Call, pictures: Path) -> None:
    """And says how many are done."""
    call("compare", str(pictures), *QUICK)
    before = {path: path.stat().st_mtime_ns for path in Path().glob("runs/*/trials/*/*")}

    ended = call("compare", str(pictures), *QUICK)

    assert "2 of them are done already in runs/image_classification-folder-pictures-quick." in ended.err
    assert {path: path.stat().st_mtime_ns for path in Path().glob("runs/*/trials/*/*")} == before
    assert "per fit" not in ended.err


def test_json_is_all_there_is_on_standard_output(call: Call, pictures: Path) -> None:
    """A program reads it without searching, and the table is not printed."""
    ended = call("compare", str(pictures), *QUICK, "--json")

    assert json.loads(ended.out)["complete"] is True
    assert not ended.err


def test_a_run_that_was_moved_is_reported_anew(call: Call, pictures: Path) -> None:
    """No path inside of it names its old place."""
    call("compare", str(pictures), *QUICK, "--out", "there")
    Path("there").rename("here")

    ended = call("report", "here", "--output", "sub/page.html")

    assert ended.code == 0
    assert Path("sub/page.html").read_text().lstrip().startswith("<!doctype html>")
    assert f"Report: {Path.cwd() / 'sub/page.html'}" in ended.out
    assert json.loads(call("report", "here", "--json").out)["learners"]


def test_a_folder_of_runs_names_those_in_it(call: Call, pictures: Path) -> None:
    """Whoever typed runs wanted one of them."""
    call("compare", str(pictures), *QUICK, "--out", "runs/a")

    ended = call("report", "runs")

    assert ended.code == 2
    assert "error[E-RUN-PATH]: runs: a folder, but not a run directory. Did you mean runs/a?" in ended.err


def test_a_report_that_cannot_be_written_can_go_elsewhere(call: Call, pictures: Path) -> None:
    """A run may lie on a disk that nobody can write to; a folder in the way does the same here."""
    call("compare", str(pictures), *QUICK, "--out", "run")
    Path("run/report.html").unlink()
    Path("run/report.html").mkdir()

    refused = call("report", "run")

    assert refused.code == 74
    assert "hint: -o FILE writes the report elsewhere; --format text prints it." in refused.err
    assert call("report", "run", "-o", "page.html").code == 0


def test_the_place_of_a_report_has_no_detours(call: Call, pictures: Path) -> None:
    """What is printed is what one opens."""
    call("compare", str(pictures), *QUICK, "--out", "run")

    ended = call("report", "run/../run")

    assert f"Report: {Path.cwd() / 'run/report.html'}\n" in ended.out


def test_a_partial_run_says_so_and_ends_with_five(call: Call, pictures: Path) -> None:
    """The table shows what is done; nobody mistakes it for the whole."""
    call("compare", str(pictures), *QUICK, "--out", "run")
    one = next(path.parent for path in Path("run/trials").glob("*/trial.json") if "prior" in path.read_text())
    for path in one.iterdir():
        path.unlink()
    one.rmdir()

    ended = call("report", "run")

    assert ended.code == 5
    assert "PARTIAL: 1 of 2 fits done, 0 failed, 1 not run yet." in ended.out
    assert call("report", "run", "--json").code == 5


def test_a_failed_fit_is_listed_with_its_reason(call: Call, pictures: Path) -> None:
    """The others stay."""
    call("compare", str(pictures), *QUICK, "--out", "run")
    one = next(path.parent for path in Path("run/trials").glob("*/trial.json") if "logistic" in path.read_text())
    (one / "predictions.npz").unlink()
    (one / "error.txt").write_text("ValueError: \x1b[31mred")

    ended = call("report", "run")

    assert ended.code == 5
    assert "PARTIAL: 1 of 2 fits done, 1 failed." in ended.out
    assert r"failed: logistic seed 0: ValueError: \u001b[31mred" in ended.out.replace("\n    ", " ")


MISTAKES = [
    (["compare", "image_clasification"], 2, "E-UNKNOWN-TASK", "Did you mean 'image_classification'?"),
    (["compare", "./nowhere"], 2, "E-CONFIG-PATH", "no such folder"),
    (["compare", "nowhere.yaml"], 2, "E-CONFIG-FILE", "nowhere.yaml: No such file or directory"),
    (["compare", "image_classification", "--executor", "ray"], 2, "E-UNKNOWN-EXECUTOR", "Known: processes, serial."),
    (["compare", "image_classification", "--learners", "lenet"], 2, "E-UNKNOWN-LEARNER", "Did you mean 'lenet5'?"),
    (["compare", "image_classification", "--learners", ","], 2, "E-CONFIG-VALUE", "learners: [] given"),
    (["compare", "image_classification", "--dataset", "digit"], 2, "E-UNKNOWN-DATASET", "Did you mean 'digits'?"),
    (["compare", "image_classification", "--preset", "quik"], 2, "E-CONFIG-VALUE", "Did you mean 'quick'?"),
    (["compare", "image_classification", "--seeds", ""], 2, "E-CONFIG-VALUE", "seeds: '' given"),
    (["compare", "image_classification", "--budget", "soon"], 2, "E-CONFIG-VALUE", "'soon' given; expected a number"),
    (["compare", "image_classification", "--margin", "nan"], 2, "E-CONFIG-VALUE", "margin: nan given"),
    (["compare", "image_classification", "--set", "x"], 2, "E-CONFIG-SET", "expected key=value"),
    (["compare", "image_classification", "--set", "seeds=[1"], 2, "E-CONFIG-YAML", "--set seeds:1: not readable"),
    (["compare", "image_classification", "--set", "sseeds=1"], 2, "E-CONFIG-KEY", "Did you mean 'seeds'?"),
    (["compare", "empty"], 3, "E-DATA-EMPTY", "no images"),
    (["compare", "one"], 3, "E-LABEL-SINGLE", "only class 'cat'"),
    (["report", "nowhere"], 2, "E-RUN-PATH", "nowhere: no such folder."),
    (["report", "a.yaml"], 2, "E-RUN-PATH", "a.yaml: a file, not a run directory."),
    (["report", "empty"], 2, "E-RUN-PATH", "empty: a folder, but not a run directory."),
    (["verify", "empty"], 2, "E-RUN-PATH", "empty: a folder, but not a run directory."),
    (["verify", "nowhere"], 2, "E-RUN-PATH", "nowhere: no such folder."),
    (["list", "nothing"], 2, "E-UNKNOWN-LIST", "No list 'nothing'."),
    (["--bogus"], 2, "E-UNKNOWN-OPTION", "No option '--bogus'."),
]  # fmt: skip


@pytest.mark.parametrize(("words", "code", "error_id", "message"), MISTAKES, ids=lambda value: str(value)[:60])
def test_every_mistake_has_its_message_its_code_and_no_traces(
    words: list[str], code: int, error_id: str, message: str, call: Call
) -> None:
    """One clear message on standard error, or one JSON value; no traceback, and nothing written."""
    Path("empty").mkdir()
    Path("one/cat").mkdir(parents=True)
    for i in range(6):
        Image.new("L", (9, 9), i).save(f"one/cat/{i}.png")
    Path("a.yaml").write_text("task: image_classification\n")
    before = sorted(Path().rglob("*"))

    plain, machine = call(*words), call(*words, "--json")

    assert plain.code == machine.code == code
    assert f"visiontk: error[{error_id}]: " in plain.err
    assert message in plain.err
    assert "Traceback" not in plain.err
    assert not plain.out
    found = json.loads(machine.out)["error"]
    assert (found["id"], set(found)) == (error_id, {"id", "message", "hint"})
    assert not machine.err
    assert sorted(Path().rglob("*")) == before


def test_a_name_that_is_neither_task_nor_folder_is_refused_before_anything_is_read(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, and with both readings."""
    monkeypatch.setitem(sys.modules, "visiontk.api", None)  # its import would fail

    ended = call("compare", "pictures")

    assert ended.code == 2
    assert "hint: There is no folder 'pictures' here either" in ended.err


def test_without_words_the_help_is_shown_as_an_error(call: Call) -> None:
    """Nothing was done, so the code is not 0 and standard output stays empty."""
    ended = call()

    assert (ended.code, ended.out) == (2, "")
    assert "visiontk compare image_classification" in ended.err
    assert json.loads(call("--json").out)["error"]["id"] == "E-USAGE"


def test_the_version_is_printed(call: Call) -> None:
    """For people and for programs."""
    assert call("--version").out.startswith("visiontk ")
    assert set(json.loads(call("--version", "--json").out)) == {"visiontk"}


def test_several_problems_stand_below_each_other(call: Call) -> None:
    """Nobody mends a command one message at a time."""
    ended = call("compare", "image_classification", "--seeds", "x", "--preset", "quik")

    assert ended.err.count("\n") == 2
    assert "seeds: 'x' given" in ended.err
    assert "\n  preset: 'quik' given" in ended.err


def test_debug_shows_the_traceback_wherever_it_stands(call: Call) -> None:
    """Before or after the command."""
    for words in (["--debug", "list", "nothing"], ["list", "nothing", "--debug"]):
        assert "Traceback" in call(*words).err


def test_our_own_faults_say_so_and_keep_the_details(
    call: Call, raising: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 1, no traceback, and the file where it is."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    raising(ZeroDivisionError("division by zero"))

    ended = call("doctor")

    [kept] = tmp_path.glob("visiontk-crash-*.txt")
    assert ended.code == 1
    assert "visiontk: error[E-BUG]: ZeroDivisionError: division by zero" in ended.err
    assert str(kept) in ended.err
    assert "Traceback" not in ended.err
    assert "ZeroDivisionError" in kept.read_text()


def test_our_own_faults_are_told_where_nothing_can_be_kept(
    call: Call, raising: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk does not hide the first fault behind a second."""
    monkeypatch.setattr("tempfile.mkstemp", lambda **named: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    raising(ZeroDivisionError())

    assert "--debug shows the details" in call("doctor").err


@pytest.mark.parametrize(
    ("error", "code", "error_id"),
    [
        (DataError("a", error_id="E-DATA-X"), 3, "E-DATA-X"),
        (StoreError("a", error_id="E-IO-FULL"), 74, "E-IO-FULL"),
        (BusyError("a", error_id="E-RUN-BUSY"), 75, "E-RUN-BUSY"),
        (OSError(errno.ENOSPC, "No space left on device", "a/b"), 74, "E-IO-FULL"),
        (OSError(errno.EIO, "Input/output error", "a/b"), 74, "E-IO-WRITE"),
        (PermissionError(errno.EACCES, "Permission denied"), 1, "E-BUG"),
        (KeyboardInterrupt(), 130, "E-INTERRUPTED"),
        (guard.Stopped(signal.SIGTERM), 143, "E-INTERRUPTED"),
    ],
)
def test_every_kind_of_error_has_its_exit_code(
    error: BaseException, code: int, error_id: str, call: Call, raising: Callable[..., None], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """As the documentation says."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    raising(error)

    assert f"error[{error_id}]" in call("doctor").err
    ended = call("doctor", "--json")
    assert ended.code == code
    assert json.loads(ended.out)["error"]["id"] == error_id


def test_control_characters_do_not_reach_the_terminal(call: Call) -> None:
    """A name is text, never a command."""
    ended = call("compare", "\x1b[31mred\u202e/x")

    assert r"\u001b[31mred\u202e" in ended.err
    assert "\x1b" not in ended.err


def test_who_closes_the_pipe_early_is_not_told_off(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with head -1."""

    def broken(*words: object, **named: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("visiontk.cli.listing.print_listing", broken)

    assert call("list") == (0, "", "")


def test_a_closed_pipe_does_not_make_a_partial_run_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """The code is that of the run."""

    def broken() -> None:
        raise BrokenPipeError

    printing.shown(broken)


def test_letters_that_a_terminal_lacks_become_plain_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """LC_ALL=C or an old console: no UnicodeEncodeError, and the text stays readable."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))

    with pytest.raises(SystemExit):
        main(["list", "learners"])
    sys.stdout.write("−0.4 … × █░ 猫\n")  # the stream stays as it was made
    sys.stdout.flush()

    text = raw.getvalue().decode("ascii")
    assert text.endswith("-0.4 ... x #- \\u732b\n")
    assert r"Pietik\xe4inen" in text


def test_a_closed_stream_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Started with its output closed, a command still ends as it should."""
    monkeypatch.setattr(sys, "stdout", None)

    with pytest.raises(SystemExit) as ended:
        main(["list"])

    assert ended.value.code == 0


def test_the_second_signal_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first raises; from then on any signal ends the process without waiting for anything."""
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    try:
        with pytest.raises(guard.Stopped) as stopped:
            guard._stop(signal.SIGTERM, None)
        signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before[0])
        signal.signal(signal.SIGTERM, before[1])

    assert stopped.value.number == signal.SIGTERM
    assert codes == [130]


def test_the_doctor_ends_with_six_where_something_is_wrong(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """And says what to do."""
    assert call("doctor").code == 0
    monkeypatch.setenv("VISIONTK_DATA", "/nowhere")

    ended = call("doctor")

    assert ended.code == 6
    assert "PROBLEM public data: /nowhere: no such folder" in ended.out
    assert "hint: Make it, or unset VISIONTK_DATA." in ended.out
    assert json.loads(call("doctor", "--json").out)["healthy"] is False


def test_a_finished_run_is_looked_at_by_another_metric(call: Call, pictures: Path) -> None:
    """A page of its own, the results of the run untouched, and a table in any form."""
    call("compare", str(pictures), *QUICK, "--out", "run")
    stored = Path("run/results.json").read_text()

    ended = call("report", "run", "--metric", "macro_f1", "--group", "sample")
    untouched = Path("run/results.json").read_text() == stored
    tables = {form: call("report", "run", "--format", form) for form in ("text", "markdown", "latex", "csv")}
    written = call("report", "run", "--metric", "macro_f1", "--format", "latex", "--output", "table.tex")

    assert ended.code == 0
    assert "changed after the run, from accuracy to macro f1" in " ".join(ended.out.split())
    assert Path("run/report-macro_f1-sample.html").exists()
    assert untouched
    assert {form: table.code for form, table in tables.items()} == dict.fromkeys(tables, 0)
    assert "| logistic | classical |" in tables["markdown"].out
    assert tables["latex"].out.startswith(r"\begin{table}")
    assert tables["csv"].out.startswith("learner,family,accuracy,")
    assert all("visiontk " in table.out and "hold-out" in table.out for table in tables.values())
    assert Path("table.tex").read_text().strip() == written.out.strip()


def test_slices_are_a_look_of_their_own(call: Call, pictures: Path) -> None:
    """Written beside the report of the run, which stays; and marked as chosen afterwards."""
    call("compare", str(pictures), *QUICK, "--out", "run")
    before = Path("run/results.json").read_text()
    with np.load(next(Path("run/trials").glob("*/predictions.npz"))) as stored:
        ids = stored["ids"].tolist()
    Path("t.csv").write_text("\n".join(["id,site", *(f"{name},{'ab'[i % 2]}" for i, name in enumerate(ids))]))

    ended = call("report", "run", "--slice", "t.csv:site")
    value = call("report", "run", "--slice", "t.csv:site", "--json")

    assert ended.code == 0
    assert "Slices were chosen after the run, by site of t.csv" in " ".join(ended.out.split())
    assert "By column" in Path("run/report-t-csv-site.html").read_text()
    assert Path("run/results.json").read_text() == before
    assert [row["name"] for row in json.loads(value.out)["slices"][0]["slices"]] == ["a", "b"]


def test_columns_to_slice_by_are_named_with_the_table(call: Call, pictures: Path) -> None:
    """Several may be; a folder has none, and a misspelt one is refused before anything is read."""
    rows = [f"it {('barks', 'purrs')[i % 2]} says {i},{'dc'[i % 2]},{'xy'[i % 3 > 0]},{i}" for i in range(60)]
    Path("t.csv").write_text("\n".join(["text,label,site,age", *rows]))

    plan = call("compare", "t.csv", "--group", "none", "--slice", "site", "--slice", "age", "--dry-run", "--json")
    misspelt = call("compare", "t.csv", "--group", "none", "--slice", "sight", "--preset", "quick")
    folder = call("compare", str(pictures), "--slice", "site", *QUICK)

    assert json.loads(plan.out)["config"]["slices"] == ["site", "age"]
    assert (misspelt.code, folder.code) == (3, 2)
    assert "no column 'sight'. Did you mean 'site'?" in misspelt.err
    assert "error[E-CONFIG-VALUE]: slices: 'site' given, but dataset 'folder' is not a table" in folder.err
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["--format", "docx"], "E-UNKNOWN-FORMAT"),
        (["--metric", "acuracy"], "E-UNKNOWN-METRIC"),
        (["--group", "group"], "E-REPORT-GROUP"),
        (["--group", "nowhere.csv:person"], "E-CSV-FILE"),
        (["--slice", "person"], "E-REPORT-SLICE"),
        (["--slice", "nowhere.csv:person"], "E-CSV-FILE"),
    ],
)
def test_a_look_that_cannot_be_is_refused(call: Call, pictures: Path, words: list[str], error: str) -> None:
    """One message, exit code 2 or 3, nothing written."""
    call("compare", str(pictures), *QUICK, "--out", "run")
    before = sorted(Path("run").iterdir())

    ended = call("report", "run", *words)

    assert ended.code in (2, 3)
    assert f"error[{error}]" in ended.err
    assert sorted(Path("run").iterdir()) == before
