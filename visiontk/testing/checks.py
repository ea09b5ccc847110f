"""The contract of a task: small functions named as sentences, cheapest first."""

from __future__ import annotations

import dataclasses
import functools
import gc
import os
import pickle
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, get_type_hints

import numpy as np

from visiontk.core import Floats, Fold, Samples, Task, Trial, about, parameters, source
from visiontk.executors import Serial
from visiontk.harness.drive import drive, prepare
from visiontk.harness.experiment import Experiment
from visiontk.harness.plan import nested_subset
from visiontk.harness.run import run
from visiontk.harness.store import PREDICTIONS
from visiontk.harness.threads import pinned_threads
from visiontk.spaces import Choice, space
from visiontk.testing.descriptions import every_number_of_a_learner_has_a_range, every_parameter_is_described

Check = Callable[[Task], None]

FRAMEWORKS = ("tensorflow", "keras", "torch", "jax", "sklearn")
TINY = 200
QUICK = {"epochs": 8, "batch_size": 16}
"""Parameters that make a fit on tiny data short, where a learner has them."""

BUDGET_S = 300.0

POSTPONED_S = 0.005
"""Until an interrupt is tried again that came at a bad moment."""


def task_checks(learners: Sequence[str] | None = None) -> list[Check]:
    """Every check of the contract, to be called with a `Task`.

    A check that a task is excused from is run all the same: the reason is given if it fails, and it
    is an error if it passes.

    Parameters
    ----------
    learners : sequence of str, optional
        Those that are fitted; by default the ones that compete by default.

    Returns
    -------
    list of callable
        Each raises AssertionError with what is wrong.

    Examples
    --------
    >>> from visiontk.testing import tiny_task
    >>> for check in task_checks():
    ...     check(tiny_task())
    """
    chosen = tuple(learners) if learners else None
    return [_excusable(check) for check in plain_checks()] + [
        _excusable(functools.wraps(check)(functools.partial(check, learners=chosen))) for check in fitting_checks()
    ]


def plain_checks() -> list[Check]:
    """The checks that fit nothing."""
    return [
        importing_the_task_loads_no_framework,
        every_learner_cites_a_source,
        search_spaces_hold_what_parameters_allow,
        every_parameter_is_described,
        every_number_of_a_learner_has_a_range,
        ids_are_unique_and_stable,
        take_and_batches_agree,
        folds_are_disjoint_cover_and_repeat,
        no_group_straddles_a_fold,
        tiny_data_has_every_class,
        metrics_prefer_the_truth,
        trials_survive_pickle_and_json,
    ]


def fitting_checks() -> list[Callable[..., None]]:
    """The checks that fit learners, and take their names as ``learners``."""
    return [
        learners_give_finite_scores_of_the_right_shape,
        predictions_do_not_depend_on_neighbours,
        predict_does_not_look_at_targets,
        learners_beat_the_prior_on_tiny_data,
        same_seed_gives_same_scores,
        seeds_matter_just_where_they_are_said_to,
        a_finished_trial_is_not_run_again,
        a_resumed_trial_equals_an_uninterrupted_one,
    ]


def _excusable(check: Check) -> Check:
    name = check.__name__

    @functools.wraps(check)
    def checked(task: Task) -> None:
        if name not in task.excused:
            check(task)
            return
        try:
            check(task)
        except AssertionError:
            import pytest

            pytest.skip(f"{task.name} is excused from {name}: {task.excused[name]}")
        raise AssertionError(f"{task.name} is excused from {name}, but passes it: remove the excuse.")

    return checked


def tiny(task: Task) -> Samples:
    """At most 200 samples of the task's first dataset, every class in its share, without an official split."""
    samples = _first(task)
    part = samples.subset(nested_subset(np.arange(len(samples)), samples.y, TINY))
    return dataclasses.replace(part, parts=None)


@functools.lru_cache(maxsize=4)
def _first(task: Task) -> Samples:
    return next(iter(task.datasets.values()))()


def _tiny_fold(task: Task) -> tuple[Samples, Fold]:
    samples = tiny(task)
    return samples, task.folds(samples, 1, 0)[0]


def _quick(task: Task, name: str) -> dict[str, Any]:
    known = parameters(task.learner(name))
    return known | {key: value for key, value in QUICK.items() if key in known}


def _names(task: Task, learners: tuple[str, ...] | None) -> tuple[str, ...]:
    return learners or task.defaults or tuple(task.learners)


@functools.lru_cache(maxsize=128)
def _fitted(task: Task, name: str, seed: int, attempt: int = 0) -> tuple[Any, Samples, Floats]:
    """A fitted learner, the tiny test part, and its scores; `attempt` only tells repeated fits apart."""
    samples, fold = _tiny_fold(task)
    train, valid, test = (samples.subset(part) for part in fold)
    with pinned_threads(1), tempfile.TemporaryDirectory() as folder:
        learner = task.learner(name)(**_quick(task, name))
        learner.fit(train, valid, seed=seed, workdir=Path(folder), budget_s=BUDGET_S)
        return learner, test, learner.predict(test.blind())


def importing_the_task_loads_no_framework(task: Task) -> None:
    """A list of tasks must be fast, and a baseline must run where no framework is installed."""
    functions = [*task.datasets.values(), *task.learners.values(), task.folds]
    modules = sorted({function.__module__ for function in functions})
    code = f"import sys, importlib; [importlib.import_module(m) for m in {modules!r}]; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"importing {', '.join(modules)} failed:\n{done.stderr}"
    loaded = set(FRAMEWORKS) & set(done.stdout.split())
    assert not loaded, f"importing {task.name} imports {', '.join(sorted(loaded))}: import it inside the functions"


def every_learner_cites_a_source(task: Task) -> None:
    """A method without a source is folklore."""
    for name, factory in task.learners.items():
        assert source(factory), f"the docstring of {name} has no References section with an entry .. [1]"
        about(factory)
        parameters(factory)


def search_spaces_hold_what_parameters_allow(task: Task) -> None:
    """Ends and choices of every search space are values that a config could set; only learners that look have one."""
    from pydantic import TypeAdapter, ValidationError

    for name, factory in task.learners.items():
        hints = get_type_hints(factory, include_extras=True)
        for parameter, stated in space(factory).items():
            for value in stated.values if isinstance(stated, Choice) else (stated.low, stated.high):
                try:
                    TypeAdapter(hints[parameter]).validate_python(value, strict=True)
                except ValidationError:
                    raise AssertionError(
                        f"{name}: {parameter} may not be {value!r}, which its search space has."
                    ) from None
            assert about(factory).family != "floor", (
                f"{name}: a floor looks at nothing, so {parameter} is not searched."
            )


def ids_are_unique_and_stable(task: Task) -> None:
    """Results of two runs are paired by id."""
    one, two = (next(iter(task.datasets.values()))() for _ in range(2))
    assert len(np.unique(one.ids)) == len(one), "ids occur twice"
    assert (one.ids == two.ids).all(), "reading the data twice gives other ids"
    assert one.card.fingerprint == two.card.fingerprint, "reading the data twice gives another fingerprint"
    assert one.card.fingerprint, "the data have no fingerprint"


def take_and_batches_agree(task: Task) -> None:
    """Streaming must not be off by one."""
    samples = tiny(task)
    everything = samples.take(np.arange(len(samples)))
    joined = np.concatenate(list(samples.batches(7)))
    assert np.array_equal(everything, joined), "batches(7) joined differ from take of everything"
    backwards = np.arange(len(samples))[::-1]
    assert np.array_equal(samples.subset(backwards).take([0, 1]), everything[[-1, -2]]), "a subset takes other samples"


def folds_are_disjoint_cover_and_repeat(task: Task) -> None:
    """No sample is both learnt and tested; with several folds each is tested once."""
    samples = tiny(task)
    for n_folds in (1, 3):
        folds, again = task.folds(samples, n_folds, 0), task.folds(samples, n_folds, 0)
        assert len(folds) == n_folds, f"{n_folds} folds asked for, {len(folds)} given"
        for fold, other in zip(folds, again, strict=True):
            joined = np.concatenate(fold)
            assert len(np.unique(joined)) == len(joined), "train, valid and test share samples"
            assert len(joined) == len(samples), f"a fold has {len(joined)} of {len(samples)} samples"
            assert all(len(part) for part in fold), "a part is empty"
            assert all(np.array_equal(a, b) for a, b in zip(fold, other, strict=True)), (
                "the same seed gives other folds"
            )
        if n_folds > 1:
            tested = np.sort(np.concatenate([fold.test for fold in folds]))
            assert np.array_equal(tested, np.arange(len(samples))), "not every sample is tested once"


def no_group_straddles_a_fold(task: Task) -> None:
    """Nobody is learnt from and tested on, even where the data have no groups of their own."""
    samples = tiny(task)
    if samples.groups is None:
        names = np.array([f"g{i % max(8, len(samples) // 10)}" for i in range(len(samples))])
        samples = dataclasses.replace(samples, groups=np.random.default_rng(0).permutation(names))
    assert samples.groups is not None
    for fold in task.folds(samples, 3, 0):
        members = [set(samples.groups[part].tolist()) for part in fold]
        for i, j in ((0, 1), (0, 2), (1, 2)):
            both = members[i] & members[j]
            assert not both, f"groups {sorted(both)[:3]} stand in two parts of a fold"


def tiny_data_has_every_class(task: Task) -> None:
    """Every class is learnt and tested, so that every metric is defined."""
    samples, fold = _tiny_fold(task)
    assert samples.n_classes >= 2, "there is one class only"
    for name, part in zip(Fold._fields, fold, strict=True):
        missing = set(range(samples.n_classes)) - set(samples.y[part].tolist())
        assert not missing, f"classes {[samples.labels[c] for c in sorted(missing)]} are missing from {name}"


def metrics_prefer_the_truth(task: Task) -> None:
    """A metric with a reversed sign or axis would crown the worst learner."""
    samples = tiny(task)
    n, k = len(samples), samples.n_classes
    right = np.full((n, k), 0.1 / max(k - 1, 1))
    right[np.arange(n), samples.y] = 0.9
    wrong = np.roll(right, 1, axis=1)
    for name, metric in task.metrics.items():
        good, bad = metric(samples.y, right), metric(samples.y, wrong)
        better = good > bad if metric.higher_is_better else good < bad
        assert better, f"{name} is {good} for true scores and {bad} for wrong ones"
        twice = metric.function(samples.y, right, np.full((2, n), 2.0))
        assert np.allclose(twice, good), f"{name} changes when every sample counts twice"
        if metric.kind != "unbounded":
            assert 0 <= bad <= 1, f"{name} is {bad}, outside [0, 1]"
            assert 0 <= good <= 1, f"{name} is {good}, outside [0, 1]"


def trials_survive_pickle_and_json(task: Task) -> None:
    """A trial must run on another machine."""
    for name in task.learners:
        trial = Trial(
            task.name,
            task.version,
            next(iter(task.datasets)),
            name,
            "0",
            "0",
            parameters=parameters(task.learner(name)),
        )
        again = Trial.from_json(trial.to_json())
        assert again == trial, f"the parameters of {name} do not survive JSON"
        assert again.key == trial.key
        assert pickle.loads(pickle.dumps(trial)) == trial, f"the parameters of {name} do not survive pickle"


def learners_give_finite_scores_of_the_right_shape(task: Task, learners: tuple[str, ...] | None = None) -> None:
    """Logits or margins must not be taken for probabilities."""
    for name in _names(task, learners):
        _, test, scores = _fitted(task, name, 0)
        expected = (len(test), test.n_classes)
        assert scores.shape == expected, f"{name} gives shape {scores.shape}, expected {expected}"
        assert np.isfinite(scores).all(), f"{name} gives scores that are not finite"
        if about(task.learner(name)).probabilities:
            assert np.allclose(scores.sum(axis=1), 1, atol=1e-5), f"rows of {name} do not sum to 1"
            assert (scores >= 0).all(), f"{name} gives negative probabilities"


def predictions_do_not_depend_on_neighbours(task: Task, learners: tuple[str, ...] | None = None) -> None:
    """Batch statistics at test time, or features normalised per batch, would leak."""
    for name in _names(task, learners):
        learner, test, scores = _fitted(task, name, 0)
        some = np.arange(len(test))[::-3]
        with pinned_threads(1):
            others = learner.predict(test.subset(some).blind())
            alone = learner.predict(test.subset(some[:1]).blind())
        assert np.allclose(others, scores[some], atol=1e-4), f"{name} predicts otherwise in other company"
        assert np.allclose(alone, scores[some[:1]], atol=1e-4), f"{name} predicts otherwise where a sample comes alone"


def predict_does_not_look_at_targets(task: Task, learners: tuple[str, ...] | None = None) -> None:
    """The harness hides targets from predict; a learner must not need them."""
    for name in _names(task, learners):
        learner, test, scores = _fitted(task, name, 0)
        told = dataclasses.replace(test, y=np.roll(test.y, 1))
        with pinned_threads(1):
            again = learner.predict(told)
        assert np.array_equal(again, scores), f"{name} predicts otherwise when targets change"


def learners_beat_the_prior_on_tiny_data(task: Task, learners: tuple[str, ...] | None = None) -> None:
    """A learner that does not learn is no opponent."""
    metric = task.metrics[task.metric]
    sign = 1 if metric.higher_is_better else -1
    for name in _names(task, learners):
        if about(task.learner(name)).family == "floor":
            continue
        samples, fold = _tiny_fold(task)
        _, test, scores = _fitted(task, name, 0)
        frequencies = samples.subset(fold.train).counts() / len(fold.train)
        floor = metric(test.y, np.tile(frequencies, (len(test), 1)))
        reached = metric(test.y, scores)
        assert sign * reached > sign * floor, f"{name} reaches {reached:.3f}, the prior {floor:.3f}"


def same_seed_gives_same_scores(task: Task, learners: tuple[str, ...] | None = None) -> None:
    """A result that cannot be repeated is none."""
    for name in _names(task, learners):
        first, second = _fitted(task, name, 0)[2], _fitted(task, name, 0, attempt=1)[2]
        assert np.array_equal(first, second), f"{name} gives other scores with the same seed"


def seeds_matter_just_where_they_are_said_to(task: Task, learners: tuple[str, ...] | None = None) -> None:
    """A learner that is said to need no seed is fitted once for all of them."""
    for name in _names(task, learners):
        same = np.array_equal(_fitted(task, name, 0)[2], _fitted(task, name, 1)[2])
        if about(task.learner(name)).seeded:
            assert not same, f"{name} ignores its seed: say About(..., seeded=False)"
        else:
            assert same, f"{name} is said to need no seed, but its scores change with it"


def a_finished_trial_is_not_run_again(task: Task, learners: tuple[str, ...] | None = None) -> None:
    """What exists in a run directory is complete and stays."""
    small = _small(task)
    name = _names(task, learners)[0]
    experiment = Experiment(small.name, "tiny", {name: _quick(task, name)}, folds=1, preset="quick", budget_s=BUDGET_S)
    prepared = prepare(experiment, small, version="check")
    with tempfile.TemporaryDirectory() as folder:
        store = drive(prepared, small, Path(folder), executor=Serial())
        path = store.folder(prepared.trials[0]) / PREDICTIONS
        assert path.exists(), f"{name} failed: {store.failure(prepared.trials[0])}"
        before = path.stat().st_mtime_ns
        drive(prepared, small, Path(folder), executor=Serial())
        assert path.stat().st_mtime_ns == before, "a finished trial was run again"


def a_resumed_trial_equals_an_uninterrupted_one(task: Task, learners: tuple[str, ...] | None = None) -> None:
    """An interruption must not change a result: fits are stopped half-way by a signal and gone on with."""
    small = _small(task)
    samples = tiny(task)
    for name in _names(task, learners):
        if about(task.learner(name)).family == "floor":
            continue
        trial = Trial(
            small.name, small.version, "tiny", name, samples.card.fingerprint, "check",
            parameters=_quick(task, name), budget_s=BUDGET_S, packages=small.packages("tiny", name),
        )  # fmt: skip
        with _checkpoints_at_every_epoch(), tempfile.TemporaryDirectory() as folder:
            whole = run(trial, workdir=Path(folder) / "whole", task=small)
            workdir = Path(folder) / "interrupted"
            # The whole run has warmed everything up, so this one is at most as long.
            stopped = _interrupted_after(0.5 * whole.cost.fit_wall_s, trial, workdir, small)
            resumed = run(trial, workdir=workdir, task=small)
        how = "interrupted and resumed" if stopped else "repeated"
        assert np.array_equal(whole.predictions.scores, resumed.predictions.scores), f"{name} {how} gives other scores"


def _small(task: Task) -> Task:
    return dataclasses.replace(task, datasets={"tiny": functools.partial(tiny, task)})


def _interrupted_after(seconds: float, trial: Trial, workdir: Path, task: Task) -> bool:
    if not hasattr(signal, "setitimer"):
        return False

    delivered = False

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal delivered
        if not _may_be_interrupted(frame):
            signal.setitimer(signal.ITIMER_REAL, POSTPONED_S)
            return
        delivered = True
        raise KeyboardInterrupt

    # An interrupt that falls into a callback of the garbage collector is swallowed there.
    collecting = gc.isenabled()
    gc.disable()
    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))
    try:
        run(trial, workdir=workdir, task=task)
    except KeyboardInterrupt:
        return True
    except SystemError:
        # What Python makes of an interrupt that falls into compiled code, such as TensorFlow's while it traces.
        if not delivered:
            raise
        return True
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if collecting:
            gc.enable()
    return False


def _may_be_interrupted(frame: FrameType | None) -> bool:
    """Whether an interrupt here ends the fit and nothing else.

    A process that is interrupted ends; here it goes on, so what is left half-done would be the next fit's: a module
    that is being imported, a context that is being entered or left, or TensorFlow's graph while it traces.
    """
    while frame is not None:
        code = frame.f_code
        if code.co_name in ("__enter__", "__exit__") or code.co_filename.startswith("<frozen importlib"):
            return False
        frame = frame.f_back
    tensorflow = sys.modules.get("tensorflow")
    return tensorflow is None or bool(tensorflow.executing_eagerly())


@contextmanager
def _checkpoints_at_every_epoch() -> Iterator[None]:
    before = os.environ.get("VISIONTK_CHECKPOINT_S")
    os.environ["VISIONTK_CHECKPOINT_S"] = "0"
    try:
        yield
    finally:
        if before is None:
            del os.environ["VISIONTK_CHECKPOINT_S"]
        else:
            os.environ["VISIONTK_CHECKPOINT_S"] = before
