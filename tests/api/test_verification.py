"""A run verified: the same comes out, or it is said what does not."""

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
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of three quick learners."""
    out = tmp_path_factory.mktemp("run") / "run"
    visiontk.compare(
        "image_classification", learners=["prior", "logistic", "mlp"], preset="quick", out=out, executor="serial"
    )
    return out


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    import shutil

    return Path(shutil.copytree(made, tmp_path / "run"))


def spoil(run: Path, learner: str, change: Any) -> None:
    """Change the stored scores of a learner."""
    store = RunDirectory(run)
    trial = next(trial for trial in store.trials() if trial.learner == learner)
    path = store.folder(trial) / PREDICTIONS
    with np.load(path) as stored:
        arrays = dict(stored)
    change(arrays)
    np.savez_compressed(path, **arrays)


def content(run: Path) -> dict[str, bytes]:
    return {str(p.relative_to(run)): p.read_bytes() for p in sorted(run.rglob("*")) if p.is_file()}


def test_the_same_machine_gives_the_same_bits_and_nothing_changes_but_the_ledger(run: Path) -> None:
    """Every fit, and the readings of test are counted."""
    before = content(run)
    found = verify(run, executor="serial")

    assert found.values["outcome"] == "identical"
    assert [each["outcome"] for each in found.values["trials"]] == ["identical"] * 3
    assert found.exit_code == 0
    assert found.values["changed"] == {}
    after = content(run)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert changed == {"ledger.jsonl"}
    assert RunDirectory(run).n_readings() == 6


def test_a_score_that_differs_a_little_is_within_tolerance(run: Path) -> None:
    """As long as the metric is within the margin."""

    def nudge(arrays: dict[str, Any]) -> None:
        arrays["scores"][0, 0] += np.float32(1e-6)

    spoil(run, "logistic", nudge)
    found = verify(run, executor="serial")

    assert found.values["outcome"] == "within tolerance"
    assert found.exit_code == 0
    row = next(each for each in found.values["trials"] if each["learner"] == "logistic")
    assert 0 < row["largest"] < 1e-5
    assert row["n_changed"] == 0


def test_other_predictions_are_different(run: Path) -> None:
    """Somebody improved the stored scores by hand."""

    def improve(arrays: dict[str, Any]) -> None:
        arrays["scores"] = np.eye(10, dtype=np.float32)[arrays["y_true"]]

    spoil(run, "mlp", improve)
    found = verify(run, executor="serial")

    assert found.values["outcome"] == "different"
    assert found.exit_code == 8
    row = next(each for each in found.values["trials"] if each["learner"] == "mlp")
    assert row["before"] == 1.0 > row["after"]
    assert any("Different" in line for line in verification_lines(found))


def test_other_samples_are_different_whatever_the_scores(run: Path) -> None:
    """The ids are part of the result."""

    def rename(arrays: dict[str, Any]) -> None:
        arrays["ids"] = arrays["ids"][::-1].copy()

    spoil(run, "prior", rename)
    found = verify(run, learners=["prior"], executor="serial")

    assert found.values["outcome"] == "different"
    assert "other samples" in found.values["trials"][0]["reason"]


def test_only_the_learners_that_are_named_are_fitted(run: Path) -> None:
    """And a misspelt one is refused."""
    found = verify(run, learners=["logistic"], executor="serial")

    assert [each["learner"] for each in found.values["trials"]] == ["logistic"]
    with pytest.raises(ConfigError, match="Did you mean 'logistic'"):
        verify(run, learners=["logistc"])


def test_a_fit_that_fails_this_time_is_told(run: Path) -> None:
    """Data that have changed since."""
    path = run / "plan.json"
    trials = json.loads(path.read_text())
    path.write_text(json.dumps(trials).replace(trials[0]["fingerprint"], "0" * 16))
    for old in (run / "trials").iterdir():
        trial = json.loads((old / "trial.json").read_text()) | {"fingerprint": "0" * 16}
        from visiontk.core import Trial

        old.rename(old.with_name(Trial(**trial).key))
    found = verify(run, executor="serial")

    assert found.values["outcome"] == "failed"
    assert found.exit_code == 8
    assert "have changed since planning" in found.values["trials"][0]["reason"]


def test_versions_that_differ_are_named(run: Path) -> None:
    """A reader sees at once why scores may differ."""
    value = json.loads((run / "environment.json").read_text())
    value["packages"]["keras"] = "2.0"
    (run / "environment.json").write_text(json.dumps(value))
    found = verify(run, learners=["prior"], executor="serial")

    assert found.values["changed"]["keras"][0] == "2.0"
    assert any("keras: 2.0 before" in line for line in verification_lines(found))


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    """An empty folder, and a run without a finished fit."""
    with pytest.raises(ConfigError, match="not a run directory"):
        verify(tmp_path)
    (tmp_path / "plan.json").write_text("[]")
    with pytest.raises(ResumeError, match="no fit has finished"):
        verify(tmp_path)


@pytest.mark.slow
def test_workers_verify_too(run: Path) -> None:
    """The default executor."""
    assert verify(run).values["outcome"] == "identical"
