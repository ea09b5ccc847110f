"""Each network compared with the paper that describes it."""

import keras
import numpy as np
import pytest
from scipy.signal import correlate2d

from visiontk.blocks.alexnet import alexnet
from visiontk.blocks.lenet import C3_INPUTS, PartialConv2D, Subsampling, lenet5, scaled_tanh
from visiontk.blocks.resnet import resnet, resnet50


def images(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def trainable(model):
    return int(sum(np.prod(v.shape) for v in model.trainable_variables))


def test_lenet5_has_the_parameters_of_the_paper_layer_by_layer():
    """LeCun et al. (1998), section II.B: C1 156, S2 12, C3 1,516, S4 32, C5 48,120, F6 10,164."""
    model = lenet5(images(4, 32, 32, 1), 10)

    counts = {name: model.get_layer(name).count_params() for name in ("c1", "s2", "c3", "s4", "c5", "f6", "output")}

    assert counts == {"c1": 156, "s2": 12, "c3": 1516, "s4": 32, "c5": 48_120, "f6": 10_164, "output": 850}
    assert trainable(model) == 60_850


def test_lenet5_has_the_feature_maps_of_the_paper():
    """Figure 2: 6 maps of 28 x 28, of 14 x 14, 16 of 10 x 10, of 5 x 5, 120 of 1 x 1, 84 units."""
    model = lenet5(images(4, 28, 28, 1), 10)

    shapes = [model.get_layer(name).output.shape[1:] for name in ("c1", "s2", "c3", "s4", "c5", "f6")]

    assert shapes == [(28, 28, 6), (14, 14, 6), (10, 10, 16), (5, 5, 16), (1, 1, 120), (84,)]


TABLE_I = """
X...XXX..XXXX.XX
XX...XXX..XXXX.X
XXX...XXX..X.XXX
.XXX..XXXX..X.XX
..XXX..XXXX.XX.X
...XXX..XXXX.XXX
"""


def test_the_connections_of_c3_are_those_of_table_i():
    """Rows are maps of S2, columns maps of C3, as printed in the paper."""
    table = np.array([[mark == "X" for mark in line] for line in TABLE_I.split()])

    actual = np.array([[row in maps for maps in C3_INPUTS] for row in range(6)])

    assert np.array_equal(actual, table)
    assert actual.sum(axis=0).tolist() == [3] * 6 + [4] * 9 + [6]
    assert actual.sum(axis=1).tolist() == [10] * 6


def test_a_partial_convolution_uses_only_its_input_maps():
    """Compared with SciPy, map by map."""
    inputs = ((0,), (0, 2), (1, 2, 3))
    layer = PartialConv2D(inputs, 3)
    x = np.random.default_rng(0).normal(size=(1, 6, 7, 4)).astype(np.float32)
    layer.build(x.shape)
    layer.bias.assign([0.1, 0.2, 0.3])
    kernels = iter(np.moveaxis(layer.kernel.value.numpy(), -1, 0))

    actual = keras.ops.convert_to_numpy(layer(x))

    for out, maps in enumerate(inputs):
        expected = sum(correlate2d(x[0, :, :, i], next(kernels), mode="valid") for i in maps) + 0.1 * (out + 1)
        np.testing.assert_allclose(actual[0, :, :, out], expected, atol=1e-5)
    assert layer.n_connected == layer.count_params() == 6 * 9 + 3


def test_a_fully_connected_partial_convolution_is_initialised_like_lecun_uniform():
    """Uniform with variance 1 / fan-in, where the fan-in counts connected maps."""
    keras.utils.set_random_seed(0)
    layer = PartialConv2D(((0,), tuple(range(16))), 15)
    layer.build((1, 20, 20, 16))
    kernel = layer.kernel.value.numpy()

    assert kernel[..., 0].var() * 225 == pytest.approx(1, rel=0.2)
    assert kernel[..., 1:].var() * 225 * 16 == pytest.approx(1, rel=0.05)
    assert np.abs(kernel[..., 1:]).max() <= np.sqrt(3 / (225 * 16))


def test_subsampling_is_a_scaled_2_by_2_mean():
    layer = Subsampling()
    x = np.random.default_rng(0).normal(size=(2, 4, 6, 3)).astype(np.float32)
    layer.build(x.shape)
    layer.gamma.assign([1.0, 2.0, -1.0])
    layer.beta.assign([0.0, 0.5, 1.0])

    actual = keras.ops.convert_to_numpy(layer(x))

    expected = x.reshape(2, 2, 2, 3, 2, 3).mean(axis=(2, 4)) * [1, 2, -1] + [0, 0.5, 1]
    np.testing.assert_allclose(actual, expected, atol=1e-6)


def test_scaled_tanh_matches_the_paper():
    """Appendix A: f(1) = 1, f(-1) = -1, asymptotes at 1.7159."""
    x = np.linspace(-40, 40, 81).astype(np.float32)

    actual = keras.ops.convert_to_numpy(scaled_tanh(keras.ops.convert_to_tensor(x)))

    np.testing.assert_allclose(actual, -actual[::-1])
    assert actual[41] == pytest.approx(1, abs=1e-4)
    assert actual[-1] == pytest.approx(1.7159)


def test_lenet5_pads_28_pixels_with_the_mean():
    """Two pixels on each side, which are 0 once the images are standardised."""
    model = lenet5(images(4, 28, 30, 1), 10)
    padding = next(layer for layer in model.layers if isinstance(layer, keras.layers.ZeroPadding2D))

    assert padding.padding == ((2, 2), (1, 1))


@pytest.mark.slow
@pytest.mark.parametrize(("depth", "millions"), [(20, 0.27), (32, 0.46), (44, 0.66), (56, 0.85), (110, 1.7)])
def test_small_residual_networks_have_the_parameters_of_the_paper(depth, millions):
    """He et al. (2016), table 6, whose shortcuts have no weights; our two projections have 2,752."""
    model = resnet(images(2, 32, 32, 3), 10, depth=depth)

    digits = 1 if depth == 110 else 2
    projections = 16 * 32 + 2 * 32 + 32 * 64 + 2 * 64
    assert round((trainable(model) - projections) / 1e6, digits) == millions
    learned = [v for v in model.trainable_variables if v.name == "kernel" and "shortcut" not in v.path]
    assert len(learned) == depth


@pytest.mark.parametrize(("depth", "nearest"), [(7, 8), (9, 8), (18, 20), (34, 32), (1, 8)])
def test_an_invalid_depth_suggests_the_nearest(depth, nearest):
    with pytest.raises(ValueError, match=rf"depth is {depth}; .* 6 n \+ 2 layers. The nearest is {nearest}\."):
        resnet(images(2, 8, 8, 1), 2, depth=depth)


@pytest.mark.slow
def test_resnet50_has_the_parameters_of_the_published_network():
    """25,557,032 trainable parameters for 1,000 classes, as in torchvision and Keras."""
    model = resnet50(images(2, 64, 64, 3), 1000)

    assert trainable(model) == 25_557_032
    assert len([v for v in model.trainable_variables if v.name == "kernel" and "shortcut" not in v.path]) == 50


@pytest.mark.slow
def test_resnet50_reduces_an_image_32_fold():
    """For sides of at least 64 pixels; for smaller images, the stem preserves the resolution."""
    for side, last in ((64, 2), (32, 4)):
        model = resnet50(images(2, side, side, 3), 10)
        assert model.get_layer("stage4_block3_3_norm").output.shape[1:] == (last, last, 2048)


@pytest.mark.slow
def test_alexnet_has_the_parameters_of_the_paper_without_grouped_convolutions():
    """62,378,344 without groups; batch normalisation adds 2 (96 + 256)."""
    model = alexnet(images(2, 227, 227, 3), 1000)

    assert trainable(model) == 62_378_344 + 2 * (96 + 256)
    assert next(v.shape for v in model.trainable_variables if v.path.startswith("dense")) == (6 * 6 * 256, 4096)


def test_alexnet_for_small_images_has_eight_layers():
    model = alexnet(images(2, 28, 28, 1), 10)

    assert len([v for v in model.trainable_variables if v.name == "kernel"]) == 8
