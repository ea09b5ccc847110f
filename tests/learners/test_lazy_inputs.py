import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.svm import LinearSVC

from visiontk.baselines.classifiers import Logistic
from visiontk.baselines.hog import HogComponents
from visiontk.baselines.lbp import LocalBinaryPatterns
from visiontk.baselines.patches import KMeansPatches
from visiontk.core import Card, Samples
from visiontk.learners import lazy_inputs
from visiontk.learners.classical import Classical
from visiontk.learners.lazy_inputs import LazyInputs, all_inputs
from visiontk.testing import tiny_images


@pytest.fixture
def samples():
    return tiny_images(90).subset(np.random.default_rng(0).permutation(90))


@pytest.fixture
def inputs(samples):
    return samples.take(np.arange(90))


@given(st.data())
@settings(max_examples=50, deadline=None)
def test_indexing_equals_array_indexing(data):
    """For slices, positions, and positions with further indices, repeated and in any order."""
    samples = tiny_images(30)
    array, lazy = samples.take(np.arange(30)), LazyInputs(samples)
    lazy.AT_ONCE = data.draw(st.integers(1, 40))
    start, stop = data.draw(st.integers(-35, 35)), data.draw(st.integers(-35, 35))
    positions = np.array(data.draw(st.lists(st.integers(0, 29), min_size=1, max_size=50)))
    rows = np.array(data.draw(st.lists(st.integers(0, 11), min_size=1, max_size=3)))

    np.testing.assert_array_equal(lazy[start:stop], array[start:stop])
    np.testing.assert_array_equal(lazy[positions], array[positions])
    np.testing.assert_array_equal(lazy[positions[:, None], rows], array[positions[:, None], rows])
    np.testing.assert_array_equal(
        lazy[positions[:, None, None], rows[:, None], rows], array[positions[:, None, None], rows[:, None], rows]
    )


def test_it_has_the_attributes_of_the_array(samples, inputs):
    lazy = LazyInputs(samples)

    assert (lazy.shape, lazy.dtype, lazy.ndim, len(lazy)) == (inputs.shape, inputs.dtype, 4, 90)


def test_small_inputs_are_read_into_memory_and_large_ones_are_not(samples, inputs, monkeypatch):
    assert isinstance(all_inputs(samples), np.ndarray)

    monkeypatch.setattr(lazy_inputs, "IN_MEMORY_BYTES", inputs.nbytes)
    assert isinstance(all_inputs(samples), np.ndarray)
    monkeypatch.setattr(lazy_inputs, "IN_MEMORY_BYTES", inputs.nbytes - 1)
    assert isinstance(all_inputs(samples), LazyInputs)


@pytest.mark.parametrize(
    "features",
    [HogComponents(n_components=8), LocalBinaryPatterns(grid=2), KMeansPatches(8, n_patches=500)],
    ids=lambda features: type(features).__name__,
)
def test_streamed_features_equal_those_in_memory(samples, features, monkeypatch):
    """No call reads more than one batch."""
    whole = Classical(features, LinearSVC(random_state=0))
    whole.fit(samples, samples, seed=0, workdir=None, budget_s=9)
    expected = whole.predict(samples)
    sizes = []

    def read(rows):
        sizes.append(len(rows))
        return samples.read(samples.rows[rows])

    streamed = Samples(samples.ids, samples.y, samples.labels, read, Card("streamed", "0"))
    monkeypatch.setattr(lazy_inputs, "IN_MEMORY_BYTES", 0)
    for name in ("visiontk.baselines.lbp.BATCH", "visiontk.baselines.patches.BATCH"):
        monkeypatch.setattr(name, 16)
    monkeypatch.setattr(LazyInputs, "AT_ONCE", 16)
    monkeypatch.setattr("visiontk.baselines.hog.FIT_BYTES", 40 * 144)
    features.n_fit = 40
    other = Classical(features, LinearSVC(random_state=0))
    other.fit(streamed, streamed, seed=0, workdir=None, budget_s=9)

    assert max(sizes) < 90
    if type(features) is not HogComponents:  # its components come from fewer images here
        np.testing.assert_array_equal(other.predict(samples), expected)
    assert (other.predict(samples).argmax(axis=1) == samples.y).mean() > 0.8


def test_logistic_regression_works_with_features_of_streamed_inputs(samples, monkeypatch):
    monkeypatch.setattr(lazy_inputs, "IN_MEMORY_BYTES", 0)
    learner = Classical(LocalBinaryPatterns(grid=2), Logistic(10.0))

    learner.fit(samples, samples, seed=0, workdir=None, budget_s=9)

    assert (learner.predict(samples).argmax(axis=1) == samples.y).mean() > 0.8


def test_large_inputs_are_evaluated_in_smaller_batches():
    """A batch of 256 images of 512 x 512 pixels would need gigabytes."""
    from visiontk.learners.batches import evaluation_batch_size

    def samples_of(side):
        return Samples.from_arrays(np.zeros((2, side, side, 3), np.uint8), [0, 1], ("a", "b"), Card("zeros", "0"))

    assert [evaluation_batch_size(samples_of(side)) for side in (28, 64, 65, 512)] == [256, 256, 128, 4]


@pytest.mark.parametrize("features", [HogComponents(n_components=3), LocalBinaryPatterns(grid=2)])
def test_features_do_not_depend_on_the_batch_size(inputs, features, monkeypatch):
    expected = features.fit(inputs).transform(inputs)
    for name in ("hog", "lbp"):
        monkeypatch.setattr(f"visiontk.baselines.{name}.BATCH_PIXELS", 300)

    np.testing.assert_array_equal(features.transform(inputs), expected)
