"""Learners and their wrappers are saved as data and loaded into fresh ones; see also the contract."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from visiontk.core import CannotSave, Card, FitReport, Floats, Learner, Samples, load_learner, save_learner
from visiontk.learners.as_uint8 import AsUint8
from visiontk.learners.chosen import Chosen
from visiontk.learners.classical import Classical
from visiontk.learners.deep_ensemble import DeepEnsemble
from visiontk.learners.logit_adjusted import LogitAdjusted
from visiontk.learners.platt_scaling import PlattScaled
from visiontk.learners.preprocessed import Fixed, Preprocessed
from visiontk.learners.prior import Constant
from visiontk.learners.state import ARRAYS, STATE, read_state, write_state
from visiontk.learners.training import Training
from visiontk.learners.vocabulary import Encoder, Vocabulary

Parts = tuple[Samples, Samples]


@dataclasses.dataclass(frozen=True)
class Shift:
    """Step that subtracts a mean."""

    mean: float

    def __call__(self, batch: Any) -> Any:
        return (batch - self.mean).reshape(len(batch), -1)


class Centring:
    """Preparation of `Shift`."""

    def __call__(self, train: Samples) -> Shift:
        return Shift(float(train.take(np.arange(len(train))).mean()))

    def save(self, step: Shift, folder: Path) -> None:
        write_state(folder, arrays={"mean": np.array([step.mean])})

    def load(self, folder: Path) -> Shift:
        return Shift(float(read_state(folder).array("mean", shape=(1,))[0]))


def preprocessed() -> Preprocessed:
    return Preprocessed(Centring(), lambda step: Classical(LogisticRegression()))


MAKERS: dict[str, Callable[[], Learner]] = {
    "constant": Constant,
    "preprocessed": preprocessed,
    "fixed": lambda: Preprocessed(Fixed(Shift(3.0)), lambda step: Classical(LogisticRegression())),
    "platt": lambda: PlattScaled(preprocessed()),
    "chosen": lambda: Chosen([Constant(), PlattScaled(preprocessed())]),
    "uint8": lambda: AsUint8(PlattScaled(preprocessed())),
    "ensemble": lambda: DeepEnsemble(preprocessed, 3),
}


def fit(learner: Learner, parts: Parts, folder: Path) -> Floats:
    """Fit, save into ``saved`` and return the scores of the validation set."""
    folder.mkdir(exist_ok=True)
    learner.fit(*parts, seed=0, workdir=folder, budget_s=60.0)
    save_learner(learner, folder / "saved")
    return learner.predict(parts[1].blind())


@pytest.mark.parametrize("name", MAKERS)
def test_a_loaded_learner_gives_the_same_scores(name: str, parts: Parts, tmp_path: Path) -> None:
    scores = fit(MAKERS[name](), parts, tmp_path) if name != "ensemble" else _fit_ensemble(parts, tmp_path)
    learner = MAKERS[name]()

    load_learner(learner, tmp_path / "saved")

    np.testing.assert_array_equal(learner.predict(parts[1].blind()), scores)


def _fit_ensemble(parts: Parts, folder: Path) -> Floats:
    """Fit members, which write a history as networks do."""

    def make() -> Learner:
        learner = preprocessed()
        true = learner.fit

        def with_history(*arguments: Any, workdir: Path, **options: Any) -> FitReport:
            (workdir / "history.csv").write_text("epoch,loss\n1,0.5\n")
            return true(*arguments, workdir=workdir, **options)

        learner.fit = with_history  # type: ignore[method-assign]
        return learner

    return fit(DeepEnsemble(make, 3), parts, folder)


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_a_loaded_network_gives_the_same_scores(make: Any, parts: Parts, tmp_path: Path, policy: str) -> None:
    """Weights, statistics of batches and the scale of the inputs; the precision is a parameter."""
    learner, fresh = make(epochs=2, precision=policy), make(epochs=2, precision=policy)
    scores = fit(learner, parts, tmp_path)

    load_learner(fresh, tmp_path / "saved")

    np.testing.assert_array_equal(fresh.predict(parts[1].blind()), scores)


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["none", "balanced"])
def test_a_loaded_logit_adjusted_network_gives_the_same_scores(
    make: Any, parts: Parts, tmp_path: Path, policy: Any
) -> None:
    """Class frequencies act in training only."""
    training = Training(epochs=2, batch_size=16, imbalance=policy, label_smoothing=0.0)
    learner, fresh = (LogitAdjusted(make().build, training) for _ in range(2))
    scores = fit(learner, parts, tmp_path)

    load_learner(fresh, tmp_path / "saved")

    np.testing.assert_array_equal(fresh.predict(parts[1].blind()), scores)


@pytest.fixture(scope="module")
def network(make: Any, parts: Parts, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a saved network."""
    folder = tmp_path_factory.mktemp("network")
    fit(make(epochs=1), parts, folder)
    return folder / "saved"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"shape": [12, 12]}, r"."),
        ({"shape": [10**9, 10**9, 1]}, "inputs of shape"),
        ({"shape": [2**20, 2**20, 1]}, "inputs of shape"),
        ({"shape": [20, 12, 1]}, "has shape"),
        ({"shape": "12"}, "inputs of shape"),
        ({"shape": [-12, 12, 1]}, "inputs of shape"),
        ({"shape": [True, 12, 1]}, "inputs of shape"),
        ({"dtype": "object"}, "type 'object'"),
        ({"dtype": "complex64"}, "type 'complex64'"),
        ({"n_classes": 4}, "has shape"),
        ({"n_classes": 0}, "n_classes is 0"),
    ],
)
def test_a_network_of_another_form_is_refused(
    make: Any, network: Path, tmp_path: Path, change: Any, words: str
) -> None:
    value, arrays = read_state(network)
    write_state(tmp_path, {**value, **change}, arrays)
    fresh = make(epochs=1)

    with pytest.raises(ValueError, match=words):
        load_learner(fresh, tmp_path)
    assert fresh.model is None


@pytest.mark.slow
def test_weights_that_are_too_few_or_not_finite_are_refused(make: Any, network: Path, tmp_path: Path) -> None:
    value, arrays = read_state(network)
    last = f"weight-{len(arrays) - 1}"

    write_state(tmp_path, value, {name: array for name, array in arrays.items() if name != last})
    with pytest.raises(ValueError, match=f"{len(arrays) - 1} weights, expected {len(arrays)}"):
        load_learner(make(), tmp_path)
    write_state(tmp_path, value, {**arrays, last: np.full_like(arrays[last], np.inf)})
    with pytest.raises(ValueError, match="not finite"):
        load_learner(make(), tmp_path)


def test_an_ensemble_loads_the_members_that_were_fitted(parts: Parts, tmp_path: Path) -> None:
    """Fewer than planned if the budget ended the fit, never more."""
    scores = _fit_ensemble(parts, tmp_path)
    saved, fewer = tmp_path / "saved", DeepEnsemble(preprocessed, 2)

    with pytest.raises(ValueError, match="members is 3, expected a whole number from 1 to 2"):
        fewer.load(saved)
    write_state(saved, {"members": 1})
    shutil.rmtree(saved / "member-1")
    single = DeepEnsemble(preprocessed, 3)
    single.load(saved)

    assert len(single.fitted) == 1
    assert single.predict(parts[1].blind()).shape == scores.shape


class Unsavable:
    """A learner without `save` and `load`."""

    def fit(self, train: Samples, valid: Samples, *, seed: int, workdir: Path, budget_s: float) -> FitReport:
        self.n = train.n_classes
        return FitReport()

    def predict(self, samples: Samples) -> Floats:
        return np.ones((len(samples), self.n))


@pytest.mark.parametrize("wrap", [PlattScaled, AsUint8, lambda learner: Preprocessed(Centring(), lambda step: learner)])
def test_a_wrapper_of_a_learner_that_cannot_be_saved_says_so(wrap: Any, parts: Parts, tmp_path: Path) -> None:
    with pytest.raises(CannotSave, match="Unsavable has no methods save and load"):
        fit(wrap(Unsavable()), parts, tmp_path)


def test_preprocessing_that_cannot_be_saved_is_named(parts: Parts, tmp_path: Path) -> None:
    """Such as a function of a plugin."""
    learner = Preprocessed(lambda train: lambda batch: batch.reshape(len(batch), -1), lambda step: Constant())

    with pytest.raises(CannotSave, match="its preprocessing function has no methods save and load"):
        fit(learner, parts, tmp_path)
    with pytest.raises(TypeError, match="has no methods save and load"):
        learner.load(tmp_path)


def test_a_learner_without_load_is_not_loaded(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="Unsavable has no methods save and load"):
        load_learner(Unsavable(), tmp_path)


def texts(*rows: str) -> Samples:
    return Samples.from_arrays(np.array(rows, dtype=object), np.arange(len(rows)) % 2, ("a", "b"), Card("texts", "1"))


def test_a_vocabulary_is_loaded_with_the_words_and_the_length(tmp_path: Path) -> None:
    """Of vectors only the dimension, as they are weights of the network."""
    prepare = Vocabulary(str.split)
    step = prepare(texts("b c a", "c ü 电"))
    prepare.save(step, tmp_path)
    assert prepare.load(tmp_path) == step

    prepare.save(dataclasses.replace(step, vectors=np.ones((5, 7), np.float32)), tmp_path)
    vectors = prepare.load(tmp_path).vectors

    assert vectors is not None
    assert vectors.tolist() == np.zeros((5, 7)).tolist()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"vocabulary": ["a", "a"]}, "a word occurs twice"),
        ({"vocabulary": ["a", 1]}, "not a list of words"),
        ({"vocabulary": "ab"}, "not a list of words"),
        ({"length": 10**9}, "length is 1000000000"),
        ({"dimension": -1}, "dimension is -1"),
    ],
)
def test_a_vocabulary_that_cannot_be_true_is_refused(tmp_path: Path, change: Any, words: str) -> None:
    Vocabulary(str.split).save(Encoder(str.split, ("a", "b"), 3), tmp_path)
    write_state(tmp_path, {**read_state(tmp_path).value, **change})

    with pytest.raises(ValueError, match=words):
        Vocabulary(str.split).load(tmp_path)


def test_saved_files_are_json_and_plain_arrays_only(parts: Parts, tmp_path: Path) -> None:
    """No file could run code."""
    fit(PlattScaled(preprocessed()), parts, tmp_path)

    names = {path.name for path in (tmp_path / "saved").rglob("*") if path.is_file()}
    assert names == {STATE, ARRAYS}
