"""Learning curves, from the plan to the figure."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest
from annotated_types import Ge

from visiontk.core import About, Samples, Task, learner
from visiontk.executors import Serial
from visiontk.harness.drive import drive, prepare
from visiontk.harness.experiment import Experiment
from visiontk.harness.plan import folds_of
from visiontk.harness.store import RunDirectory
from visiontk.harness.subsets import nested_subset
from visiontk.report.pages.single import render
from visiontk.report.results import compute_results
from visiontk.report.section import Page
from visiontk.report.sections.curve import CURVE, sentence
from visiontk.spaces import Range
from visiontk.studies import STUDIES
from visiontk.studies.learning_curve import curve_sizes
from visiontk.testing import tiny_images, tiny_task


def large() -> Samples:
    """Return synthetic images, enough for three sizes."""
    return tiny_images(400, 0)


def task() -> Task:
    """Return the tiny task with a larger data set."""
    return dataclasses.replace(tiny_task(), datasets={"synthetic": large})


EXPERIMENT = Experiment(
    "tiny",
    "synthetic",
    {"prior": {}, "centroid": {}, "noisy_centroid": {"noise": 300.0}},
    seeds=(0, 1),
    folds=1,
    curve=2,
)


def run(out: Path, **change: Any) -> RunDirectory:
    return drive(
        prepare(dataclasses.replace(EXPERIMENT, **change), task(), version="0", studies=STUDIES),
        task(),
        out,
        executor=Serial(),
    )


def test_every_learner_but_the_floor_is_fitted_on_every_size_and_draw(tmp_path: Path) -> None:
    """On the same subsets for all, beside the trials of the comparison."""
    trials = run(tmp_path).trials()
    curve = [trial for trial in trials if trial.draw]

    sizes = curve_sizes(len(folds_of(task(), large(), 1, None)[0].train), 3)
    assert len(sizes) == 3
    assert {(t.learner, t.max_train, t.draw) for t in curve} == {
        (name, size, draw) for name in ("centroid", "noisy_centroid") for size in sizes for draw in (1, 2)
    }
    assert [trial for trial in trials if not trial.draw] == run(tmp_path / "plain", curve=0).trials()


def test_a_curve_does_not_change_the_comparison(tmp_path: Path) -> None:
    with_curve, without = (
        compute_results(run(tmp_path / "a"), task()),
        compute_results(run(tmp_path / "b", curve=0), task()),
    )

    assert without["curve"] is None
    for one, other in zip(with_curve["learners"], without["learners"], strict=True):
        assert one["metrics"] == other["metrics"]
    assert with_curve["comparisons"] == without["comparisons"]


def test_points_have_their_training_sizes_and_end_with_the_whole_set(tmp_path: Path) -> None:
    """Each has its number of fits."""
    results = compute_results(run(tmp_path), task())
    curve = results["curve"]
    n_all = results["dataset"]["n_train"]

    for name, n_fits in (("centroid", [2, 2, 2, 1]), ("noisy_centroid", [2, 2, 2, 2])):
        points = curve["learners"][name]
        assert [p["n"] for p in points] == [*curve_sizes(n_all, 3), n_all]
        assert [p["n_fits"] for p in points] == n_fits
    row = next(each for each in results["learners"] if each["name"] == "centroid")
    assert curve["learners"]["centroid"][-1]["value"] == row["metrics"]["accuracy"]["value"]
    crossover = curve["crossovers"][0]
    assert (crossover["challenger"], crossover["classical"]) == ("noisy_centroid", "centroid")
    one, other = (curve["learners"][name] for name in ("noisy_centroid", "centroid"))
    assert crossover["differences"] == pytest.approx([a["value"] - b["value"] for a, b in zip(one, other, strict=True)])


def test_with_a_search_the_curve_is_that_of_the_configured_learner(tmp_path: Path) -> None:
    """A tuned learner at its end would add a step."""

    @learner(About("network"))
    def noisy(noise: Annotated[float, Ge(0), Range(0.1, 1000.0, log=True)] = 1000.0) -> Any:
        return tiny_task().learners["noisy_centroid"](noise=noise)

    noisy.__annotations__["noise"] = Annotated[float, Ge(0), Range(0.1, 1000.0, log=True)]
    hard = dataclasses.replace(task(), learners={"centroid": task().learners["centroid"], "noisy_centroid": noisy})
    experiment = dataclasses.replace(
        EXPERIMENT, learners={"centroid": {}, "noisy_centroid": {"noise": 1000.0}}, search=8
    )
    store = drive(prepare(experiment, hard, version="0", studies=STUDIES), hard, tmp_path, executor=Serial())
    results = compute_results(store, hard)
    ends = {name: points[-1]["value"] for name, points in results["curve"]["learners"].items()}

    assert ends == {name: each["configured"]["value"] for name, each in results["tuning"].items()}
    assert results["tuning"]["noisy_centroid"]["gain"]["value"] != 0


def test_the_page_shows_curves_and_their_crossing(tmp_path: Path) -> None:
    """Figure, table and sentence."""
    results = compute_results(run(tmp_path), task())
    page = render(results, {})

    assert 'id="curve"' in page
    assert sentence(results["curve"]) in page
    (figure,) = CURVE.blocks(results["curve"], Page(results, results))
    assert sum(row[0] == "centroid" for row in figure.rows) in (4, 5)
    assert 'id="curve"' not in render(compute_results(run(tmp_path / "plain", curve=0), task()), {})


@pytest.mark.parametrize(
    ("n", "low", "high", "reached", "words"),
    [
        (3000.0, 1200.0, 9000.0, True, "cross near 3,000 training samples [1,200 to 9,000]."),
        (3000.0, 0.0, None, True, "cross near 3,000 training samples [below 400 to beyond 54,000]."),
        (None, 9000.0, None, False, "does not reach that of svm by 54,000 training samples; the interval of where they "
         "cross is [9,000 to beyond 54,000]."),
        (None, None, None, False, "54,000 training samples; the interval of where they cross lies beyond that, too."),
        (0.0, 0.0, 0.0, True, "lies above that of svm at 400 training samples and more; the interval of where they "
         "cross lies below that, too."),
    ],
)  # fmt: skip
def test_the_sentence_about_a_crossing_follows_its_interval(
    n: float | None, low: float | None, high: float | None, reached: bool, words: str
) -> None:
    """Ends beyond the measured sizes are stated as such."""
    results = {"challenger": "cnn", "classical": "svm", "n": n, "low": low, "high": high, "reached": reached}
    text = sentence({"crossovers": [results | {"smallest": 400, "largest": 54_000}]})

    assert text.endswith(words)
    assert "better" not in text


def test_smaller_subsets_are_nested_and_do_not_split_groups() -> None:
    """Every class is present from the smallest size on, in about its share."""
    rng = np.random.default_rng(0)
    groups = np.array([f"p{i}" for i in rng.integers(0, 300, 2000)])
    y = np.where(rng.random(2000) < 0.9, 0, rng.integers(1, 4, 2000))
    index = np.flatnonzero(rng.random(2000) < 0.8)
    parts = [set(nested_subset(index, y, n, seed=1, groups=groups).tolist()) for n in (20, 100, 400, 1000)]

    for small, larger in itertools.pairwise(parts):
        assert small < larger
    for n, part in zip((20, 100, 400, 1000), parts, strict=True):
        chosen = np.array(sorted(part))
        assert set(y[chosen]) == {0, 1, 2, 3}
        inside = set(groups[chosen])
        assert all(i in part for i in index if groups[i] in inside)
        if n >= 400:
            assert n - 20 <= len(part) <= n
            np.testing.assert_allclose(np.bincount(y[chosen]) / n, np.bincount(y[index]) / len(index), atol=0.03)
    assert (
        nested_subset(index, y, 100, seed=2, groups=groups).tolist()
        != nested_subset(index, y, 100, seed=1, groups=groups).tolist()
    )


def test_few_groups_are_all_retained() -> None:
    """Six speakers, each with fewer recordings."""
    groups = np.repeat([f"s{i}" for i in range(6)], 100)
    y = np.tile(np.arange(10), 60)
    subset = nested_subset(np.arange(600), y, 100, groups=groups)

    assert len(subset) == 100
    assert set(groups[subset]) == set(groups)
