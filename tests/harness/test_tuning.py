"""Searches as trials: the same for both families, without the test set, resumable."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest
from annotated_types import Ge
from scipy.stats import t

from visiontk.core import About, Learner, Metric, Task, Trial, learner
from visiontk.executors import Serial, attempt, executor_of
from visiontk.executors import serial as module
from visiontk.harness.drive import Prepared, drive, prepare
from visiontk.harness.experiment import Experiment
from visiontk.harness.progress import Progress
from visiontk.harness.store import RunDirectory
from visiontk.report.results import compute_results
from visiontk.spaces import Range
from visiontk.testing import tiny_task

EXPERIMENT = Experiment(
    "tiny",
    "synthetic",
    {"prior": {}, "centroid": {}, "noisy_centroid": {"noise": 5.0}},
    seeds=(0, 1),
    folds=2,
    search=5,
    dataset_parameters={"n": 90, "seed": 0, "groups": 0},
)


def tiny(**change: Any) -> Prepared:
    return prepare(dataclasses.replace(EXPERIMENT, **change), tiny_task(), version="0")


def run(out: Path, **change: Any) -> RunDirectory:
    return drive(tiny(**change), tiny_task(), out, executor=Serial())


def searches(store: RunDirectory) -> dict[tuple[str, int], dict[str, Any]]:
    return {(each["learner"], each["fold"]): each for each in store.read_json("searches.json")}


def stored(store: RunDirectory) -> dict[str, Trial]:
    value = [Trial.from_json(path.read_text()) for path in store.path.glob("trials/*/trial.json")]
    return {trial.key: trial for trial in value}


def test_every_learner_but_the_floor_is_searched_on_every_fold(tmp_path: Path) -> None:
    """With the same number of configurations, if the space has as many; the default is the first."""
    value = searches(run(tmp_path))

    assert sorted(value) == [(name, fold) for name in ("centroid", "noisy_centroid") for fold in (0, 1)]
    assert [len(value["noisy_centroid", fold]["tried"]) for fold in (0, 1)] == [5, 5]
    assert value["noisy_centroid", 0]["tried"][0]["values"] == {"noise": 5.0}
    assert value["centroid", 0]["stopped"] == "space"
    assert {value["noisy_centroid", fold]["stopped"] for fold in (0, 1)} == {"configurations"}


def test_the_search_does_not_read_test_and_the_ledger_counts_every_reading(tmp_path: Path) -> None:
    """Trials of the search have no predictions of test samples."""
    store = run(tmp_path)
    trials = stored(store)

    for trial in trials.values():
        assert (len(store.predictions(trial).ids) > 0) == ("test" in trial.asks)
        assert len(store.predictions(trial).valid_ids) > 0
    for search in searches(store).values():
        assert not any("test" in trials[each["trial"]].asks for each in search["tried"][1:])
    tested = [key for key, trial in trials.items() if "test" in trial.asks]
    assert len(tested) <= 8 + 6  # the configured fits, and those of the choice
    lines = [json.loads(line) for line in (tmp_path / "ledger.jsonl").read_text().splitlines()]
    assert sorted(line["trial"] for line in lines) == sorted(tested)
    assert store.n_readings() == len(lines)


def test_a_learner_never_predicts_test_samples_in_a_search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Observed in calls of predict."""
    prepared = tiny()
    inner = tiny_task()
    fold = inner.folds(prepared.samples, 2, 0)
    seen: dict[str, set[str]] = {}
    true = attempt.run

    def watched(trial: Trial, **options: Any) -> Any:
        factory = inner.learners[trial.learner]

        def spying(**configured: Any) -> Any:
            learner = factory(**configured)
            predict = learner.predict

            def tell(samples: Any) -> Any:
                seen.setdefault(trial.key, set()).update(samples.ids.tolist())
                return predict(samples)

            learner.predict = tell  # type: ignore[method-assign]
            return learner

        spying.about = factory.about  # type: ignore[attr-defined]
        learners = {**inner.learners, trial.learner: spying}
        return true(trial, **options | {"task": dataclasses.replace(inner, learners=learners)})

    monkeypatch.setattr(attempt, "run", watched)
    store = drive(prepared, inner, tmp_path, executor=Serial())

    for key, trial in stored(store).items():
        test = set(prepared.samples.ids[fold[trial.fold].test].tolist())
        assert bool(seen[key] & test) == ("test" in trial.asks)


def test_the_chosen_configuration_is_fitted_with_every_seed(tmp_path: Path) -> None:
    """No other configuration is tested, except the configured one."""
    store = run(tmp_path)
    trials = stored(store)

    for (name, fold), search in searches(store).items():
        scores = [each["valid"] for each in search["tried"]]
        assert search["best"] == scores.index(max(scores))
        finals = [trials[key] for key in search["finals"]]
        assert {trial.seed for trial in finals} == ({0, 1} if name == "noisy_centroid" else {0})
        assert all("test" in trial.asks and trial.fold == fold for trial in finals)
        assert {trial.parameters.get("noise") for trial in finals} == {
            search["tried"][search["chosen"]]["values"].get("noise")
        }


def noisy_task(default: float) -> Task:
    """Return the tiny task with a network whose default has this much noise."""
    complete = tiny_task()
    plain = complete.learners["noisy_centroid"]

    @learner(About("network"))
    def noisy_centroid(noise: Annotated[float, Ge(0), Range(0.1, 1000.0, log=True)] = default) -> Learner:
        return plain(noise=noise)

    return dataclasses.replace(complete, learners={"noisy_centroid": noisy_centroid})


def run_noisy(out: Path, default: float, *, groups: int = 0, task: Task | None = None, **change: Any) -> RunDirectory:
    task = task or noisy_task(default)
    data = {"n": 450, "seed": 0, "groups": groups}
    settings = {
        "learners": {"noisy_centroid": {"noise": default}},
        "dataset_parameters": data,
        "seeds": (0,),
        "search": 8,
    }
    experiment = dataclasses.replace(EXPERIMENT, **settings | change)
    return drive(prepare(experiment, task, version="0"), task, out, executor=Serial())


def test_the_default_is_replaced_only_by_a_clearly_better_configuration(tmp_path: Path) -> None:
    """A bad default is replaced; a good one is not, although others are luckier on valid."""
    hopeless = searches(run_noisy(tmp_path / "hopeless", 1000.0))
    good = searches(run_noisy(tmp_path / "good", 20.0))

    for value in hopeless.values():
        assert value["chosen"] == value["best"] != 0
        assert value["tried"][value["chosen"]]["gain_low"] > 0
    assert any(value["best"] != 0 for value in good.values())  # some are luckier
    for value in good.values():
        assert value["chosen"] == 0
        assert all(each["gain_low"] <= 0 for each in value["tried"][1:])


def test_the_gain_is_compared_with_its_paired_standard_error(tmp_path: Path) -> None:
    """Closed form for correct predictions of the same samples."""
    store = run_noisy(tmp_path, 1000.0)

    for search in searches(store).values():
        right = []
        for each in search["tried"]:
            value = store.predictions(stored(store)[each["trial"]])
            right.append(value.valid_scores.argmax(axis=1) == value.valid_y_true)
        for each, hits in zip(search["tried"][1:], right[1:], strict=True):
            gains = hits.astype(float) - right[0]
            n = len(gains)
            error = np.sqrt(gains.var(ddof=1) / n + 1 / (n + 2) ** 2)
            assert each["gain_low"] == pytest.approx(gains.mean() - error, abs=0.15 * error)


def test_a_search_minimises_metrics_to_minimise(tmp_path: Path) -> None:
    """A clearly better configuration then has the smaller value."""
    task = noisy_task(1000.0)
    accuracy = task.metrics["accuracy"]
    mistakes = Metric("mistakes", lambda y, scores, w: 1 - accuracy.function(y, scores, w), higher_is_better=False)
    task = dataclasses.replace(task, metrics={"mistakes": mistakes})
    value = searches(run_noisy(tmp_path, 1000.0, task=task))["noisy_centroid", 0]

    assert value["chosen"] != 0
    assert value["tried"][value["chosen"]]["valid"] < value["tried"][0]["valid"]
    assert value["tried"][value["chosen"]]["gain_low"] > 0


def test_one_group_in_valid_leaves_the_default(tmp_path: Path) -> None:
    """The search ends at once with a reason, and the default is tested, whatever the gain in that group."""
    store = run_noisy(tmp_path, 1000.0, groups=4)
    value = searches(store)

    for search in value.values():
        assert (search["stopped"], search["chosen"], len(search["tried"])) == ("group", 0, 1)
    assert {key for search in value.values() for key in search["finals"]} == {trial.key for trial in store.trials()}
    messages = " ".join(compute_results(store, noisy_task(1000.0))["warnings"])
    assert "The validation set holds one group, from which nothing follows for others" in messages
    assert "noisy_centroid" in messages


def test_groups_are_the_unit_of_the_standard_error(tmp_path: Path) -> None:
    """It is computed from the gain of each group, with Student's t for few groups."""
    store = run_noisy(tmp_path, 300.0, folds=1, groups=15)
    (search,) = searches(store).values()
    value = [store.predictions(stored(store)[each["trial"]]) for each in search["tried"]]
    right = [(each.valid_scores.argmax(axis=1) == each.valid_y_true).astype(float) for each in value]
    number = store.groups()
    assert number is not None
    _, group = np.unique([number[name] for name in value[0].valid_ids.tolist()], return_inverse=True)
    n, n_groups = len(group), group.max() + 1

    for each, hits in zip(search["tried"][1:], right[1:], strict=True):
        gains = hits - right[0]
        of_groups = np.bincount(group, gains - gains.mean())
        error = np.sqrt((of_groups**2).sum() * n_groups / (n_groups - 1)) / n
        # The floor of the variance lies between that of as many samples and of as many groups.
        floors = [np.hypot(error, 1 / (m + 2)) for m in (n, n_groups)]
        low, high = (gains.mean() - t.ppf(0.5 + 0.6827 / 2, n_groups - 1) * floor for floor in reversed(floors))
        assert low - 0.15 * error <= each["gain_low"] <= high + 0.15 * error


def test_the_results_warn_of_defaults_retained_for_lack_of_evidence(tmp_path: Path) -> None:
    """With the learner and the number of folds."""
    messages = " ".join(compute_results(run_noisy(tmp_path, 20.0), noisy_task(20.0))["warnings"])

    assert (
        "Ties went to the default, where no configuration was ahead of it on the validation set by more than"
        in messages
    )
    assert "noisy_centroid (1 of 2 folds)" in messages


def test_an_interrupted_search_ends_as_an_uninterrupted_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interrupted after any number of fits."""
    complete = run(tmp_path / "whole")
    true = module.attempt

    for n in (1, 6, 11, 14):
        left = [n]

        def interrupted(trial: Trial, store: RunDirectory, *, task: Task | None = None, left: list[int] = left) -> str:
            if not left[0]:
                raise KeyboardInterrupt
            left[0] -= 1
            return true(trial, store, task=task)

        monkeypatch.setattr(module, "attempt", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path / str(n))
        monkeypatch.setattr(module, "attempt", true)
        store = run(tmp_path / str(n))
        assert _without_costs(searches(store)) == _without_costs(searches(complete))
        assert stored(store) == stored(complete)
        assert store.trials() == complete.trials()


def test_a_finished_search_is_not_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same command twice, then with more configurations: finished fits remain."""
    first = stored(run(tmp_path))
    done: list[str] = []
    true = module.attempt

    def counted(trial: Trial, store: RunDirectory, *, task: Task | None = None) -> str:
        done.append(trial.key)
        return true(trial, store, task=task)

    monkeypatch.setattr(module, "attempt", counted)
    run(tmp_path)
    assert done == []
    more = stored(run(tmp_path, search=7))
    assert first.items() <= more.items()
    assert len([key for key in done if "test" not in more[key].asks]) == 4


def test_the_budget_ends_a_search(tmp_path: Path) -> None:
    """A budget smaller than two fits allows only the default."""
    value = searches(run(tmp_path, budget=1e-9))

    assert {each["stopped"] for each in value.values()} == {"budget"}
    assert {len(each["tried"]) for each in value.values()} == {1}


def test_workers_give_the_same_searches_as_one_process(tmp_path: Path, task: Task, trial: Callable[..., Trial]) -> None:
    """Two at a time, whatever the order of their ends."""
    experiment = dataclasses.replace(
        EXPERIMENT, task="troubled", learners={"noisy_centroid": {"noise": 5.0}, "centroid": {}}, search=4
    )
    stores = []
    for executor in ("serial", "processes"):
        prepared = prepare(experiment, task, version="0")
        stores.append(drive(prepared, task, tmp_path / executor, executor=executor_of(executor, workers=2)))

    assert _without_costs(searches(stores[0])) == _without_costs(searches(stores[1]))
    one, other = (stored(store) for store in stores)
    assert one == other
    for key, each in one.items():
        np.testing.assert_array_equal(stores[0].predictions(each).scores, stores[1].predictions(other[key]).scores)


def test_progress_never_exceeds_the_plan(tmp_path: Path) -> None:
    """The number of fits is an upper bound until the searches are over, and exact at the end."""
    messages: list[Progress] = []
    drive(tiny(), tiny_task(), tmp_path, executor=Serial(), show=messages.append)

    assert all(each.n_done + each.n_failed <= each.n_planned for each in messages)
    assert [each.n_planned for each in messages] == sorted((each.n_planned for each in messages), reverse=True)
    assert messages[-1].n_done == messages[-1].n_planned


def test_the_tuned_learners_are_compared_and_the_configured_ones_are_shown(tmp_path: Path) -> None:
    """Values, gains, costs and warnings in the results."""
    store = run(tmp_path)
    value = compute_results(store, tiny_task())
    row = next(each for each in value["learners"] if each["name"] == "noisy_centroid")
    tuning = value["tuning"]["noisy_centroid"]

    assert value["complete"]
    assert set(value["tuning"]) == {"centroid", "noisy_centroid"}
    accuracy = row["metrics"]["accuracy"]["value"]
    assert tuning["gain"]["value"] == pytest.approx(accuracy - tuning["configured"]["value"])
    same = value["tuning"]["centroid"]["gain"]  # nothing to search: the fits are the configured ones
    assert (same["value"], same["low"], same["high"]) == (0.0, None, None)
    assert "the same fits" in same["reason"]
    plain = compute_results(run(tmp_path / "plain", search=1), tiny_task())
    (before,) = value["as_configured"]
    assert before["difference"] == pytest.approx(plain["comparisons"][0]["difference"])
    assert plain["as_configured"] == []
    configured = next(each for each in plain["learners"] if each["name"] == "noisy_centroid")
    assert tuning["configured"]["value"] == configured["metrics"]["accuracy"]["value"]
    assert plain["tuning"] == {}
    assert "5 configurations" in " ".join(value["warnings"])
    assert "search of 5 configurations" in value["signature"]
    assert "no search" in plain["signature"]


def test_an_unfinished_search_is_reported_and_the_configured_fits_are_shown(tmp_path: Path) -> None:
    store = run(tmp_path)
    value = store.read_json("searches.json")
    value[-1] |= {"stopped": "", "finals": []}
    store.write_json("searches.json", value)
    value = compute_results(store, tiny_task())

    assert not value["complete"]
    assert value["tuning"] == {}
    assert "not over" in " ".join(value["warnings"])
    assert len(value["learners"]) == 3


def _without_costs(value: dict[Any, dict[str, Any]]) -> Any:
    for search in value.values():
        for each in search["tried"]:
            each.pop("cpu_s")
    return value
