"""The run directory: each of its files and trials is complete."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from visiontk.core import Trial
from visiontk.errors import BusyError, ResumeError, StoreError
from visiontk.harness import store as module
from visiontk.harness.files import write_file
from visiontk.harness.outcome import Outcome
from visiontk.harness.store import RunDirectory

MakeTrial = Callable[..., Trial]


class Cut(BaseException):
    """Simulated end of the process."""


@contextlib.contextmanager
def fault_at(step: int, fault: BaseException) -> Iterator[list[str]]:
    """Raise at this call to the operating system; yields the list of calls."""
    calls: list[str] = []

    def faulty(function: Callable[..., Any], name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            calls.append(name)
            if len(calls) == step:
                raise fault
            return function(*arguments, **options)

        return call

    with pytest.MonkeyPatch.context() as patch:
        for owner, name in ((os, "fsync"), (Path, "mkdir"), (Path, "rename"), (Path, "replace"), (Path, "open")):
            patch.setattr(owner, name, faulty(getattr(owner, name), name))
        patch.setattr(module.tempfile, "mkdtemp", faulty(module.tempfile.mkdtemp, "mkdtemp"))
        yield calls


def refusal(work: Callable[[], object]) -> StoreError | None:
    try:
        work()
    except StoreError as error:
        return error
    return None


def n_steps(work: Callable[[], object]) -> int:
    with fault_at(0, Cut()) as calls:
        work()
    return len(calls)


@pytest.mark.parametrize("earlier_failure", [False, True])
@pytest.mark.parametrize("fault", [Cut(), OSError(errno.EIO, "Input/output error")], ids=["end", "error"])
def test_a_trial_is_absent_or_complete_wherever_its_commit_ends(
    tmp_path: Path, trial: MakeTrial, outcome: Outcome, fault: BaseException, earlier_failure: bool
) -> None:
    """If the process ends or a call fails, at any step."""
    one = trial()

    def prepared(name: str) -> RunDirectory:
        run = RunDirectory(tmp_path / name)
        if earlier_failure:
            run.fail(one, "once")
        return run

    intact = prepared("whole")
    steps = n_steps(lambda: intact.commit(one, outcome))
    assert steps >= 8
    for step in range(1, steps + 1):
        run = prepared(str(step))
        with fault_at(step, fault), contextlib.suppress(Cut, StoreError):
            run.commit(one, outcome)

        if run.is_done(one):
            assert np.array_equal(run.predictions(one).scores, outcome.predictions.scores)
            assert run.cost(one) == outcome.cost
            assert run.history(one) == outcome.history
        else:
            run.commit(one, outcome)
            assert run.is_done(one)


def test_an_outcome_is_read_as_it_was_stored(tmp_path: Path, trial: MakeTrial, outcome: Outcome) -> None:
    """Predictions, cost and history."""
    run = RunDirectory(tmp_path)

    run.commit(trial(), outcome)

    for stored, original in zip(run.predictions(trial()), outcome.predictions, strict=True):
        assert np.array_equal(stored, original)
    assert run.cost(trial()) == outcome.cost
    assert run.history(trial()) == outcome.history
    assert run.failure(trial()) == ""


def test_a_success_replaces_an_earlier_failure_and_stays(tmp_path: Path, trial: MakeTrial, outcome: Outcome) -> None:
    """A later failure does not undo it."""
    run = RunDirectory(tmp_path)
    run.fail(trial(), "out of memory: ä")
    assert run.failure(trial()) == "out of memory: ä"
    assert not run.is_done(trial())

    run.commit(trial(), outcome)
    run.fail(trial(), "late")

    assert run.is_done(trial())
    assert run.failure(trial()) == ""
    assert [path.name for path in (tmp_path / "trials").iterdir()] == [trial().key]


def test_a_trial_that_another_process_finishes_between_two_steps_is_retained(
    tmp_path: Path, trial: MakeTrial, outcome: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure checked before another process committed does not replace its result."""
    run, answers = RunDirectory(tmp_path), iter([False])
    run.commit(trial(), outcome)
    true = RunDirectory.is_done
    monkeypatch.setattr(RunDirectory, "is_done", lambda self, one: next(answers, None) is None and true(self, one))

    run.fail(trial(), "late")

    assert true(run, trial())
    assert run.failure(trial()) == ""


RACE = """
import sys, numpy as np
from pathlib import Path
from visiontk.core import Trial
from visiontk.harness.outcome import Cost, Outcome, Predictions
from visiontk.harness.store import RunDirectory

run, number = RunDirectory(Path(sys.argv[1])), int(sys.argv[2])
ids, y = np.array(["a", "b"]), np.array([0, 1])
scores = np.full((2, 2), float(number))
print("ready", flush=True)
for i, line in enumerate(sys.stdin):
    trial = Trial("t", 1, "d", "l", "f", "0", seed=i)
    if i % 3 == 2 or (number == 2 and i % 3 == 1):
        run.fail(trial, "lost")
    else:
        run.commit(trial, Outcome(Predictions(ids, y, scores, ids, y, scores), Cost(float(number), 0.0, 0.0)))
    print(i, flush=True)
"""


@pytest.mark.slow
def test_the_second_of_two_processes_that_finish_a_trial_is_ignored(tmp_path: Path) -> None:
    """In 200 races: always one complete result, never an error or a mixture."""
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, str(tmp_path), str(number)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )
        for number in (1, 2)
    ]  # fmt: skip
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"

    for i in range(200):
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write("go\n")
        for racer in racers:
            assert racer.stdout is not None
            assert racer.stdout.readline() == f"{i}\n"

    for racer in racers:
        racer.communicate()
        assert racer.returncode == 0
    run = RunDirectory(tmp_path)
    for seed in range(200):
        finished = Trial("t", 1, "d", "l", "f", "0", seed=seed)
        if seed % 3 == 2:
            assert run.failure(finished) == "lost"
            continue
        assert run.predictions(finished).scores[0, 0] == run.cost(finished).fit_cpu_s
    assert len(list((tmp_path / "trials").iterdir())) == 200


def test_a_file_is_unchanged_if_the_disk_is_full(tmp_path: Path) -> None:
    """The temporary file is removed, and the error has a hint."""
    path = tmp_path / "results.json"
    write_file(path, "old")
    for step in range(1, n_steps(lambda: write_file(path, "old")) + 1):
        with fault_at(step, OSError(errno.ENOSPC, "No space left on device")) as calls:
            error = refusal(lambda: write_file(path, "new"))

        if error is None:
            # Flushing the folder protects against power cuts, but not every system supports it.
            assert calls[-1] == "fsync"
            write_file(path, "old")
        else:
            assert error.error_id == "E-IO-FULL"
            assert error.exit_code == 74
            assert "Free some space" in error.hint
        assert path.read_text() == "old"
        assert [each.name for each in tmp_path.iterdir()] == ["results.json"]


def test_files_have_the_permissions_of_the_users_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write_file(tmp_path / "private", "x")
        os.umask(0o022)
        write_file(tmp_path / "public", "x")
    finally:
        os.umask(before)

    assert (tmp_path / "private").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "public").stat().st_mode & 0o777 == 0o644


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="needs POSIX users")
def test_a_directory_that_cannot_be_written_is_an_error_with_its_name(tmp_path: Path) -> None:
    """Another user's directory, or a read-only disk."""
    tmp_path.chmod(0o555)
    is_root = os.geteuid() == 0
    for parent in tmp_path.parents if is_root else ():
        if parent.owner() == "root" and str(parent).count("/") > 1:
            parent.chmod(0o755)
    if is_root:
        os.seteuid(65534)
    try:
        with pytest.raises(StoreError, match="cannot be written") as caught, RunDirectory(tmp_path).locked():
            pass
    finally:
        if is_root:
            os.seteuid(0)

    assert caught.value.error_id == "E-IO-WRITE"
    assert str(tmp_path) in caught.value.message
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [None, "{", "\x00", "[" * 100_000])
def test_a_missing_or_damaged_file_is_reported(tmp_path: Path, content: str | None) -> None:
    """Not a traceback."""
    if content is not None:
        (tmp_path / "plan.json").write_text(content)

    with pytest.raises(ResumeError, match="missing" if content is None else "damaged") as caught:
        RunDirectory(tmp_path).trials()

    assert caught.value.error_id == "E-RUN-DAMAGED"


@pytest.mark.parametrize(
    "content", ["3", '[{"unknown": 1}]', "[1]", '[{"asks": []}]', '[{"shuffle": {"share": 2}, "asks": []}]']
)
def test_a_malformed_plan_is_damaged(tmp_path: Path, content: str) -> None:
    """Such as one with unknown fields."""
    (tmp_path / "plan.json").write_text(content)

    with pytest.raises(ResumeError, match=r"plan\.json: damaged"):
        RunDirectory(tmp_path).trials()


@pytest.mark.parametrize("name", ["predictions.npz", "cost.json"])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_the_error_of_a_damaged_result_names_the_file_and_a_remedy(
    tmp_path: Path, trial: MakeTrial, outcome: Outcome, name: str, share: float
) -> None:
    """Deleting the trial's folder is enough."""
    run = RunDirectory(tmp_path)
    run.commit(trial(), outcome)
    path = run.folder(trial()) / name
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])

    with pytest.raises(ResumeError, match=f"{name}: damaged") as caught:
        (run.predictions if name == "predictions.npz" else run.cost)(trial())

    assert "Delete the folder of this trial" in caught.value.hint


@pytest.mark.parametrize("name", ["predictions.npz", "cost.json", "trial.json"])
def test_a_trial_that_lacks_a_file_is_not_done(tmp_path: Path, trial: MakeTrial, outcome: Outcome, name: str) -> None:
    """It can be stored again."""
    run = RunDirectory(tmp_path)
    run.commit(trial(), outcome)
    (run.folder(trial()) / name).unlink()
    assert not run.is_done(trial())

    run.commit(trial(), outcome)

    assert run.is_done(trial())


def test_unknown_numbers_are_not_written_as_nan(tmp_path: Path) -> None:
    """NaN is not JSON."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        RunDirectory(tmp_path).write_json("a.json", {"x": float("nan")})


def test_a_second_driver_learns_which_process_holds_the_directory(tmp_path: Path) -> None:
    """With machine and time; nothing remains when the first one ends."""
    with RunDirectory(tmp_path).locked():
        text = rf"process {os.getpid()} on .* since \d\d:\d\d"
        with pytest.raises(BusyError, match=text) as caught, RunDirectory(tmp_path).locked():
            pass
        assert caught.value.exit_code == 75

    with RunDirectory(tmp_path).locked():
        pass
    assert not (tmp_path / ".holder").exists()


def test_the_lock_of_a_killed_driver_is_free(tmp_path: Path) -> None:
    """A kernel lock ends with its process, even if its file remains."""
    code = (
        "import sys, time; from pathlib import Path; from visiontk.harness.store import RunDirectory\n"
        "with RunDirectory(Path(sys.argv[1])).locked(): print('held', flush=True); time.sleep(60)"
    )
    driver = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    with driver:
        assert driver.stdout is not None
        assert driver.stdout.readline() == "held\n"
        with pytest.raises(BusyError, match=f"process {driver.pid}"), RunDirectory(tmp_path).locked():
            pass
        driver.send_signal(signal.SIGKILL)
        driver.wait()

    with RunDirectory(tmp_path).locked():
        assert str(os.getpid()) in (tmp_path / ".holder").read_text()


def test_a_directory_that_was_moved_works(tmp_path: Path, trial: MakeTrial, outcome: Outcome) -> None:
    """No absolute path is stored."""
    RunDirectory(tmp_path / "a").commit(trial(), outcome)
    shutil.move(tmp_path / "a", tmp_path / "b")

    run = RunDirectory(tmp_path / "b")

    assert run.is_done(trial())
    assert run.cost(trial()) == outcome.cost


def test_tidying_removes_only_leftovers_of_interruptions(tmp_path: Path, trial: MakeTrial, outcome: Outcome) -> None:
    """Checkpoints of unfinished trials and the user's files remain."""
    run, done, waiting = RunDirectory(tmp_path), trial(), trial(seed=1)
    run.commit(done, outcome)
    for one in (done, waiting):
        run.workdir(one).mkdir(parents=True)
        (run.workdir(one) / "checkpoint").touch()
    (tmp_path / "work" / "thesis.txt").touch()
    (tmp_path / "trials" / f".{done.key}-abc").mkdir()

    run.tidy()

    assert sorted(path.name for path in (tmp_path / "work").rglob("*")) == sorted(
        [waiting.key, "checkpoint", "thesis.txt"]
    )
    assert [path.name for path in (tmp_path / "trials").iterdir()] == [done.key]
