"""Virtual training examples."""

import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn.svm import SVC

from visiontk.baselines.logmel import PADDING_DB
from visiontk.baselines.spectrogram_features import SegmentMeans, n_frames
from visiontk.baselines.virtual_examples import VirtualExamples, shift_bands


def spectrograms(n=6, frames=50, bands=40, seed=0):
    return np.random.default_rng(seed).uniform(-80, 0, (n, frames, bands, 1)).astype(np.float32)


def test_shifting_up_and_down_preserves_the_middle():
    x = spectrograms()

    again = shift_bands(shift_bands(x, 2.0, 1.0), -2.0, 1.0)

    np.testing.assert_allclose(again[:, :, 2:-2], x[:, :, 2:-2], atol=1e-4)
    assert shift_bands(x, 0.0, 1.0) is x


def test_shifting_preserves_padding():
    x = np.pad(spectrograms(), ((0, 0), (0, 30), (0, 0), (0, 0)), constant_values=PADDING_DB)

    assert n_frames(shift_bands(x, 1.5, 1.1)).tolist() == n_frames(x).tolist()


def test_copies_are_used_in_fit_and_the_original_in_predict():
    """A class that is two bands higher in the test set is only recognised after fitting with copies."""
    rng = np.random.default_rng(0)
    x = np.full((60, 4, 40, 1), -80, np.float32)
    y = np.arange(60) % 2
    for one, kind in zip(x, y, strict=True):
        one[:, [8, 13][kind] : [8, 13][kind] + 2] = rng.uniform(-10, 0)
    shifted = shift_bands(x, -2.5, 1.0)
    pipeline = make_pipeline(SegmentMeans(1), SVC())

    plain = VirtualExamples(make_pipeline(SegmentMeans(1), SVC())).fit(x, y)
    varied = VirtualExamples(pipeline, (0.0, -2.5), (1.0, 1.0)).fit(x, y)

    assert (varied.predict(x) == y).all()
    assert (varied.predict(shifted) == y).mean() > (plain.predict(shifted) == y).mean()
    np.testing.assert_array_equal(varied.decision_function(x), pipeline.decision_function(x))


def test_weights_apply_to_every_copy():
    """A class with negligible weight is never predicted."""
    x, y = spectrograms(40), np.arange(40) % 2
    pipeline = make_pipeline(SegmentMeans(2), SVC(C=0.1))

    varied = VirtualExamples(pipeline, (0.0, 1.0), (1.0, 1.0)).fit(x, y, sample_weight=np.where(y == 0, 1.0, 1e-6))

    assert (varied.predict(x) == 0).all()
