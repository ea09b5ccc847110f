"""All executors give the same results, and a failed trial does not affect the others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import psutil
import pytest

from visiontk.core import Trial
from visiontk.errors import EnvironmentFault, StoreError
from visiontk.executors import Processes, Serial, processes, worker_process
from visiontk.harness.store import RunDirectory

MakeTrial = Callable[..., Trial]
pytestmark = pytest.mark.usefixtures("task")


def is_alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_every_executor_gives_the_same_predictions(tmp_path: Path, trial: MakeTrial) -> None:
    """Bit by bit, in this process, in one worker and in two."""
    trials = [trial(seed=seed, n_folds=2, fold=fold) for seed in range(4) for fold in range(2)]
    stores = [RunDirectory(tmp_path / name) for name in ("serial", "one", "two")]
    runs = (Serial()(trials, stores[0]), Processes(1)(trials, stores[1]), Processes(2)(trials, stores[2]))

    for endings in runs:
        assert {one.key: reason for one, reason in endings} == {one.key: "" for one in trials}

    for one in trials:
        first, *others = (store.predictions(one) for store in stores)
        for other in others:
            assert all(np.array_equal(x, y) for x, y in zip(first, other, strict=True))


def test_a_trial_whose_worker_is_killed_is_retried_once(tmp_path: Path, trial: MakeTrial) -> None:
    """Then it fails with a reason; the others finish."""
    store = RunDirectory(tmp_path / "run")
    once = trial("die once", tmp_path / "once")
    always, finished = trial("die", tmp_path / "always"), trial()

    ended = {one.key: reason for one, reason in Processes(2)([always, once, finished], store)}

    assert ended == {
        once.key: "",
        finished.key: "",
        always.key: "the worker was killed twice (signal 9): most often memory ran out",
    }
    assert store.failure(always) == ended[always.key]
    assert len((tmp_path / "always").read_text().split()) == 2
    assert len((tmp_path / "once").read_text().split()) == 2


def test_a_learner_that_raises_fails_with_its_reason_and_a_crash_file(tmp_path: Path, trial: MakeTrial) -> None:
    """One line for the table, the traceback in the logs; the next trial runs."""
    store, bad = RunDirectory(tmp_path / "run"), trial("fail")

    ended = list(Serial()([bad, trial()], store))

    assert ended == [(bad, "ValueError: no good"), (trial(), "")]
    assert store.failure(bad) == "ValueError: no good"
    crash = (store.path / "logs" / f"crash-{bad.key}.txt").read_text()
    assert "Traceback" in crash
    assert "second line" in crash


def test_a_failed_trial_is_retried_by_the_next_run(tmp_path: Path, trial: MakeTrial) -> None:
    """A success replaces the failure."""
    store, one = RunDirectory(tmp_path / "run"), trial("fail once", tmp_path / "marker")

    reasons = [reason for _ in range(2) for _, reason in Serial()([one], store)]

    assert reasons == ["ValueError: no good", ""]
    assert store.is_done(one)
    assert store.failure(one) == ""


def test_a_learner_that_ends_the_program_only_fails(tmp_path: Path, trial: MakeTrial) -> None:
    """sys.exit is treated like any exception."""
    assert [reason for _, reason in Serial()([trial("leave"), trial()], RunDirectory(tmp_path))] == [
        "SystemExit: 3",
        "",
    ]


@pytest.mark.slow
def test_a_fit_far_over_its_budget_is_stopped(
    tmp_path: Path, trial: MakeTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its worker; the reason has both times, and the others finish."""
    monkeypatch.setattr(worker_process, "GRACE", 1.0)
    monkeypatch.setattr(worker_process, "SLACK_S", 0.5)
    monkeypatch.setattr(worker_process, "POLL_S", 0.1)
    store, endless = RunDirectory(tmp_path / "run"), trial("burn", number=300.0, budget_s=1.0)

    ended = {one.key: reason for one, reason in Processes(1)([endless, trial()], store)}

    assert ended[trial().key] == ""
    assert ended[endless.key].startswith("ended after ")
    assert ended[endless.key].endswith("the budget is 1 CPU s per fit")
    assert store.failure(endless) == ended[endless.key]


@pytest.mark.slow
def test_a_stuck_fit_is_stopped(tmp_path: Path, trial: MakeTrial, monkeypatch: pytest.MonkeyPatch) -> None:
    """Although it never exceeds a budget of CPU time."""
    monkeypatch.setattr(worker_process, "STALL_S", 1.0)
    monkeypatch.setattr(worker_process, "POLL_S", 0.1)
    stuck = trial("sleep", number=300.0)

    ((one, reason),) = Processes(1)([stuck], RunDirectory(tmp_path))

    assert one == stuck
    assert "without progress" in reason


def test_workers_are_replaced_after_some_trials(
    tmp_path: Path, trial: MakeTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The memory of frameworks grows with every fit."""
    monkeypatch.setattr(processes, "RECYCLE", 2)
    trials = [trial("", tmp_path / "pids", seed=seed) for seed in range(5)]

    assert all(not reason for _, reason in Processes(1)(trials, RunDirectory(tmp_path / "run")))

    pids = (tmp_path / "pids").read_text().split()
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [2, 2, 1]


def test_input_and_output_of_a_learner_do_not_reach_the_driver(tmp_path: Path, trial: MakeTrial) -> None:
    """Output goes to the log of the worker; without output there is no log."""
    store = RunDirectory(tmp_path)
    trials = [trial("chatter"), trial(seed=1), trial(seed=2)]

    assert [reason for _, reason in Processes(1)(trials, store)] == ["", "", ""]

    (log,) = (tmp_path / "logs").iterdir()
    assert "printed" in log.read_text()
    assert "loud" in log.read_text()
    assert [reason for _, reason in Processes(1)([trial(seed=3)], store)] == [""]
    assert list((tmp_path / "logs").iterdir()) == [log]


def test_a_learner_may_change_the_current_folder(
    tmp_path: Path, trial: MakeTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers use an absolute path."""
    monkeypatch.chdir(tmp_path)
    store = RunDirectory(Path("run"))

    assert [reason for _, reason in Processes(1)([trial("wander")], store)] == [""]

    assert store.is_done(trial("wander"))


def test_a_disk_error_in_a_worker_ends_the_run(tmp_path: Path, trial: MakeTrial) -> None:
    """Every other trial would fail too."""
    store = RunDirectory(tmp_path)
    (tmp_path / "trials").touch()  # a file where a folder must be

    with pytest.raises(StoreError, match="cannot be written") as caught:
        list(Processes(1)([trial(), trial(seed=1)], store))

    assert caught.value.error_id == "E-IO-WRITE"
    assert caught.value.hint


def test_a_worker_that_cannot_start_is_reported_once(
    tmp_path: Path, trial: MakeTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its last message, instead of failing every trial twice."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "filelock.py").write_text("raise ImportError('built for another machine')\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "broken"), *sys.path])

    with pytest.raises(EnvironmentFault, match=r"cannot start \(exit code 1\): ImportError: built for") as caught:
        list(Processes(2)([trial(seed=seed) for seed in range(50)], RunDirectory(tmp_path / "run")))

    assert caught.value.error_id == "E-ENV-WORKER"
    assert len(list((tmp_path / "run" / "logs").iterdir())) <= 2


def test_a_missing_interpreter_is_reported(tmp_path: Path, trial: MakeTrial, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upgrade of Python may remove it while the program runs."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))

    with pytest.raises(EnvironmentFault, match="No worker process can be started: No such file"):
        list(Processes()([trial()], RunDirectory(tmp_path / "run")))


def test_workers_stop_with_the_driver(tmp_path: Path, trial: MakeTrial) -> None:
    """At once, with their child processes, as after Ctrl-C."""
    slow = [trial("leave a child", tmp_path / f"marker{i}", number=300.0, seed=i) for i in range(2)]
    children = [tmp_path / f"marker{i}.child" for i in range(2)]

    def interrupt(running: object) -> None:
        if all(path.exists() and path.read_text() for path in children):
            raise KeyboardInterrupt

    before = time.monotonic()
    with (
        pytest.raises(KeyboardInterrupt),
        closing(Processes()(slow, RunDirectory(tmp_path / "run"), tick=interrupt)) as endings,
    ):
        list(endings)

    pids = [int((tmp_path / f"marker{i}").read_text()) for i in range(2)] + [int(p.read_text()) for p in children]
    assert time.monotonic() - before < 20
    assert wait_until(lambda: not any(map(is_alive, pids)), 2)


DRIVER = """
import sys
from pathlib import Path
from visiontk.core import Trial
from visiontk.executors import Processes
from visiontk.harness.store import RunDirectory

list(Processes()([Trial.from_json(line) for line in sys.stdin], RunDirectory(Path(sys.argv[1]))))
"""


def test_workers_do_not_outlive_a_driver_that_is_killed(
    tmp_path: Path, trial: MakeTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor do their child processes."""
    trials = [
        trial("leave a child", tmp_path / "sleeper", number=300.0),
        trial("burn", tmp_path / "burner", number=300.0),
    ]
    driver = subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(tmp_path / "run")],
        stdin=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(tmp_path / "site")},
    )  # fmt: skip
    assert driver.stdin is not None
    driver.stdin.write("\n".join(one.to_json() for one in trials))
    driver.stdin.close()
    files = [tmp_path / "sleeper", tmp_path / "burner", tmp_path / "sleeper.child"]
    assert wait_until(lambda: all(path.exists() and path.read_text() for path in files))
    pids = [int(path.read_text()) for path in files]
    assert all(map(is_alive, pids))

    driver.send_signal(signal.SIGKILL)
    driver.wait()

    assert wait_until(lambda: not any(map(is_alive, pids)))
