"""Properties shared by all layers and networks."""

from functools import partial

import keras
import numpy as np
import pytest

from visiontk.blocks.alexnet import alexnet
from visiontk.blocks.convnet import convnet
from visiontk.blocks.expression_cnn import expression_cnn
from visiontk.blocks.image_augmentation_layers import RandomHorizontalFlip, RandomShift
from visiontk.blocks.lenet import C3_INPUTS, PartialConv2D, Subsampling, lenet5
from visiontk.blocks.medical_cnn import medical_cnn
from visiontk.blocks.resnet import resnet, resnet50
from visiontk.blocks.standardization import standardized_input
from visiontk.blocks.xception import mini_xception

SHAPES = [(8, 8, 1), (28, 28, 1), (32, 32, 3), (64, 64, 3), (20, 45, 1), (40, 12, 3)]
NETWORKS = {
    "lenet5": lenet5,
    "resnet": resnet,
    "convnet": convnet,
    "expression_cnn": expression_cnn,
    "mini_xception": mini_xception,
    "medical_cnn": partial(medical_cnn, dropout=0.0),
    "alexnet": partial(alexnet, dropout=0.0),
    "resnet50": resnet50,
}
HEAVY = {"alexnet", "resnet50"}
saving = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras when it saves
LAYERS = {
    "subsampling": (Subsampling, (8, 6, 4)),
    "partial convolution": (partial(PartialConv2D, C3_INPUTS, 5), (9, 7, 6)),
    "shift": (partial(RandomShift, 2, seed=1), (6, 7, 3)),
    "flip": (partial(RandomHorizontalFlip, seed=1), (6, 7, 3)),
}


def images(shape, n=6, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, *shape), np.uint8)


def cases():
    for name in NETWORKS:
        for shape in [(8, 8, 1), (64, 64, 3)] if name in HEAVY else SHAPES:
            marks = [pytest.mark.slow] if name in HEAVY or shape == (64, 64, 3) else []
            yield pytest.param(NETWORKS[name], shape, marks=marks, id=f"{name}-{'x'.join(map(str, shape))}")


@pytest.fixture
def policy():
    before = keras.config.dtype_policy()
    yield keras.config.set_dtype_policy
    keras.config.set_dtype_policy(before)


@pytest.mark.parametrize(("build", "shape"), list(cases()))
def test_a_network_gives_finite_logits_for_images_of_any_size(build, shape):
    """Symbolic and eager shapes agree, and the same seed gives the same network."""
    x = images(shape)
    keras.utils.set_random_seed(0)
    model = build(x, 5)

    logits = keras.ops.convert_to_numpy(model(x))

    assert model.input_shape == (None, *shape)
    assert model.inputs[0].dtype == "uint8"
    assert model.output_shape == (None, 5)
    assert logits.shape == (6, 5)
    assert np.isfinite(logits).all()
    assert np.ptp(logits, axis=0).min() > 0
    keras.utils.set_random_seed(0)
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(build(x, 5)(x)), logits)


@saving
@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_a_saved_network_gives_the_same_predictions(name, tmp_path):
    """Keras loads it without custom objects."""
    x = images((16, 16, 3))
    model = NETWORKS[name](x, 4)
    model.save(tmp_path / "model.keras")

    loaded = keras.saving.load_model(tmp_path / "model.keras")

    np.testing.assert_array_equal(loaded.predict_on_batch(x), model.predict_on_batch(x))


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n in HEAVY else n for n in NETWORKS])
def test_half_precision_gives_nearly_the_same_logits(name, policy):
    x = images((16, 16, 1))
    full = NETWORKS[name](x, 4)
    policy("mixed_float16")
    half = NETWORKS[name](x, 4)

    half.set_weights(full.get_weights())

    expected = np.asarray(keras.ops.convert_to_numpy(full(x)), np.float64)
    output = np.asarray(keras.ops.convert_to_numpy(half(x)), np.float64)
    assert half.compute_dtype == "float16"
    assert np.abs(output - expected).max() < 0.05 * np.abs(expected).max() + 0.02


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_training_lowers_the_loss(name):
    """A few small steps on one batch."""
    x, y = images((12, 12, 1), n=12), np.arange(12) % 3
    keras.utils.set_random_seed(1)
    model = NETWORKS[name](x, 3)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(1e-3), loss)

    losses = [float(model.train_on_batch(x, y)) for _ in range(4)]

    assert losses[-1] < losses[0]


@saving
@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_computes_its_output_shape_and_can_be_saved(name, tmp_path):
    """Symbolic and eager shapes agree; the configuration and the saved file restore the layer."""
    make, shape = LAYERS[name]
    x = np.random.default_rng(0).normal(size=(3, *shape)).astype(np.float32)
    layer = make()
    inputs = keras.Input(shape)
    model = keras.Model(inputs, layer(inputs))

    eager = keras.ops.convert_to_numpy(layer(x))

    assert layer.compute_output_shape((3, *shape)) == eager.shape
    assert model.output_shape[1:] == eager.shape[1:]
    assert type(layer).from_config(layer.get_config()).get_config() == layer.get_config()
    model.save(tmp_path / "layer.keras")
    np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "layer.keras")(x), eager)


@pytest.mark.parametrize("dtype", ["float16", "mixed_bfloat16", "float64"])
@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_computes_in_its_dtype(name, dtype):
    make, shape = LAYERS[name]
    layer = make(dtype=dtype)

    output = layer(np.ones((2, *shape), np.float32), training=True)

    assert keras.backend.standardize_dtype(output.dtype) == dtype.removeprefix("mixed_")


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_standardised_inputs_have_mean_0_and_deviation_1(dtype):
    """Per channel; a constant channel becomes 0."""
    x = (np.random.default_rng(0).normal(size=(250, 5, 4, 3)) * [5, 20, 0] + [100, 50, 7]).astype(dtype)
    inputs, scaled = standardized_input(x)

    output = keras.Model(inputs, scaled).predict_on_batch(x)

    np.testing.assert_allclose(output.mean(axis=(0, 1, 2)), 0, atol=1e-4)
    np.testing.assert_allclose(output.std(axis=(0, 1, 2)), [1, 1, 0], atol=1e-4)
    expected = (x[..., :2] - x[..., :2].mean(axis=(0, 1, 2))) / x[..., :2].std(axis=(0, 1, 2))
    np.testing.assert_allclose(output[..., :2], expected, atol=1e-4)
