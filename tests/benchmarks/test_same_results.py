"""Tests of benchmarks/same_results.py on two small runs."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

PROGRAM = Path(__file__).parents[2] / "benchmarks" / "same_results.py"
RESULTS = {
    "created": "2026-01-01",
    "learners": [{"name": "cnn", "value": 0.5, "fit_cpu_s": 1.0, "n_units": 120}],
    "sentence": "cnn is better by 3.0 points; training cnn takes 4.5 times the CPU time of svm.",
}
SCORES = np.asarray([[0.25, 0.75], [0.5, 0.5]], np.float32)


@pytest.fixture
def main(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[], int]:
    """Return a function that compares the runs ``before`` and ``after`` and returns the exit status."""
    spec = importlib.util.spec_from_file_location("same_results", PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(sys, "argv", ["same_results.py", str(tmp_path / "before"), str(tmp_path / "after")])
    return module.main  # type: ignore[no-any-return]


def _write(run: Path, results: dict[str, Any] = RESULTS, *, key: str = "0", **arrays: Any) -> None:
    folder = run / "texts" / "trials" / key
    folder.mkdir(parents=True)
    (run / "texts" / "results.json").write_text(json.dumps(results))
    (folder / "trial.json").write_text(json.dumps({"learner": "cnn", "fold": 0, "seed": 0, "draw": 0}))
    np.savez(folder / "predictions.npz", **{"ids": ["drawn-1", "drawn-2"], "scores": SCORES} | arrays)


def test_renamed_keys_and_reworded_sentences_are_listed(
    main: Callable[[], int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Keys, words, identifiers, trial keys, costs and dates may change."""
    _write(tmp_path / "before")
    learner = {"name": "cnn", "value": 0.5, "fit_cpu_s": 9.0, "units": 120}
    sentence = "cnn wins by 3.0 points; training cnn takes 7 times the CPU time of svm."
    results = {"created": "2027-12-31", "learners": [learner], "sentence": sentence}
    _write(tmp_path / "after", results, key="1", ids=["synthetic-1", "synthetic-2"])

    status = main()

    printed = capsys.readouterr().out
    assert status == 0
    assert "texts: identical (1 trials)" in printed
    assert 'learners[].n_units: "n_units" -> "units" (1 times)' in printed
    assert "Reworded:\n" in printed
    assert "cnn wins by 3.0 points" in printed
    assert 'ids: "drawn-1" -> "synthetic-1"' in printed


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        (
            {"learners": [{"name": "cnn", "value": 0.5000000001, "n_units": 120}]},
            "number: learners[].value: 0.5 -> 0.5",
        ),
        ({"learners": [{"name": "cnn", "n_units": 120}]}, "missing: learners[].value: 0.5 -> null"),
        ({"learners": []}, "missing: learners[]: "),
    ],
)
def test_a_changed_or_missing_number_is_a_difference(
    main: Callable[[], int],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    changed: dict[str, Any],
    line: str,
) -> None:
    _write(tmp_path / "before")
    _write(tmp_path / "after", RESULTS | changed)

    assert main() == 1
    assert line in capsys.readouterr().out


@pytest.mark.parametrize(
    "arrays",
    [
        {"scores": np.nextafter(SCORES, np.float32(1))},
        {"scores": SCORES.astype(np.float64)},
        {"ids": ["drawn-1", "drawn-1"]},
        {"scores": SCORES[::-1]},
    ],
)
def test_predictions_are_compared_bit_for_bit(
    main: Callable[[], int], tmp_path: Path, capsys: pytest.CaptureFixture[str], arrays: dict[str, Any]
) -> None:
    _write(tmp_path / "before")
    _write(tmp_path / "after", **arrays)

    assert main() == 1
    assert "texts: DIFFERENT" in capsys.readouterr().out


def test_a_missing_trial_or_task_is_a_difference(main: Callable[[], int], tmp_path: Path) -> None:
    _write(tmp_path / "before")
    (tmp_path / "after").mkdir()

    assert main() == 1
