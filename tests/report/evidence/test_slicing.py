"""Results of slices: partition of samples, units, correction, and limits."""

from __future__ import annotations

import dataclasses
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import visiontk.report.evidence.learner as evidence
from visiontk.core import Metric
from visiontk.executors import Serial
from visiontk.harness.drive import Prepared, drive
from visiontk.harness.experiment import Experiment
from visiontk.harness.plan import plan
from visiontk.harness.store import RunDirectory
from visiontk.metrics import accuracy, auc, balanced_accuracy, log_loss
from visiontk.report.evidence.choice import Entrant, Primary
from visiontk.report.evidence.learner import LearnerEvidence, build_test_set
from visiontk.report.evidence.slice_columns import Column
from visiontk.report.evidence.slicing import FEWEST_GROUPS, FEWEST_SAMPLES, MOST_SLICES, NONE, OTHER, cut, slice_results
from visiontk.report.evidence.view import View
from visiontk.report.results import compute_results
from visiontk.stats import difference, estimate
from visiontk.testing import tiny_images, tiny_task

NUMBERS = (
    "n",
    "n_units",
    "n_rarest",
    "too_few",
    "learners",
    "difference",
    "low",
    "high",
    "p_value",
    "p_adjusted",
    "verdict",
    "reason",
)
PAIR = ("noisy_centroid", "centroid")


@pytest.fixture(autouse=True)
def fewer_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Faster, and the same for the whole test set and its slices."""
    monkeypatch.setattr(evidence, "N_RESAMPLES", 200)


def record(name: str, y: Any, right: Any) -> LearnerEvidence:
    """Return the record of a learner of one seed that is correct where `right` is True."""
    scores = np.eye(2)[np.where(right, y, 1 - y)][None]
    ids = np.array([f"s{i:05d}" for i in range(len(y))])
    return LearnerEvidence(
        name=name, trials=[], costs=[], seeds=[0], ids=ids, y=y, folds=np.zeros(len(y), np.int64), scores=scores,
        adapted={}, decided=scores, valid=0.5, valid_by_fold=np.array([0.5]), histories=[], probabilities=True,
    )  # fmt: skip


def case(n: int = 400, shares: tuple[float, float] = (0.8, 0.7), seed: int = 0) -> dict[str, LearnerEvidence]:
    """Return two learners that are correct at random."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    return {
        name: record(name, y, rng.random(n) < share)
        for name, share in zip(("noisy_centroid", "centroid"), shares, strict=True)
    }


def sliced(
    records: dict[str, LearnerEvidence], *values: Any, metric: Metric = accuracy, groups: Any = None, **rest: Any
) -> list[Any]:
    """Return the results of columns with these values, named c0, c1, ..."""
    task = dataclasses.replace(tiny_task(), metrics={"metric": metric})
    ids = next(iter(records.values())).ids.tolist()
    columns = [
        Column(f"c{i}", "t.csv", "after", dict(zip(ids, map(str, column), strict=True)))
        for i, column in enumerate(values)
    ]
    sides = [Entrant(each, (name,)) for name in PAIR if (each := records.get(name))]
    primary = Primary(*sides) if len(sides) == 2 else None
    return slice_results(task, records, groups, columns, **({"primary": primary, "margin": 0.01} | rest))


def test_a_slice_of_all_samples_equals_the_whole() -> None:
    """The same values, intervals and test, to the last digit."""
    records = case()
    whole = build_test_set(records["centroid"].y, None)
    a, b = (records[name].scores for name in ("noisy_centroid", "centroid"))

    (row,) = sliced(records, ["all"] * 400)[0]["slices"]

    result = difference(accuracy, whole.y, a, b, whole.weights)
    one = estimate(accuracy, whole.y, a, whole.weights)
    assert (row["difference"], row["low"], row["high"], row["p_value"]) == result[:4]
    assert row["p_adjusted"] == result.p_value
    assert row["learners"][0] == {"name": "noisy_centroid", "value": one.value, "low": one.low, "high": one.high}


def test_groups_are_the_unit_within_a_slice() -> None:
    """Interval and test are those of groups, which are wider if groups are correlated."""
    groups = np.arange(400) // 20
    rng = np.random.default_rng(0)
    right, y = rng.random(20)[groups] < 0.6, rng.integers(0, 2, 400)
    records = {
        "noisy_centroid": record("noisy_centroid", y, right),
        "centroid": record("centroid", y, rng.random(400) < 0.6),
    }
    whole = build_test_set(records["centroid"].y, groups)
    a, b = (records[name].scores for name in ("noisy_centroid", "centroid"))

    (row,), (flat,) = (sliced(records, ["all"] * 400, groups=g)[0]["slices"] for g in (groups, None))

    assert (row["low"], row["high"]) == difference(accuracy, y, a, b, whole.weights, groups)[1:3]
    assert row["high"] - row["low"] > 1.5 * (flat["high"] - flat["low"])
    first, second = row["learners"][0], flat["learners"][0]
    assert first["high"] - first["low"] > 1.5 * (second["high"] - second["low"])


def test_slices_partition_the_test_samples() -> None:
    """The mean weighted by their counts is the overall value."""
    records = case()
    values = np.random.default_rng(1).integers(0, 3, 400)

    rows = sliced(records, [("x", "y", "")[v] for v in values])[0]["slices"]

    assert [row["name"] for row in rows] == ["x", "y", NONE]
    assert sum(row["n"] for row in rows) == 400
    total = sum(row["n"] * row["learners"][0]["value"] for row in rows) / 400
    assert total == pytest.approx((records["noisy_centroid"].scores[0].argmax(axis=1) == records["centroid"].y).mean())


def test_renaming_values_only_changes_names() -> None:
    """Including hostile ones."""
    records, values = case(), np.random.default_rng(1).integers(0, 2, 400)
    names = ["<script>alert(1)</script>", "=1+1\u202e"]

    (plain,), (renamed,) = sliced(records, values), sliced(records, [names[v] for v in values])

    by_name = {row["name"]: row for row in renamed["slices"]}
    for row in plain["slices"]:
        assert [by_name[names[int(row["name"])]][key] for key in NUMBERS] == [row[key] for key in NUMBERS]


@pytest.mark.parametrize(
    ("n_first", "few"), [(FEWEST_SAMPLES - 1, f"fewer than {FEWEST_SAMPLES} samples"), (FEWEST_SAMPLES, "")]
)
def test_a_slice_of_few_samples_has_counts_and_no_values(n_first: int, few: str) -> None:
    """With one sample more it has values."""
    rows = sliced(case(), ["small"] * n_first + ["x"] * (400 - n_first))[0]["slices"]

    assert (rows[0]["n"], rows[0]["too_few"]) == (n_first, few)
    assert (rows[0]["learners"] == []) == (rows[0]["difference"] is None) == (rows[0]["verdict"] is None) == bool(few)
    assert rows[1]["p_adjusted"] is not None


@pytest.mark.parametrize("n_groups", [FEWEST_GROUPS - 1, FEWEST_GROUPS])
def test_a_slice_of_few_groups_has_no_values(n_groups: int) -> None:
    """A hundred samples of four persons do not represent other persons."""
    groups = np.concatenate([np.arange(100) % n_groups, 100 + np.arange(300) % 20])

    result = sliced(case(), ["first"] * 100 + ["x"] * 300, groups=groups)[0]

    assert (result["unit"], result["slices"][0]["n_units"]) == ("group", n_groups)
    assert result["slices"][0]["too_few"] == (f"fewer than {FEWEST_GROUPS} groups" if n_groups < FEWEST_GROUPS else "")


@pytest.mark.parametrize(("metric", "few"), [(accuracy, ""), (auc, "one class only")])
def test_one_class_is_too_few_if_the_metric_averages_classes(metric: Metric, few: str) -> None:
    """Accuracy is defined for one class, the area under a curve is not."""
    records = case()
    y = next(iter(records.values())).y

    rows = sliced(records, y, metric=metric)[0]["slices"]

    assert [row["too_few"] for row in rows] == [few, few]


@pytest.mark.parametrize(("n_rare", "few"), [(2, "fewer than 3 {}s of a class"), (3, "")])
@pytest.mark.parametrize("unit", ["sample", "group"])
def test_a_slice_with_few_units_of_a_class_has_no_values(n_rare: int, few: str, unit: str) -> None:
    """Of a metric that averages over classes; many samples of one group are one unit."""
    y = np.ones(400, np.int64)
    y[: n_rare * 5] = 0
    groups = np.repeat(np.arange(80), 5) if unit == "group" else None
    if groups is None:
        y[n_rare:] = 1
    records = {name: record(name, y, np.random.default_rng(i).random(400) < 0.8) for i, name in enumerate(PAIR)}

    (row,) = sliced(records, ["all"] * 400, metric=balanced_accuracy, groups=groups)[0]["slices"]
    (plain,) = sliced(records, ["all"] * 400, groups=groups)[0]["slices"]

    assert (row["too_few"], row["n_rarest"]) == (few.format(unit), n_rare)
    assert (row["difference"] is None) == bool(few)
    assert (plain["too_few"], plain["n_rarest"]) == ("", n_rare)


def test_the_rarest_class_of_a_slice_is_counted() -> None:
    """Zero if the test set has a class that the slice lacks."""
    records = case()
    y = next(iter(records.values())).y
    values = np.where(y == 0, "mixed", "ones")
    values[np.flatnonzero(y == 1)[:7]] = "mixed"

    rows = sliced(records, values)[0]["slices"]

    assert [row["n_rarest"] for row in rows] == [7, 0]


def test_learners_whose_scores_only_rank_have_no_loss() -> None:
    """Nor does their difference."""
    records = case()
    records["centroid"] = dataclasses.replace(records["centroid"], probabilities=False)

    (row,) = sliced(records, ["x"] * 400, metric=log_loss)[0]["slices"]

    assert [each["name"] for each in row["learners"]] == ["noisy_centroid"]
    assert row["difference"] is None
    assert row["reason"] == "metric needs probabilities, and the scores of centroid only rank."


def test_the_correction_counts_all_slices_of_all_columns() -> None:
    """Two columns of two and three slices give five comparisons; too small slices do not count."""
    rng = np.random.default_rng(1)
    first, second = rng.integers(0, 2, 400), rng.integers(0, 3, 400)
    second[:5] = 9

    rows = [row for column in sliced(case(), first, second) for row in column["slices"]]

    known = [row for row in rows if row["p_value"] is not None]
    assert (len(known), len(rows)) == (5, 6)
    assert [row["p_adjusted"] for row in known] == pytest.approx([min(1, 5 * row["p_value"]) for row in known])
    assert not any("95 % interval of" in row["reason"] for row in known)
    assert all(row["reason"].startswith("The 99 % interval (95 % for 5 comparisons) of the") for row in known)


def test_without_a_pair_slices_have_values_only() -> None:
    records = {"centroid": case()["centroid"]}

    (row,) = sliced(records, ["x"] * 400)[0]["slices"]

    assert row["learners"][0]["value"] is not None
    assert (row["difference"], row["verdict"], row["reason"]) == (None, None, "There is nothing to compare.")


def test_many_numbers_are_cut_at_their_quartiles() -> None:
    """Into four ranges of about equal size, whose names give their limits."""
    values = np.random.default_rng(0).normal(50, 20, 403).round(3)

    result = cut([str(value) for value in values])

    assert result.kind == "ranges"
    assert max(Counter(result.number.tolist()).values()) - min(Counter(result.number.tolist()).values()) <= 2
    for name, inside in zip(result.names, [values[result.number == i] for i in range(4)], strict=True):
        low, _, high = name.removeprefix("above ").removeprefix("up to ").partition(" to ")
        if name.startswith("above"):
            assert inside.min() > float(low)
        if name.startswith("up to") or high:
            assert inside.max() <= float(high or low)


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ([0] * 80 + list(range(1, 21)), ["up to 0", "above 0"]),
        ([20] * 80 + list(range(20)), ["up to 19", "above 19"]),
        (list(range(10)) * 4, [str(i) for i in range(10)]),
        ([str(i) for i in range(11)] + ["1_0"], None),
        ([*range(11), "inf"], None),
    ],
)  # fmt: skip
def test_repeated_values_give_fewer_ranges(values: list[Any], names: list[str] | None) -> None:
    """Never an empty one; few distinct numbers are values, not ranges."""
    result = cut([str(value) for value in values])

    assert sorted(set(result.number.tolist())) == list(range(len(result.names)))
    if names is None:
        assert result.kind == "values"
    else:
        assert result.names == names


def test_limits_have_enough_digits_to_separate_samples() -> None:
    """Three digits do not suffice for large numbers that are close."""
    result = cut([str(1_000_000 + i / 4) for i in range(40)])

    assert result.names[0] == "up to 1000002.25"
    assert Counter(result.number.tolist()) == {0: 10, 1: 10, 2: 10, 3: 10}


def test_missing_numbers_form_a_separate_slice() -> None:
    result = cut([*map(str, range(100)), "", "NaN", "NA"])

    assert result.names[-1] == NONE
    assert (result.number == 4).sum() == 3


def test_the_rarest_of_many_values_are_pooled() -> None:
    """Nineteen retain their own slices."""
    values = [f"v{i:02d}" for i in range(30) for _ in range(100 - i)]

    result = cut(values)

    assert result.names == [f"v{i:02d}" for i in range(MOST_SLICES - 1)] + [OTHER]
    assert (result.number == MOST_SLICES - 1).sum() == sum(100 - i for i in range(19, 30))
    assert len(cut([f"v{i}" for i in range(MOST_SLICES)]).names) == MOST_SLICES


def test_a_value_named_like_a_reserved_slice_is_distinct() -> None:
    """A value of the data may also be "(none)"."""
    assert cut([NONE, "", "x"]).names == [repr(NONE), "x", NONE]


def test_values_are_normalised() -> None:
    """Spaces and forms of Unicode, as in labels."""
    assert cut(["caf\u00e9", " cafe\u0301 "]).names == ["caf\u00e9"]


def test_a_column_of_missing_values_is_one_slice() -> None:
    """It is not an error."""
    assert cut(["", "NA"]).names == [NONE]


def test_few_distinct_numbers_are_sorted_as_numbers() -> None:
    assert cut(["10", "9", "2"]).names == ["2", "9", "10"]


@pytest.mark.slow
def test_random_slices_hold_the_error_rate() -> None:
    """For two equally good learners, at most 5 % of 1,000 runs have a verdict in any slice."""
    alarms = 0
    for seed in range(1000):
        rng = np.random.default_rng(1000 + seed)
        columns = [rng.integers(0, 3, 300), rng.normal(size=300), rng.integers(0, 2, 300)]
        result = sliced(case(300, (0.75, 0.75), seed), *columns, metric=balanced)
        alarms += any(row["verdict"] in ("better", "worse") for column in result for row in column["slices"])

    assert 10 <= alarms <= 65  # 50, and two standard errors of 7 above it; nor so careful that nothing could be shown


def _balanced(y_true: Any, scores: Any, weights: Any) -> Any:
    return (weights @ (scores.argmax(axis=1) == y_true)) / weights.sum(axis=1)


balanced = Metric("right", _balanced, "bounded")
"""Accuracy by the t test: McNemar's exact one would be so careful that the level showed nothing."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunDirectory:
    """A finished run of two folds, one seed."""
    samples = tiny_images(240)
    learners: dict[str, dict[str, Any]] = {"prior": {}, "centroid": {}, "noisy_centroid": {"noise": 300.0}}
    experiment = Experiment("tiny", "synthetic", learners, {"n": 240}, folds=2, seeds=(0,))
    prepared = Prepared(experiment, samples, plan(experiment, tiny_task(), samples, version="0.1.0"))
    return drive(prepared, tiny_task(), tmp_path_factory.mktemp("slices") / "a", executor=Serial())


@pytest.fixture(scope="module")
def table(run: RunDirectory, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table with two columns: one constant, one of two values."""
    ids = np.concatenate([run.predictions(trial).ids for trial in run.trials() if trial.learner == "centroid"])
    path = tmp_path_factory.mktemp("table") / "people.csv"
    path.write_text("\n".join(["id,all,half", *(f"{name},x,{i % 2}" for i, name in enumerate(ids))]))
    return path


def test_the_slice_of_all_samples_equals_the_run(run: RunDirectory, table: Path) -> None:
    """Every learner and the difference of the headline."""
    value = compute_results(run, tiny_task(), view=View(slices=(f"{table}:all",)))

    (row,) = value["slices"][0]["slices"]
    assert [row[key] for key in ("difference", "low", "high", "verdict")] == [
        value["headlines"][0][key] for key in ("difference", "low", "high", "verdict")
    ]
    whole = {each["name"]: each["metrics"]["accuracy"] for each in value["learners"]}
    for each in row["learners"]:
        assert all(each[key] == whole[each["name"]][key] for key in ("value", "low", "high"))


def test_slices_do_not_change_other_results(run: RunDirectory, table: Path) -> None:
    """Except for the warning and signature, which mark them as added after the run."""
    plain, other = (
        compute_results(run, tiny_task()),
        compute_results(run, tiny_task(), view=View(slices=(f"{table}:half",))),
    )

    assert {key for key in plain if plain[key] != other[key]} - {"created"} == {"slices", "warnings", "signature"}
    assert other["warnings"][1:] == plain["warnings"]
    assert other["warnings"][0].startswith(
        "Slices were chosen after the run, by half of people.csv: whoever tries several"
    )
    assert other["signature"] == plain["signature"] + " | slices chosen after the run"
    assert plain["slices"] == []
    assert (other["slices"][0]["column"], other["slices"][0]["table"]) == ("half", "people.csv")


def test_a_planned_column_gives_no_warning(run: RunDirectory, table: Path, tmp_path: Path) -> None:
    """Columns stored in the run are in every report."""
    shutil.copytree(run.path, tmp_path / "b")
    ids = [line.split(",")[0] for line in table.read_text().splitlines()[1:]]
    store = RunDirectory(tmp_path / "b")
    store.write_json("slices.json", {"site": {"chosen": "before", "values": dict.fromkeys(ids[:200], "x")}})

    value = compute_results(store, tiny_task())

    assert [(c["column"], c["table"], c["chosen"]) for c in value["slices"]] == [("site", None, "before")]
    assert [row["n"] for row in value["slices"][0]["slices"]] == [200, 40]
    assert "chosen after" not in " ".join([*value["warnings"], value["signature"]])
