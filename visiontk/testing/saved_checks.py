"""Check that a fitted learner, saved and loaded in a fresh process, gives the same scores."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from visiontk.core import CannotSave, Card, Factory, Floats, Inputs, Samples, Task, load_learner, save_learner
from visiontk.harness.threads import pinned_threads, process_environment
from visiontk.testing.learner_checks import fitted, names_of, quick

INPUTS, SCORES = "inputs.npy", "scores.npy"
TEXTS = "texts.json"


def a_loaded_learner_gives_the_same_scores(task: Task, learners: tuple[str, ...] | None = None) -> None:
    """A fit must be complete on disk: nothing may stay in a closure, a global or an attribute that is not saved.

    Learners without `save` and `load` pass: their fits are not kept. Learners are loaded in a new process; those that
    it cannot import, such as functions of a test, in this one.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        expected = {
            each: scores for each in names_of(task, learners) if (scores := _saved(task, each, folder)) is not None
        }
        if not expected:
            return
        here = {each: {"parameters": quick(task, each)} for each in expected}
        importable = {
            each: {**request, "factory": place}
            for each, request in here.items()
            if (place := _place(task.learner(each)))
        }
        _load_elsewhere(folder, importable)
        for each, scores in expected.items():
            path = folder / each / SCORES
            loaded = np.load(path) if path.exists() else _scores(task.learner(each), here[each], folder / each)
            assert np.array_equal(loaded, scores), f"{each}, saved and loaded, gives other scores"


def _saved(task: Task, name: str, folder: Path) -> Floats | None:
    """Save a learner and the inputs of the test set; return its scores of them, None if it cannot be saved."""
    learner, test, scores, _ = fitted(task, name, 0)
    try:
        save_learner(learner, folder / name / "model")
    except CannotSave:
        return None
    inputs = test.take(np.arange(len(test)))
    if inputs.dtype == object:
        (folder / name / TEXTS).write_text(json.dumps(inputs.tolist()))
    else:
        np.save(folder / name / INPUTS, inputs)
    (folder / name / "labels.json").write_text(json.dumps(test.labels))
    return scores


def _place(factory: Factory) -> list[str] | None:
    """Return module and name from which another process can import a factory; None if it cannot."""
    place = [getattr(factory, "__module__", ""), getattr(factory, "__qualname__", "")]
    try:
        return place if getattr(importlib.import_module(place[0]), place[1], None) is not None else None
    except (ImportError, ValueError):
        return None


def _load_elsewhere(folder: Path, requests: Mapping[str, Any]) -> None:
    """Load learners in another process, which writes their scores."""
    if not requests:
        return
    (folder / "requests.json").write_text(json.dumps(requests))
    done = subprocess.run(
        [sys.executable, "-P", "-m", "visiontk.testing.saved_checks", str(folder)],
        env=process_environment(1), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"a saved learner cannot be loaded: {done.stderr.strip()[-2000:]}"


def _scores(factory: Factory, request: Mapping[str, Any], folder: Path) -> Floats:
    """Load a learner and return its scores of the saved inputs."""
    learner = factory(**request["parameters"])
    load_learner(learner, folder / "model")
    with pinned_threads(1):
        return learner.predict(_inputs(folder).blind())


def _inputs(folder: Path) -> Samples:
    x: Inputs
    if (folder / TEXTS).exists():
        texts = json.loads((folder / TEXTS).read_text())
        x = np.empty(len(texts), object)
        x[:] = texts
    else:
        x = np.load(folder / INPUTS)
    labels = json.loads((folder / "labels.json").read_text())
    return Samples.from_arrays(x, np.zeros(len(x)), labels, Card("saved", "saved"))


def main() -> None:
    """Load the learners of ``requests.json`` and write their scores; skip those that cannot be imported."""
    folder = Path(sys.argv[1])
    for name, request in json.loads((folder / "requests.json").read_text()).items():
        module, attribute = request["factory"]
        try:
            factory = getattr(importlib.import_module(module), attribute)
        except ImportError:
            continue
        np.save(folder / name / SCORES, _scores(factory, request, folder / name))


if __name__ == "__main__":
    main()
