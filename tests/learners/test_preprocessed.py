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


class CountingStep:
    """Preprocessing step that counts its rows."""

    def __init__(self):
        self.rows = 0

    def __call__(self, batch):
        self.rows += len(batch)
        return 2 * batch


class RecordingLearner:
    """Learner that records its arguments."""

    def fit(self, train, valid, *, seed, workdir, budget_s):
        self.train, self.valid, self.seed, self.budget_s = train, valid, seed, budget_s
        return FitReport()

    def predict(self, samples):
        self.inputs = samples.take(np.arange(len(samples)))
        return np.zeros((len(samples), 3))


def fit(learner, samples, tmp_path, **options):
    parts = samples.subset(np.arange(60)), samples.subset(np.arange(60, 80))
    return learner.fit(*parts, seed=7, workdir=tmp_path, budget_s=options.get("budget_s", 9.0))


@pytest.mark.parametrize("name", ["", "double v1"], ids=["not cached", "cached"])
def test_the_learner_receives_transformed_inputs(points, tmp_path, name):
    recorder = RecordingLearner()
    learner = Preprocessed(lambda train: CountingStep(), lambda step: recorder, cache=name)

    fit(learner, points, tmp_path)
    learner.predict(points.subset(np.arange(80, 90)))

    everything = 2 * points.take(np.arange(90))
    np.testing.assert_array_equal(recorder.train.take(np.arange(60)), everything[:60])
    np.testing.assert_array_equal(recorder.valid.subset([3, 1]).take([0, 1]), everything[[63, 61]])
    np.testing.assert_array_equal(recorder.inputs, everything[80:])
    assert recorder.train.y.tolist() == points.y[:60].tolist()
    assert recorder.seed == 7
    assert 0 < recorder.budget_s <= 9


def test_the_step_is_fitted_on_the_training_set_only(points, tmp_path):
    ids = []

    def prepare(train):
        ids.append(train.ids.tolist())
        return CountingStep()

    fit(Preprocessed(prepare, lambda step: RecordingLearner()), points, tmp_path)

    assert ids == [points.ids[:60].tolist()]


def test_only_a_named_step_is_cached(points, tmp_path):
    for name, expected in (("", 80), ("double v1", 0)):
        fit(Preprocessed(lambda train: CountingStep(), lambda step: RecordingLearner(), cache=name), points, tmp_path)
        step = CountingStep()
        fit(Preprocessed(lambda train: step, lambda step: RecordingLearner(), cache=name), points, tmp_path)  # noqa: B023
        assert step.rows == expected


def test_predict_does_not_use_the_cache(points, tmp_path):
    step = CountingStep()
    learner = Preprocessed(lambda train: step, lambda step: RecordingLearner(), cache="double v1")
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
        fit(Preprocessed(lambda train: slow, lambda step: RecordingLearner(), cache="slow v1"), points, tmp_path)
        for _ in range(2)
    ]

    assert [report.cpu_s >= 0.2 for report in reports] == [True, True]  # train and valid, 0.1 s each


def test_scores_with_and_without_the_cache_are_equal(points, tmp_path):
    def scores(name):
        learner = Preprocessed(lambda train: CountingStep(), lambda step: Classical(LogisticRegression()), cache=name)
        fit(learner, points, tmp_path)
        return learner.predict(points)

    assert np.array_equal(scores(""), scores("double v1"))
    assert np.array_equal(scores(""), scores("double v1"))


def test_predict_before_fit_is_refused(points):
    with pytest.raises(RuntimeError, match="before fit"):
        Preprocessed(lambda train: CountingStep(), lambda step: RecordingLearner()).predict(points)


def test_cached_rows_of_one_part_are_used_by_another(points, cache):
    step = CountingStep()
    cached(points.subset(np.arange(10, 50)), step, "double")
    values, _ = cached(points.subset([45, 5, 20]), step, "double")

    np.testing.assert_array_equal(values, 2 * points.take([45, 5, 20]))
    assert step.rows == 41


@pytest.mark.parametrize("change", ["name", "fingerprint", "rate"])
def test_another_step_or_other_data_do_not_share_the_cache(points, change):
    import dataclasses

    cached(points, CountingStep(), "double")
    card = points.card
    if change == "fingerprint":
        card = dataclasses.replace(card, fingerprint="f2")
    if change == "rate":
        card = dataclasses.replace(card, sample_rate=8000)
    step = CountingStep()

    cached(dataclasses.replace(points, card=card), step, "double v2" if change == "name" else "double")

    assert step.rows == 90


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04rubbish", b"half"])
def test_a_damaged_cache_file_is_computed_again(points, cache, content, caplog):
    cached(points, CountingStep(), "double")
    (file,) = cache.rglob("*.npz")
    file.write_bytes(file.read_bytes()[:200] if content == b"half" else content)

    values, _ = cached(points, CountingStep(), "double")

    np.testing.assert_array_equal(values, 2 * points.take(np.arange(90)))
    assert "W-CACHE-DAMAGED" in caplog.text


def test_an_unwritable_cache_folder_is_not_an_error(points, tmp_path, monkeypatch, caplog):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("VISIONTK_CACHE", str(tmp_path / "file"))

    values, _ = cached(points, CountingStep(), "double")

    np.testing.assert_array_equal(values, 2 * points.take(np.arange(90)))
    assert "W-CACHE" in caplog.text


def test_a_failed_write_leaves_no_partial_file(points, cache, monkeypatch):
    def broken(file, **arrays):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", broken)

    cached(points, CountingStep(), "double")

    assert [path for path in cache.rglob("*") if path.is_file()] == []
