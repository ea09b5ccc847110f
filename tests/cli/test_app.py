"""Commands from arguments to exit codes: one message per error, one JSON value for programs, no leftovers."""

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
def images(tmp_path: Path) -> Path:
    """Two classes of twelve tiny images, dark and bright."""
    rng = np.random.default_rng(0)
    for name, level in (("dark", 40), ("bright", 200)):
        folder = tmp_path / "images" / name
        folder.mkdir(parents=True)
        for i in range(12):
            pixels = rng.normal(level, 10, (10, 10)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / f"{i}.png")
    return tmp_path / "images"


@pytest.fixture
def raise_in_doctor(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Return a function that makes `visiontk doctor` raise this error."""

    def arrange(error: BaseException) -> None:
        def fail(*, as_json: bool) -> int:
            raise error

        monkeypatch.setitem(commands.RUN, "doctor", fail)

    return arrange


def test_a_folder_is_compared_and_the_result_printed(call: Call, images: Path) -> None:
    """Table, sentence, warnings and path of the report on standard output; progress on standard error."""
    result = call("compare", str(images), *QUICK)

    assert result.code == 0
    assert "2 fits (2 learners, 1 fold, 1 seed; quick preset): prior, logistic." in result.err
    assert "at most 1 min of CPU time per fit" in result.err
    assert "logistic  classical" in result.out
    assert "No verdict: no network has finished." in result.out
    assert f"Report: {Path.cwd() / 'runs/image_classification-folder-images-quick/report.html'}" in result.out
    assert "Took " in result.out
    assert max(map(len, result.out.splitlines()[:-1])) <= 100


def test_the_same_command_does_not_repeat_finished_fits(call: Call, images: Path) -> None:
    """It prints how many are done."""
    call("compare", str(images), *QUICK)
    before = {path: path.stat().st_mtime_ns for path in Path().glob("runs/*/trials/*/*")}

    result = call("compare", str(images), *QUICK)

    assert "2 of them are done already in runs/image_classification-folder-images-quick." in result.err
    assert {path: path.stat().st_mtime_ns for path in Path().glob("runs/*/trials/*/*")} == before
    assert "per fit" not in result.err


def test_with_json_standard_output_has_only_json(call: Call, images: Path) -> None:
    """No table is printed."""
    result = call("compare", str(images), *QUICK, "--json")

    assert json.loads(result.out)["complete"] is True
    assert not result.err


def test_a_moved_run_can_be_reported(call: Call, images: Path) -> None:
    """A run contains no path of its earlier place."""
    call("compare", str(images), *QUICK, "--out", "there")
    Path("there").rename("here")

    result = call("report", "here", "--output", "sub/page.html")

    assert result.code == 0
    assert Path("sub/page.html").read_text().lstrip().startswith("<!doctype html>")
    assert f"Report: {Path.cwd() / 'sub/page.html'}" in result.out
    assert json.loads(call("report", "here", "--json").out)["learners"]


def test_a_folder_of_runs_is_an_error_that_names_them(call: Call, images: Path) -> None:
    call("compare", str(images), *QUICK, "--out", "runs/a")

    result = call("report", "runs")

    assert result.code == 2
    assert "error[E-RUN-PATH]: runs: a folder, but not a run directory. Did you mean runs/a?" in result.err


def test_a_report_can_be_written_outside_the_run(call: Call, images: Path) -> None:
    """If its place in the run is blocked, as on a read-only disk."""
    call("compare", str(images), *QUICK, "--out", "run")
    Path("run/report.html").unlink()
    Path("run/report.html").mkdir()

    failure = call("report", "run")

    assert failure.code == 74
    assert "hint: -o FILE writes the report elsewhere; --format text prints it." in failure.err
    assert call("report", "run", "-o", "page.html").code == 0


def test_the_path_of_a_report_is_normalised(call: Call, images: Path) -> None:
    call("compare", str(images), *QUICK, "--out", "run")

    result = call("report", "run/../run")

    assert f"Report: {Path.cwd() / 'run/report.html'}\n" in result.out


def test_a_partial_run_is_marked_and_exits_with_five(call: Call, images: Path) -> None:
    """The table has the finished fits."""
    call("compare", str(images), *QUICK, "--out", "run")
    trial = next(path.parent for path in Path("run/trials").glob("*/trial.json") if "prior" in path.read_text())
    for path in trial.iterdir():
        path.unlink()
    trial.rmdir()

    result = call("report", "run")

    assert result.code == 5
    assert "PARTIAL: 1 of 2 fits done, 0 failed, 1 not run yet." in result.out
    assert call("report", "run", "--json").code == 5


def test_a_failed_fit_is_listed_with_its_reason(call: Call, images: Path) -> None:
    call("compare", str(images), *QUICK, "--out", "run")
    trial = next(path.parent for path in Path("run/trials").glob("*/trial.json") if "logistic" in path.read_text())
    (trial / "predictions.npz").unlink()
    (trial / "error.txt").write_text("ValueError: \x1b[31mred")

    result = call("report", "run")

    assert result.code == 5
    assert "PARTIAL: 1 of 2 fits done, 1 failed." in result.out
    assert r"failed: logistic seed 0: ValueError: \u001b[31mred" in result.out.replace("\n    ", " ")


ERRORS = [
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


@pytest.mark.parametrize(("arguments", "code", "error_id", "message"), ERRORS, ids=lambda value: str(value)[:60])
def test_every_usage_error_has_one_message_and_its_exit_code(
    arguments: list[str], code: int, error_id: str, message: str, call: Call
) -> None:
    """On standard error or as one JSON value; no traceback, and no file is written."""
    Path("empty").mkdir()
    Path("one/cat").mkdir(parents=True)
    for i in range(6):
        Image.new("L", (9, 9), i).save(f"one/cat/{i}.png")
    Path("a.yaml").write_text("task: image_classification\n")
    before = sorted(Path().rglob("*"))

    plain, machine = call(*arguments), call(*arguments, "--json")

    assert plain.code == machine.code == code
    assert f"visiontk: error[{error_id}]: " in plain.err
    assert message in plain.err
    assert "Traceback" not in plain.err
    assert not plain.out
    error = json.loads(machine.out)["error"]
    assert (error["id"], set(error)) == (error_id, {"id", "message", "hint"})
    assert not machine.err
    assert sorted(Path().rglob("*")) == before


def test_an_unknown_target_is_an_error_before_imports(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hint mentions tasks and folders."""
    monkeypatch.setitem(sys.modules, "visiontk.api", None)  # its import would fail

    result = call("compare", "images")

    assert result.code == 2
    assert "hint: There is no folder 'images' here either" in result.err


def test_without_arguments_the_help_is_an_error(call: Call) -> None:
    """The code is not 0, and standard output is empty."""
    result = call()

    assert (result.code, result.out) == (2, "")
    assert "visiontk compare image_classification" in result.err
    assert json.loads(call("--json").out)["error"]["id"] == "E-USAGE"


def test_the_version_is_printed(call: Call) -> None:
    """It is available as text and as JSON."""
    assert call("--version").out.startswith("visiontk ")
    assert set(json.loads(call("--version", "--json").out)) == {"visiontk"}


def test_all_problems_are_listed_at_once(call: Call) -> None:
    """One per line."""
    result = call("compare", "image_classification", "--seeds", "x", "--preset", "quik")

    assert result.err.count("\n") == 2
    assert "seeds: 'x' given" in result.err
    assert "\n  preset: 'quik' given" in result.err


def test_debug_shows_the_traceback_at_any_position(call: Call) -> None:
    """Before or after the command."""
    for arguments in (["--debug", "list", "nothing"], ["list", "nothing", "--debug"]):
        assert "Traceback" in call(*arguments).err


def test_bugs_are_marked_and_their_details_saved(
    call: Call, raise_in_doctor: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 1, no traceback, and the path of the file."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    raise_in_doctor(ZeroDivisionError("division by zero"))

    result = call("doctor")

    [crash_file] = tmp_path.glob("visiontk-crash-*.txt")
    assert result.code == 1
    assert "visiontk: error[E-BUG]: ZeroDivisionError: division by zero" in result.err
    assert str(crash_file) in result.err
    assert "Traceback" not in result.err
    assert "ZeroDivisionError" in crash_file.read_text()


def test_bugs_are_reported_if_the_details_cannot_be_saved(
    call: Call, raise_in_doctor: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk does not hide the first error."""
    monkeypatch.setattr("tempfile.mkstemp", lambda **named: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
    raise_in_doctor(ZeroDivisionError())

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
    error: BaseException, code: int, error_id: str, call: Call, raise_in_doctor: Callable[..., None], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    raise_in_doctor(error)

    assert f"error[{error_id}]" in call("doctor").err
    result = call("doctor", "--json")
    assert result.code == code
    assert json.loads(result.out)["error"]["id"] == error_id


def test_control_characters_do_not_reach_the_terminal(call: Call) -> None:
    """They are escaped."""
    result = call("compare", "\x1b[31mred\u202e/x")

    assert r"\u001b[31mred\u202e" in result.err
    assert "\x1b" not in result.err


def test_a_pipe_closed_early_is_not_an_error(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """An example is a pipe into head -1."""

    def broken(*arguments: object, **named: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("visiontk.cli.listing.print_listing", broken)

    assert call("list") == (0, "", "")


def test_a_closed_pipe_while_printing_is_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exit code remains that of the run."""

    def broken() -> None:
        raise BrokenPipeError

    printing.shown(broken)


def test_characters_missing_from_the_encoding_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_a_closed_standard_output_is_not_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)

    with pytest.raises(SystemExit) as result:
        main(["list"])

    assert result.value.code == 0


def test_the_second_signal_exits_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one raises; the second one waits for nothing."""
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


def test_the_doctor_exits_with_six_if_there_is_a_problem(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a hint."""
    assert call("doctor").code == 0
    monkeypatch.setenv("VISIONTK_DATA", "/nowhere")

    result = call("doctor")

    assert result.code == 6
    assert "PROBLEM public data: /nowhere: no such folder" in result.out
    assert "hint: Make it, or unset VISIONTK_DATA." in result.out
    assert json.loads(call("doctor", "--json").out)["healthy"] is False


def test_a_finished_run_is_reported_by_another_metric(call: Call, images: Path) -> None:
    """On a separate page and in every table format; the results of the run are unchanged."""
    call("compare", str(images), *QUICK, "--out", "run")
    stored = Path("run/results.json").read_text()

    result = call("report", "run", "--metric", "macro_f1", "--group", "sample")
    unchanged = Path("run/results.json").read_text() == stored
    tables = {form: call("report", "run", "--format", form) for form in ("text", "markdown", "latex", "csv")}
    written = call("report", "run", "--metric", "macro_f1", "--format", "latex", "--output", "table.tex")

    assert result.code == 0
    assert "changed after the run, from accuracy to macro f1" in " ".join(result.out.split())
    assert Path("run/report-macro_f1-sample.html").exists()
    assert unchanged
    assert {form: table.code for form, table in tables.items()} == dict.fromkeys(tables, 0)
    assert "| logistic | classical |" in tables["markdown"].out
    assert tables["latex"].out.startswith(r"\begin{table}")
    assert tables["csv"].out.startswith("learner,family,accuracy,")
    assert all("visiontk " in table.out and "hold-out" in table.out for table in tables.values())
    assert Path("table.tex").read_text().strip() == written.out.strip()


def test_slices_have_a_separate_report(call: Call, images: Path) -> None:
    """Beside that of the run, and marked as chosen afterwards."""
    call("compare", str(images), *QUICK, "--out", "run")
    before = Path("run/results.json").read_text()
    with np.load(next(Path("run/trials").glob("*/predictions.npz"))) as stored:
        ids = stored["ids"].tolist()
    Path("t.csv").write_text("\n".join(["id,site", *(f"{name},{'ab'[i % 2]}" for i, name in enumerate(ids))]))

    result = call("report", "run", "--slice", "t.csv:site")
    value = call("report", "run", "--slice", "t.csv:site", "--json")

    assert result.code == 0
    assert "Slices were chosen after the run, by site of t.csv" in " ".join(result.out.split())
    assert "By column" in Path("run/report-t-csv-site.html").read_text()
    assert Path("run/results.json").read_text() == before
    assert [row["name"] for row in json.loads(value.out)["slices"][0]["slices"]] == ["a", "b"]


def test_columns_to_slice_by_are_options_of_compare(call: Call, images: Path) -> None:
    """Several are allowed for a table; a folder has none, and a misspelt one is an error before any data are read."""
    rows = [f"it {('barks', 'purrs')[i % 2]} says {i},{'dc'[i % 2]},{'xy'[i % 3 > 0]},{i}" for i in range(60)]
    Path("t.csv").write_text("\n".join(["text,label,site,age", *rows]))

    plan = call("compare", "t.csv", "--group", "none", "--slice", "site", "--slice", "age", "--dry-run", "--json")
    misspelt = call("compare", "t.csv", "--group", "none", "--slice", "sight", "--preset", "quick")
    folder = call("compare", str(images), "--slice", "site", *QUICK)

    assert json.loads(plan.out)["config"]["slices"] == ["site", "age"]
    assert (misspelt.code, folder.code) == (3, 2)
    assert "no column 'sight'. Did you mean 'site'?" in misspelt.err
    assert "error[E-CONFIG-VALUE]: slices: 'site' given, but dataset 'folder' is not a table" in folder.err
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--format", "docx"], "E-UNKNOWN-FORMAT"),
        (["--metric", "acuracy"], "E-UNKNOWN-METRIC"),
        (["--group", "group"], "E-REPORT-GROUP"),
        (["--group", "nowhere.csv:person"], "E-CSV-FILE"),
        (["--slice", "person"], "E-REPORT-SLICE"),
        (["--slice", "nowhere.csv:person"], "E-CSV-FILE"),
    ],
)
def test_an_invalid_view_is_an_error(call: Call, images: Path, arguments: list[str], error: str) -> None:
    """One message, exit code 2 or 3, and no file is written."""
    call("compare", str(images), *QUICK, "--out", "run")
    before = sorted(Path("run").iterdir())

    result = call("report", "run", *arguments)

    assert result.code in (2, 3)
    assert f"error[{error}]" in result.err
    assert sorted(Path("run").iterdir()) == before
