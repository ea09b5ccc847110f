"""Verification of a run: fits are repeated and compared with the stored ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import visiontk
from visiontk.api import verify
from visiontk.cli.print_verification import verification_lines
from visiontk.errors import ConfigError, ResumeError
from visiontk.harness.store import PREDICTIONS, RunDirectory


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of three fast learners."""
    out = tmp_path_factory.mktemp("run") / "run"
    visiontk.compare(
        "image_classification", learners=["prior", "logistic", "mlp"], preset="quick", max_train=300, out=out,
        executor="serial", audit=False,
    )  # fmt: skip
    return out


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    import shutil

    return Path(shutil.copytree(finished, tmp_path / "run"))


def change_predictions(run: Path, learner: str, change: Any) -> None:
    """Change the stored predictions of a learner."""
    store = RunDirectory(run)
    trial = next(trial for trial in store.trials() if trial.learner == learner)
    path = store.folder(trial) / PREDICTIONS
    with np.load(path) as stored:
        arrays = dict(stored)
    change(arrays)
    np.savez_compressed(path, **arrays)


def content(run: Path) -> dict[str, bytes]:
    return {str(p.relative_to(run)): p.read_bytes() for p in sorted(run.rglob("*")) if p.is_file()}


def test_the_same_machine_gives_identical_predictions(run: Path) -> None:
    """Only the ledger changes, which counts every reading of the test set."""
    before = content(run)
    result = verify(run, executor="serial")

    assert result.values["outcome"] == "identical"
    assert [each["outcome"] for each in result.values["trials"]] == ["identical"] * 3
    assert result.exit_code == 0
    assert result.values["changed"] == {}
    after = content(run)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert changed == {"ledger.jsonl"}
    assert RunDirectory(run).n_readings() == 6


def test_a_slightly_different_score_is_within_tolerance(run: Path) -> None:
    """If the metric is within the margin."""

    def nudge(arrays: dict[str, Any]) -> None:
        arrays["scores"][0, 0] += np.float32(1e-6)

    change_predictions(run, "logistic", nudge)
    result = verify(run, executor="serial")

    assert result.values["outcome"] == "within tolerance"
    assert result.exit_code == 0
    row = next(each for each in result.values["trials"] if each["learner"] == "logistic")
    assert 0 < row["largest"] < 1e-5
    assert row["n_changed"] == 0


def test_other_predictions_fail_verification(run: Path) -> None:
    """Such as scores improved by hand."""

    def set_perfect_scores(arrays: dict[str, Any]) -> None:
        arrays["scores"] = np.eye(10, dtype=np.float32)[arrays["y_true"]]

    change_predictions(run, "mlp", set_perfect_scores)
    result = verify(run, executor="serial")

    assert result.values["outcome"] == "different"
    assert result.exit_code == 8
    row = next(each for each in result.values["trials"] if each["learner"] == "mlp")
    assert row["before"] == 1.0 > row["after"]
    assert any("Different" in line for line in verification_lines(result))


def test_other_samples_fail_verification(run: Path) -> None:
    """Even if their scores are equal."""

    def rename(arrays: dict[str, Any]) -> None:
        arrays["ids"] = arrays["ids"][::-1].copy()

    change_predictions(run, "prior", rename)
    result = verify(run, learners=["prior"], executor="serial")

    assert result.values["outcome"] == "different"
    assert "other samples" in result.values["trials"][0]["reason"]


def test_only_the_requested_learners_are_fitted(run: Path) -> None:
    """A misspelt one is an error."""
    result = verify(run, learners=["logistic"], executor="serial")

    assert [each["learner"] for each in result.values["trials"]] == ["logistic"]
    with pytest.raises(ConfigError, match="Did you mean 'logistic'"):
        verify(run, learners=["logistc"])


def test_a_fit_that_fails_is_reported(run: Path) -> None:
    """Its data may have changed."""
    path = run / "plan.json"
    trials = json.loads(path.read_text())
    path.write_text(json.dumps(trials).replace(trials[0]["fingerprint"], "0" * 16))
    for old in (run / "trials").iterdir():
        trial = json.loads((old / "trial.json").read_text()) | {"fingerprint": "0" * 16}
        from visiontk.core import Trial

        old.rename(old.with_name(Trial(**trial).key))
    result = verify(run, executor="serial")

    assert result.values["outcome"] == "failed"
    assert result.exit_code == 8
    assert "have changed since planning" in result.values["trials"][0]["reason"]


def test_changed_versions_are_listed(run: Path) -> None:
    value = json.loads((run / "environment.json").read_text())
    value["packages"]["keras"] = "2.0"
    (run / "environment.json").write_text(json.dumps(value))
    result = verify(run, learners=["prior"], executor="serial")

    assert result.values["changed"]["keras"][0] == "2.0"
    assert any("keras: 2.0 before" in line for line in verification_lines(result))


def test_a_path_that_is_not_a_run_is_an_error(tmp_path: Path) -> None:
    """An empty folder, or a run without a finished fit."""
    with pytest.raises(ConfigError, match="not a run directory"):
        verify(tmp_path)
    (tmp_path / "plan.json").write_text("[]")
    with pytest.raises(ResumeError, match="no fit has finished"):
        verify(tmp_path)


@pytest.mark.slow
def test_workers_verify_a_run(run: Path) -> None:
    """With the default executor."""
    assert verify(run).values["outcome"] == "identical"
