"""Networks for faces."""

import keras
import numpy as np
import pytest

from visiontk.blocks.expression_cnn import expression_cnn
from visiontk.blocks.xception import mini_xception, separable_norm, separable_residual


def images(shape, n=6, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, *shape), np.uint8)


def test_expression_cnn_is_invariant_to_exposure_and_contrast():
    x = images((24, 24, 1)) // 3
    model = expression_cnn(x, 3)

    np.testing.assert_allclose(model.predict_on_batch(x), model.predict_on_batch(x * 2 + 30), atol=1e-4)


def test_mini_xception_has_about_as_many_parameters_as_in_the_paper():
    """Arriaga et al. (2017), section III: approximately 60,000 parameters."""
    model = mini_xception(images((48, 48, 1)), 7)

    assert 55_000 < model.count_params() < 62_000


def test_mini_xception_has_no_dense_layer_and_four_halving_modules():
    model = mini_xception(images((48, 48, 1)), 7)

    kinds = [type(layer).__name__ for layer in model.layers]
    pools = [layer.output.shape[1] for layer in model.layers if isinstance(layer, keras.layers.MaxPooling2D)]
    assert "Dense" not in kinds
    assert kinds.count("SeparableConv2D") == 8
    assert pools == [24, 12, 6, 3]


def test_a_separable_convolution_has_the_expected_number_of_weights():
    """9 per input map, one per pair of maps, and two per output map."""
    inputs = keras.Input((8, 8, 6))
    model = keras.Model(inputs, separable_norm(inputs, 10))

    assert sum(int(np.prod(v.shape)) for v in model.trainable_variables) == 9 * 6 + 6 * 10 + 2 * 10


@pytest.mark.parametrize(("side", "half"), [(8, 4), (7, 4), (1, 1)])
def test_a_module_halves_both_sides(side, half):
    inputs = keras.Input((side, side, 4))

    assert separable_residual(inputs, 6, name="one").shape == (None, half, half, 6)
