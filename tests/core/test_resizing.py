"""Images read at another size."""

import numpy as np
import pytest
from PIL import Image

from visiontk.core import ArrayRead, Card, MappedRead, Samples, resized
from visiontk.errors import DataError

CARD = Card("demo", "0")


@pytest.mark.parametrize("old", [28, 100, 97])
@pytest.mark.parametrize("new", [8, 28, 64, 224])
def test_squares_are_resized_as_pillow_does_it(old: int, new: int) -> None:
    """Bilinear and antialiased, up and down; Pillow rounds between its two passes, hence one grey level."""
    x = np.random.default_rng(0).integers(0, 256, (2, old, old, 3), dtype=np.uint8)

    ours = resized(x, new)

    theirs = [np.asarray(Image.fromarray(each).resize((new, new), Image.Resampling.BILINEAR)) for each in x]
    assert np.abs(ours.astype(int) - np.stack(theirs).astype(int)).max() <= 1


def test_the_aspect_is_kept() -> None:
    """A picture twice as wide as high fills half of the square; the rest has the mean of the border."""
    x = np.full((1, 10, 20, 1), 7, np.uint8)
    x[:, 1:-1, 1:-1] = 200

    square = resized(x, 40)

    assert (square[0, :10] == 7).all()
    assert (square[0, -10:] == 7).all()
    assert square[0, 20, 20] == 200


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_the_dtype_and_a_constant_are_kept(dtype: type) -> None:
    """Weights sum to 1, and integers are rounded, not cut."""
    x = np.full((40, 30, 30, 1), np.iinfo(np.uint16).max if dtype is np.uint16 else 255, dtype)

    small = resized(x, 13)

    assert small.dtype == dtype
    assert np.allclose(small, x[0, 0, 0, 0], rtol=1e-6, atol=0)


def test_a_view_at_another_size_has_the_same_samples() -> None:
    """Ids, classes and order stay; the fingerprint, by which features are cached, does not."""
    x = np.random.default_rng(0).integers(0, 256, (5, 12, 12, 1), dtype=np.uint8)
    samples = Samples.from_arrays(x, [0, 1, 0, 1, 0], ("a", "b"), CARD).subset([3, 1])

    larger = samples.at_size(24)

    assert larger.take([0, 1]).shape == (2, 24, 24, 1)
    assert np.array_equal(larger.take([1]), resized(x[[1]], 24))
    assert larger.ids.tolist() == samples.ids.tolist()
    assert larger.card.fingerprint not in (samples.card.fingerprint, samples.at_size(32).card.fingerprint)
    assert np.array_equal(larger.at_size(12).take([0]), samples.take([0])), "from the source, not from the copy"


def test_inputs_that_are_no_images_have_no_other_size() -> None:
    """Texts and signals are refused, also behind a step."""
    samples = Samples.from_arrays(np.zeros((3, 50, 1), np.float32), [0, 1, 0], ("a", "b"), CARD)

    with pytest.raises(DataError, match="no images cannot be read at 24 pixels"):
        samples.at_size(24)
    with pytest.raises(DataError, match="no images"):
        MappedRead(samples.read, np.abs).at_size(24)


def test_a_step_sees_images_of_the_new_size() -> None:
    """A function of the inputs is applied after they are resized."""
    x = np.random.default_rng(0).integers(0, 256, (2, 12, 12, 1), dtype=np.uint8)

    mapped = MappedRead(ArrayRead(x), lambda images: images // 2)

    assert np.array_equal(mapped.at_size(6)(np.array([0])), resized(x[:1], 6) // 2)


def test_the_shorter_side_of_arrays_is_on_the_card() -> None:
    """Readers of files say what the files have; arrays are what they are."""
    card = Samples.from_arrays(np.zeros((2, 9, 7, 3), np.uint8), [0, 1], ("a", "b"), CARD).card

    assert card.shorter_side == 7
    assert Samples.from_arrays(np.zeros((2, 9)), [0, 1], ("a", "b"), CARD).card.shorter_side == 0
