"""Every check of the contract on every installed task, and on a broken task that it must detect."""

import contextlib
import dataclasses
import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest
from annotated_types import Ge

from visiontk.core import About, CannotSave, Card, Fold, Samples, Task, learner, resized, save_learner
from visiontk.metrics import auc, auc_influences
from visiontk.registry import get_task, installed_tasks
from visiontk.spaces import Range
from visiontk.testing import data_checks, interruption, run_check, steps, task_checks, tiny_images, tiny_task
from visiontk.testing.learner_checks import fitted

TASKS = [task.name for task in installed_tasks()]
CHECKS = {check.__name__: check for check in task_checks()}
SLOW = {
    "scores_are_finite_and_have_the_right_shape",
    "predictions_do_not_depend_on_other_samples",
    "predictions_do_not_depend_on_targets",
    "learners_beat_the_prior_on_tiny_data",
    "same_seed_gives_same_scores",
    "only_seeded_learners_depend_on_the_seed",
    "a_loaded_learner_gives_the_same_scores",
    "only_pretrained_learners_knew_other_data",
    "a_resumed_trial_equals_an_uninterrupted_one",
}


# Checks of one task share fits, so they run in one process.
@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in TASKS])
@pytest.mark.parametrize(
    "check",
    [
        pytest.param(check, marks=(pytest.mark.slow, pytest.mark.long) if name in SLOW else ())
        for name, check in CHECKS.items()
    ],
    ids=list(CHECKS),
)
def test_every_task_satisfies_the_contract(check: Callable[[Task], None], name: str) -> None:
    check(get_task(name))


@pytest.mark.parametrize("subject", ["audio_classification.instruments", "medical_imaging.phantoms"])
def test_second_data_sets_satisfy_the_contract_of_data(subject: str) -> None:
    """The synthetic ones, beside the real ones that a task is compared on by default."""
    for step in steps(subject):
        run_check(step)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["alexnet", "resnet50"])
def test_optional_learners_satisfy_the_contract(name: str) -> None:
    checks = {check.__name__: check for check in task_checks([name])}

    checks["scores_are_finite_and_have_the_right_shape"](get_task("image_classification"))
    checks["learners_beat_the_prior_on_tiny_data"](get_task("image_classification"))
    checks["a_loaded_learner_gives_the_same_scores"](get_task("image_classification"))


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.xdist_group(name)) for name in TASKS])
def test_every_learner_of_ours_can_be_saved(name: str, tmp_path: Path) -> None:
    """The contract passes learners that cannot be saved; ours all can."""
    task = get_task(name)

    for each in task.defaults or task.learners:
        save_learner(fitted(task, each, 0)[0], tmp_path / each)


REFERENCE = """

    References
    ----------
    .. [1] Author (2000), A broken learner.
    """


class Broken:
    """The noisy centroid of the tiny task with one fault."""

    def __init__(self, fault: str) -> None:
        self.fault = fault
        self.inner: Any = tiny_task().learners["noisy_centroid"]()
        self.calls = 0

    def fit(self, train: Samples, valid: Samples, *, seed: int, workdir: Path, budget_s: float) -> Any:
        self.frequencies = train.counts() / len(train)
        if self.fault == "unseeded":
            seed = int(np.random.default_rng().integers(1 << 30))
        if self.fault == "ignores the seed":
            seed = 0
        if self.fault == "resumes wrongly":
            marker = workdir / "started"
            seed += marker.exists()
            marker.touch()
            time.sleep(0.3)  # long enough to be interrupted
        report = self.inner.fit(train, valid, seed=seed, workdir=workdir, budget_s=budget_s)
        return report._replace(knew="ImageNet-1k") if self.fault == "pretrained in secret" else report

    def predict(self, samples: Samples) -> Any:
        scores = self.inner.predict(samples)
        if self.fault == "wrong shape":
            return scores[:, :1]
        if self.fault == "not finite":
            scores[0, 0] = np.nan
        if self.fault == "logits":
            scores = np.log(scores + 1e-9)
        if self.fault == "batch statistics":
            scores = scores - scores.mean(axis=0)
            scores = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        if self.fault == "looks at targets":
            scores[np.arange(len(samples)), samples.y] += 1
            scores /= scores.sum(axis=1, keepdims=True)
        if self.fault == "learns nothing":
            scores[:] = self.frequencies
        return scores

    def save(self, folder: Path) -> None:
        if self.fault == "cannot be saved":
            raise CannotSave("it is of no use")
        self.inner.save(folder)

    def load(self, folder: Path) -> None:
        self.inner.load(folder)
        if self.fault == "loads wrongly":
            self.inner.means = self.inner.means + 1


NETWORK = About("network")


def with_learner(fault: str, about: About = NETWORK) -> Task:
    def factory() -> Broken:
        return Broken(fault)

    factory.__doc__ = f"Broken: {fault} [1]_.{REFERENCE}"
    return dataclasses.replace(tiny_task(), learners={"broken": learner(about)(factory)}, defaults=("broken",))


def with_data(**change: Any) -> Task:
    return dataclasses.replace(
        tiny_task(), datasets={"synthetic": lambda: dataclasses.replace(tiny_images(), **change)}
    )


def with_folds(folds: Callable[..., list[Fold]]) -> Task:
    return dataclasses.replace(tiny_task(), folds=folds)


def off_by_one() -> Task:
    data = tiny_images()
    x = data.take(np.arange(len(data)))
    return with_data(read=lambda rows: x[rows] if len(rows) != 7 else x[np.minimum(rows + 1, len(x) - 1)])


def unstable_ids() -> Task:
    readings = itertools.count()

    def data() -> Samples:
        reading = next(readings)
        return dataclasses.replace(tiny_images(), ids=np.array([f"{reading}-{i}" for i in range(64)]))

    return dataclasses.replace(tiny_task(), datasets={"synthetic": data})


def unsourced() -> Task:
    task = tiny_task()
    return dataclasses.replace(task, learners={"x": learner(About("floor"))(lambda: task.learners["prior"]())})


def reversed_metric() -> Task:
    metric = tiny_task().metrics["accuracy"]
    reversed_one = dataclasses.replace(metric, function=lambda y, s, w: 1 - metric.function(y, s, w))
    return dataclasses.replace(tiny_task(), metrics={"accuracy": reversed_one})


def with_influence(factor: float) -> Task:
    wrong = dataclasses.replace(auc, influence=lambda y, scores: factor * auc_influences(y, scores))
    return dataclasses.replace(tiny_task(), metrics={"auc": wrong})


def unserialisable() -> Task:
    def factory(thing: Any = {1, 2}) -> None:  # noqa: B006
        """Takes a set."""

    return dataclasses.replace(tiny_task(), learners={"x": learner(About("floor"))(factory)})


def overlapping(samples: Samples, n: int, seed: int) -> list[Fold]:
    i = np.arange(len(samples))
    return [Fold(i, i[:5], i[:9]) for _ in range(n)]


def unrepeatable(samples: Samples, n: int, seed: int) -> list[Fold]:
    order = np.random.default_rng().permutation(len(samples))
    return [Fold(order[:40], order[40:50], order[50:]) for _ in range(n)]


def groupless(samples: Samples, n: int, seed: int) -> list[Fold]:
    return tiny_task().folds(dataclasses.replace(samples, groups=None), n, seed)


def one_class_tested(samples: Samples, n: int, seed: int) -> list[Fold]:
    first = np.flatnonzero(samples.y == 0)
    rest = np.flatnonzero(samples.y != 0)
    return [Fold(np.concatenate([rest, first[:5]]), first[5:10], first[10:]) for _ in range(n)]


def too_wide_a_space() -> Task:
    def factory(depth: Annotated[int, Ge(1), Range(0, 9)] = 3) -> None:
        """Has a search space beyond its range."""

    factory.__annotations__["depth"] = Annotated[int, Ge(1), Range(0, 9)]
    return dataclasses.replace(tiny_task(), learners={"x": learner(About("network"))(factory)})


def undescribed() -> Task:
    def factory(depth: int = 3) -> None:
        """Takes an undocumented number."""

    return dataclasses.replace(tiny_task(), learners={"x": learner(About("floor"))(factory)})


BROKEN = {
    "every_learner_cites_a_source": unsourced(),
    "search_spaces_are_within_parameter_ranges": too_wide_a_space(),
    "every_parameter_is_described": undescribed(),
    "every_number_of_a_learner_has_a_range": undescribed(),
    "pretrained_learners_name_their_source_data": with_learner("says nothing", About("pretrained")),
    "ids_are_unique_and_stable": unstable_ids(),
    "take_and_batches_agree": off_by_one(),
    "folds_are_disjoint_complete_and_repeatable": with_folds(unrepeatable),
    "no_group_is_in_two_parts_of_a_fold": with_folds(groupless),
    "tiny_data_has_every_class": with_folds(one_class_tested),
    "metrics_prefer_true_scores": reversed_metric(),
    "influence_functions_agree_with_the_jackknife": with_influence(1.5),
    "trials_survive_pickle_and_json": unserialisable(),
    "scores_are_finite_and_have_the_right_shape": with_learner("logits"),
    "predictions_do_not_depend_on_other_samples": with_learner("batch statistics"),
    "predictions_do_not_depend_on_targets": with_learner("looks at targets"),
    "learners_beat_the_prior_on_tiny_data": with_learner("learns nothing"),
    "same_seed_gives_same_scores": with_learner("unseeded"),
    "only_seeded_learners_depend_on_the_seed": with_learner("ignores the seed"),
    "a_loaded_learner_gives_the_same_scores": with_learner("loads wrongly"),
    "only_pretrained_learners_knew_other_data": with_learner("pretrained in secret"),
    "a_finished_trial_is_not_run_again": with_learner("wrong shape"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_check_fails_on_a_broken_task(name: str) -> None:
    with pytest.raises((AssertionError, TypeError, IndexError)):
        CHECKS[name](BROKEN[name])


def test_a_pretrained_learner_states_its_source_data_and_reports_its_knowledge() -> None:
    """Both; a network from scratch states and reports nothing."""
    declared = About("pretrained", pretrained_on="ImageNet-1k")
    honest, silent = with_learner("pretrained in secret", declared), with_learner("says nothing", declared)

    CHECKS["pretrained_learners_name_their_source_data"](honest)
    CHECKS["only_pretrained_learners_knew_other_data"](honest)
    with pytest.raises(AssertionError, match="does not say what it knew"):
        CHECKS["only_pretrained_learners_knew_other_data"](silent)
    with pytest.raises(AssertionError, match="declared as network, but pretrained on ImageNet-1k"):
        CHECKS["pretrained_learners_name_their_source_data"](
            with_learner("says nothing", About("network", pretrained_on="ImageNet-1k"))
        )


@pytest.mark.parametrize("factor", [-1.0, 0.0])
def test_a_wrong_influence_function_is_detected(factor: float) -> None:
    """Of the wrong sign or size; the correct one passes."""
    name = "influence_functions_agree_with_the_jackknife"

    CHECKS[name](with_influence(1.0))
    with pytest.raises(AssertionError, match="the influence of auc"):
        CHECKS[name](with_influence(factor))


@pytest.mark.parametrize("fault", ["wrong shape", "not finite"])
def test_scores_of_a_wrong_shape_or_value_are_detected(fault: str) -> None:
    with pytest.raises(AssertionError):
        CHECKS["scores_are_finite_and_have_the_right_shape"](with_learner(fault))


def test_overlapping_folds_are_detected() -> None:
    """A sample in both train and test."""
    with pytest.raises(AssertionError, match="share samples"):
        CHECKS["folds_are_disjoint_complete_and_repeatable"](with_folds(overlapping))


def test_a_fit_that_resumes_wrongly_is_detected() -> None:
    """Leftovers of an interrupted fit must not change the result."""
    with pytest.raises(AssertionError, match="gives other scores"):
        CHECKS["a_resumed_trial_equals_an_uninterrupted_one"](with_learner("resumes wrongly"))


def test_a_learner_that_cannot_be_saved_passes() -> None:
    """Its fits are not kept."""
    CHECKS["a_loaded_learner_gives_the_same_scores"](with_learner("cannot be saved"))


FORGETFUL = '''
"""A learner that leaves its fit in a global variable, where another process does not find it."""
from visiontk.core import About, learner
from visiontk.learners.prior import Constant

FITTED = []


class Forgetful(Constant):
    def fit(self, *arguments, **options):
        report = super().fit(*arguments, **options)
        FITTED.append(self.frequencies)
        return report

    def save(self, folder):
        (folder / "empty").touch()

    def load(self, folder):
        self.frequencies = FITTED[-1] if FITTED else 0 * super().load(folder)


@learner(About("floor", seeded=False))
def forgetful():
    return Forgetful()
'''


def test_a_fit_that_stays_in_the_process_is_detected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loaded in the same process, it would give the same scores."""
    (tmp_path / "forgetful_plugin.py").write_text(FORGETFUL)
    monkeypatch.syspath_prepend(tmp_path)
    import forgetful_plugin  # type: ignore[import-not-found]

    task = dataclasses.replace(tiny_task(), learners={"forgetful": forgetful_plugin.forgetful})

    with pytest.raises(AssertionError, match="a saved learner cannot be loaded"):
        CHECKS["a_loaded_learner_gives_the_same_scores"](task)


def test_an_import_of_a_framework_is_detected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Listing tasks must be fast."""
    (tmp_path / "heavy_plugin.py").write_text("import sklearn\ndef data(): ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    import heavy_plugin  # type: ignore[import-not-found]

    task = dataclasses.replace(tiny_task(), datasets={"synthetic": heavy_plugin.data})

    with pytest.raises(AssertionError, match="imports sklearn"):
        CHECKS["importing_the_task_loads_no_framework"](task)


def test_an_excuse_needs_a_failing_check() -> None:
    """An excused check that passes is an error; one that fails is skipped with its reason."""
    name = "every_learner_cites_a_source"

    with pytest.raises(AssertionError, match="remove the excuse"):
        CHECKS[name](dataclasses.replace(tiny_task(), excused={name: "why not"}))
    with pytest.raises(pytest.skip.Exception, match="no book was written"):
        CHECKS[name](dataclasses.replace(unsourced(), excused={name: "no book was written"}))


def test_tiny_data_have_a_card() -> None:
    assert isinstance(tiny_images().card, Card)


@pytest.mark.parametrize("late", [False, True], ids=["spontaneous", "by the interrupt"])
def test_a_system_exit_is_an_interrupt_only_after_a_signal(
    late: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """TensorFlow turns an interrupt while tracing into a SystemError; any other one is an error."""

    def run(*args: Any, **kwargs: Any) -> None:
        with contextlib.suppress(KeyboardInterrupt):
            time.sleep(5 if late else 0)
        raise SystemError("bad argument to internal function")

    monkeypatch.setattr(interruption, "run", run)
    if late:
        assert interruption.interrupted_after(0.01, None, tmp_path, None)  # type: ignore[arg-type]
        return
    with pytest.raises(SystemError):
        interruption.interrupted_after(60, None, tmp_path, None)  # type: ignore[arg-type]


def _busy(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def test_an_interrupt_waits_until_a_context_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The process continues, with the changes of the context."""
    left: list[bool] = []

    @contextlib.contextmanager
    def context() -> Iterator[None]:
        yield
        _busy(0.2)
        left.append(True)

    def run(*args: Any, **kwargs: Any) -> None:
        with context():
            pass
        _busy(5)

    monkeypatch.setattr(interruption, "run", run)

    assert interruption.interrupted_after(0.05, None, tmp_path, None)  # type: ignore[arg-type]
    assert left == [True]


@pytest.mark.slow
def test_an_interrupt_waits_until_tensorflow_has_traced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The next fit of the process would otherwise continue in an half-built graph."""
    import tensorflow

    traced: list[bool] = []

    @tensorflow.function(autograph=False)  # type: ignore[untyped-decorator]
    def slow(x: Any) -> Any:
        _busy(0.3)
        traced.append(True)
        return x + 1

    def run(*args: Any, **kwargs: Any) -> None:
        slow(tensorflow.constant(1.0))
        _busy(5)

    monkeypatch.setattr(interruption, "run", run)

    assert interruption.interrupted_after(0.1, None, tmp_path, None)  # type: ignore[arg-type]
    assert traced == [True]
    assert tensorflow.executing_eagerly()


@dataclasses.dataclass(frozen=True)
class OffByOneWhenLarge:
    """Reader that is right at its own size only."""

    x: np.ndarray
    shift: int = 0

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        return self.x[(rows + self.shift * (len(rows) == 2)) % len(self.x)]

    def at_size(self, side: int) -> "OffByOneWhenLarge":
        return OffByOneWhenLarge(resized(self.x, side), shift=1)


def test_a_reader_that_is_wrong_at_another_size_is_found() -> None:
    """Features of pretrained networks would belong to other samples."""
    data = tiny_images()

    broken = with_data(read=OffByOneWhenLarge(data.take(np.arange(len(data)))))

    with pytest.raises(AssertionError, match="other samples at another size"):
        data_checks.take_and_batches_agree(broken)
