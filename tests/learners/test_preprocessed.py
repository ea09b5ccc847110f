import time

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from visiontk.core import Card, FitReport, Samples
from visiontk.data.cache import cached
from visiontk.learners.classical import Classical
from visiontk.learners.preprocessed import Preprocessed


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("VISIONTK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def points():
    y = np.arange(90) % 3
    x = np.random.default_rng(0).normal(size=(90, 4)) + 3 * np.eye(4)[y]
    return Samples.from_arrays(x, y, list("abc"), Card("points", "f1"))


class Counting:
    """A step that counts its rows."""

    def __init__(self):
        self.rows = 0

    def __call__(self, batch):
        self.rows += len(batch)
        return 2 * batch


class Watching:
    """A learner that records its arguments."""

    def fit(self, train, valid, *, seed, workdir, budget_s):
        self.train, self.valid, self.seed, self.budget_s = train, valid, seed, budget_s
        return FitReport()

    def predict(self, samples):
        self.seen = samples.take(np.arange(len(samples)))
        return np.zeros((len(samples), 3))


def fit(learner, samples, tmp_path, **options):
    parts = samples.subset(np.arange(60)), samples.subset(np.arange(60, 80))
    return learner.fit(*parts, seed=7, workdir=tmp_path, budget_s=options.get("budget_s", 9.0))


@pytest.mark.parametrize("name", ["", "double v1"], ids=["not cached", "cached"])
def test_the_learner_sees_transformed_inputs(points, tmp_path, name):
    watching = Watching()
    learner = Preprocessed(lambda train: Counting(), lambda step: watching, cache=name)

    fit(learner, points, tmp_path)
    learner.predict(points.subset(np.arange(80, 90)))

    everything = 2 * points.take(np.arange(90))
    np.testing.assert_array_equal(watching.train.take(np.arange(60)), everything[:60])
    np.testing.assert_array_equal(watching.valid.subset([3, 1]).take([0, 1]), everything[[63, 61]])
    np.testing.assert_array_equal(watching.seen, everything[80:])
    assert watching.train.y.tolist() == points.y[:60].tolist()
    assert watching.seed == 7
    assert 0 < watching.budget_s <= 9


def test_the_step_is_prepared_on_the_training_set_alone(points, tmp_path):
    seen = []

    def prepare(train):
        seen.append(train.ids.tolist())
        return Counting()

    fit(Preprocessed(prepare, lambda step: Watching()), points, tmp_path)

    assert seen == [points.ids[:60].tolist()]


def test_a_named_step_is_not_repeated_and_an_unnamed_one_is(points, tmp_path):
    for name, expected in (("", 80), ("double v1", 0)):
        fit(Preprocessed(lambda train: Counting(), lambda step: Watching(), cache=name), points, tmp_path)
        step = Counting()
        fit(Preprocessed(lambda train: step, lambda step: Watching(), cache=name), points, tmp_path)  # noqa: B023
        assert step.rows == expected


def test_predict_computes_because_its_time_is_measured(points, tmp_path):
    step = Counting()
    learner = Preprocessed(lambda train: step, lambda step: Watching(), cache="double v1")
    fit(learner, points, tmp_path)
    before = step.rows

    learner.predict(points.subset(np.arange(20)))

    assert step.rows == before + 20


def test_cost_does_not_depend_on_earlier_fits(points, tmp_path):
    def slow(batch):
        end = time.process_time() + 0.1
        while time.process_time() < end:
            pass
        return batch

    reports = [
        fit(Preprocessed(lambda train: slow, lambda step: Watching(), cache="slow v1"), points, tmp_path)
        for _ in range(2)
    ]

    assert [report.cpu_s >= 0.2 for report in reports] == [True, True]  # train and valid, 0.1 s each


def test_scores_with_and_without_the_cache_are_equal(points, tmp_path):
    def scores(name):
        learner = Preprocessed(lambda train: Counting(), lambda step: Classical(LogisticRegression()), cache=name)
        fit(learner, points, tmp_path)
        return learner.predict(points)

    assert np.array_equal(scores(""), scores("double v1"))
    assert np.array_equal(scores(""), scores("double v1"))


def test_predict_before_fit_is_refused(points):
    with pytest.raises(RuntimeError, match="before fit"):
        Preprocessed(lambda train: Counting(), lambda step: Watching()).predict(points)


def test_cached_rows_of_one_part_serve_another(points, cache):
    step = Counting()
    cached(points.subset(np.arange(10, 50)), step, "double")
    values, _ = cached(points.subset([45, 5, 20]), step, "double")

    np.testing.assert_array_equal(values, 2 * points.take([45, 5, 20]))
    assert step.rows == 41


@pytest.mark.parametrize("change", ["name", "fingerprint", "rate"])
def test_another_function_or_other_data_share_nothing(points, change):
    import dataclasses

    cached(points, Counting(), "double")
    card = points.card
    if change == "fingerprint":
        card = dataclasses.replace(card, fingerprint="f2")
    if change == "rate":
        card = dataclasses.replace(card, sample_rate=8000)
    step = Counting()

    cached(dataclasses.replace(points, card=card), step, "double v2" if change == "name" else "double")

    assert step.rows == 90


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04rubbish", b"half"])
def test_a_damaged_file_is_computed_again(points, cache, content, caplog):
    cached(points, Counting(), "double")
    (file,) = cache.rglob("*.npz")
    file.write_bytes(file.read_bytes()[:200] if content == b"half" else content)

    values, _ = cached(points, Counting(), "double")

    np.testing.assert_array_equal(values, 2 * points.take(np.arange(90)))
    assert "W-CACHE-DAMAGED" in caplog.text


def test_a_folder_that_cannot_be_written_is_done_without(points, tmp_path, monkeypatch, caplog):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("VISIONTK_CACHE", str(tmp_path / "file"))

    values, _ = cached(points, Counting(), "double")

    np.testing.assert_array_equal(values, 2 * points.take(np.arange(90)))
    assert "W-CACHE" in caplog.text


def test_nothing_half_written_is_left(points, cache, monkeypatch):
    def broken(file, **arrays):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", broken)

    cached(points, Counting(), "double")

    assert [path for path in cache.rglob("*") if path.is_file()] == []
