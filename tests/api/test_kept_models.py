"""The fitted models that a comparison keeps."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import visiontk
from visiontk.api import Result
from visiontk.cli.print_result import print_result
from visiontk.core import Trial
from visiontk.harness.models import load_model
from visiontk.harness.outcome import MODEL
from visiontk.harness.store import RunDirectory

PLUGIN = """
import dataclasses
from visiontk.core import About, learner
from visiontk.testing import tiny_images, tiny_task

TINY = tiny_task()


@learner(About("network"))
def rough():
    return TINY.learners["noisy_centroid"](noise=900.0)


@learner(About("network"))
def broken():
    raise RuntimeError("never works")


TASK = dataclasses.replace(TINY, name="kept", learners={**TINY.learners, "rough": rough, "broken": broken})
"""
SETTINGS = {"folds": 2, "seeds": [2, 0], "learners": ["prior", "centroid", "noisy_centroid", "rough"]}


@pytest.fixture
def compare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    """Return a function that compares learners of an installed plugin in the folder ``run``."""
    site = tmp_path / "site"
    metadata = site / "kept_plugin-1.0.dist-info"
    metadata.mkdir(parents=True)
    (site / "kept_plugin.py").write_text(PLUGIN)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: kept-plugin\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[visiontk.tasks]\nkept = kept_plugin:TASK\n")
    monkeypatch.syspath_prepend(site)

    def run(**settings: Any) -> Result:
        result = visiontk.compare("kept", out=tmp_path / "run", executor="serial", **{**SETTINGS, **settings})
        assert isinstance(result, Result)
        return result

    yield run
    sys.modules.pop("kept_plugin", None)


def kept(result: Result) -> dict[str, Trial]:
    """Load every kept model; return its trial by learner, fold and seed."""
    trials = [load_model(path)[1].trial for path in sorted((result.path / "models").glob("*"))]
    return {f"{trial.learner} {trial.fold} {trial.seed}": trial for trial in trials}


def test_the_learner_chosen_of_each_family_is_kept(compare: Callable[..., Result]) -> None:
    """Its fit of the first fold and the first seed; no floor, and nothing is left with the trials."""
    result = compare()

    assert set(kept(result)) == {"centroid 0 2", "noisy_centroid 0 2"}
    assert {each["learner"]: each["kept"] for each in result.models} == {"centroid": True, "noisy_centroid": True}
    assert not list(result.path.glob(f"trials/*/{MODEL}"))


def test_a_kept_model_gives_the_stored_predictions(compare: Callable[..., Result]) -> None:
    """On the test set of its fold."""
    from visiontk.registry import get_task

    result = compare()
    task = get_task("kept")
    samples = task.dataset("synthetic")()

    for path in (result.path / "models").glob("*"):
        learner, manifest = load_model(path)
        test = samples.subset(task.folds(samples, 2, 0)[0].test)
        stored = RunDirectory(result.path).predictions(manifest.trial)
        np.testing.assert_array_equal(learner.predict(test.blind()).astype(np.float32), stored.scores)


def test_all_or_none_are_kept(compare: Callable[..., Result]) -> None:
    """None leaves no folder; the predictions are the same."""
    none = compare(keep="none")
    before = {path.parent.name: path.read_bytes() for path in none.path.glob("trials/*/predictions.npz")}
    assert not (none.path / "models").exists()
    assert none.models == []

    (none.path / "trials").rename(none.path / "aside")
    every = compare(keep="all")

    after = {path.parent.name: path.read_bytes() for path in every.path.glob("trials/*/predictions.npz")}
    assert before.keys() == after.keys()
    # centroid ignores the seed; the floor of this task has no save and load.
    assert len(kept(every)) == 2 + 4 + 4
    assert {each["reason"] for each in every.models if not each["kept"]} == {"_Prior has no methods save and load"}


def test_of_a_search_the_chosen_configuration_is_kept(compare: Callable[..., Result]) -> None:
    result = compare(search=3, learners=["centroid", "rough", "noisy_centroid"], budget=60, preset="quick")

    searches = json.loads((result.path / "searches.json").read_text())
    finals = {key for each in searches for key in each["finals"]}
    assert {trial.key for trial in kept(result).values() if trial.learner == "noisy_centroid"} <= finals


def test_models_stay_with_their_trials_until_every_fit_has_ended(compare: Callable[..., Result]) -> None:
    """A failed fit may change the choice when it is tried again."""
    result = compare(learners=["centroid", "noisy_centroid", "rough", "broken"])

    assert not result.values["complete"]
    assert set(kept(result)) == {"centroid 0 2", "noisy_centroid 0 2"}
    assert len(list(result.path.glob(f"trials/*/{MODEL}"))) == 1


def test_a_learner_that_is_best_later_has_no_model_and_a_reason(
    compare: Callable[..., Result], capsys: pytest.CaptureFixture[str]
) -> None:
    """Its trial is done and not fitted again; models that were kept stay."""
    compare()
    result = compare(learners=["centroid", "rough"])

    assert set(kept(result)) == {"centroid 0 2", "noisy_centroid 0 2"}
    assert [each["kept"] for each in result.models] == [True, False]
    print_result(result)
    text = " ".join(capsys.readouterr().out.split())
    assert "no model of rough: it was fitted earlier and not kept then" in text


def test_a_run_shows_its_kept_models(compare: Callable[..., Result], capsys: pytest.CaptureFixture[str]) -> None:
    """Learner, folder and size; many are counted."""
    result = compare()
    print_result(result)
    lines = capsys.readouterr().out.splitlines()
    centroid = next(trial for trial in kept(result).values() if trial.learner == "centroid")
    assert any(line.startswith(f"model: centroid, in models/{centroid.key} (") for line in lines)

    (result.path / "trials").rename(result.path / "aside")
    print_result(compare(keep="all"))
    assert "models: 10 fits, in models (" in capsys.readouterr().out
