"""Random shifts and flips, and the settings that enable them."""

import keras
import numpy as np
import pytest
from scipy.stats import chisquare

from visiontk.blocks.image_augmentation import ImageAugmentation
from visiontk.blocks.image_augmentation_layers import RandomHorizontalFlip, RandomShift
from visiontk.core import Card


def array(x):
    return keras.ops.convert_to_numpy(x)


def shifted(image, down, right):
    """Pixel (i, j) of the result is pixel (i + down, j + right) of the image, or the nearest edge pixel."""
    rows = np.clip(np.arange(image.shape[0]) + down, 0, image.shape[0] - 1)
    columns = np.clip(np.arange(image.shape[1]) + right, 0, image.shape[1] - 1)
    return image[rows][:, columns]


@pytest.mark.parametrize("make", [lambda: RandomShift(2), RandomHorizontalFlip], ids=["shift", "flip"])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_images_are_unchanged_outside_training(make, dtype):
    layer = make()
    x = np.random.default_rng(0).integers(0, 256, (4, 5, 6, 3)).astype(dtype)

    assert np.array_equal(array(layer(x)), x)
    assert np.array_equal(array(layer(x, training=False)), x)
    assert array(layer(x, training=True)).dtype == dtype


def test_shifts_are_whole_pixels_equally_likely_with_edges_repeated():
    """All 5 x 5 shifts of 2,500 images; channels shift together."""
    image = np.arange(7 * 6 * 3).reshape(7, 6, 3).astype(np.uint8)
    shifts = {shifted(image, down, right).tobytes(): (down, right) for down in range(-2, 3) for right in range(-2, 3)}
    assert len(shifts) == 25

    output = array(RandomShift(2, seed=0)(np.tile(image, (2500, 1, 1, 1)), training=True))

    counts = dict.fromkeys(shifts.values(), 0)
    for one in output:
        counts[shifts[one.tobytes()]] += 1
    assert chisquare(list(counts.values())).pvalue > 0.001


def test_half_of_the_images_are_flipped():
    x = np.random.default_rng(0).integers(0, 256, (2000, 4, 5, 3), np.uint8)

    output = array(RandomHorizontalFlip(seed=0)(x, training=True))

    flipped = (output == x[:, :, ::-1]).all(axis=(1, 2, 3))
    unchanged = (output == x).all(axis=(1, 2, 3))
    assert (flipped ^ unchanged).all()
    assert 0.45 < flipped.mean() < 0.55


@pytest.mark.parametrize("make", [lambda seed: RandomShift(2, seed=seed), RandomHorizontalFlip], ids=["shift", "flip"])
def test_a_seed_determines_the_augmentation(make):
    """The same seed gives the same sequence of batches, which differ from each other."""
    x = np.random.default_rng(0).integers(0, 256, (16, 6, 6, 1), np.uint8)
    one, two, other = make(3), make(3), make(4)

    first, second = array(one(x, training=True)), array(one(x, training=True))

    assert np.array_equal(first, array(two(x, training=True)))
    assert np.array_equal(second, array(two(x, training=True)))
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, array(other(x, training=True)))


def test_without_a_seed_the_global_seed_is_used():
    x = np.random.default_rng(0).integers(0, 256, (16, 6, 6, 1), np.uint8)

    def shifted_images():
        keras.utils.set_random_seed(5)
        return array(RandomShift(2)(x, training=True))

    assert np.array_equal(shifted_images(), shifted_images())


@pytest.mark.parametrize(
    ("augmentation", "shape", "mirror", "expected"),
    [
        (ImageAugmentation(), (28, 28, 1), True, ["RandomShift", "RandomHorizontalFlip"]),
        (ImageAugmentation(), (28, 28, 1), False, ["RandomShift"]),
        (ImageAugmentation(mirror="never"), (28, 28, 1), True, ["RandomShift"]),
        (ImageAugmentation(shift=0.0), (28, 28, 1), False, []),
        (ImageAugmentation(shift=0.05), (64, 8, 1), False, []),
    ],
)
def test_data_and_settings_select_the_layers(augmentation, shape, mirror, expected):
    """Digits are never flipped; a shift below half a pixel is omitted."""
    layers = augmentation(Card("any", "0", mirror=mirror), shape)

    assert [type(layer).__name__ for layer in layers] == expected


@pytest.mark.parametrize(("side", "pixels"), [(8, 1), (28, 2), (64, 4)])
def test_the_shift_is_a_share_of_the_shorter_side(side, pixels):
    layer = ImageAugmentation()(Card("any", "0"), (side, 2 * side, 1))[0]

    assert layer.pixels == pixels
