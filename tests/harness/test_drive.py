"""An experiment is run, interrupted and resumed."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from visiontk.core import Fold, Samples, Task, Trial
from visiontk.errors import ConfigError, DataError, ResumeError, StoreError
from visiontk.executors import Processes, Serial, executor_of
from visiontk.harness import progress as module
from visiontk.harness.drive import Prepared, drive, prepare
from visiontk.harness.experiment import Experiment
from visiontk.harness.outcome import Cost, Outcome, Predictions
from visiontk.harness.progress import Progress, ProgressMonitor, fit_progress
from visiontk.harness.store import RunDirectory
from visiontk.report.results import compute_results
from visiontk.testing import tiny_images, tiny_task

EXPERIMENT = Experiment(
    "tiny", "synthetic", {"prior": {}, "centroid": {}, "noisy_centroid": {"noise": 5.0}}, seeds=(0, 1), folds=2
)


def tiny(**change: Any) -> Prepared:
    return prepare(dataclasses.replace(EXPERIMENT, **change), tiny_task(), version="0")


def content(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the trials that are executed."""
    names: list[str] = []
    true = Serial.__call__

    def counted(self: Serial, trials: Any, *arguments: Any, **options: Any) -> Any:
        names.extend(trial.name for trial in trials)
        return true(self, trials, *arguments, **options)

    monkeypatch.setattr(Serial, "__call__", counted)
    return names


def test_a_run_directory_has_every_trial_and_no_leftovers(tmp_path: Path) -> None:
    """It also describes experiment, data and plan."""
    prepared = tiny()

    store = drive(prepared, tiny_task(), tmp_path / "run", executor=Serial())

    assert all(store.is_done(trial) for trial in prepared.fits)
    assert store.trials() == prepared.fits
    names = {path.name for path in (tmp_path / "run").iterdir()} - {".lock"}
    assert names == {
        "data.json", "environment.json", "experiment.yaml", "planned.yaml", "ledger.jsonl", "plan.json", "trials",
    }  # fmt: skip


def test_finished_trials_are_not_run_again(tmp_path: Path, ran: list[str]) -> None:
    for _ in range(2):
        drive(tiny(), tiny_task(), tmp_path, executor=Serial())

    assert len(ran) == len(tiny().fits) == 8


def test_a_trial_that_the_user_deleted_is_run_again(tmp_path: Path, ran: list[str]) -> None:
    """If its folder or one of its files is missing."""
    prepared = tiny()
    store = drive(prepared, tiny_task(), tmp_path, executor=Serial())
    shutil.rmtree(store.folder(prepared.fits[1]))
    (store.folder(prepared.fits[4]) / "cost.json").unlink()
    ran.clear()

    drive(prepared, tiny_task(), tmp_path, executor=Serial())

    assert ran == [prepared.fits[i].name for i in (1, 4)]


def test_more_seeds_use_the_finished_trials(tmp_path: Path, ran: list[str]) -> None:
    """Only the new seed is run, and only for learners that use it."""
    drive(tiny(), tiny_task(), tmp_path, executor=Serial())
    ran.clear()

    drive(tiny(seeds=(0, 1, 2)), tiny_task(), tmp_path, executor=Serial())

    assert ran == ["noisy_centroid seed 2, fold 1/2", "noisy_centroid seed 2, fold 2/2"]


@pytest.mark.parametrize("name", ["task", "dataset", "fingerprint"])
def test_a_directory_of_another_run_is_an_error_and_unchanged(tmp_path: Path, name: str) -> None:
    """The message has both values."""
    drive(tiny(), tiny_task(), tmp_path, executor=Serial())
    value = json.loads((tmp_path / "data.json").read_text())
    (tmp_path / "data.json").write_text(json.dumps(value | {name: "other"}))
    (tmp_path / ".lock").unlink(missing_ok=True)
    before = content(tmp_path)

    with pytest.raises(ResumeError, match=f"holds a run with {name} 'other'; this one has ") as caught:
        drive(tiny(), tiny_task(), tmp_path, executor=Serial())

    assert caught.value.exit_code == 7
    assert "--out" in caught.value.hint
    assert content(tmp_path) == before


@pytest.mark.parametrize("text", ["[]", "{}", "null"])
def test_a_directory_with_a_damaged_description_is_an_error(tmp_path: Path, text: str) -> None:
    """Not a traceback."""
    (tmp_path / "data.json").write_text(text)

    with pytest.raises(ResumeError, match="task None"):
        drive(tiny(), tiny_task(), tmp_path, executor=Serial())


@pytest.mark.parametrize("name", ["experiment.yaml", "report.html"])
def test_files_of_the_user_are_not_written_over(tmp_path: Path, name: str) -> None:
    """A folder with such a file that is not a run directory is refused."""
    (tmp_path / name).write_text("user")
    before = content(tmp_path)

    with pytest.raises(ResumeError, match=f"holds {name} but no data.json") as caught:
        drive(tiny(), tiny_task(), tmp_path, executor=Serial())

    assert caught.value.error_id == "E-RESUME-FOREIGN"
    assert content(tmp_path) == before


def test_other_files_of_the_user_remain(tmp_path: Path) -> None:
    """Also in folders with the names of those of a run."""
    for name in ("notes.txt", "work/thesis.txt", "trials/list.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("user")

    drive(tiny(), tiny_task(), tmp_path, executor=Serial())

    for name in ("notes.txt", "work/thesis.txt", "trials/list.txt"):
        assert (tmp_path / name).read_text() == "user"


def test_progress_starts_with_the_finished_trials_and_ends_with_the_plan(tmp_path: Path) -> None:
    """Counts never decrease or exceed the plan."""
    drive(tiny(seeds=(0,)), tiny_task(), tmp_path, executor=Serial())
    seen: list[Progress] = []

    drive(tiny(), tiny_task(), tmp_path, executor=Serial(), show=seen.append)

    done = [progress.n_done for progress in seen]
    assert done[0] == 6
    assert done == sorted(done)
    assert all(p.n_planned == 8 and p.n_done + p.n_failed + len(p.running) <= 8 for p in seen)
    assert seen[-1].n_done == 8
    assert seen[-1].running == ()
    assert seen[-1].left_s == 0.0
    assert all(p.left_s is None or p.left_s >= 0 for p in seen)


def watched(store: RunDirectory) -> tuple[Any, list[Progress], list[Trial]]:
    """Return a monitor of a fit of the prior and one of a learner with progress, and the list of what it shows."""
    seen: list[Progress] = []
    prepared = tiny(learners={"prior": {}, "noisy_centroid": {"noise": 5.0}}, seeds=(0,), folds=1)
    trials = sorted(prepared.fits, key=lambda trial: trial.learner != "prior")
    return ProgressMonitor(store, len(trials), trials, 1, seen.append), seen, trials


def test_no_time_is_estimated_while_the_speed_of_a_learner_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The speed of the prior says nothing about a network."""
    clock = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    watch, seen, (prior, slow) = watched(RunDirectory(tmp_path))

    watch.report([prior, slow])
    clock[0] = 0.1
    watch.ended(prior, "")
    watch.report([slow])

    assert [progress.left_s for progress in seen] == [None, None]


def test_the_time_before_the_first_step_does_not_count_as_speed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that imports for 20 s and then takes 1 s for each of 40 steps needs 60 s, not 15 minutes."""
    clock = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    store = RunDirectory(tmp_path)
    watch, seen, (prior, slow) = watched(store)
    watch.ended(prior, "")
    file = store.workdir(slow) / "progress.json"
    file.parent.mkdir(parents=True)

    watch.report([slow])
    for now, done in ((21.0, 1), (22.0, 2), (30.0, 10)):
        clock[0] = now
        file.write_text(json.dumps({"done": done, "total": 40, "text": ""}))
        watch.report([slow])

    assert [progress.left_s for progress in seen] == [None, None, pytest.approx(38.0), pytest.approx(30.0)]


def test_progress_counts_failures(tmp_path: Path, task: Task) -> None:
    """Done and failed trials add up to the plan."""
    experiment = Experiment("troubled", "synthetic", {"prior": {}, "troubled": {"what": "fail"}}, folds=1)
    seen: list[Progress] = []

    drive(prepare(experiment, task, version="0"), task, tmp_path, executor=Serial(), show=seen.append)

    assert seen[-1][:3] == (1, 1, 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"done": 1, "total": 4, "text": "epoch 1"}', (0.25, "epoch 1")),
        ('{"done": 1, "total": 0, "text": ""}', (0.0, "")),
        ('{"done": NaN, "total": 1, "text": "x"}', (0.0, "x")),
        ('{"done": 5, "total": 1, "text": "x"}', (0.0, "x")),
        ('{"done": null, "total": 1, "text": "x"}', (0.0, "")),
        ("[1]", (0.0, "")),
        ("{", (0.0, "")),
    ],
)
def test_malformed_progress_of_a_fit_is_ignored(tmp_path: Path, text: str, expected: tuple[float, str]) -> None:
    """A plugin may write anything."""
    (tmp_path / "progress.json").write_text(text)

    assert fit_progress(tmp_path) == expected


def overlapping(samples: Samples, n: int, seed: int) -> list[Fold]:
    return [Fold(np.arange(40), np.arange(40, 50), np.arange(45, 64))] * n


def empty(samples: Samples, n: int, seed: int) -> list[Fold]:
    return [Fold(np.arange(40), np.arange(40, 40), np.arange(40, 64))] * n


def too_few(samples: Samples, n: int, seed: int) -> list[Fold]:
    return tiny_task().folds(samples, n, seed)[:1]


def outside(samples: Samples, n: int, seed: int) -> list[Fold]:
    return [Fold(np.arange(40), np.arange(40, 50), np.arange(50, 65))] * n


@pytest.mark.parametrize(
    ("folds", "error_id"),
    [
        (overlapping, "E-SPLIT-OVERLAP"),
        (empty, "E-SPLIT-EMPTY"),
        (too_few, "E-SPLIT-FOLDS"),
        (outside, "E-SPLIT-RANGE"),
    ],
)
def test_folds_are_checked_before_anything_is_written(folds: Callable[..., list[Fold]], error_id: str) -> None:
    """The check is in `prepare`, which writes nothing."""
    with pytest.raises(DataError) as caught:
        prepare(EXPERIMENT, dataclasses.replace(tiny_task(), folds=folds), version="0")

    assert caught.value.error_id == error_id


@pytest.mark.parametrize(
    ("options", "text"),
    [({"name": "proceses"}, "Did you mean 'processes'"), ({"name": "serial", "workers": 0}, "workers: 0 given")],
)
def test_an_unknown_executor_is_an_error(options: dict[str, Any], text: str) -> None:
    """A number of workers below 1 is an error too."""
    with pytest.raises(ConfigError, match=text):
        executor_of(**options)


def test_a_full_disk_ends_the_run_and_finished_trials_remain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same command resumes once there is space."""
    true, commits = RunDirectory.commit, iter(range(100))

    def commit(self: RunDirectory, trial: Trial, outcome: Outcome) -> None:
        if next(commits) == 3:
            raise StoreError("disk full", error_id="E-IO-FULL")
        true(self, trial, outcome)

    monkeypatch.setattr(RunDirectory, "commit", commit)
    prepared = tiny()
    with pytest.raises(StoreError, match="disk full"):
        drive(prepared, tiny_task(), tmp_path, executor=Serial())
    assert sum(map(RunDirectory(tmp_path).is_done, prepared.fits)) == 3

    store = drive(prepared, tiny_task(), tmp_path, executor=Serial())

    assert all(map(store.is_done, prepared.fits))


def test_workers_stop_before_the_lock_is_released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also if showing progress is interrupted."""
    events: list[str] = []

    def endless(self: Processes, trials: Any, *arguments: Any, **options: Any) -> Iterator[tuple[Trial, str]]:
        try:
            for trial in trials:
                yield trial, ""
        finally:
            events.append("workers stopped")

    class Interrupt(BaseException):
        pass

    def ended(self: object, trial: Trial, reason: str) -> None:
        raise Interrupt

    monkeypatch.setattr(Processes, "__call__", endless)
    monkeypatch.setattr(ProgressMonitor, "ended", ended)

    with pytest.raises(Interrupt) as caught:
        drive(tiny(), tiny_task(), tmp_path, executor=Processes())

    assert events == ["workers stopped"]
    assert caught.value is not None
    with RunDirectory(tmp_path).locked():
        pass


KILLED = """
import sys
from pathlib import Path
from visiontk.executors import Processes
from visiontk.harness.drive import drive, prepare
from visiontk.harness.experiment import Experiment
from visiontk.registry import get_task

task = get_task("troubled")
sleepy = {"what": "sleep", "marker": "", "number": 0.15}
learners = {"prior": {}, "centroid": {}, "troubled": sleepy}
experiment = Experiment("troubled", "synthetic", learners, seeds=(0, 1), folds=3)
print("ready", flush=True)
drive(prepare(experiment, task, version="0"), task, Path(sys.argv[1]), executor=Processes())
"""


@pytest.mark.slow
def test_a_driver_that_is_killed_repeatedly_gives_the_same_results(tmp_path: Path, task: Task) -> None:
    """Finished trials remain; the results equal those of an uninterrupted run."""
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "site")}
    rng = np.random.default_rng(0)
    n_killed = 0
    acknowledged: set[str] = set()

    def begin(name: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", KILLED, str(tmp_path / name)]
        driver = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert driver.stdout is not None
        assert driver.stdout.readline() == "ready\n"
        driver.stdout.close()
        return driver

    for wait in rng.uniform(0.05, 0.5, size=11):
        driver = begin("killed")
        time.sleep(wait)
        driver.send_signal(signal.SIGKILL)
        n_killed += driver.wait() == -signal.SIGKILL
        stored = {path.parent.name for path in (tmp_path / "killed" / "trials").glob("[0-9a-f]*/predictions.npz")}
        assert acknowledged <= stored
        acknowledged = stored
    for name in ("killed", "whole"):
        assert begin(name).wait() == 0

    assert n_killed >= 3
    killed, whole = (_numbers(compute_results(RunDirectory(tmp_path / name), task)) for name in ("killed", "whole"))
    assert killed == whole
    assert not (tmp_path / "killed" / "work").exists()
    assert not list((tmp_path / "killed" / "trials").glob(".*"))


def _numbers(values: dict[str, Any]) -> Any:
    """Return the results without times."""
    times = {"fit_cpu_s", "fit_wall_s", "predict_ms_per_sample", "predict_ms_alone", "peak_memory_bytes"}
    learners = [{name: value for name, value in row.items() if name not in times} for row in values["learners"]]
    return learners, values["comparisons"], values["complete"], values["failed"]


@pytest.mark.slow
def test_two_thousand_finished_trials_are_checked_in_two_seconds(tmp_path: Path) -> None:
    """Including planning and description."""
    samples = tiny_images()
    experiment = dataclasses.replace(EXPERIMENT, seeds=tuple(range(1000)), learners={"noisy_centroid": {"noise": 5.0}})
    prepared = prepare(experiment, tiny_task(), version="0")
    assert len(prepared.fits) == 2000
    store, first = RunDirectory(tmp_path), prepared.fits[0]
    scores = np.ones((4, 3))
    part = (samples.ids[:4], samples.y[:4], scores)
    store.commit(first, Outcome(Predictions(*part, *part), Cost(1.0, 1.0, 1.0)))
    for trial in prepared.fits[1:]:
        shutil.copytree(store.folder(first), store.folder(trial))

    before = time.perf_counter()
    drive(prepare(experiment, tiny_task(), version="0"), tiny_task(), tmp_path, executor=Serial())
    duration_s = time.perf_counter() - before

    assert duration_s < 2.0


def test_the_experiment_of_the_first_reading_of_the_test_set_is_retained(tmp_path: Path) -> None:
    """A claim that is added or changed later does not pass for one that was made beforehand."""
    first, other = "network > traditional by 2", "network > traditional"

    def planned() -> str:
        return str(yaml.safe_load((tmp_path / "planned.yaml").read_text())["claim"])

    with pytest.raises(KeyboardInterrupt):
        drive(tiny(claim=other), tiny_task(), tmp_path, executor=Interrupted())  # nothing was read yet
    drive(tiny(claim=first), tiny_task(), tmp_path, executor=Serial())
    drive(tiny(claim=other), tiny_task(), tmp_path, executor=Serial())

    assert planned() == first
    assert yaml.safe_load((tmp_path / "experiment.yaml").read_text())["claim"] == other


class Interrupted(Serial):
    """An executor that is stopped before its first fit."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        raise KeyboardInterrupt
