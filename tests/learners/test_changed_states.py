"""States with changed numbers and new hashes: refused, or other scores, but never the end of the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from visiontk.core import Card, Samples, save_learner
from visiontk.learners.classical import Classical
from visiontk.learners.state import State, read_state, write_state

N_CHANGES = 100
TEXTS = ["a cat sat", "a dog sat down", "no cat here", "the dog barks", "cats purr", "dogs bark loudly"] * 10


def learner(name: str) -> Classical:
    """Return an unfitted learner whose predictions run in compiled code."""
    from sklearn.ensemble import ExtraTreesClassifier
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import SVC

    steps: dict[str, list[Any]] = {
        "forest": [ExtraTreesClassifier(5)],
        "svm": [SVC()],
        "texts": [TfidfVectorizer(analyzer=str.split), LogisticRegression()],
    }
    return Classical(*steps[name])


def samples(name: str) -> Samples:
    rng = np.random.default_rng(0)
    x = np.array(TEXTS, dtype=object) if name == "texts" else rng.normal(size=(60, 4)) + np.arange(60)[:, None] % 2
    return Samples.from_arrays(x, np.arange(60) % 2, ("a", "b"), Card("made", "1"))


def changed_array(array: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
    """Return an array with other numbers, of another type or of another size."""
    result = array.copy()
    if rng.random() < 0.6 and array.size:
        place = int(rng.integers(array.size))
        extremes = [-(2**31), -7, -2, -1, 0, 1, 5, 2**20, 2**31 - 1]
        result.reshape(-1)[place] = rng.choice(extremes) if array.dtype.kind == "i" else rng.choice([0, -1, 200, 7])
        return result
    if rng.random() < 0.3:
        return result.astype(np.float32)
    return np.resize(result, (int(rng.integers(1, 99)), *array.shape[1:]))


def change(state: State, rng: np.random.Generator) -> State:
    """Change one or two arrays or numbers of a state."""
    value, arrays = state.value, dict(state.arrays)
    for _ in range(int(rng.integers(1, 3))):
        if rng.random() < 0.7:
            name = str(rng.choice(sorted(arrays)))
            arrays[name] = changed_array(arrays[name], rng)
        else:
            numbers = list(_numbers(value))
            owner, key = numbers[int(rng.integers(len(numbers)))]
            owner[key] = int(rng.choice([-1, 0, 1, 3, 5, 2**31, 2**40]))
    return State(value, arrays)


def _numbers(value: Any) -> Any:
    """Yield owner and key of each whole number in a JSON value."""
    for key, each in value.items() if isinstance(value, dict) else enumerate(value):
        if type(each) is int:
            yield value, key
        elif isinstance(each, dict | list):
            yield from _numbers(each)


def main(name: str, folder: Path) -> None:
    """Load and predict with changed states; print how many were refused."""
    from visiontk.core import load_learner

    outcomes = {"refused": 0, "failed": 0, "predicted": 0}
    for seed in range(N_CHANGES):
        write_state(folder / "changed", *change(read_state(folder / "saved"), np.random.default_rng(seed)))
        fresh = learner(name)
        try:
            load_learner(fresh, folder / "changed")
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, IndexError, MemoryError):
            outcomes["refused"] += 1
            continue
        try:
            with np.errstate(all="ignore"):
                fresh.predict(samples(name).blind())
            outcomes["predicted"] += 1
        except Exception:
            outcomes["failed"] += 1
    sys.stdout.write(str(outcomes))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["forest", "svm", "texts"])
def test_a_changed_state_never_ends_the_process(name: str, tmp_path: Path) -> None:
    """Compiled code follows indices without checking them."""
    fitted = learner(name)
    fitted.fit(samples(name), samples(name), seed=0, workdir=tmp_path, budget_s=60.0)
    save_learner(fitted, tmp_path / "saved")
    (tmp_path / "changed").mkdir()

    done = subprocess.run(
        [sys.executable, "-W", "ignore", __file__, name, str(tmp_path)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr[-2000:]
    assert "'refused': 0" not in done.stdout


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
