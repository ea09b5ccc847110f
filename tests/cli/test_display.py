"""Progress on a terminal and in a pipe, and the final table."""

import io
import sys
from pathlib import Path
from typing import Any

import pytest

from visiontk.api import Result
from visiontk.cli.display import CLEAR, Display, line, plan_lines
from visiontk.cli.print_result import print_result, table
from visiontk.cli.wrapping import cells
from visiontk.harness.drive import Prepared
from visiontk.harness.experiment import Experiment
from visiontk.harness.plan import plan
from visiontk.harness.progress import Progress
from visiontk.testing import tiny_images, tiny_task

RUNNING = Progress(3, 1, 12, ("a_learner_with_a_long_name seed 0 (epoch 2/10)",), 125.0)


class Terminal(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


def terminal(monkeypatch: pytest.MonkeyPatch, kind: str = "xterm") -> Terminal:
    """Replace standard error by a terminal."""
    monkeypatch.setenv("TERM", kind)
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
def test_the_live_line_never_wraps_and_is_erased(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that wraps could not be overwritten."""
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = terminal(monkeypatch)

    with Display() as display:
        for _ in range(3):
            display.show(RUNNING)
        display.say("A line that stays.")

    redraws = shown.getvalue().split(CLEAR)
    assert all(cells(part) < columns for part in redraws if part.startswith("["))
    assert shown.getvalue().endswith(CLEAR), "the line is wiped at the end"
    assert "\n" not in "".join(redraws[1:4])


def test_a_dumb_terminal_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not understand escape sequences."""
    shown = terminal(monkeypatch, "dumb")

    with Display() as display:
        display.show(RUNNING)

    assert "\x1b" not in shown.getvalue()
    assert shown.getvalue().startswith("[")


def test_a_pipe_gets_few_plain_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """The first, one every quarter of a minute, and the last."""
    with Display() as display:
        for done in (0, 0, 1, 2, 3, 4, 4, 4):
            display.show(Progress(done, 0, 4, (), None))

    assert capsys.readouterr().err.splitlines() == ["[░░░░░░░░░░░░] 0/4 fits", "[████████████] 4/4 fits"]


def test_quiet_prints_no_progress(capsys: pytest.CaptureFixture[str]) -> None:
    with Display(quiet=True) as display:
        display.say("Reading.")
        display.show(RUNNING)

    assert capsys.readouterr() == ("", "")


def test_training_continues_after_its_output_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An example is a pipe of both streams into head -1."""

    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Closed())

    with Display() as display:
        display.say("Reading.")
        display.show(RUNNING)


def test_progress_counts_failures() -> None:
    assert line(RUNNING).startswith("[████░░░░░░░░] 4/12 fits, 1 failed, about 2 min 5 s left: a_learner")


def test_the_last_seconds_are_shown_without_a_number() -> None:
    assert "fits, 1 failed, seconds left: a_learner" in line(RUNNING._replace(left_s=4.2))


def prepared(**changes: Any) -> Prepared:
    settings = {"seeds": (0, 1), "folds": 2, "budget": 60.0} | changes
    experiment = Experiment("tiny", "synthetic", {"prior": {}, "noisy_centroid": {}}, **settings)
    samples = tiny_images()
    return Prepared(experiment, samples, plan(experiment, tiny_task(), samples, version="0"))


def test_the_plan_names_fits_learners_and_maximum_time() -> None:
    """Six fits of a minute, two at a time: at most three minutes."""
    lines = plan_lines(prepared(), 6, Path("run"), executor="processes", workers=2)

    assert lines == [
        "tiny on synthetic: 64 samples, 3 classes, synthetic.",
        "6 fits (1 learner, 2 folds, 2 seeds; 1 learner (prior), 2 folds, once as it ignores the seed; standard "
        "preset): prior, noisy_centroid.",
        "2 workers, 1 thread per fit, at most 1 min of CPU time per fit: about 3 min if every fit needed all of it; "
        "most need far less.",
    ]


@pytest.mark.parametrize(
    ("n_pending", "executor", "workers", "expected"),
    [
        (6, "serial", 4, "1 worker, 1 thread per fit, at most 1 min of CPU time per fit: about 6 min"),
        (5, "processes", 2, "about 3 min if"),
        (1, "processes", 8, "1 worker, 1 thread"),
        (2, "processes", 2, "4 of them are done already in run."),
    ],
)
def test_the_maximum_time_counts_remaining_fits_and_busy_workers(
    n_pending: int, executor: str, workers: int, expected: str
) -> None:
    """Idle workers are not counted."""
    text = "\n".join(plan_lines(prepared(), n_pending, Path("run"), executor=executor, workers=workers))

    assert expected in text


def test_the_plan_has_the_rough_time_if_it_is_known() -> None:
    """Not only that of fits that all need their whole budget."""
    lines = plan_lines(prepared(), 6, Path("run"), executor="processes", workers=2, rough_s=17.0)

    assert lines[-1].endswith("about 3 min if every fit needed all of it; roughly 20 s as such fits usually take.")


def test_there_is_no_maximum_time_without_remaining_fits() -> None:
    lines = plan_lines(prepared(), 0, Path("run"), executor="processes", workers=2)

    assert lines[-1] == "6 of them are done already in run."


def row(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "name": name, "family": "network", "fit_cpu_s": 123456.0, "predict_ms_per_sample": 0.012345,
        "n_parameters": 23_500_000, "metrics": {"balanced_accuracy": {"value": 0.9312, "low": 0.9201, "high": 0.9405}},
    } | changes  # fmt: skip


def values(*rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "metric": "balanced_accuracy", "metrics": {"balanced_accuracy": {"kind": "bounded", "higher_is_better": True}},
        "learners": list(rows), "reference": "hog_svm", "complete": True, "warnings": [], "failed": [], "n_planned": 2,
        "n_done": 2,
        "headlines": [{"sentence": "No verdict.", "reason": None, "uncertainty": None, "second_opinion": None}],
        "dataset": {"caution": ""}, "curve": None, "claim": None,
        "comparisons": [
            {"learner": r["name"], "reference": "hog_svm", "verdict": "equivalent"}
            for r in rows if r["name"] != "hog_svm"
        ],
    } | changes  # fmt: skip


@pytest.mark.parametrize("columns", [50, 60, 80, 100, 200])
def test_the_table_fits_the_terminal(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also with long names; cost columns are dropped first."""
    monkeypatch.setenv("COLUMNS", str(columns))

    lines = table(values(row("a_learner_whose_name_is_far_too_long"), row("hog_svm", family="classical")))

    assert max(map(cells, lines)) <= max(68, min(columns, 100))
    assert "95 % interval" in lines[0]
    assert "equivalent" in lines[2]
    assert ("family" in lines[0]) == (columns >= 100)


def test_a_wide_table_has_every_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers are aligned to the right."""
    monkeypatch.setenv("COLUMNS", "100")
    small = {"metrics": {"accuracy": {"value": 0.9, "low": 0.8, "high": 0.95}}, "fit_cpu_s": 1.0, "n_parameters": 10}
    metrics = {"accuracy": {"kind": "proportion", "higher_is_better": True}}

    lines = table(
        values(row("lenet5", **small), row("hog_svm", family="classical", **small), metric="accuracy", metrics=metrics)
    )

    assert lines[0].split("  ")[0] == "learner"
    assert all(word in lines[0] for word in ("family", "fit CPU", "per sample", "weights", "verdict"))
    assert "reference" in lines[3]
    assert " 10 " not in lines[3], "a traditional learner has no weights"


def test_unknown_numbers_are_not_shown_as_nan_none_or_zero() -> None:
    lines = table(values(row("hog_svm", metrics={"balanced_accuracy": dict.fromkeys(("value", "low", "high"))})))

    assert "n/a" in lines[2]


def test_a_learner_chosen_on_some_folds_only_has_the_verdict_of_its_own_comparison() -> None:
    """The primary comparison is about the choice of each fold, and is in the sentence."""
    primary = {"learner": "best network", "reference": "best traditional", "verdict": "better"}
    own = {"learner": "lenet5", "reference": "hog_svm", "verdict": "undecided"}

    lines = table(values(row("lenet5"), row("hog_svm", family="classical"), comparisons=[primary, own]))

    assert lines[2].split()[-1] == "undecided"
    assert lines[3].split()[-1] == "reference"


def test_a_second_opinion_follows_the_reason(capsys: pytest.CaptureFixture[str]) -> None:
    """Only where it disagrees."""
    headline = {
        "sentence": "a is better than b.", "reason": "The interval excludes zero.", "uncertainty": None,
        "second_opinion": "A second opinion is less sure: the exact McNemar test has p = 0.07.",
    }  # fmt: skip

    print_result(Result(Path("run"), values(headlines=[headline])))
    print_result(Result(Path("run"), values(headlines=[headline | {"second_opinion": ""}])))

    text = capsys.readouterr().out
    assert text.count("  why: The interval excludes zero.\n") == 2
    assert text.count("  but: A second opinion is less sure: the exact McNemar test has p = 0.07.\n") == 1


def test_without_learners_there_is_no_table(capsys: pytest.CaptureFixture[str]) -> None:
    """A run without finished fits still has a sentence."""
    result = Result(Path("run"), values(complete=False, n_done=0))

    print_result(result, took_s=61.0)

    text = capsys.readouterr().out
    assert table(result.values) == []
    assert "PARTIAL: 0 of 2 fits done, 0 failed, 2 not run yet." in text
    assert "Took 1 min 1 s." in text
