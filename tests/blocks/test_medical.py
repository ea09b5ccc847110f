from __future__ import annotations

import keras
import numpy as np
import pytest

from visiontk.blocks.medical_cnn import medical_cnn
from visiontk.blocks.standardization import PerImageStandardization


def images(n=4, side=28, channels=1, dtype=np.uint8):
    return np.random.default_rng(0).integers(0, np.iinfo(dtype).max, (n, side, side, channels), dtype)


def test_predictions_are_invariant_to_brightness_contrast_and_bit_depth():
    x = (images() // 2).astype(np.uint16)
    model = medical_cnn(x, 2)

    plain = model.predict(x, verbose=0)

    assert model.predict(x * 200 + 1000, verbose=0) == pytest.approx(plain, abs=1e-4)


def test_a_uniform_image_becomes_zero():
    output = keras.ops.convert_to_numpy(PerImageStandardization()(np.full((2, 6, 6, 1), 77, np.uint8)))

    assert (output == 0).all()


def test_large_images_are_downsampled_before_the_stages():
    """The cost of an image of 224 pixels stays near that of a small one."""
    model = medical_cnn(images(2, 224), 2, width=4)

    assert model.get_layer("stage1_1_conv").input.shape[1] == 28


def test_the_standardization_layer_can_be_deserialised():
    layer = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(PerImageStandardization()))

    assert isinstance(layer, PerImageStandardization)
