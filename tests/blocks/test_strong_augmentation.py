from __future__ import annotations

import keras
import numpy as np
import pytest

from visiontk.blocks.image_augmentation import StrongAugmentation
from visiontk.blocks.image_augmentation_layers import Cutout, RandomAffine, RandomGammaContrast
from visiontk.core import Card

LAYERS = {
    "affine": lambda seed=0: RandomAffine(0.1, 0.1, 10.0, seed=seed),
    "exposure": lambda seed=0: RandomGammaContrast(0.3, seed=seed),
    "cutout": lambda seed=0: Cutout(0.6, seed=seed),
}
CARD, MIRRORED = Card("a", "0"), Card("b", "1", mirror=True)


def images(n=6, side=16, dtype=np.uint8, channels=1):
    limit = np.iinfo(dtype).max if np.dtype(dtype).kind == "u" else 1
    return (np.random.default_rng(0).random((n, side, side, channels)) * limit).astype(dtype)


def augmented(layer, x):
    return keras.ops.convert_to_numpy(layer(x, training=True))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("name", LAYERS)
def test_dtype_and_shape_are_preserved_and_only_training_changes_images(name, dtype):
    x = images(dtype=dtype, channels=3)
    layer = LAYERS[name]()

    unchanged, changed = keras.ops.convert_to_numpy(layer(x, training=False)), augmented(layer, x)

    assert (unchanged == x).all()
    assert (changed.dtype, changed.shape) == (x.dtype, x.shape)
    assert (changed != x).any()


@pytest.mark.parametrize("name", LAYERS)
def test_the_seed_determines_the_augmentation(name):
    x = images()

    assert (augmented(LAYERS[name](1), x) == augmented(LAYERS[name](1), x)).all()
    assert (augmented(LAYERS[name](1), x) != augmented(LAYERS[name](2), x)).any()


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_can_be_restored_from_its_config(name):
    layer = LAYERS[name](3)

    restored = type(layer).from_config(layer.get_config())

    assert (augmented(restored, images()) == augmented(LAYERS[name](3), images())).all()


@pytest.mark.parametrize("name", LAYERS)
def test_every_image_is_augmented_differently(name):
    x = np.repeat(images(1), 8, axis=0)

    assert len({image.tobytes() for image in augmented(LAYERS[name](), x)}) > 4


def test_a_shift_moves_the_centre_by_at_most_its_fraction():
    x = np.zeros((200, 33, 33, 1), np.float32)
    x[:, 16, 16] = 1.0

    output = augmented(RandomAffine(0.25, 0.0, 0.0, seed=0), x)[..., 0]

    rows = (output.sum(axis=2) * np.arange(33)).sum(axis=1)
    assert np.abs(rows - 16).max() <= 0.25 * 33 + 1e-3
    assert np.abs(rows - 16).max() > 0.2 * 33


def test_a_zoom_preserves_the_centre_and_changes_the_area():
    side = 41
    position = np.arange(side) - 20
    disc = (np.hypot(position[:, None], position[None, :]) <= 8).astype(np.float32)
    x = np.repeat(disc[None, ..., None], 100, axis=0)

    output = augmented(RandomAffine(0.0, 0.3, 0.0, seed=0), x)[..., 0]

    sizes = np.sqrt(output.sum(axis=(1, 2)) / disc.sum())
    assert (output[:, 20, 20] == 1).all()
    assert 0.65 < sizes.min() < 0.8
    assert 1.2 < sizes.max() < 1.35


def test_a_rotation_preserves_distances_from_the_centre():
    x = np.zeros((50, 41, 41, 1), np.float32)
    x[:, 20, 32] = 1.0

    output = augmented(RandomAffine(0.0, 0.0, 90.0, seed=0), x)[..., 0]

    for image in output:
        row, column = np.unravel_index(image.argmax(), image.shape)
        assert np.hypot(row - 20, column - 20) == pytest.approx(12, abs=1.0)


def test_exposure_preserves_the_order_of_grey_levels():
    ramp = np.linspace(0, 1, 16, dtype=np.float32)[None, None, :, None] * np.ones((9, 4, 1, 1), np.float32)

    output = augmented(RandomGammaContrast(0.5, seed=0), ramp)

    assert (np.diff(output, axis=2) >= 0).all()


def test_a_uniform_image_stays_finite():
    assert np.isfinite(augmented(RandomGammaContrast(1.0, seed=0), np.zeros((4, 8, 8, 1), np.float32))).all()


def test_gradients_through_exposure_are_finite():
    """The layer may be preceded by trainable layers."""
    import tensorflow as tf

    x = tf.Variable(np.zeros((2, 4, 4, 1), np.float32))
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(RandomGammaContrast(0.9, seed=0)(x, training=True))

    assert np.isfinite(tape.gradient(y, x).numpy()).all()


def test_cutout_replaces_one_square_of_at_most_the_given_size():
    x = images(100, 20).astype(np.float32) + 500 * (np.arange(20) % 2)[None, :, None, None]

    hidden = (augmented(Cutout(0.5, seed=0), x) != x)[..., 0]

    for image in hidden:
        rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
        if len(rows):
            assert max(len(rows), len(columns)) <= 11
            assert image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].all()


def test_a_setting_of_zero_omits_the_layer():
    disabled = StrongAugmentation(shift=0, zoom=0, rotation=0, exposure=0, cutout=0)

    assert disabled(MIRRORED, (28, 28, 1))[0].__class__.__name__ == "RandomHorizontalFlip"
    assert not disabled(CARD, (28, 28, 1))


def test_flips_follow_the_data_by_default():
    def kinds(augmentation, card):
        return [type(layer).__name__ for layer in augmentation(card, (28, 28, 1))]

    assert "RandomHorizontalFlip" not in kinds(StrongAugmentation(), CARD)
    assert "RandomHorizontalFlip" in kinds(StrongAugmentation(), MIRRORED)
    assert "RandomHorizontalFlip" in kinds(StrongAugmentation(mirror="always"), CARD)
    assert "RandomHorizontalFlip" not in kinds(StrongAugmentation(mirror="never"), MIRRORED)
