"""Computation of results.json from stored predictions: selection of learners, counts, exclusions, warnings."""

import dataclasses
import json
import math
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import numpy as np
import pytest

from visiontk.core import About, FitReport, Floats, Fold, Learner, Metric, Samples, Task, Trial, learner
from visiontk.executors import Serial
from visiontk.harness.drive import Prepared, drive, prepare
from visiontk.harness.experiment import Experiment
from visiontk.harness.outcome import Cost, Outcome, Predictions
from visiontk.harness.plan import plan
from visiontk.harness.store import RunDirectory
from visiontk.report.pages.single import render
from visiontk.report.results import compute_results
from visiontk.report.schema import json_schema, results_type
from visiontk.report.signature import ranges
from visiontk.testing import tiny_images, tiny_task

FAMILIES = {
    "prior": "floor", "dots": "classical", "lines": "classical", "small_net": "network", "large_net": "network"
}  # fmt: skip


class _Unused:
    """A learner whose predictions are replaced in the run directory."""

    def fit(self, train: Samples, valid: Samples, *, seed: int, workdir: Path, budget_s: float) -> FitReport:
        return FitReport(n_parameters=3, size_bytes=12)

    def predict(self, samples: Samples) -> Floats:
        return np.full((len(samples), samples.n_classes), 1 / samples.n_classes)


def _factory(family: Any) -> Any:
    @learner(About(family, seeded=family == "network"))
    def make() -> Learner:
        """A learner [1]_.

        References
        ----------
        .. [1] Nobody (2000), Nothing.
        """
        return _Unused()

    return make


def task_of_both_families(metric: Metric | None = None) -> Task:
    """Return the tiny task with two learners of each family."""
    task = tiny_task()
    return dataclasses.replace(
        task,
        learners={name: _factory(family) for name, family in FAMILIES.items()},
        metrics=task.metrics if metric is None else {"error": metric},
    )


class FinishedRun(NamedTuple):
    """A run directory with its task and trials."""

    store: RunDirectory
    task: Task
    trials: list[Trial]

    def results(self) -> dict[str, Any]:
        return compute_results(self.store, self.task)

    def trials_of(self, name: str) -> list[Trial]:
        return [trial for trial in self.trials if trial.learner == name]


def finished_run(
    path: Path,
    right: Mapping[str, tuple[float, float]],
    *,
    n: int = 300,
    groups: int = 0,
    task: Task | None = None,
    **settings: Any,
) -> FinishedRun:
    """Run the learners, with these shares of correct predictions on the validation and test sets."""
    task = task or task_of_both_families()
    samples = tiny_images(n, groups=groups)
    experiment = Experiment(
        "tiny", "synthetic", {name: {} for name in right}, {"n": n, "groups": groups}, **({"folds": 1} | settings)
    )
    trials = plan(experiment, task, samples, version="0.1.0")
    store = drive(Prepared(experiment, samples, trials), task, path, executor=Serial())
    result = FinishedRun(store, task, trials)
    for trial in trials:
        replace_predictions(result, trial, *right[trial.learner])
    return result


def replace_predictions(
    run: FinishedRun, trial: Trial, valid: float, test: float, *, history: str = "", **cost: Any
) -> None:
    """Replace the predictions of a finished trial."""
    p = run.store.predictions(trial)
    seed = list(FAMILIES).index(trial.learner) + 10 * trial.seed
    scores, valid_scores = _scores(p.y_true, test, seed), _scores(p.valid_y_true, valid, seed)
    shutil.rmtree(run.store.folder(trial))
    predictions = Predictions(p.ids, p.y_true, scores, p.valid_ids, p.valid_y_true, valid_scores)
    spent = {"fit_cpu_s": 2.0, "fit_wall_s": 2.0, "predict_ms_per_sample": 0.5} | cost
    run.store.commit(trial, Outcome(predictions, Cost(**spent), history))


def _scores(y: Any, share: float, seed: int) -> Floats:
    wrong = np.random.default_rng(seed).permutation(len(y)) >= round(share * len(y))
    return np.eye(3)[np.where(wrong, (y + 1) % 3, y)]


ALL = {"prior": (0.3, 0.3), "dots": (0.8, 0.8), "lines": (0.7, 0.7), "small_net": (0.9, 0.9), "large_net": (0.85, 0.85)}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """Five learners, two seeds, two folds; tests must not change it."""
    return finished_run(tmp_path_factory.mktemp("run") / "a", ALL, folds=2, seeds=(0, 1))


def test_recomputation_gives_the_same_results(run: FinishedRun) -> None:
    """Only the creation time differs."""
    one, other = run.results(), run.results()

    assert one | {"created": ""} == other | {"created": ""}


def test_results_follow_the_documented_schema(run: FinishedRun) -> None:
    """Exactly the keys of docs/run-directory.md, each with its type."""
    value = json.loads(json.dumps(run.results(), allow_nan=False))

    jsonschema.validate(value, json_schema(results_type()))
    for row in value["learners"]:
        assert {"value", "low", "high"} <= set(row["metrics"]["accuracy"])
        assert row["family"] in ("network", "classical", "floor")
    for row in value["comparisons"]:
        assert row["verdict"] in ("better", "worse", "equivalent", "undecided", "invalid")
        assert row["scope"] in ("fitted models", "procedure")
    assert value["schema"] == 1


def test_the_signature_identifies_the_run(run: FinishedRun) -> None:
    """Version, task, data, split, seeds, budget and test, on one line."""
    assert run.results()["signature"] == (
        "visiontk 0.1.0 | tiny/1 | synthetic tiny-300-0-0 | 2 folds | seeds 0,1 | "
        "budget 600 CPU s per fit, 1 thread(s), no search | "
        "accuracy: paired bootstrap t and paired bootstrap t, seeds x items, primary comparison alone, 2 others by "
        "Bonferroni"
    )


def test_unknown_samples_are_counted_by_every_metric(tmp_path: Path) -> None:
    """Excluded test samples are counted in dataset, metrics, warnings and signature."""
    run = finished_run(tmp_path, {"prior": (0.3, 0.3), "lines": (0.7, 0.7)}, n=60)
    before = run.results()
    data = run.store.read_json("data.json")
    run.store.write_json("data.json", data | {"n_unknown": 7, "warnings": ["7 foxes left out."]})

    value = run.results()

    assert (before["dataset"]["n_unknown"], "unknown" in before["signature"]) == (0, False)
    assert value["dataset"]["n_unknown"] == 7
    assert {metric["n_excluded"] for metric in value["metrics"].values()} == {7}
    assert value["warnings"][0] == "7 foxes left out."
    assert "| 7 unknown excluded from test |" in value["signature"]


@pytest.mark.parametrize(
    ("seeds", "text"), [([0], "0"), ([0, 1], "0,1"), ([0, 1, 2], "0-2"), ([7, 0, 1, 2, 4, 5], "0-2,4,5,7")]
)
def test_three_consecutive_seeds_are_written_as_a_range(seeds: list[int], text: str) -> None:
    assert ranges(seeds) == text


def test_learners_are_sorted_by_their_metric_on_the_test_set(run: FinishedRun) -> None:
    """The best one is first."""
    assert [row["name"] for row in run.results()["learners"]] == ["small_net", "large_net", "dots", "lines", "prior"]


def test_comparisons_exclude_the_floor_and_the_reference(run: FinishedRun) -> None:
    """Every other learner is compared with the reference."""
    rows = run.results()["comparisons"]

    assert {row["learner"] for row in rows} == {"small_net", "large_net", "lines"}
    assert {row["reference"] for row in rows} == {"dots"}


def test_the_primary_comparison_is_tested_alone_and_others_together(run: FinishedRun) -> None:
    """With three comparisons, two others are each at 97.5 %, and their p-values are doubled."""
    primary, *others = run.results()["comparisons"]

    assert (primary["learner"], primary["confidence"], primary["n_comparisons"]) == ("small_net", 0.95, 1)
    assert primary["p_adjusted"] == primary["p_value"]
    assert [(row["primary"], row["confidence"], row["n_comparisons"]) for row in others] == [(None, 0.975, 2)] * 2
    assert [row["p_adjusted"] for row in others] == pytest.approx([min(1, 2 * row["p_value"]) for row in others])


def test_reference_and_champion_are_chosen_on_the_validation_set(tmp_path: Path) -> None:
    """Learners dots and small_net lead there, although lines and large_net lead on the test set."""
    right = {"lines": (0.7, 0.8), "dots": (0.9, 0.6), "large_net": (0.8, 0.9), "small_net": (0.95, 0.7)}

    value = finished_run(tmp_path, right).results()

    assert value["learners"][0]["name"] == "large_net"
    assert value["reference"] == "dots"
    assert value["headlines"][0]["challenger"] == value["disagreement"]["challenger"] == "small_net"
    assert value["headlines"][0]["classical"] == value["disagreement"]["classical"] == "dots"


def test_a_metric_to_minimise_reverses_selection_and_order(tmp_path: Path) -> None:
    """Reference, champion, order and verdict."""

    def share_wrong(y_true: Any, scores: Any, weights: Any) -> Any:
        return (weights @ (scores.argmax(axis=1) != y_true)) / weights.sum(axis=1)

    task = task_of_both_families(Metric("error", share_wrong, "proportion", higher_is_better=False))

    value = finished_run(tmp_path, ALL, task=task).results()

    assert value["reference"] == "dots"
    assert value["headlines"][0]["challenger"] == "small_net"
    assert value["learners"][0]["name"] == "small_net"
    assert value["comparisons"][0]["difference"] < 0
    assert value["comparisons"][0]["verdict"] in ("better", "undecided")


def test_a_requested_reference_is_used(tmp_path: Path) -> None:
    """Even if it is a network or another learner is better."""
    value = finished_run(tmp_path, ALL, reference="large_net").results()

    assert (value["reference"], value["reference_reason"]) == ("large_net", "as requested")
    assert {row["learner"] for row in value["comparisons"]} == {"small_net", "dots", "lines"}
    assert value["headlines"][0]["classical"] == "dots"


@pytest.mark.slow
def test_a_seed_with_a_missing_fold_is_left_out(tmp_path: Path) -> None:
    """Its samples would otherwise be weighted differently from those of other seeds."""
    run = finished_run(tmp_path, ALL, folds=2, seeds=(0, 1))
    missing = run.trials_of("small_net")[-1]
    shutil.rmtree(run.store.folder(missing))

    value = run.results()

    row = next(row for row in value["learners"] if row["name"] == "small_net")
    assert [each["seed"] for each in row["by_seed"]] == [0]
    assert row["n_trials"] == 2
    assert not value["complete"]
    assert (value["n_planned"], value["n_done"]) == (len(run.trials), len(run.trials) - 1)


def test_failed_trials_are_listed_with_their_reasons(tmp_path: Path) -> None:
    """A learner without a complete seed is in no table."""
    run = finished_run(tmp_path, ALL)
    [trial] = run.trials_of("large_net")
    shutil.rmtree(run.store.folder(trial))
    run.store.fail(trial, "MemoryError: out of memory")

    value = run.results()

    assert value["failed"] == [
        {"learner": "large_net", "trial": "large_net seed 0", "reason": "MemoryError: out of memory"}
    ]
    assert "large_net" not in {row["name"] for row in value["learners"]}
    assert not value["complete"]


@pytest.mark.parametrize(
    ("retained", "sentence"),
    [
        (["prior", "small_net"], "No verdict: no traditional learner has finished."),
        (["prior", "dots"], "No verdict: no network has finished."),
        ([], "No verdict: no traditional learner has finished."),
    ],
)
def test_the_headline_names_the_missing_family(retained: list[str], sentence: str, tmp_path: Path) -> None:
    """An interrupted run can be reported."""
    run = finished_run(tmp_path, ALL)
    for trial in run.trials:
        if trial.learner not in retained:
            shutil.rmtree(run.store.folder(trial))

    value = run.results()

    assert value["headlines"][0]["sentence"] == sentence
    assert value["headlines"][0]["verdict"] == "invalid"
    assert value["disagreement"] is None
    json.dumps(value, allow_nan=False)


def test_groups_widen_intervals_and_are_counted(tmp_path: Path) -> None:
    """Errors that are correlated within groups widen the interval."""
    run = finished_run(tmp_path, {"dots": (0.8, 0.8), "small_net": (0.9, 0.9)}, groups=25)
    groups = run.store.read_json("groups.json")
    for trial in run.trials:
        p = run.store.predictions(trial)
        wrong = np.array([groups[i] % 3 == (trial.learner == "dots") for i in p.ids.tolist()])
        scores = np.eye(3)[np.where(wrong, (p.y_true + 1) % 3, p.y_true)]
        shutil.rmtree(run.store.folder(trial))
        run.store.commit(trial, Outcome(p._replace(scores=scores), Cost(1.0, 1.0, 1.0)))

    grouped = run.results()
    n_tested = len({groups[i] for i in run.store.predictions(run.trials[0]).ids.tolist()})
    data = run.store.read_json("data.json")
    run.store.write_json("data.json", data | {"n_groups": None})
    flat = run.results()

    def breadth(value: dict[str, Any]) -> float:
        return float(value["comparisons"][0]["high"] - value["comparisons"][0]["low"])

    assert breadth(grouped) > 2 * breadth(flat), (breadth(grouped), breadth(flat))
    assert grouped["dataset"]["n_groups"] == 25
    assert grouped["dataset"]["n_test_units"] == n_tested < 25
    assert any(f"Test samples come in {n_tested} groups" in note for note in grouped["warnings"])
    assert not any("25 groups" in note for note in grouped["warnings"])


@pytest.mark.slow
def test_several_seeds_widen_the_scope_to_the_procedure(tmp_path: Path) -> None:
    """With one seed, the comparison is about the fitted models."""
    one = finished_run(tmp_path / "one", ALL).results()
    three = finished_run(tmp_path / "three", ALL, seeds=(0, 1, 2)).results()

    def scope(value: dict[str, Any]) -> str:
        return str(next(row["scope"] for row in value["comparisons"] if row["learner"] == "small_net"))

    assert (scope(one), scope(three)) == ("fitted models", "procedure")
    assert any(note.startswith("One seed") for note in one["warnings"])


def test_the_headline_repeats_its_comparison(run: FinishedRun) -> None:
    """Same numbers, same verdict."""
    value = run.results()
    row = next(row for row in value["comparisons"] if row["learner"] == "small_net")

    result = {name: value["headlines"][0][name] for name in ("verdict", "difference", "low", "high", "scope")}

    assert result == {name: row[name] for name in result}
    assert value["headlines"][0]["fit_cost_ratio"] == 1


def test_counts_of_disagreement_add_up(run: FinishedRun) -> None:
    """Every test sample is in one of four cells, and each example is in the right one."""
    result = run.results()["disagreement"]

    boxes = ("both_correct", "only_challenger", "only_classical", "both_wrong")
    assert sum(result[box] for box in boxes) == result["n"] == 300
    assert all(
        item["challenger_predicted"] == item["label"] != item["classical_predicted"]
        for item in result["only_challenger_items"]
    )
    assert all(
        item["classical_predicted"] == item["label"] != item["challenger_predicted"]
        for item in result["only_classical_items"]
    )


def test_confusion_counts_every_test_sample_once_per_seed(run: FinishedRun) -> None:
    """Rows are true classes."""
    value = run.results()

    for row in value["learners"]:
        seeds = len(row["by_seed"])
        assert [sum(line) for line in row["confusion"]] == [seeds * n for n in value["dataset"]["counts"]["test"]]


def test_a_history_that_diverged_is_written_without_nan(tmp_path: Path) -> None:
    """NaN is not JSON."""
    run = finished_run(tmp_path, ALL)
    [trial] = run.trials_of("small_net")
    replace_predictions(run, trial, 0.9, 0.9, history="epoch,loss\n0,1.5\n1,nan\n2,inf\n")

    json.dumps(run.results(), allow_nan=False)


def test_an_undefined_metric_is_null(tmp_path: Path) -> None:

    def undefined(y_true: Any, scores: Any, weights: Any) -> Any:
        return np.full(len(weights), math.nan)

    task = task_of_both_families()
    task = dataclasses.replace(task, metrics=task.metrics | {"odd": Metric("odd", undefined)})

    value = finished_run(tmp_path, ALL, task=task).results()

    assert {row["metrics"]["odd"]["value"] for row in value["learners"]} == {None}
    json.dumps(value, allow_nan=False)


def test_few_groups_have_separate_results(tmp_path: Path) -> None:
    """Names are shown since the data are synthetic; counts are those of the test set."""
    value = finished_run(tmp_path, {"dots": (0.8, 0.8), "small_net": (0.9, 0.9)}, groups=25, folds=2).results()

    assert value["units"]["kind"] == "group"
    assert sorted(value["units"]["names"]) == sorted(f"g{i}" for i in range(25))
    assert sum(value["units"]["n"]) == value["dataset"]["n_test"]
    for row in value["learners"]:
        assert [each["name"] for each in row["by_group"]] == value["units"]["names"]
        mean = np.average([each["value"] for each in row["by_group"]], weights=value["units"]["n"])
        assert mean == pytest.approx(row["metrics"]["accuracy"]["value"])


def test_names_of_groups_of_own_data_are_not_stored(tmp_path: Path) -> None:
    """They may identify patients, so every file numbers them instead."""
    task = task_of_both_families()

    def own(n: int = 60) -> Samples:
        samples = tiny_images(n, groups=12)
        assert samples.groups is not None
        names = np.array([f"Erika Mustermann {name}" for name in samples.groups])
        return dataclasses.replace(samples, groups=names, card=dataclasses.replace(samples.card, origin="own"))

    task = dataclasses.replace(task, datasets={"own": own})
    samples = own()
    experiment = Experiment("tiny", "own", {"dots": {}, "small_net": {}}, {"n": 60}, folds=1)
    trials = plan(experiment, task, samples, version="0.1.0")
    store = drive(Prepared(experiment, samples, trials), task, tmp_path, executor=Serial())
    value = compute_results(store, task)
    store.write_json("results.json", value)

    assert value["units"]["names"] == [f"group {i + 1}" for i in range(12)]
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"Mustermann" in path.read_bytes()]


def test_published_folds_have_separate_results(tmp_path: Path) -> None:
    """Under the publisher's names, each with its number of samples."""
    task = task_of_both_families()

    def folded(n: int = 60) -> Samples:
        samples = tiny_images(n)
        return dataclasses.replace(samples, parts=np.array(["one", "two", "three"])[np.arange(n) // 3 % 3])

    def folds(samples: Samples, n_folds: int, seed: int) -> list[Fold]:
        assert samples.parts is not None
        result = []
        for name in ("one", "two", "three"):
            rest = np.flatnonzero(samples.parts != name)
            result.append(Fold(rest[9:], rest[:9], np.flatnonzero(samples.parts == name)))
        return result

    task = dataclasses.replace(task, datasets={"folded": folded}, folds=folds)
    experiment = Experiment("tiny", "folded", {"dots": {}, "small_net": {}}, {"n": 60}, folds=3)
    trials = plan(experiment, task, folded(), version="0.1.0")
    store = drive(Prepared(experiment, folded(), trials), task, tmp_path, executor=Serial())

    value = compute_results(store, task)

    assert value["units"] == {"kind": "fold", "names": ["one", "two", "three"], "n": [21, 21, 18]}


def test_calibration_compares_predicted_and_observed_shares(tmp_path: Path) -> None:
    """One-hot scores predict 1 and observe the accuracy."""
    value = finished_run(tmp_path, {"dots": (0.8, 0.8)}).results()

    (only,) = value["learners"][0]["calibration"]["bins"]
    assert (only["predicted"], only["n"]) == (1.0, value["dataset"]["n_test"])
    assert only["observed"] == pytest.approx(0.8, abs=0.01)


def test_ties_on_the_validation_set_are_broken_alike_everywhere(tmp_path: Path) -> None:
    """Headline and disagreement use the same pair, and the test set does not break the tie."""
    value = finished_run(tmp_path, {"dots": (0.8, 0.7), "small_net": (0.9, 0.95), "large_net": (0.9, 0.8)}).results()

    assert value["headlines"][0]["challenger"] == value["disagreement"]["challenger"] == "large_net"


@pytest.mark.parametrize(("noise", "expected"), [(5.0, {}), (2.0, {"noise": 2.0})])
def test_parameters_set_by_hand_are_reported(tmp_path: Path, noise: float, expected: dict[str, float]) -> None:
    """In the results and in a warning."""
    task = tiny_task()
    experiment = Experiment("tiny", "synthetic", {"prior": {}, "noisy_centroid": {"noise": noise}}, folds=1)
    store = drive(prepare(experiment, task, version="0"), task, tmp_path / "run", executor=Serial())

    value = compute_results(store, task)

    assert {row["name"]: row["set_by_hand"] for row in value["learners"]} == {"noisy_centroid": expected, "prior": {}}
    assert any("set by hand: noisy_centroid (noise)" in text for text in value["warnings"]) == bool(expected)


FINDING = {"code": "VTK102", "severity": "error", "title": "t", "message": "12 samples leaked.", "count": 12,
           "share": 0.1, "remedy": "r", "lines": [], "numbers": {}, "examples": []}  # fmt: skip


def audited(run: FinishedRun, exact: list[str], near: list[str]) -> dict[str, Any]:
    value = {"findings": [FINDING], "counts": {"error": 1, "warning": 0, "note": 0},
             "leaks": {"exact": exact, "near": near}}  # fmt: skip
    run.store.write_json("audit.json", value)
    return run.results()


def test_learners_are_scored_again_without_leaked_samples(tmp_path: Path) -> None:
    """Only the network is right on the leaked samples: without them both are equally good."""
    run = finished_run(tmp_path / "a", {"dots": (0.6, 0.6), "small_net": (0.6, 0.9)}, n=1200)
    network, classical = (run.store.predictions(run.trials_of(name)[0]) for name in ("small_net", "dots"))
    right, wrong = network.scores.argmax(1) == network.y_true, classical.scores.argmax(1) != classical.y_true
    leaked = network.ids[right & wrong].tolist()

    value = audited(run, leaked[:5], [*leaked[5:], "not tested"])
    again = value["audit"]["without_leaks"]
    retained = ~np.isin(network.ids, leaked)

    assert (again["n_removed"], again["n_left"]) == (len(leaked), int(retained.sum()))
    assert {row["name"]: row["value"] for row in again["learners"]} == {
        "small_net": pytest.approx(right[retained].mean()),
        "dots": pytest.approx((~wrong)[retained].mean()),
    }
    assert value["comparisons"][0]["verdict"] == "better"
    assert again["comparisons"][0]["verdict"] != "better"
    assert any("the verdict changes for small_net (better becomes" in text for text in value["warnings"])
    assert any("error VTK102: 12 samples leaked." in text for text in value["warnings"])


def test_without_leaks_there_is_no_second_score(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "a", {"dots": (0.6, 0.6), "small_net": (0.6, 0.9)})

    assert run.results()["audit"] is None
    assert audited(run, [], [])["audit"]["without_leaks"] is None


def test_results_are_computed_despite_a_damaged_audit(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "a", {"dots": (0.6, 0.6), "small_net": (0.6, 0.9)})
    run.store.write_json("audit.json", {"findings": 3})

    assert run.results()["audit"] is None


def test_the_page_shows_every_learner_with_and_without_leaks(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "a", {"dots": (0.6, 0.6), "small_net": (0.6, 0.9)})
    leaked = run.store.predictions(run.trials_of("dots")[0]).ids[:10].tolist()

    page = render(audited(run, leaked, []), {})

    assert "Without the samples that leaked" in page
    assert "10 tested samples left out" in page
    assert "VTK102" in page
