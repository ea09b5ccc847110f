"""Exhibits of the samples named in a report."""

import base64
import dataclasses
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from visiontk.core import Card, Samples
from visiontk.report.exhibits.clips import is_wav_uri
from visiontk.report.exhibits.exhibit import LONGEST_EXCERPT, MAX_SIDE, exhibits_of, is_image
from visiontk.report.exhibits.thumbnails import is_image_uri


def samples(x: Any) -> Samples:
    card = Card("own", "0", origin="own")
    return Samples.from_arrays(x, np.arange(len(x)) % 2, ("a", "b"), card, ids=[f"id-{i}" for i in range(len(x))])


def named(*ids: str) -> dict[str, Any]:
    """Return results that name these items, alternating between both sides."""
    items = [{"id": name} for name in ids]
    return {"disagreement": {"only_challenger_items": items[::2], "only_classical_items": items[1::2]}}


def pixels(uri: str) -> Any:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))))


@pytest.mark.parametrize("channels", [1, 3])
def test_exactly_the_named_images_are_exhibited(channels: int) -> None:
    """Each under its id, in any order."""
    x = np.random.default_rng(0).integers(0, 256, (6, 8, 9, channels)).astype(np.uint8)

    exhibits = exhibits_of(samples(x), named("id-4", "id-1", "id-3"))

    assert set(exhibits) == {"id-1", "id-3", "id-4"}
    assert all(is_image_uri(item["image"]) for item in exhibits.values())
    for name, item in exhibits.items():
        assert (pixels(item["image"]).reshape(8, 9, channels) == x[int(name[-1])]).all()


def test_large_images_are_reduced() -> None:
    exhibits = exhibits_of(samples(np.zeros((2, 500, 300, 3), np.uint8)), named("id-0"))

    assert max(pixels(exhibits["id-0"]["image"]).shape) <= MAX_SIDE


@pytest.mark.parametrize("results", [{"disagreement": None}, named(), named("id-99")])
def test_without_named_samples_there_are_no_exhibits(results: dict[str, Any]) -> None:
    """A run without a verdict, without disagreement, or of other data."""
    assert exhibits_of(samples(np.zeros((2, 8, 8, 1), np.uint8)), results) == {}


@pytest.mark.parametrize(
    ("shape", "dtype"), [((2, 8), np.uint8), ((2, 8, 8, 2), np.uint8), ((2, 8, 8, 1), np.int64), ((2, 8, 8), np.uint8)]
)
def test_features_have_no_exhibits(shape: tuple[int, ...], dtype: type) -> None:
    x = np.zeros(shape, dtype)

    assert not is_image(x)
    assert exhibits_of(samples(x), named("id-0")) == {}


@pytest.mark.parametrize("dtype", [np.uint16, np.float32, np.float64])
def test_images_of_other_depths_are_rescaled(dtype: type) -> None:
    """Each from its smallest to its largest value."""
    x = np.arange(2 * 64).reshape(2, 8, 8, 1).astype(dtype) * 500

    exhibits = exhibits_of(samples(x), named("id-0", "id-1"))

    for item in exhibits.values():
        values = pixels(item["image"])
        assert (values.min(), values.max()) == (0, 255)
        assert (np.diff(values.ravel().astype(int)) > 0).all()


@pytest.mark.parametrize("fill", [np.nan, np.inf, 7.0])
def test_images_without_contrast_are_grey(fill: float) -> None:
    """Also if they are undefined."""
    exhibits = exhibits_of(samples(np.full((2, 8, 8, 1), fill, np.float32)), named("id-0"))

    assert set(pixels(exhibits["id-0"]["image"]).ravel().tolist()) == {128}


def test_long_texts_are_cut_at_a_word() -> None:
    """Short ones are unchanged; escaping is done by the page."""
    texts = np.array(["short <b>\u202e", "word " * 1000, "x" * 5000], dtype=object)

    exhibits = exhibits_of(samples(texts), named("id-0", "id-1", "id-2"))

    assert exhibits["id-0"] == {"text": "short <b>\u202e"}
    assert exhibits["id-1"]["text"].endswith("word …")
    assert all(len(item["text"]) <= LONGEST_EXCERPT for item in exhibits.values())


def signals(seconds: float, rate: int) -> Samples:
    x = np.random.default_rng(0).uniform(-1, 1, (2, int(seconds * rate), 1)).astype(np.float32)
    x[0, len(x[0]) // 2 :] = 0
    return dataclasses.replace(samples(x), card=Card("own", "0", sample_rate=rate))


def test_signals_have_an_image_and_a_clip_without_padding() -> None:
    """A recording padded to twice its length has a clip of half that length."""
    exhibits = exhibits_of(signals(2.0, 8000), named("id-0", "id-1"))

    assert [exhibits[name]["seconds"] for name in ("id-0", "id-1")] == [1.0, 2.0]
    assert all(is_image_uri(item["image"]) and is_wav_uri(item["audio"]) for item in exhibits.values())


def test_long_signals_have_no_clip() -> None:
    exhibits = exhibits_of(signals(3.5, 8000), named("id-1"))

    assert exhibits["id-1"]["audio"] is None
    assert is_image_uri(exhibits["id-1"]["image"])


def test_signals_of_unknown_rate_are_drawn_but_not_played() -> None:
    unknown = dataclasses.replace(signals(1.0, 100), card=Card("own", "0"))

    exhibits = exhibits_of(unknown, named("id-1"))

    assert exhibits["id-1"]["audio"] is None
    assert exhibits["id-1"]["seconds"] is None
    assert is_image_uri(exhibits["id-1"]["image"])
